"""The warning that a station raises, in the words of CAP. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jiaoying.kernel.language import current_language, say
from jiaoying.warnings.model import Info, Message, Reference, WarnedArea
from jiaoying.warnings.publishing import AREA_CODE, COLOUR, EVENT_CODE
from jiaoying.warnings.stations.model import COLOURS, UNITS, Exceeded, Level, StationKind

# How long such a warning holds. While the level lasts it is continued in time, which wakes nobody twice.
HOLDS_FOR = timedelta(hours=6)
CONTINUED_BEFORE = timedelta(hours=1)

# The event types of the national platform (warnings.hazards).
_EVENT_CODES = {
    StationKind.RAIN: "11A51",
    StationKind.LEVEL: "11A01",
    StationKind.SLOPE: "11D01",
    StationKind.METHANE: "12A01",
}
_SEVERITIES = {Level.PREPARE: "Severe", Level.EVACUATE: "Extreme"}
_URGENCIES = {Level.PREPARE: "Expected", Level.EVACUATE: "Immediate"}
_RESPONSES = {Level.PREPARE: "Prepare", Level.EVACUATE: "Evacuate"}
_CATEGORIES = {
    StationKind.RAIN: "Met",
    StationKind.LEVEL: "Met",
    StationKind.SLOPE: "Geo",
    StationKind.METHANE: "Safety",
}


@dataclass(frozen=True, slots=True)
class Announcement:
    """What is to be said of a station. `continues` is the warning that is still in force for it."""

    code: str
    name: str
    kind: StationKind
    level: Level
    level_at: datetime
    reason: Exceeded
    area_codes: tuple[str, ...]
    area_names: tuple[str, ...]
    continues: Reference | None


def announcement(told: Announcement, *, sender: str, now: datetime) -> Message:
    """The message, sent at `now`: a station's own clock may lag behind that of the message before."""
    return Message(
        identifier=identifier_of(told),
        sender=sender,
        sent=now,
        status="Actual",
        msg_type="Update" if told.continues else "Alert",
        scope="Public",
        references=(told.continues,) if told.continues else (),
        infos=(_info(told, now),),
    )


def identifier_of(told: Announcement) -> str:
    """`station:<code>:<level>:<when it was reached, UTC>`, and a number from 2 where it is continued."""
    own = f"station:{told.code}:{told.level}:{told.level_at.astimezone(UTC):%Y%m%d%H%M%S}"
    before = told.continues.identifier if told.continues else ""
    if not before.startswith(own):
        return own
    return f"{own}:{int(before.removeprefix(own).removeprefix(':') or 1) + 1}"


def _info(told: Announcement, now: datetime) -> Info:
    return Info(
        language=current_language(),
        event=_event(told.kind),
        category=(_CATEGORIES[told.kind],),
        response_type=(_RESPONSES[told.level],),
        urgency=_URGENCIES[told.level],
        severity=_SEVERITIES[told.level],
        certainty="Observed",
        event_code=((EVENT_CODE, _EVENT_CODES[told.kind]),),
        expires=now + HOLDS_FOR,
        sender_name=told.name,
        headline=_headline(told),
        description=_description(told),
        instruction=_instruction(told),
        parameter=((COLOUR, str(COLOURS[told.level])),),
        areas=(
            WarnedArea(
                description="、".join(told.area_names) or told.name,
                geocodes=tuple((AREA_CODE, code) for code in told.area_codes),
            ),
        ),
    )


def _event(kind: StationKind) -> str:
    return {
        StationKind.RAIN: say("flash flood"),
        StationKind.LEVEL: say("flood"),
        StationKind.SLOPE: say("landslide"),
        StationKind.METHANE: say("methane"),
    }[kind]


def level_word(level: Level) -> str:
    """The level in the reader's language."""
    return {
        Level.NONE: say("calm"),
        Level.PREPARE: say("prepare to move people"),
        Level.EVACUATE: say("move people now"),
    }[level]


def kind_word(kind: StationKind) -> str:
    """What a station measures, in the reader's language."""
    return {
        StationKind.RAIN: say("rain gauge"),
        StationKind.LEVEL: say("water level"),
        StationKind.SLOPE: say("slope"),
        StationKind.METHANE: say("methane sensor"),
    }[kind]


def _headline(told: Announcement) -> str:
    return say(
        "{station}: {event}, {level}",
        station=told.name,
        event=_event(told.kind),
        level=level_word(told.level),
    )


def _description(told: Announcement) -> str:
    return say(
        "{station} measured {measured} {unit} ({window}); the limit for “{level}” is {limit} {unit}.",
        station=told.name,
        measured=_plain(told.reason.measured),
        limit=_plain(told.reason.limit),
        unit=UNITS[told.kind],
        window=window_word(told.reason.window_s),
        level=level_word(told.reason.level),
    )


def window_word(window_s: int) -> str:
    """`1 小时` or `30 分钟`, or that it is the reading itself."""
    if window_s == 0:
        return say("now")
    if window_s % 3600 == 0:
        return say("in {count} hours", count=window_s // 3600)
    return say("in {count} minutes", count=window_s // 60)


def _instruction(told: Announcement) -> str:
    if told.level is Level.EVACUATE:
        return say(
            "Move the people of the danger zone out at once by the planned route, and report how many."
        )
    return say("Go to your post, warn the people of the danger zone and get ready to move them.")


def _plain(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")
