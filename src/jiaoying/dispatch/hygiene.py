"""What reports and answers say of the numbers they came from, noted in the same transaction (号码核查)."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from jiaoying.contacts.model import NumberStanding, Proof
from jiaoying.contacts.numbers import DOUBTFUL, NumberWord
from jiaoying.dispatch.states import ATTEMPT, AttemptEvent, AttemptState
from jiaoying.dispatch.store.attempts import HandedOver
from jiaoying.dispatch.store.numbers import Changed, HeardOf, note_words
from jiaoying.gateways.base import NumberSign
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

# The gateway that knows made-up people only, as the schema has it (attempts_demonstration_is_simulated).
SIMULATOR = "simulator"
_SIGNS = {
    NumberSign.NOT_IN_USE: NumberStanding.DEAD,
    NumberSign.SUSPENDED: NumberStanding.SUSPENDED,
    NumberSign.OFF: NumberStanding.OFF,
    NumberSign.NOBODY: NumberStanding.SILENT,
}


def word_of_report(before: AttemptState, result: HandedOver) -> NumberWord | None:
    """What the end of an attempt says of its number; None where it says nothing new.

    A carrier that repeats itself, or that speaks of an attempt which somebody has answered, does not count.
    """
    if ATTEMPT.after(before, result.event) is before:
        return None
    if result.event is AttemptEvent.DELIVER:
        return NumberWord(result.at, NumberStanding.WORKS, reached=True)
    return NumberWord(result.at, _SIGNS[result.sign]) if result.sign else None


def word_of_person(at: datetime, proof: Proof | None) -> NumberWord:
    """Somebody spoke to us from there; with a proof, the person whose number it is."""
    return NumberWord(at, NumberStanding.WORKS, reached=True, proof=proof)


def word_of_stranger(at: datetime) -> NumberWord:
    """Somebody else has the number."""
    return NumberWord(at, NumberStanding.WRONG_PERSON)


async def note_reports(
    tx: Tx, reports: Iterable[tuple[str, str, AttemptState, HandedOver]], now: datetime
) -> None:
    """What became of attempts, each with its gateway, its number and the state it was in before."""
    heard = [
        (gateway, HeardOf(number, word))
        for gateway, number, before, result in reports
        if (word := word_of_report(before, result))
    ]
    await note_heard(tx, heard, now)


async def note_heard(tx: Tx, heard: Sequence[tuple[str, HeardOf]], now: datetime) -> None:
    """Words about numbers, each with the gateway that it came by."""
    for simulated in (True, False):
        of_kind = [one for gateway, one in heard if (gateway == SIMULATOR) is simulated]
        changed = await note_words(tx, of_kind, simulated=simulated)
        await append_entries(tx, [_entry(one, now) for one in changed if _matters(one)])


def _matters(changed: Changed) -> bool:
    """The keeper has something to do, or has no longer."""
    return (changed.before in DOUBTFUL) != (changed.after in DOUBTFUL) or changed.after in DOUBTFUL


def _entry(changed: Changed, now: datetime) -> Entry:
    return Entry(
        now,
        "number.stands",
        "settle",
        contact_id=changed.contact_id,
        facts={"number_id": str(changed.id), "before": changed.before, "after": changed.after},
    )
