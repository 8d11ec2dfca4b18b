"""Trials of drafts: a row each, with as many results as warnings were tried, so that one goes on anywhere."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB

from jiaoying.dispatch.ladders.model import Tier
from jiaoying.dispatch.outlook.figures import Figures
from jiaoying.dispatch.outlook.trial import RungOfTier, Side, TrialResult
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import issued_warnings, ladder_trials
from jiaoying.warnings.purpose import is_shown

TRIED_DAYS = 90
MOST_WARNINGS = 100
MOST_KEPT = 30


@dataclass(frozen=True, slots=True)
class Trial:
    """A draft and the warnings it is tried on, in their order; the first so many of them are done."""

    id: UUID
    text: str
    warning_ids: tuple[UUID, ...]
    results: tuple[TrialResult, ...]
    created_at: datetime
    created_by: str

    @property
    def next_id(self) -> UUID | None:
        """The warning that comes next; None when all are done."""
        left = self.warning_ids[len(self.results) :]
        return left[0] if left else None


async def warnings_to_try(tx: Tx, now: datetime, days: int = TRIED_DAYS) -> list[UUID]:
    """Warnings that called somebody in the last days, the newest first; no drills, requests and ends."""
    warning = issued_warnings.c
    rows = await tx.execute(
        select(warning.id)
        .where(
            warning.matched_at >= now - timedelta(days=days),
            warning.kind.in_(["alert", "update"]),
            ~warning.exercise,
            is_shown(),
        )
        .order_by(warning.matched_at.desc(), warning.id)
        .limit(MOST_WARNINGS)
    )
    return [row.id for row in rows]


async def add_trial(tx: Tx, text: str, warning_ids: list[UUID], *, by: str, now: datetime) -> UUID:
    """Begin a trial, and let the oldest go."""
    trial = ladder_trials.c
    trial_id = new_id(now)
    await tx.execute(
        insert(ladder_trials).values(
            id=trial_id, text=text, warning_ids=warning_ids, created_at=now, created_by=by
        )
    )
    newest = select(trial.id).order_by(trial.id.desc()).limit(MOST_KEPT).scalar_subquery()
    await tx.execute(delete(ladder_trials).where(trial.id.not_in(newest)))
    return trial_id


async def read_trial(tx: Tx, trial_id: UUID) -> Trial | None:
    """One trial with what it has found so far."""
    row = (await tx.execute(select(ladder_trials).where(ladder_trials.c.id == trial_id))).one_or_none()
    if row is None:
        return None
    return Trial(
        row.id,
        row.text,
        tuple(row.warning_ids),
        tuple(_result(data) for data in row.results),
        row.created_at,
        row.created_by,
    )


async def add_result(tx: Tx, trial: Trial, result: TrialResult) -> bool:
    """Add the next result. False where somebody who looks at the same trial was first."""
    results = ladder_trials.c.results
    data = json.loads(json.dumps(asdict(result), default=str))
    done = await tx.execute(
        update(ladder_trials)
        .where(ladder_trials.c.id == trial.id, func.jsonb_array_length(results) == len(trial.results))
        .values(results=results.concat(literal([data], JSONB)))
    )
    return done.rowcount == 1


def _result(data: Mapping[str, Any]) -> TrialResult:
    return TrialResult(
        UUID(data["warning_id"]),
        _side(data["then"]),
        _side(data["draft"]),
        tuple(map(UUID, data["added"])),
        tuple(map(UUID, data["removed"])),
        data["added_count"],
        data["removed_count"],
    )


def _side(data: Mapping[str, Any] | None) -> Side | None:
    if data is None:
        return None
    rungs = (
        RungOfTier(Tier(one["tier"]), one["rung"], one["begins_s"], one["people"]) for one in data["rungs"]
    )
    return Side(Figures(**data["figures"]), tuple(rungs))
