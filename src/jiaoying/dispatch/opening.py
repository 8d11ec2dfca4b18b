"""A fresh warning, that takes the place of no other: everybody opened at once, and told in few lines."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.covering import CoveredArea
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.matching import FrozenLadders, NewResponsibility, longest_until_listed
from jiaoying.dispatch.store import opening, responsibilities
from jiaoying.dispatch.store.opening import Opened
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.kernel.hazards import families_concerned
from jiaoying.ledger.entries import Entry
from jiaoying.ledger.together import duties_opened, first_rungs_began, people_opened
from jiaoying.storage.database import Tx

ACTOR = "match"


async def open_fresh(
    tx: Tx, engine: Engine, warning: WarningRow, area: CoveredArea, ladders: FrozenLadders, now: datetime
) -> Opened:
    """Open the posts under a warning that nothing was opened under before, each on its frozen ladder."""
    return await opening.open_posts(
        tx,
        warning.id,
        area,
        families_concerned(warning.hazard),
        ladders,
        colour=warning.colour,
        exercise=warning.exercise,
        day=now.astimezone(engine.timezone).date(),
        now=now,
    )


def opened_entries(
    warning_id: UUID, opened: Opened, ladders: FrozenLadders, now: datetime
) -> Iterator[Entry]:
    """The story of what was opened, some thousand rows a line."""
    deadlines = {
        str(tier): (now + longest_until_listed(ladder)).isoformat() for tier, (_, ladder) in ladders.items()
    }
    for part in opened.duties:
        given = list(zip(part["why"], part["tiers"], strict=True))
        # Few reasons for many: none is read twice.
        places = {reason: place for place, reason in enumerate(dict.fromkeys(given))}
        yield duties_opened(
            warning_id,
            ACTOR,
            now,
            ids=part["ids"],
            areas=part["areas"],
            reasons=[{"why": json.loads(why), "deadline_at": deadlines[tier]} for why, tier in places],
            reason_of=[places[reason] for reason in given],
            labels=part["labels"],
        )
    for part in opened.people:
        yield people_opened(warning_id, ACTOR, now, **part)
    for part in opened.ties:
        yield first_rungs_began(warning_id, ACTOR, now, **part)


async def open_singly(tx: Tx, new: Sequence[NewResponsibility], now: datetime) -> list[Entry]:
    """Open responsibilities one by one, due at once: the escalation begins their first rung."""
    await responsibilities.open_responsibilities(tx, new, now)
    return [_opened_entry(item, now) for item in new]


def _opened_entry(item: NewResponsibility, now: datetime) -> Entry:
    return Entry(
        now,
        "responsibility.opened",
        ACTOR,
        item.warning_id,
        responsibility_id=item.id,
        facts={"area": item.area_code, "why": item.why, "deadline_at": item.deadline_at.isoformat()},
        particulars={"label": item.label},
    )
