"""What is open at a desk now (待办事项): gathered for the brief of a shift and for its handover.

One sentence for each thing that somebody must go on with, without names: they stand on the page that the item
leads to. The county's desk sees everything; another desk what lies in its own area.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text

from jiaoying.dispatch.board.held import held_warnings
from jiaoying.dispatch.board.notices import open_alarms
from jiaoying.dispatch.open_duties import TOLD_BY_ALARM, open_letters, open_rounds, open_routines
from jiaoying.duty.consultations import open_consultations
from jiaoying.duty.handovers.model import MAX_ITEM, ItemKind, OpenItem
from jiaoying.duty.incidents.board import IncidentNow, open_incidents
from jiaoying.duty.model import Desk
from jiaoying.kernel.areas import prefix_of
from jiaoying.kernel.language import current_language, say, speaking
from jiaoying.storage.database import Tx
from jiaoying.templates.names import warning_title

# A warning that ended leaves the desk's list after this (dispatch.board.officers).
_STAYS = timedelta(hours=24)
_MOST_ALARMS = 50
# Alarms about this very thing, and about what is an item by itself.
_OWN = ("handover:", "presence:", *TOLD_BY_ALARM)

# For each warning in force (also where all have answered and its calling is closed) or just over: how many
# duties nobody answers for, how many reports are overdue,
# how many orders are not done, in an area.
_WARNINGS = text(
    """
    SELECT w.id, w.event, w.hazard, w.colour, w.reference, w.exercise,
           w.valid_to > :now AND w.replaced_by_id IS NULL AS in_force,
           (SELECT count(*) FROM responsibilities r
            WHERE r.warning_id = w.id AND r.listed_at IS NOT NULL AND r.state IN ('open', 'uncovered')
              AND r.area_code LIKE :pattern) AS not_woken,
           (SELECT count(DISTINCT f.call_out_id) FROM feedback_clocks f
            JOIN call_outs c ON c.id = f.call_out_id
            WHERE c.warning_id = w.id AND f.state = 'missed'
              AND EXISTS (SELECT FROM call_out_roles o JOIN responsibilities r ON r.id = o.responsibility_id
                          WHERE o.call_out_id = c.id AND r.area_code LIKE :pattern)) AS silent
    FROM issued_warnings w
    WHERE w.purpose IN ('warning', 'response') AND (w.state = 'matched'
          OR w.state = 'closed' AND (w.closed_at > :recent OR w.valid_to > :now))
      AND (:everything OR EXISTS (SELECT FROM responsibilities r WHERE r.warning_id = w.id
                                  AND r.area_code LIKE :pattern))
    ORDER BY w.id
    """
)
_RESPONSES = text(
    """
    SELECT r.id, r.plan, r.level, count(t.id) AS tasks,
           count(t.id) FILTER (WHERE t.listed_at IS NOT NULL) AS late
    FROM responses r
    JOIN response_tasks t ON t.response_id = r.id AND t.state IN ('ordered', 'taken', 'set_out', 'arrived')
    WHERE r.state = 'running' AND t.area_code LIKE :pattern
    GROUP BY r.id
    ORDER BY r.id
    """
)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a desk answers for."""

    pattern: str
    everything: bool


@dataclass(frozen=True, slots=True)
class Record:
    """Whose record it is, and the language in which it is kept, whoever reads it now."""

    home_area: str
    language: str


async def open_items(tx: Tx, desk: Desk, record: Record, now: datetime) -> list[OpenItem]:
    """Everything that is open at a desk at `now`, the gravest kinds first, in the words of the record."""
    with speaking(record.language):
        return await _open_items(tx, desk, record.home_area, now)


async def _open_items(tx: Tx, desk: Desk, home_area: str, now: datetime) -> list[OpenItem]:
    scope = _Scope(f"{prefix_of(desk.area_code)}%", everything=desk.area_code == home_area)
    given = {"pattern": scope.pattern, "everything": scope.everything, "now": now, "recent": now - _STAYS}
    warnings = (await tx.execute(_WARNINGS, given)).all()
    return [
        *(await _held(tx) if scope.everything else ()),
        *_not_woken(warnings),
        *_in_force(warnings),
        *_silent(warnings),
        *await _tasks(tx, scope),
        *await _incidents(tx, desk, now),
        *(await open_rounds(tx, now) if scope.everything else ()),
        *await open_routines(tx, desk, now),
        *(await open_letters(tx) if scope.everything else ()),
        *await _consultations(tx, None if scope.everything else desk, now),
        *(await _alarms(tx) if scope.everything else ()),
    ]


async def _held(tx: Tx) -> list[OpenItem]:
    return [
        OpenItem(
            f"held:{one.id}",
            ItemKind.HELD,
            say("{title} waits for a decision", title=_title(one)),
            f"/warnings/{one.id}",
        )
        for one in await held_warnings(tx)
    ]


def _title(row: Any) -> str:
    title = warning_title(row.event, str(row.hazard), row.colour and str(row.colour), current_language())
    return f"{row.reference} {title}"


def _not_woken(warnings: Iterable[Row[Any]]) -> list[OpenItem]:
    return [
        OpenItem(
            f"not_woken:{row.id}",
            ItemKind.NOT_WOKEN,
            say("{title}: {count} duties that nobody answers for", title=_title(row), count=row.not_woken),
            f"/warnings/{row.id}",
        )
        for row in warnings
        if row.not_woken
    ]


def _in_force(warnings: Iterable[Row[Any]]) -> list[OpenItem]:
    return [
        OpenItem(
            f"warning:{row.id}",
            ItemKind.WARNING,
            say("{title} is in force", title=_title(row)),
            f"/warnings/{row.id}",
        )
        for row in warnings
        if row.in_force
    ]


def _silent(warnings: Iterable[Row[Any]]) -> list[OpenItem]:
    return [
        OpenItem(
            f"feedback:{row.id}",
            ItemKind.FEEDBACK,
            say(
                "{title}: {count} people answered and have not reported", title=_title(row), count=row.silent
            ),
            f"/warnings/{row.id}",
        )
        for row in warnings
        if row.silent
    ]


async def _tasks(tx: Tx, scope: _Scope) -> list[OpenItem]:
    rows = await tx.execute(_RESPONSES, {"pattern": scope.pattern})
    return [
        OpenItem(
            f"response:{row.id}",
            ItemKind.TASK,
            say(
                "{plan}, level {level}: {count} orders not done, {late} of them late",
                plan=row.plan,
                level=row.level,
                count=row.tasks,
                late=row.late,
            ),
            f"/responses/{row.id}",
        )
        for row in rows
    ]


async def _consultations(tx: Tx, desk: Desk | None, now: datetime) -> list[OpenItem]:
    return [
        OpenItem(
            f"consultation:{one.first_id}",
            ItemKind.CONSULTATION,
            (
                say("{place}: a warning in force was consulted on", place=one.place)
                if one.decision
                else say("{place}: consulted, and no decision yet", place=one.place)
            )[:MAX_ITEM],
            f"/duty/log/{one.first_id}",
        )
        for one in await open_consultations(tx, now, desk.id if desk else None)
    ]


async def _incidents(tx: Tx, desk: Desk, now: datetime) -> list[OpenItem]:
    """Of the desk's own: whoever takes the shift over takes over the clocks of its reports."""
    return [
        OpenItem(
            f"incident:{one.id}",
            ItemKind.INCIDENT,
            _owed_words(one, now)[:MAX_ITEM],
            f"/incidents/{one.id}",
        )
        for one in await open_incidents(tx, desk.id)
    ]


def _owed_words(one: IncidentNow, now: datetime) -> str:
    about = {"number": one.number, "title": one.title, "count": len(one.running)}
    if late := one.late(now):
        return say("{number} {title}: {count} reports to be sent, {late} late so far", late=late, **about)
    return say("{number} {title}: {count} reports to be sent", **about)


async def _alarms(tx: Tx) -> list[OpenItem]:
    found = [alarm for alarm in await open_alarms(tx) if not alarm.kind.startswith(_OWN)]
    items = [
        OpenItem(f"alarm:{alarm.id}", ItemKind.ALARM, alarm.text[:MAX_ITEM], "/alarms")
        for alarm in found[:_MOST_ALARMS]
    ]
    more = len(found) - _MOST_ALARMS
    if more > 0:
        text = say("and {count} further alarms", count=more)
        items.append(OpenItem("alarm:more", ItemKind.ALARM, text, "/alarms"))
    return items
