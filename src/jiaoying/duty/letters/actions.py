"""What people do to a letter: write, change, sign, send, withdraw, throw away; each with its ledger line."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from jiaoying.duty.actions import Doer
from jiaoying.duty.letters import store
from jiaoying.duty.letters.model import (
    LEAST_MINUTES,
    MAX_REASON,
    MAX_REQUESTS,
    MAX_RISK,
    MAX_SERIES,
    MAX_TITLE,
    MOST_MINUTES,
    MOST_UNITS,
    Draft,
    Letter,
    LetterState,
    Unit,
    UnitState,
)
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

_LONGEST = {"title": MAX_TITLE, "series": MAX_SERIES, "risk": MAX_RISK, "requests": MAX_REQUESTS}


@dataclass(frozen=True, slots=True)
class Addressee:
    """A unit that was chosen: a desk or a post, and as what the letter names it."""

    desk_id: UUID | None
    post_id: UUID | None
    label: str


async def write(
    tx: Tx,
    draft: Draft,
    units: Sequence[Addressee],
    doer: Doer,
    *,
    warning_id: UUID | None,
    exercise: bool,
) -> Letter:
    """Begin a draft. Raises Refusal naming what is wrong."""
    checked = _checked(draft, units)
    letter = Letter(
        id=new_id(doer.now),
        warning_id=warning_id,
        exercise=exercise,
        draft=checked,
        year=None,
        number=None,
        body=None,
        state=LetterState.DRAFT,
        version=1,
        written_at=doer.now,
        written_by=doer.actor,
        signed_at=None,
        signed_by=None,
        sent_at=None,
        sent_by=None,
        ended_at=None,
        ended_by=None,
        reason="",
    )
    await store.write_letter(tx, letter, _units(letter.id, units, doer))
    await append_entries(tx, [letter_entry("letter.written", letter, doer)])
    return letter


async def change(
    tx: Tx, letter_id: UUID, draft: Draft, units: Sequence[Addressee], doer: Doer, *, seen: int
) -> Letter:
    """Change a draft; whoever changed it last counts as its writer.

    Raises Refusal where it is signed already, or somebody else changed it since the version that was `seen`.
    """
    checked = _checked(draft, units)
    letter = await _locked(tx, letter_id, LetterState.DRAFT)
    if letter.version != seen:
        raise Refusal(say("Somebody else changed this in between; nothing was stored. Look at it anew"))
    after = replace(
        letter,
        draft=replace(checked, told=letter.draft.told),
        version=letter.version + 1,
        written_at=doer.now,
        written_by=doer.actor,
    )
    await store.change_letter(tx, after, _units(letter.id, units, doer))
    await append_entries(tx, [letter_entry("letter.changed", after, doer)])
    return after


async def sign(tx: Tx, letter_id: UUID, body: Sequence[str], doer: Doer, *, seen: int) -> Letter:
    """A second person signs a draft as they saw it: it gets its number, and its words stay as they are.

    Raises Refusal for who wrote it themself, and where it was changed meanwhile.
    """
    letter = await _locked(tx, letter_id, LetterState.DRAFT)
    if letter.written_by == doer.actor:
        raise Refusal(say("You wrote this letter: somebody else must sign it"))
    if letter.version != seen:
        raise Refusal(say("The letter was changed since you opened it: read it again, then sign"))
    if not body:
        raise Refusal(say("The letter is empty: look at its wording"))
    year = doer.now.astimezone(doer.zone).year
    after = replace(
        letter,
        state=LetterState.SIGNED,
        year=year,
        number=await store.next_number(tx, letter.draft.series, year),
        body=tuple(body),
        signed_at=doer.now,
        signed_by=doer.actor,
    )
    await store.change_letter(tx, after)
    entry = letter_entry("letter.signed", after, doer)
    digest = sha256("\n".join(body).encode()).hexdigest()
    await append_entries(tx, [replace(entry, facts={**entry.facts, "body_sha256": digest})])
    return after


async def send(tx: Tx, letter_id: UUID, doer: Doer) -> Letter:
    """A signed letter goes out: its units are called by the stage `letters`. Raises Refusal."""
    letter = await _locked(tx, letter_id, LetterState.SIGNED)
    after = replace(letter, state=LetterState.SENT, sent_at=doer.now, sent_by=doer.actor)
    await store.change_letter(tx, after)
    units = (await store.units_of(tx, [letter.id], lock=True))[letter.id]
    await store.store_units(tx, [replace(unit, state=UnitState.ASKED, next_at=doer.now) for unit in units])
    entry = letter_entry("letter.sent", after, doer)
    await append_entries(tx, [replace(entry, facts={**entry.facts, "units": len(units)})])
    return after


async def withdraw(tx: Tx, letter_id: UUID, doer: Doer) -> Letter:
    """A letter counts no more, with a reason; its number stays its own. Whoever was reached is told."""
    reason = _reason(doer)
    letter = await _locked(tx, letter_id, LetterState.SIGNED, LetterState.SENT)
    was_sent = letter.state is LetterState.SENT
    after = replace(
        letter, state=LetterState.WITHDRAWN, ended_at=doer.now, ended_by=doer.actor, reason=reason
    )
    await store.change_letter(tx, after)
    if was_sent:
        units = (await store.units_of(tx, [letter.id], lock=True))[letter.id]
        await store.store_units(tx, [replace(unit, next_at=doer.now) for unit in units])
    await append_entries(tx, [letter_entry("letter.withdrawn", after, doer)])
    return after


async def discard(tx: Tx, letter_id: UUID, doer: Doer) -> None:
    """A draft is thrown away; it never had a number."""
    letter = await _locked(tx, letter_id, LetterState.DRAFT)
    after = replace(letter, state=LetterState.DISCARDED, ended_at=doer.now, ended_by=doer.actor)
    await store.change_letter(tx, after)
    await append_entries(tx, [letter_entry("letter.discarded", after, doer)])


def letter_entry(event: str, letter: Letter, doer: Doer) -> Entry:
    """The ledger line of something that became of a letter."""
    facts = {
        "letter": str(letter.id),
        "state": letter.state,
        "version": letter.version,
        "year": letter.year,
        "number": letter.number,
    }
    told = {"title": letter.draft.title, "reference": letter.reference, "reason": letter.reason}
    particulars = {name: text for name, text in told.items() if text}
    return Entry(doer.now, event, doer.actor, letter.warning_id, facts=facts, particulars=particulars)


def _units(letter_id: UUID, chosen: Sequence[Addressee], doer: Doer) -> list[Unit]:
    return [
        Unit(
            new_id(doer.now + timedelta(microseconds=position)),
            letter_id,
            position,
            one.desk_id,
            one.post_id,
            one.label,
            None,
            UnitState.CHOSEN,
            None,
        )
        for position, one in enumerate(chosen, start=1)
    ]


async def _locked(tx: Tx, letter_id: UUID, *states: LetterState) -> Letter:
    letter = await store.letter_by_id(tx, letter_id, lock=True)
    if letter is None or letter.state not in states:
        raise Refusal(say("The letter does not stand like that any more: look at it anew"))
    return letter


def _reason(doer: Doer) -> str:
    reason = doer.reason.strip()
    if not 1 <= len(reason) <= MAX_REASON:
        text = say("Give a reason of at most {count} signs", count=MAX_REASON)
        raise Refusal(text, (Complaint("letter", "reason", text),))
    return reason


def _checked(draft: Draft, units: Sequence[Addressee]) -> Draft:
    complaints: list[Complaint] = []

    def wrong(field: str, text: str) -> None:
        complaints.append(Complaint("letter", field, text))

    texts = {name: getattr(draft, name).strip() for name in _LONGEST}
    for name, most in _LONGEST.items():
        if len(texts[name]) > most:
            wrong(name, say("Shorten this to {count} signs", count=most))
    if not texts["title"]:
        wrong("title", say("Write the title of the letter"))
    if not texts["series"] or any(sign in texts["series"] for sign in "〔〕\n"):
        wrong("series", say("Write the letters before the year, such as 沁水应急函"))
    if not texts["requests"]:
        wrong("requests", say("Write what the units are asked to do"))
    if not LEAST_MINUTES <= draft.confirm_minutes <= MOST_MINUTES:
        wrong(
            "confirm_minutes",
            say("Write minutes from {least} to {most}", least=LEAST_MINUTES, most=MOST_MINUTES),
        )
    if not 1 <= len(units) <= MOST_UNITS:
        wrong("units", say("Choose 1 to {most} units", most=MOST_UNITS))
    if complaints:
        raise Refusal("; ".join(complaint.text for complaint in complaints), tuple(complaints))
    return replace(draft, **texts)
