"""How units are told of a risk reminder letter, and of its withdrawal; and its words."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.dispatch.board import WarningFacts
from jiaoying.dispatch.duty_calls import DeskAsked, DutyCall, call_desks
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import ANY, Ladder, NamedPerson, Rung, Target, Who
from jiaoying.dispatch.steering.correcting import reached_people
from jiaoying.dispatch.store import roster, warnings
from jiaoying.dispatch.texting import call_facts, first_mobile, gateway_for, notice, plan_notices
from jiaoying.duty.letters.model import (
    KEPT_OPEN_DAYS,
    Draft,
    Letter,
    Unit,
    WarningTold,
    moment_words,
    within_words,
)
from jiaoying.gateways.base import Channel
from jiaoying.kernel.language import say, speaking
from jiaoying.storage.database import Tx
from jiaoying.templates.names import warning_title
from jiaoying.templates.render import render_letter, word_for
from jiaoying.warnings.purpose import Purpose

ACTOR = "letters"
_BOTH = (Channel.SMS, Channel.VOICE)
# After the text went unconfirmed: the same people by call as well, then their leader.
STEP_S = 900
_MOST_GIST = 60


def ladder_of(first: Target, leaders: Sequence[Target], confirm_minutes: int) -> Ladder:
    """A text, again each hour; when nobody has confirmed in time a call, and then whoever leads there."""
    texts = -(-confirm_minutes // 60)
    confirm_s = confirm_minutes * 60
    by_text = Rung((first,), (Channel.SMS,), tries=texts, gap_s=confirm_s // texts, wait_s=confirm_s)
    by_call = [Rung((one,), _BOTH, tries=2, gap_s=300, wait_s=STEP_S) for one in (first, *leaders)]
    return Ladder(ANY, confirm_s + STEP_S * len(by_call), (by_text, *by_call))


async def call_units(
    tx: Tx, engine: Engine, letter: Letter, asked: Sequence[DeskAsked], now: datetime
) -> UUID:
    """Have these units called about a letter; returns the id of the duty call."""
    call = DutyCall(
        Purpose.LETTER,
        headline=f"{letter.reference} {letter.draft.title}",
        text=gist(letter),
        ends_at=now + timedelta(days=KEPT_OPEN_DAYS),
        exercise=letter.exercise,
    )
    return await call_desks(tx, engine, call, asked, now, actor=ACTOR)


def ask_desk(unit: Unit, desk_id: UUID, confirm_minutes: int) -> DeskAsked:
    """A desk: whoever is on duty there, then its leader."""
    return DeskAsked(desk_id, ladder_of(Who.DESK, [Who.LEADER], confirm_minutes), unit.label)


def ask_post(
    unit: Unit, home_desk_id: UUID, people: Sequence[NamedPerson], confirm_minutes: int
) -> DeskAsked:
    """A post: who holds it, then the deputy and the superior, as far as there are any."""
    first, *leaders = people
    return DeskAsked(home_desk_id, ladder_of(first, leaders, confirm_minutes), unit.label)


def gist(letter: Letter) -> str:
    """What a text says of a letter: its number, what it is about, the first thing asked for."""
    first = letter.draft.requests.partition("\n")[0].strip()
    shortened = first if len(first) <= _MOST_GIST else f"{first[: _MOST_GIST - 1]}…"
    with speaking(letter.draft.language):
        return say(
            "{reference} {title}: {first}",
            reference=letter.reference,
            title=letter.draft.title,
            first=shortened,
        )


async def tell_withdrawn(tx: Tx, engine: Engine, letter: Letter, call_id: UUID, now: datetime) -> None:
    """Everybody who was reached about a letter hears by text that it counts no more, and why."""
    row = (await warnings.warnings_by_id(tx, [call_id]))[call_id]
    reached = await reached_people(tx, call_id)
    people = await roster.callees(tx, reached)
    why = say("Why: {reason}", reason=letter.reason)
    planned = [
        notice(
            callee,
            Channel.SMS,
            number,
            gateway,
            word_for("letter_withdrawn")(
                replace(call_facts(engine, row, ()), correction=f"{letter.reference}，{why}"),
                Channel.SMS,
                callee.language,
            ),
            row,
            purpose="stand_down",
            now=now,
        )
        for contact_id in reached
        if (callee := people[contact_id])
        and (number := first_mobile(callee))
        and (gateway := gateway_for(engine, row, demonstration=callee.demonstration))
    ]
    await plan_notices(tx, engine, planned, now)


# --- the words of a letter ---


def facts_for_letter(warning: WarningFacts, language: str, zone: ZoneInfo) -> WarningTold:
    """What a letter tells of a warning."""
    begin, end = (
        moment_words(at.astimezone(zone), language) for at in (warning.valid_from, warning.valid_to)
    )
    with speaking(language):
        return WarningTold(
            issuer=warning.sender_name or warning.sender,
            warning=warning_title(warning.event, str(warning.hazard), warning.colour, language),
            area=warning.area_names,
            issued=moment_words(warning.sent_at.astimezone(zone), language),
            valid=say("from {begin} to {end}", begin=begin, end=end),
            text=" ".join(warning.text.split()),
            instruction=" ".join((warning.instruction or "").split()),
        )


def paragraphs(draft: Draft, units: Sequence[str], desk: str) -> tuple[str, ...]:
    """The body of a letter by the wording in force. Raises what the wording raises."""
    told = asdict(draft.told)
    values = {
        **told,
        "desk": desk,
        "risk": draft.risk,
        "requests": draft.requests,
        "confirm": within_words(draft.confirm_minutes, draft.language),
        "units": "、".join(units),
    }
    return render_letter(draft.language, values)
