"""The records of numbers (号码状态): read, changed by what was heard, written; many at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Integer, Text, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY

from jiaoying.contacts.model import NumberStanding, Proof
from jiaoying.contacts.numbers import NumberRecord, NumberWord, after_word
from jiaoying.dispatch.store.sets import is_one_of_given
from jiaoying.storage.database import Tx
from jiaoying.storage.rows import columns_of, read_as
from jiaoying.storage.schema import Moment, contact_numbers, contacts


@dataclass(frozen=True, slots=True)
class HeardOf:
    """A word about a number, and whom it proves something of: the others who share the number only see
    that it works."""

    number: str
    word: NumberWord
    proves: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Changed:
    """A person's number whose standing is another now."""

    id: UUID
    contact_id: UUID
    before: NumberStanding
    after: NumberStanding


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    contact_id: UUID
    number: str
    standing: NumberStanding
    standing_at: datetime | None
    failures: int
    reached_at: datetime | None
    verified_at: datetime | None
    verified_how: Proof | None


_KNOWN = (
    select(*columns_of(_Row, contact_numbers))
    .join(contacts, contacts.c.id == contact_numbers.c.contact_id)
    .where(
        is_one_of_given(contact_numbers.c.number, "numbers"),
        contacts.c.demonstration == bindparam("simulated"),
    )
    .order_by(contact_numbers.c.id)
    .with_for_update(key_share=True, of=contact_numbers)
)
_WRITE = text(
    """
    UPDATE contact_numbers SET
        standing = heard.standing, standing_at = heard.standing_at, failures = heard.failures,
        reached_at = heard.reached_at, verified_at = heard.verified_at, verified_how = heard.verified_how
    FROM unnest(:ids, :standings, :standing_ats, :failures, :reached_ats, :verified_ats, :verified_hows)
         AS heard (id, standing, standing_at, failures, reached_at, verified_at, verified_how)
    WHERE contact_numbers.id = heard.id
    """
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid())),
    bindparam("standings", type_=ARRAY(Text())),
    bindparam("standing_ats", type_=ARRAY(Moment)),
    bindparam("failures", type_=ARRAY(Integer())),
    bindparam("reached_ats", type_=ARRAY(Moment)),
    bindparam("verified_ats", type_=ARRAY(Moment)),
    bindparam("verified_hows", type_=ARRAY(Text())),
)


async def note_words(tx: Tx, heard: Sequence[HeardOf], *, simulated: bool) -> list[Changed]:
    """Let words change what is known of their numbers, in everybody's record who has one of them.

    `simulated`: they come from our simulator, which knows made-up people only; a drill that rings a real
    person's number there says nothing of it. The last rows that a transaction locks.
    """
    if not heard:
        return []
    words: dict[str, list[HeardOf]] = {}
    for one in heard:
        words.setdefault(one.number, []).append(one)
    rows = read_as(_Row, await tx.execute(_KNOWN, {"numbers": list(words), "simulated": simulated}))
    lives = {row: _life(row, words[row.number]) for row in rows}
    await _write(tx, {row.id: life[-1] for row, life in lives.items() if life[-1] != life[0]})
    return [
        Changed(row.id, row.contact_id, before.standing, after.standing)
        for row, life in lives.items()
        for before, after in pairwise(life)
        if after.standing is not before.standing
    ]


def _life(row: _Row, words: Collection[HeardOf]) -> list[NumberRecord]:
    """What is known before any of these words, and after each."""
    known = [_record_of(row)]
    for one in words:
        word = one.word if row.contact_id in one.proves else replace(one.word, proof=None)
        known.append(after_word(known[-1], word))
    return known


def _record_of(row: _Row) -> NumberRecord:
    return NumberRecord(
        row.standing, row.standing_at, row.failures, row.reached_at, row.verified_at, row.verified_how
    )


async def _write(tx: Tx, records: Mapping[UUID, NumberRecord]) -> None:
    if not records:
        return
    values = list(records.values())
    await tx.execute(
        _WRITE,
        {
            "ids": list(records),
            "standings": [item.standing.value for item in values],
            "standing_ats": [item.standing_at for item in values],
            "failures": [item.failures for item in values],
            "reached_ats": [item.reached_at for item in values],
            "verified_ats": [item.verified_at for item in values],
            "verified_hows": [item.verified_how for item in values],
        },
    )
