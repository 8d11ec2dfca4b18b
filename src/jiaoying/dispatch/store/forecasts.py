"""What forecasts are made of, and what became of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, text

from jiaoying.dispatch.forecast import ASSUMED, Ending, Pace
from jiaoying.gateways.base import Channel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.ids import earliest_id
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import read_as
from jiaoying.storage.schema import contacts, forecasts, issued_warnings

# Fewer calls tell little about the next ones.
ENOUGH_CALLS = 30
MOST_CALLS = 300  # of first rings, and of later ones
CALLS_OF = timedelta(days=30)
# Only calls begun that long ago: of later ones the short have ended, and the long not yet.
LONGEST_CALL = timedelta(seconds=180)
# Any number; the same in every process of one installation.
_FORECAST_LOCK = 7_201_140_531


@dataclass(frozen=True, slots=True)
class InLane:
    """Attempts of one warning that wait alike in a lane, or ring."""

    gateway: str
    channel: Channel
    warning_id: UUID | None
    priority: int
    round: int
    under_way: bool
    more: int
    gap_s: int
    people: int
    parts: float  # of each, on the average
    ready_s: float


@dataclass(frozen=True, slots=True)
class BetweenRounds:
    """Call-outs of one warning whose next round is not planned yet."""

    demonstration: bool
    exercise: bool
    warning_id: UUID
    priority: int
    channels: tuple[Channel, ...]
    round: int
    tries: int
    gap_s: int
    people: int
    ready_s: float


@dataclass(frozen=True, slots=True)
class DueForecast:
    """A running warning that is to be forecast now."""

    warning_id: UUID
    kind: str
    colour: Colour | None
    people: int


@dataclass(frozen=True, slots=True)
class LastInLine:
    """Who is rung last, and for what."""

    contact_id: UUID
    label: str | None


@dataclass(frozen=True, slots=True)
class NewForecast:
    """A forecast to be written down; the moments are those expected."""

    id: UUID
    warning_id: UUID
    kind: str
    made_at: datetime
    gateway: str
    lines: int
    people: int
    unrung: int
    calls: int
    parts: int
    measured: int
    first_pass_end: datetime
    all_rounds_end: datetime
    binding: str
    lines_needed: int | None
    curve: tuple[tuple[float, int], ...]
    last_contact_id: UUID | None
    last_label: str | None


@dataclass(frozen=True, slots=True)
class ForecastRow:
    """A forecast as it was made, and what became of it."""

    warning_id: UUID
    kind: str
    made_at: datetime
    lines: int
    people: int
    unrung: int
    calls: int
    parts: int
    measured: int
    first_pass_end: datetime
    all_rounds_end: datetime
    binding: str
    lines_needed: int | None
    curve: tuple[Any, ...]
    last_label: str | None
    ended_at: datetime | None
    outcome: str | None
    last_name: str | None
    headline: str
    exercise: bool

    @property
    def expected_minutes(self) -> float:
        """From when it was made to the expected end of the first pass."""
        return _minutes(self.first_pass_end - self.made_at)

    @property
    def real_minutes(self) -> float | None:
        """As it really took; None while it is not over, or where it was cut short."""
        if self.ended_at is None or self.outcome != "reached":
            return None
        return _minutes(self.ended_at - self.made_at)

    @property
    def error(self) -> float | None:
        """Expected against real as a share of the real time: 0.1 is a tenth too long."""
        real = self.real_minutes
        return (self.expected_minutes - real) / real if real else None


def _minutes(span: timedelta) -> float:
    return max(0.0, span.total_seconds() / 60)


async def lock_forecasting(tx: Tx) -> bool:
    """Whether this worker is the one that forecasts; until the transaction ends."""
    return bool(await tx.scalar(select(func.pg_try_advisory_xact_lock(_FORECAST_LOCK))))


# A call-out under way may have been carried over to a newer warning: the warning is the call-out's.
_IN_LANES = text(
    """
    WITH held AS (
        SELECT * FROM attempts WHERE state = 'due' AND expires_at > :now AND purpose <> 'check'
        UNION ALL
        SELECT * FROM attempts WHERE state IN ('sending', 'accepted') AND channel = 'voice'
    )
    SELECT a.gateway, a.channel, coalesce(c.warning_id, a.warning_id) AS warning_id, a.priority, a.round,
           a.state <> 'due' AS under_way,
           CASE WHEN a.channel = 'voice' OR c.channels = ARRAY['sms']
                THEN greatest(coalesce(c.tries - a.round, 0), 0) ELSE 0 END AS more,
           coalesce(c.gap_s, 0) AS gap_s, count(*) AS people, CAST(avg(a.parts) AS double precision) AS parts,
           CAST(greatest(0, extract(epoch FROM min(a.due_at) - :now)) AS double precision) AS ready_s
    FROM held a LEFT JOIN call_outs c ON c.id = a.call_out_id
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
    """
)
_BETWEEN_ROUNDS = text(
    """
    SELECT p.demonstration, w.exercise, c.warning_id, c.priority, c.channels, c.round, c.tries, c.gap_s,
           count(*) AS people,
           CAST(10 * floor(greatest(0, extract(epoch FROM c.next_at - :now)) / 10) AS double precision)
               AS ready_s
    FROM call_outs c
    JOIN contacts p ON p.id = c.contact_id
    JOIN issued_warnings w ON w.id = c.warning_id
    WHERE c.state = 'open' AND c.round < c.tries AND NOT EXISTS (
        SELECT FROM attempts a WHERE a.call_out_id = c.id AND a.purpose = 'call'
          AND (a.state IN ('due', 'sending') OR a.state = 'accepted' AND a.channel = 'voice'))
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 10
    """
)


async def in_lanes(tx: Tx, now: datetime) -> list[InLane]:
    """Everything that waits in any lane, and the calls that ring."""
    return read_as(InLane, await tx.execute(_IN_LANES, {"now": now}))


async def between_rounds(tx: Tx, now: datetime) -> list[BetweenRounds]:
    """Everybody who is still to be rung and waits in no lane at the moment."""
    return read_as(BetweenRounds, await tx.execute(_BETWEEN_ROUNDS, {"now": now}))


# How long the line was held, as we count lines, and whether the person needed no further round.
_ENDED_CALLS = text(
    """
    WITH ended AS (
        SELECT id, round, call_out_id, ended_at, extract(epoch FROM ended_at - claimed_at) AS seconds
        FROM attempts
        WHERE id >= :earliest AND gateway = :gateway AND channel = 'voice' AND purpose = 'call'
          AND accepted_at IS NOT NULL AND ended_at IS NOT NULL AND claimed_at <= :settled
          AND state IN ('answered', 'delivered', 'failed', 'lost')
        ORDER BY id DESC LIMIT :looked_at
    ), numbered AS (
        SELECT *, row_number() OVER (PARTITION BY round > 1 ORDER BY id DESC) AS place FROM ended
    ), judged AS (
        SELECT e.round > 1 AS later, e.seconds,
               NOT (c.state IN ('answered', 'declined', 'withdrawn')
                    AND c.ended_at <= e.ended_at + make_interval(secs => c.gap_s)) AS again
        FROM numbered e JOIN call_outs c ON c.id = e.call_out_id
        WHERE e.place <= :most
    )
    SELECT later, again, width_bucket(seconds, ARRAY[15, 60]) AS length, count(*) AS calls,
           CAST(avg(seconds) AS double precision) AS seconds
    FROM judged GROUP BY 1, 2, 3
    """
)


async def measured_pace(tx: Tx, gateway: str, now: datetime) -> Pace:
    """How the last calls of a gateway went; as assumed where there were too few."""
    earliest = earliest_id(now - CALLS_OF)
    given = {
        "gateway": gateway,
        "earliest": earliest,
        "settled": now - LONGEST_CALL,
        "looked_at": 10 * MOST_CALLS,
        "most": MOST_CALLS,
    }
    rows = (await tx.execute(_ENDED_CALLS, given)).all()

    def endings(*, later: bool) -> tuple[Ending, ...]:
        of_them = [row for row in rows if row.later is later]
        total = sum(row.calls for row in of_them)
        if total < ENOUGH_CALLS:
            return ()
        return tuple(Ending(row.calls / total, row.seconds, again=row.again) for row in of_them)

    first, after = endings(later=False), endings(later=True)
    return Pace(
        first or ASSUMED.first, after or ASSUMED.later, sum(row.calls for row in rows) if first else 0
    )


# Once before the first call, when every first rung has begun; then again and again until the pass is over.
_DUE = text(
    """
    SELECT w.id AS warning_id, w.colour, CASE WHEN f.made_at IS NULL THEN 'before' ELSE 'running' END AS kind,
           (SELECT count(DISTINCT c.contact_id) FROM call_outs c
            WHERE c.warning_id = w.id AND c.state <> 'withdrawn') AS people
    FROM issued_warnings w
    LEFT JOIN LATERAL (
        SELECT made_at, ended_at FROM forecasts WHERE warning_id = w.id ORDER BY made_at DESC LIMIT 1
    ) f ON true
    WHERE w.state = 'matched' AND w.purpose IN ('warning', 'response')
      AND (f.made_at IS NULL OR f.ended_at IS NULL AND f.made_at <= :before)
      AND EXISTS (SELECT FROM call_outs c WHERE c.warning_id = w.id)
      AND NOT EXISTS (SELECT FROM responsibilities r WHERE r.warning_id = w.id AND r.state = 'open'
                      AND r.rung < 0 AND r.next_at <= :now)
    ORDER BY w.id
    LIMIT 20
    """
)


async def due_forecasts(tx: Tx, now: datetime, every: timedelta) -> list[DueForecast]:
    """Running warnings not forecast yet, or last forecast so long ago."""
    return read_as(DueForecast, await tx.execute(_DUE, {"now": now, "before": now - every}))


# From the back of each lane's index to the first that is this warning's: a province is not sorted for it.
_LAST = text(
    """
    SELECT found.contact_id,
           (SELECT min(r.label) FROM call_out_roles o JOIN responsibilities r ON r.id = o.responsibility_id
            WHERE o.call_out_id = found.id) AS label
    FROM unnest(CAST(:gateways AS text[])) AS gateway, unnest(ARRAY['voice', 'sms']) AS channel,
         LATERAL (
             SELECT c.id, c.contact_id, a.priority, a.turn
             FROM attempts a JOIN call_outs c ON c.id = a.call_out_id
             WHERE a.state = 'due' AND a.gateway = gateway AND a.channel = channel AND a.round = 1
               AND c.warning_id = :warning
             ORDER BY a.priority DESC, a.round DESC, a.turn DESC LIMIT 1
         ) found
    ORDER BY channel DESC, found.priority DESC, found.turn DESC LIMIT 1
    """
)


async def last_in_line(tx: Tx, warning_id: UUID, gateways: Collection[str]) -> LastInLine | None:
    """Whose first ring comes last; None where everybody's is under way."""
    given = {"warning": warning_id, "gateways": list(gateways)}
    found = read_as(LastInLine, await tx.execute(_LAST, given))
    return found[0] if found else None


_NAMES = tuple(field.name for field in fields(NewForecast))


async def write_forecasts(tx: Tx, new: Sequence[NewForecast]) -> None:
    """Keep these forecasts."""
    if new:
        await tx.execute(insert(forecasts), [{name: getattr(item, name) for name in _NAMES} for item in new])


# The first pass of a forecast is over when nobody of those asked by then waits for their first ring.
_END = text(
    """
    WITH waiting AS (
        SELECT warning_id, matched_at FROM call_outs WHERE state = 'open' AND round = 0
        UNION ALL
        SELECT c.warning_id, c.matched_at FROM attempts a JOIN call_outs c ON c.id = a.call_out_id
        WHERE a.round = 1 AND a.state = 'due' AND a.purpose = 'call'
        UNION ALL
        SELECT c.warning_id, c.matched_at FROM attempts a JOIN call_outs c ON c.id = a.call_out_id
        WHERE a.round = 1 AND a.purpose = 'call' AND a.state IN ('sending', 'accepted')
          AND (a.state = 'sending' OR a.channel = 'voice')
    ), over AS (
        SELECT f.id, w.state = 'matched' AS reached,
               (SELECT max(CASE WHEN a.channel = 'voice' THEN a.ended_at ELSE a.accepted_at END)
                FROM call_outs c JOIN attempts a ON a.call_out_id = c.id
                WHERE c.warning_id = f.warning_id AND c.matched_at <= f.made_at
                  AND a.round = 1 AND a.purpose = 'call' AND a.state <> 'withdrawn') AS rung_at
        FROM forecasts f JOIN issued_warnings w ON w.id = f.warning_id
        WHERE f.ended_at IS NULL AND (w.state <> 'matched' OR NOT EXISTS (
            SELECT FROM waiting WHERE waiting.warning_id = f.warning_id AND waiting.matched_at <= f.made_at))
    )
    UPDATE forecasts f
    SET ended_at = CASE WHEN over.reached THEN greatest(coalesce(over.rung_at, f.made_at), f.made_at)
                        ELSE :now END,
        outcome = CASE WHEN over.reached THEN 'reached' ELSE 'cut_short' END
    FROM over WHERE f.id = over.id
    """
)


async def end_forecasts(tx: Tx, now: datetime) -> int:
    """Write down when the first pass of each forecast really ended; returns how many ended."""
    if not await tx.scalar(select(forecasts.c.id).where(forecasts.c.ended_at.is_(None)).limit(1)):
        return 0
    return (await tx.execute(_END, {"now": now})).rowcount


_NAMED = {
    "last_name": contacts.c.name,
    "headline": issued_warnings.c.headline,
    "exercise": issued_warnings.c.exercise,
}
_READ = (
    select(
        *(
            _NAMED[field.name].label(field.name) if field.name in _NAMED else forecasts.c[field.name]
            for field in fields(ForecastRow)
        )
    )
    .join(issued_warnings, issued_warnings.c.id == forecasts.c.warning_id)
    .outerjoin(contacts, contacts.c.id == forecasts.c.last_contact_id)
)


async def forecasts_of(tx: Tx, warning_id: UUID) -> list[ForecastRow]:
    """The forecasts of one warning, the oldest first."""
    rows = await tx.execute(
        _READ.where(forecasts.c.warning_id == warning_id).order_by(forecasts.c.made_at, forecasts.c.id)
    )
    return read_as(ForecastRow, rows)


async def past_forecasts(tx: Tx, limit: int) -> list[ForecastRow]:
    """The last forecasts made before the first call whose first pass is over, the newest first."""
    rows = await tx.execute(
        _READ.where(forecasts.c.kind == "before", forecasts.c.ended_at.is_not(None))
        .order_by(forecasts.c.made_at.desc())
        .limit(limit)
    )
    return read_as(ForecastRow, rows)
