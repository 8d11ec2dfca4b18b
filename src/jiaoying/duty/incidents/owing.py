"""What somebody is still to be told, kept in step with what is known of an incident and with the rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiaoying.duty.incidents.clocks import next_moment
from jiaoying.duty.incidents.model import KeptObligation, Means, ObligationState
from jiaoying.duty.incidents.rules import Obligation
from jiaoying.kernel.ids import new_id

# As the ledger tells it.
NEW, AGAIN, TIGHTENED = "incident.owed", "incident.owed_again", "incident.tightened"


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one obligation: it is new, its time is shorter, or it is owed again."""

    event: str
    kept: KeptObligation


def changes_to(
    owed: Mapping[tuple[str, Means], KeptObligation],
    asked: tuple[Obligation, ...],
    newly_asked: tuple[Obligation, ...],
    *,
    incident_id: UUID,
    rules_version: int,
    now: datetime,
) -> list[Change]:
    """What the rules add to what is owed: nothing becomes later, nothing goes by itself.

    `newly_asked` is what the newest word of the incident asks for by itself: what somebody had lifted is owed
    again by it, since they lifted it under a milder one. What was done stays done.
    """
    again = {(one.recipient, one.means): one for one in newly_asked}
    found: list[Change] = []

    def note(event: str, one: Obligation, row_id: UUID) -> None:
        found.append(Change(event, _kept(one, row_id, incident_id, rules_version, now)))

    for one in asked:
        key = (one.recipient, one.means)
        before = owed.get(key)
        if before is None:
            note(NEW, one, new_id(now))
        elif before.state is ObligationState.LIFTED and key in again:
            note(AGAIN, again[key], before.id)
        elif before.state is ObligationState.OPEN and one.due_at < before.due_at:
            note(TIGHTENED, one, before.id)
    return found


def _kept(
    one: Obligation, row_id: UUID, incident_id: UUID, rules_version: int, now: datetime
) -> KeptObligation:
    return KeptObligation(
        id=row_id,
        incident_id=incident_id,
        recipient=one.recipient,
        means=one.means,
        starts_at=one.starts_at,
        due_at=one.due_at,
        rule=one.rule,
        source=one.source,
        rules_version=rules_version,
        state=ObligationState.OPEN,
        step=None,
        next_at=next_moment(one.starts_at, one.due_at, None, now),
        sent_at=None,
        lifted_at=None,
        lifted_by=None,
        lifted_why=None,
    )
