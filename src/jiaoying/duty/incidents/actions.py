"""What people do about an incident: take it in, report on it, sign, note what was sent; each with its line.

Every action takes the lock of the incident first: two at once would each see what the other will change.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from jiaoying.duty.actions import Doer
from jiaoying.duty.incidents import store
from jiaoying.duty.incidents.book import rules_in_force
from jiaoying.duty.incidents.chain import (
    in_order,
    known_in,
    merged,
    next_nth,
    next_place,
    only_new,
)
from jiaoying.duty.incidents.facts import MAX_SHORT, Typed, missing_in_first, read_facts, read_moment
from jiaoying.duty.incidents.model import (
    Facts,
    Incident,
    Report,
    ReportKind,
    SignedHow,
)
from jiaoying.duty.incidents.numbers import incident_number, report_label
from jiaoying.duty.incidents.owing import NEW, changes_to
from jiaoying.duty.incidents.rules import Reported, obligations
from jiaoying.duty.model import Desk
from jiaoying.duty.store import desk_by_id
from jiaoying.kernel.areas import level_of
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

MAX_REASON = 200
MAX_ADDRESSEES = 200


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """What somebody wrote into the form of a report."""

    typed: Typed  # by the words of duty.incidents.model.Fact
    received_at: str = ""  # local time to the second; empty: just now
    addressees: str = ""
    reporter: str = ""
    phone: str = ""
    complaints: tuple[Complaint, ...] = ()  # of what was read before: a place that nobody knows


@dataclass(frozen=True, slots=True)
class _Read:
    received_at: datetime
    facts: Facts
    texts: Mapping[str, str] = field(default_factory=dict[str, str])


# --- taken in, reported on ---


async def take_in(
    tx: Tx, desk_id: UUID, written: WrittenReport, doer: Doer, *, exercise: bool = False
) -> Incident:
    """Somebody told the desk of an incident: its number, its first report and its clocks, all together.

    Raises Refusal naming each field that is wrong.
    """
    desk = await desk_by_id(tx, desk_id)
    if desk is None:
        raise refusal_at("desk", say("Choose the desk that was told"))
    read = _read(written, doer, is_first=True)
    book, _ = await rules_in_force(tx)
    year = read.received_at.astimezone(doer.zone).year
    prefix, number = await store.take_number(tx, desk, year, book.prefixes.get(desk.name), exercise=exercise)
    incident = Incident(
        id=new_id(doer.now),
        desk_id=desk.id,
        prefix=prefix,
        year=year,
        number=number,
        exercise=exercise,
        received_at=read.received_at,
        created_at=doer.now,
        created_by=doer.actor,
        ended_at=None,
    )
    await store.add_incident(tx, incident)
    facts = {"received_at": incident.received_at.isoformat(), "exercise": exercise}
    await append_entries(tx, [entry_of("incident.received", incident, doer.now, doer.actor, facts)])
    await _write(tx, incident, desk, ReportKind.FIRST, read, None, [], doer)
    return incident


async def report_on(
    tx: Tx,
    incident_id: UUID,
    kind: ReportKind,
    written: WrittenReport,
    doer: Doer,
    *,
    corrects_id: UUID | None = None,
) -> Report:
    """A further report: what is new or changed; what was said already is left out of it.

    Raises Refusal where nothing is new, another report waits to be signed, the chain has ended (only a
    correction may follow a final report), or a field is wrong.
    """
    incident, reports = await _locked(tx, incident_id)
    _refuse_out_of_turn(kind, reports, corrects_id)
    first = next((report for report in reports if report.counts), None)
    kind = ReportKind.FIRST if first is None else kind
    read = _read(written, doer, is_first=first is None)
    new = only_new(read.facts, merged(reports))
    if not new and kind is not ReportKind.FINAL:
        raise refusal_at(
            "form", say("Nothing in this is new: change what is different from what was reported")
        )
    desk = await desk_by_id(tx, incident.desk_id)
    assert desk is not None
    read = _Read(read.received_at, new, read.texts)
    return await _write(tx, incident, desk, kind, read, corrects_id, reports, doer)


def _refuse_out_of_turn(kind: ReportKind, reports: Sequence[Report], corrects_id: UUID | None) -> None:
    if any(report.waits for report in reports):
        raise refusal_at("form", say("A report waits to be signed: have it signed or sent back first"))
    ended = any(report.kind is ReportKind.FINAL and report.counts for report in reports)
    if ended and kind is not ReportKind.CORRECTION:
        raise refusal_at(
            "form", say("The final report is there: what was wrong is put right by a correction")
        )
    signed = {report.id for report in reports if report.signed_at is not None}
    if kind is ReportKind.CORRECTION and corrects_id not in signed:
        raise refusal_at("corrects", say("Choose the signed report that is put right"))


async def _write(
    tx: Tx,
    incident: Incident,
    desk: Desk,
    kind: ReportKind,
    read: _Read,
    corrects_id: UUID | None,
    reports: Sequence[Report],
    doer: Doer,
) -> Report:
    report = Report(
        id=new_id(doer.now),
        incident_id=incident.id,
        place=next_place(reports),
        kind=kind,
        nth=None,
        corrects_id=corrects_id if kind is ReportKind.CORRECTION else None,
        received_at=read.received_at,
        facts=read.facts,
        addressees=read.texts["addressees"],
        reporter=read.texts["reporter"],
        phone=read.texts["phone"],
        written_at=doer.now,
        written_by=doer.actor,
        signed_at=None,
        signed_by=None,
        signer=None,
        signed_how=None,
        returned_at=None,
        returned_by=None,
        returned_why=None,
    )
    await store.add_report(tx, report)
    facts = {"report": str(report.id), "kind": kind, "place": report.place, "says": sorted(read.facts)}
    told = {"said": {str(name): value for name, value in read.facts.items()}, **read.texts}
    entry = entry_of("incident.report_written", incident, doer.now, doer.actor, facts, told)
    await append_entries(tx, [entry])
    await _owe(tx, incident, desk, [*reports, report], doer)
    return report


async def _owe(tx: Tx, incident: Incident, desk: Desk, reports: Sequence[Report], doer: Doer) -> None:
    """Clocks for everybody whom the rules in force name, by all that is known now."""
    book, version = await rules_in_force(tx)
    level, known = level_of(desk.area_code), known_in(in_order(reports))
    before = known_in(reports[:-1])
    is_news = not before or (before[-1].kind, before[-1].grade) != (known[-1].kind, known[-1].grade)
    kept = (await store.obligations_of(tx, [incident.id]))[incident.id]
    changes = changes_to(
        {(one.recipient, one.means): one for one in kept},
        obligations(Reported(level, known), book),
        obligations(Reported(level, known[-1:] if is_news else ()), book),
        incident_id=incident.id,
        rules_version=version,
        now=doer.now,
    )
    await store.add_obligations(tx, [one.kept for one in changes if one.event == NEW])
    for one in changes:
        if one.event != NEW:
            values = asdict(one.kept)
            del values["id"]
            await store.change_obligation(tx, one.kept.id, **values)
    await append_entries(
        tx,
        [
            entry_of(
                one.event,
                incident,
                doer.now,
                doer.actor,
                {
                    "obligation": str(one.kept.id),
                    "recipient": one.kept.recipient,
                    "means": one.kept.means,
                    "due_at": one.kept.due_at.isoformat(),
                    "rules_version": version,
                },
            )
            for one in changes
        ],
    )


# --- signed, sent back ---


async def sign(tx: Tx, report_id: UUID, signer: str, doer: Doer) -> Report:
    """A leader signs a report in the console. Raises Refusal where they wrote it, or it was decided."""
    report = await _waiting(tx, report_id)
    if report.written_by == doer.actor:
        raise Refusal(say("Nobody signs their own report: another leader signs it"))
    return await _sign(tx, report, signer, SignedHow.HERE, doer.now, doer)


async def note_signed_by_phone(
    tx: Tx, report_id: UUID, signer: str, agreed_at: datetime, doer: Doer
) -> Report:
    """The leader on duty said yes by telephone (电话签发): who, and when. Raises Refusal.

    Whoever wrote the report may note it, at night they are alone; that it was the word of another is why a
    name is needed that is not theirs.
    """
    report = await _waiting(tx, report_id)
    name = signer.strip()
    if not 1 <= len(name) <= MAX_SHORT:
        raise refusal_at("signer", say("Write who said yes to it"))
    if name in (report.written_by.removeprefix("user:"), doer.actor.removeprefix("user:"), report.reporter):
        raise refusal_at("signer", say("Nobody signs their own report: another leader signs it"))
    if not since_minute(report.written_at) <= agreed_at <= doer.now:
        raise refusal_at("agreed_at", say("They can only have said yes after it was written, and before now"))
    return await _sign(tx, report, name, SignedHow.PHONE, agreed_at, doer)


async def _sign(tx: Tx, report: Report, signer: str, how: SignedHow, at: datetime, doer: Doer) -> Report:
    incident, reports = await _locked(tx, report.incident_id)
    nth = next_nth(report.kind, reports)
    await store.change_report(
        tx, report.id, signed_at=at, signed_by=doer.actor, signer=signer, signed_how=how, nth=nth
    )
    if report.kind is ReportKind.FINAL:
        await store.end_incident(tx, incident.id, doer.now)
    signed = await store.report_by_id(tx, report.id)
    assert signed is not None
    facts = {"report": str(report.id), "how": how, "signed_at": at.isoformat(), "label": report_label(signed)}
    entries = [entry_of("incident.report_signed", incident, doer.now, doer.actor, facts, {"signer": signer})]
    if report.kind is ReportKind.FINAL:
        entries.append(entry_of("incident.ended", incident, doer.now, doer.actor, {"report": str(report.id)}))
    await append_entries(tx, entries)
    return signed


async def send_back(tx: Tx, report_id: UUID, doer: Doer) -> None:
    """A report is not signed, with the reason: it says nothing any more, and is written anew."""
    reason = stated(doer)
    report = await _waiting(tx, report_id)
    incident, _ = await _locked(tx, report.incident_id)
    await store.change_report(
        tx, report.id, returned_at=doer.now, returned_by=doer.actor, returned_why=reason
    )
    facts = {"report": str(report.id)}
    entry = entry_of("incident.report_returned", incident, doer.now, doer.actor, facts, {"reason": reason})
    await append_entries(tx, [entry])


async def _waiting(tx: Tx, report_id: UUID) -> Report:
    found = await store.report_by_id(tx, report_id)
    if found is not None:
        await store.lock_incident(tx, found.incident_id)
        found = await store.report_by_id(tx, report_id)
    if found is None or not found.waits:
        raise Refusal(say("This report was signed or sent back already"))
    return found


# --- what the actions share ---


async def _locked(tx: Tx, incident_id: UUID) -> tuple[Incident, list[Report]]:
    incident = await store.lock_incident(tx, incident_id)
    if incident is None:
        raise Refusal(say("There is no such incident"))
    return incident, (await store.reports_of(tx, [incident_id]))[incident_id]


def _read(written: WrittenReport, doer: Doer, *, is_first: bool) -> _Read:
    """What was written, or a Refusal with a sentence for each field that is wrong."""
    facts, complaints = read_facts(written.typed, doer.now, doer.zone)
    complaints += written.complaints
    if is_first:
        complaints += missing_in_first(facts, complaints)
    received_at = doer.now
    if written.received_at.strip():
        moment = read_moment(written.received_at, "received_at", doer.now, doer.zone)
        if isinstance(moment, Complaint):
            complaints.append(moment)
        else:
            received_at = moment
    texts: dict[str, str] = {}
    for name, most in (("addressees", MAX_ADDRESSEES), ("reporter", MAX_SHORT), ("phone", MAX_SHORT)):
        texts[name] = getattr(written, name).strip()
        if len(texts[name]) > most:
            complaints.append(Complaint("incident", name, say("Shorten this to {count} signs", count=most)))
    if complaints:
        raise Refusal("; ".join(complaint.text for complaint in complaints), tuple(complaints))
    return _Read(received_at, facts, texts)


def stated(doer: Doer) -> str:
    """Why somebody does it. Raises Refusal where no reason is given."""
    reason = " ".join(doer.reason.split())
    if not 1 <= len(reason) <= MAX_REASON:
        raise refusal_at("reason", say("Give a reason of at most {count} signs", count=MAX_REASON))
    return reason


def since_minute(moment: datetime) -> datetime:
    """The beginning of its minute: people write what follows to the minute only."""
    return moment.replace(second=0, microsecond=0)


def entry_of(
    event: str,
    incident: Incident,
    now: datetime,
    actor: str,
    facts: Mapping[str, object],
    particulars: Mapping[str, object] | None = None,
) -> Entry:
    """A line about an incident: its id, number and desk stand in each."""
    named = {
        "incident": str(incident.id),
        "desk_id": str(incident.desk_id),
        "number": incident_number(incident.called, exercise=incident.exercise),
    }
    return Entry(now, event, actor, facts={**named, **facts}, particulars=particulars)


def refusal_at(field: str, text: str) -> Refusal:
    return Refusal(text, (Complaint("incident", field, text),))
