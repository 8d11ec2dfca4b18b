"""From what waits in the lanes to a forecast of a warning. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from jiaoying.dispatch.forecast import Forecast, Lane, Pace, Waiting, forecast, lines_needed
from jiaoying.dispatch.store.forecasts import BetweenRounds, DueForecast, InLane, LastInLine, NewForecast
from jiaoying.dispatch.texting import gateway_among
from jiaoying.gateways.base import Channel, Gateway, Limits
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.ids import new_id

# "Called and woken within five minutes": the promise whose price in lines is told.
WITHIN_S = 300.0
# Of a text that is not worded yet.
USUAL_PARTS = 2.0


@dataclass(slots=True)
class Queue:
    """What waits at one gateway."""

    calls: list[Waiting] = field(default_factory=list[Waiting])
    texts: list[Waiting] = field(default_factory=list[Waiting])

    def people_of(self, warning_id: UUID, *, unrung: bool = False) -> int:
        """Of one warning: how many wait here, or only those not rung yet, in the lane with more of them."""
        return max(
            sum(
                group.people
                for group in lane
                if group.warning == warning_id and (group.round <= 1 or not unrung)
            )
            for lane in (self.calls, self.texts)
        )


def lanes_of(limits: Limits) -> tuple[Lane, Lane]:
    """A gateway's lanes of calls and of texts."""
    return Lane(limits.lines, limits.calls_per_s), Lane(0, limits.segments_per_s)


def queues_of(
    in_lanes: Iterable[InLane], between: Iterable[BetweenRounds], gateways: Mapping[str, Gateway]
) -> Mapping[str, Queue]:
    """Everything that waits, or will wait again, at each gateway."""
    queues = {name: Queue() for name in gateways}
    for group in in_lanes:
        if group.gateway not in queues:
            continue  # one that is no longer set up: nothing of it goes out
        is_call = group.channel is Channel.VOICE
        lane = queues[group.gateway].calls if is_call else queues[group.gateway].texts
        lane.append(
            Waiting(
                warning=group.warning_id,
                priority=group.priority,
                people=group.people,
                round=group.round,
                size=1.0 if is_call else group.parts,
                more=group.more,
                gap_s=group.gap_s,
                ready_s=group.ready_s,
                under_way=group.under_way,
            )
        )
    for waiting in between:
        gateway = gateway_among(gateways, simulated=waiting.demonstration or waiting.exercise)
        if gateway:
            _add_rounds(queues[gateway], waiting)
    return queues


def _add_rounds(queue: Queue, waiting: BetweenRounds) -> None:
    rings, next_round = Channel.VOICE in waiting.channels, waiting.round + 1
    rounds = Waiting(
        warning=waiting.warning_id,
        priority=waiting.priority,
        people=waiting.people,
        round=next_round,
        more=waiting.tries - next_round,
        gap_s=waiting.gap_s,
        ready_s=waiting.ready_s,
    )
    if rings:
        queue.calls.append(rounds)
    # Beside calls one text is enough; alone it is repeated (planning.py).
    if Channel.SMS in waiting.channels and (next_round == 1 or not rings):
        queue.texts.append(replace(rounds, size=USUAL_PARTS, more=0 if rings else rounds.more))


def make_forecasts(
    due: Sequence[DueForecast],
    queues: Mapping[str, Queue],
    limits: Mapping[str, Limits],
    paces: Mapping[str, Pace],
    last: Mapping[UUID, LastInLine | None],
    now: datetime,
) -> list[NewForecast]:
    """A forecast for each of these warnings, at the gateway where most of its people wait.

    None for one of whose people nobody waits any more.
    """
    made: list[NewForecast] = []
    for item in due:
        gateway = max(limits, key=lambda name: queues[name].people_of(item.warning_id))
        if queues[gateway].people_of(item.warning_id):
            made.append(
                _forecast_one(
                    item,
                    gateway,
                    queues[gateway],
                    limits[gateway],
                    paces[gateway],
                    last[item.warning_id],
                    now,
                )
            )
    return made


def _forecast_one(
    item: DueForecast,
    gateway: str,
    queue: Queue,
    limits: Limits,
    pace: Pace,
    last: LastInLine | None,
    now: datetime,
) -> NewForecast:
    voice, sms = lanes_of(limits)
    found = forecast(item.warning_id, queue.calls, queue.texts, voice, sms, pace)
    tells_lines = item.kind == "before" and item.colour is Colour.RED and limits.lines > 0
    return NewForecast(
        id=new_id(now),
        warning_id=item.warning_id,
        kind=item.kind,
        made_at=now,
        gateway=gateway,
        lines=limits.lines,
        people=item.people,
        unrung=queue.people_of(item.warning_id, unrung=True),
        calls=found.calls,
        parts=found.parts,
        measured=pace.measured,
        first_pass_end=now + timedelta(seconds=found.first_pass_s),
        all_rounds_end=now + timedelta(seconds=found.all_rounds_s),
        binding=found.binding,
        lines_needed=lines_needed(item.warning_id, queue.calls, voice, pace, WITHIN_S)
        if tells_lines
        else None,
        curve=found.curve,
        last_contact_id=last and last.contact_id,
        last_label=last and last.label,
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """What would become of a warning that nobody has started yet, beside those that run."""

    forecast: Forecast
    lines: int
    lines_needed: int | None  # for everybody to be rung once in time; told of red only
    measured: int

    @property
    def minutes(self) -> float:
        """Until everybody has been rung once."""
        return self.forecast.first_pass_s / 60


def look_ahead(
    warning_id: UUID, would_wait: Queue, waits: Queue, limits: Limits, pace: Pace, colour: Colour | None
) -> Outlook:
    """Play what would wait together with what waits."""
    voice, sms = lanes_of(limits)
    calls, texts = [*waits.calls, *would_wait.calls], [*waits.texts, *would_wait.texts]
    tells_lines = colour is Colour.RED and limits.lines > 0
    return Outlook(
        forecast(warning_id, calls, texts, voice, sms, pace),
        limits.lines,
        lines_needed(warning_id, calls, voice, pace, WITHIN_S) if tells_lines else None,
        pace.measured,
    )
