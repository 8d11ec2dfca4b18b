"""What was sent, to whom, when and by whom (报送), its receipt (回执), and what need not be sent (免报)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiaoying.duty.actions import Doer
from jiaoying.duty.incidents import store
from jiaoying.duty.incidents.actions import entry_of, refusal_at, since_minute, stated
from jiaoying.duty.incidents.clocks import next_moment
from jiaoying.duty.incidents.facts import MAX_SHORT
from jiaoying.duty.incidents.model import (
    Incident,
    KeptObligation,
    Means,
    ObligationState,
    Report,
    Sending,
)
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Sent:
    """What somebody notes as sent: `to` took it there, `how` says by which number, fax or platform."""

    recipient: str
    means: Means
    at: datetime
    to: str
    how: str = ""
    report_id: UUID | None = None


async def note_sent(tx: Tx, incident_id: UUID, sent: Sent, doer: Doer) -> Sending:
    """Note that somebody was told; what was owed to them by this means is done with it.

    Raises Refusal where a field is wrong, or something written is no signed report of this incident.
    """
    incident = await _locked(tx, incident_id)
    _check(sent, incident, await _report_in(tx, sent), doer.now)
    owed = next(
        (
            one
            for one in (await store.obligations_of(tx, [incident_id]))[incident_id]
            if (one.recipient, one.means) == (sent.recipient.strip(), sent.means)
        ),
        None,
    )
    settles = owed is not None and owed.state is ObligationState.OPEN
    sending = Sending(
        id=new_id(doer.now),
        incident_id=incident_id,
        report_id=sent.report_id,
        obligation_id=owed.id if owed and settles else None,
        recipient=sent.recipient.strip(),
        means=sent.means,
        sent_at=sent.at,
        sent_to=sent.to.strip(),
        how=sent.how.strip(),
        noted_at=doer.now,
        noted_by=doer.actor,
        receipt_at=None,
        received_by=None,
        receipt_noted_by=None,
        undone_at=None,
        undone_by=None,
        undone_why=None,
    )
    await store.add_sending(tx, sending)
    late = bool(owed and settles and sent.at > owed.due_at)
    if owed and settles:
        await store.change_obligation(tx, owed.id, state=ObligationState.DONE, sent_at=sent.at, next_at=None)
    facts: dict[str, object] = {
        "sending": str(sending.id),
        "recipient": sending.recipient,
        "means": sending.means,
        "sent_at": sending.sent_at.isoformat(),
        "report": str(sent.report_id) if sent.report_id else None,
        "obligation": str(owed.id) if owed and settles else None,
        "due_at": owed.due_at.isoformat() if owed and settles else None,
    }
    told = {"to": sending.sent_to, "how": sending.how}
    event = "incident.sent_late" if late else "incident.sent"
    await append_entries(tx, [entry_of(event, incident, doer.now, doer.actor, facts, told)])
    return sending


def _check(sent: Sent, incident: Incident, report: Report | None, now: datetime) -> None:
    if not 1 <= len(sent.recipient.strip()) <= MAX_SHORT:
        raise refusal_at("recipient", say("Write who was told"))
    if not 1 <= len(sent.to.strip()) <= MAX_SHORT:
        raise refusal_at("to", say("Write who took it there: a name, or the desk"))
    if len(sent.how) > MAX_SHORT:
        raise refusal_at("how", say("Shorten this to {count} signs", count=MAX_SHORT))
    if not since_minute(incident.received_at) <= sent.at <= now:
        raise refusal_at("at", say("It can only have been sent after the desk was told, and before now"))
    if (report is None and sent.report_id is not None) or (report and report.incident_id != incident.id):
        raise refusal_at("report", say("Choose a report of this incident"))
    if sent.means is Means.WRITTEN and (report is None or report.signed_at is None):
        raise refusal_at("report", say("What goes out in writing is a signed report: choose it"))


async def _report_in(tx: Tx, sent: Sent) -> Report | None:
    return await store.report_by_id(tx, sent.report_id) if sent.report_id else None


async def note_receipt(tx: Tx, sending_id: UUID, received_by: str, at: datetime, doer: Doer) -> Sending:
    """Note that it arrived: who received it, and when. Raises Refusal."""
    sending, incident = await _sending(tx, sending_id)
    if sending.receipt_at is not None:
        raise Refusal(say("The receipt was noted already"))
    if not 1 <= len(received_by.strip()) <= MAX_SHORT:
        raise refusal_at("received_by", say("Write who received it"))
    if not since_minute(sending.sent_at) <= at <= doer.now:
        raise refusal_at("receipt_at", say("It can only have arrived after it was sent, and before now"))
    await store.change_sending(
        tx, sending.id, receipt_at=at, received_by=received_by.strip(), receipt_noted_by=doer.actor
    )
    facts = {"sending": str(sending.id), "receipt_at": at.isoformat(), "recipient": sending.recipient}
    told = {"received_by": received_by.strip()}
    await append_entries(tx, [entry_of("incident.receipt", incident, doer.now, doer.actor, facts, told)])
    return sending


async def take_back(tx: Tx, sending_id: UUID, doer: Doer) -> None:
    """It was noted by mistake: what was done by it is owed again, by its old clock. Needs a reason."""
    reason = stated(doer)
    sending, incident = await _sending(tx, sending_id)
    await store.change_sending(tx, sending.id, undone_at=doer.now, undone_by=doer.actor, undone_why=reason)
    if sending.obligation_id is not None:
        await _owed_without(tx, sending, doer.now)
    facts = {"sending": str(sending.id), "recipient": sending.recipient, "means": sending.means}
    entry = entry_of("incident.sending_undone", incident, doer.now, doer.actor, facts, {"reason": reason})
    await append_entries(tx, [entry])


async def _owed_without(tx: Tx, undone: Sending, now: datetime) -> None:
    """What a sending settled is settled by the next one of the same kind, or owed again."""
    owed = await store.obligation_by_id(tx, undone.obligation_id) if undone.obligation_id else None
    if owed is None:
        return
    alike = (undone.recipient, undone.means)
    others = [
        one
        for one in await store.sendings_of(tx, undone.incident_id)
        if one.undone_at is None and (one.recipient, one.means) == alike
    ]
    if others:
        await store.change_sending(tx, others[0].id, obligation_id=owed.id)
        await store.change_obligation(tx, owed.id, sent_at=others[0].sent_at)
        return
    next_at = next_moment(owed.starts_at, owed.due_at, owed.step, now)
    await store.change_obligation(tx, owed.id, state=ObligationState.OPEN, sent_at=None, next_at=next_at)


async def lift(tx: Tx, obligation_id: UUID, doer: Doer) -> None:
    """This recipient need not be told by this means (免报): its clock ends, with the reason kept."""
    reason = stated(doer)
    owed, incident = await _open_obligation(tx, obligation_id)
    await store.change_obligation(
        tx,
        owed.id,
        state=ObligationState.LIFTED,
        next_at=None,
        lifted_at=doer.now,
        lifted_by=doer.actor,
        lifted_why=reason,
    )
    facts: Mapping[str, object] = {
        "obligation": str(owed.id),
        "recipient": owed.recipient,
        "means": owed.means,
        "due_at": owed.due_at.isoformat(),
        "late": owed.is_late(doer.now),
    }
    entry = entry_of("incident.lifted", incident, doer.now, doer.actor, facts, {"reason": reason})
    await append_entries(tx, [entry])


async def _open_obligation(tx: Tx, obligation_id: UUID) -> tuple[KeptObligation, Incident]:
    found = await store.obligation_by_id(tx, obligation_id)
    if found is None:
        raise Refusal(say("There is no such obligation"))
    incident = await _locked(tx, found.incident_id)
    found = await store.obligation_by_id(tx, obligation_id)
    if found is None or found.state is not ObligationState.OPEN:
        raise Refusal(say("This was sent or lifted already"))
    return found, incident


async def _sending(tx: Tx, sending_id: UUID) -> tuple[Sending, Incident]:
    found = await store.sending_by_id(tx, sending_id)
    if found is None:
        raise Refusal(say("Nothing of the kind was noted as sent"))
    incident = await _locked(tx, found.incident_id)
    found = await store.sending_by_id(tx, sending_id)
    if found is None or found.undone_at is not None:
        raise Refusal(say("This was taken back already"))
    return found, incident


async def _locked(tx: Tx, incident_id: UUID) -> Incident:
    incident = await store.lock_incident(tx, incident_id)
    if incident is None:
        raise Refusal(say("There is no such incident"))
    return incident
