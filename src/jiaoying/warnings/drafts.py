"""Rows of warning drafts: statements in the caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select, update

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import warning_drafts
from jiaoying.warnings.by_hand import DraftFields, from_data, order_of, to_data
from jiaoying.warnings.model import Evidence, Question

# Open drafts shown at once.
MOST_OPEN = 20
# Drafts of one paste shown at once.
MOST_OF_PASTE = 50
_kept = warning_drafts.c


@dataclass(frozen=True, slots=True)
class Draft:
    """A warning that somebody writes; `confirmed_at` without `warning_id` was cut off between the two."""

    id: UUID
    pasted: str | None
    fields: DraftFields
    evidence: tuple[Evidence, ...]
    questions: tuple[Question, ...]
    created_at: datetime
    created_by: str
    changed_at: datetime
    confirmed_at: datetime | None
    confirmed_by: str | None
    warning_id: UUID | None
    discarded_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it may still be changed."""
        return self.confirmed_at is None and self.discarded_at is None


async def add_draft(
    tx: Tx,
    fields: DraftFields,
    *,
    by: str,
    now: datetime,
    pasted: str | None = None,
    evidence: Sequence[Evidence] = (),
    questions: Sequence[Question] = (),
) -> UUID:
    """Keep a new draft; returns its id."""
    draft_id = new_id(now)
    await tx.execute(
        insert(warning_drafts).values(
            id=draft_id,
            pasted=pasted,
            fields=to_data(fields),
            evidence=[_evidence_data(one) for one in evidence],
            questions=[_question_data(one) for one in questions],
            created_at=now,
            created_by=by,
            changed_at=now,
        )
    )
    return draft_id


async def lock_draft(tx: Tx, draft_id: UUID) -> Draft | None:
    """One draft, locked."""
    row = (
        await tx.execute(select(warning_drafts).where(_kept.id == draft_id).with_for_update())
    ).one_or_none()
    return None if row is None else _draft(row)


async def read_draft(tx: Tx, draft_id: UUID) -> Draft | None:
    """One draft."""
    row = (await tx.execute(select(warning_drafts).where(_kept.id == draft_id))).one_or_none()
    return None if row is None else _draft(row)


async def open_drafts(tx: Tx) -> list[Draft]:
    """Drafts that have not become a warning and were not thrown away, the newest first."""
    rows = await tx.execute(
        select(warning_drafts)
        .where(_kept.warning_id.is_(None), _kept.discarded_at.is_(None))
        .order_by(_kept.created_at.desc())
        .limit(MOST_OPEN)
    )
    return [_draft(row) for row in rows]


async def count_open(tx: Tx) -> int:
    """How many drafts wait to be confirmed."""
    waits = (_kept.warning_id.is_(None), _kept.discarded_at.is_(None))
    return await tx.scalar(select(func.count()).select_from(warning_drafts).where(*waits)) or 0


async def drafts_of_paste(tx: Tx, draft: Draft) -> list[Draft]:
    """What one paste was divided into, itself and confirmed ones too, in their order.

    Empty for a draft that was written in the form.
    """
    if draft.pasted is None:
        return []
    rows = await tx.execute(
        select(warning_drafts)
        .where(
            _kept.pasted == draft.pasted,
            _kept.created_by == draft.created_by,
            _kept.created_at == draft.created_at,
            _kept.discarded_at.is_(None),
        )
        .order_by(_kept.id)
        .limit(MOST_OF_PASTE)
    )
    return sorted((_draft(row) for row in rows), key=lambda one: order_of(one.fields))


async def change_draft(tx: Tx, draft_id: UUID, fields: DraftFields, now: datetime) -> None:
    """Replace what a draft says."""
    await _set(tx, draft_id, fields=to_data(fields), changed_at=now)


async def mark_confirmed(tx: Tx, draft_id: UUID, *, by: str, now: datetime) -> None:
    """From here on it is a warning, or will be for whoever looks next."""
    await _set(tx, draft_id, confirmed_at=now, confirmed_by=by)


async def mark_taken_in(tx: Tx, draft_id: UUID, warning_id: UUID) -> None:
    """It has become this warning."""
    await _set(tx, draft_id, warning_id=warning_id)


async def discard_draft(tx: Tx, draft_id: UUID, now: datetime) -> None:
    """Throw a draft away."""
    await _set(tx, draft_id, discarded_at=now)


async def _set(tx: Tx, draft_id: UUID, **values: Any) -> None:
    await tx.execute(update(warning_drafts).where(_kept.id == draft_id).values(**values))


def _draft(row: Any) -> Draft:
    return Draft(
        id=row.id,
        pasted=row.pasted,
        fields=from_data(row.fields),
        evidence=tuple(Evidence(**one) for one in row.evidence),
        questions=tuple(_question(one) for one in row.questions),
        created_at=row.created_at,
        created_by=row.created_by,
        changed_at=row.changed_at,
        confirmed_at=row.confirmed_at,
        confirmed_by=row.confirmed_by,
        warning_id=row.warning_id,
        discarded_at=row.discarded_at,
    )


def _evidence_data(one: Evidence) -> dict[str, Any]:
    return {
        "field": one.field,
        "words": one.words,
        "start": one.start,
        "end": one.end,
        "value": one.value,
        "sure": one.sure,
    }


def _question_data(one: Question) -> dict[str, Any]:
    choices = [list(choice) for choice in one.choices]
    colour = None if one.colour is None else str(one.colour)
    return {"field": one.field, "words": one.words, "text": one.text, "choices": choices, "colour": colour}


def _question(data: Mapping[str, Any]) -> Question:
    choices = tuple((str(value), str(words)) for value, words in data["choices"])
    # Drafts kept by an earlier version do not say it.
    colour = Colour(data["colour"]) if data.get("colour") else None
    return Question(data["field"], data["words"], data["text"], choices, colour)
