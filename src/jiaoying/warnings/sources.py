"""Rows of warning sources (预警来源): statements in the caller's transaction."""

from sqlalchemy import select

from jiaoying.storage.database import Tx
from jiaoying.storage.schema import warning_sources
from jiaoying.warnings.holding import START_AT_ONCE, HoldPolicy


async def hold_policy_of(tx: Tx, name: str) -> HoldPolicy:
    """The policy of the source of that name; an unknown one starts at once."""
    found = await tx.scalar(select(warning_sources.c.hold_s).where(warning_sources.c.name == name))
    return START_AT_ONCE if found is None else HoldPolicy(found)
