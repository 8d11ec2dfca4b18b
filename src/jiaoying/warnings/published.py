"""Rows of warnings as they are given out again: statements in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, select

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import issued_warnings
from jiaoying.warnings.model import Circle, Kind, Reference
from jiaoying.warnings.publishing import PublishedWarning, published_key
from jiaoying.warnings.purpose import is_issued

# «Example Practices: CAP Feeds» 1.0: an entry stays a day or two after the message has ended.
STAYS_FOR = timedelta(hours=48)
MOST_ENTRIES = 500
# What is held is not decided yet; what was set aside is not ours to give out.
_IN_THE_FEED = ("received", "matched", "closed", "withdrawn")


async def published_warning(tx: Tx, warning_id: UUID) -> PublishedWarning | None:
    """One warning, whatever its state; None when there is none of that id, or it was issued by nobody."""
    found = await _published(tx, (issued_warnings.c.id == warning_id) & is_issued(), 1)
    return found[0] if found else None


async def published_warnings(tx: Tx, now: datetime) -> list[PublishedWarning]:
    """What the feed holds at `now`, the newest first: in force, or over for less than two days."""
    recent = issued_warnings.c.valid_to > now - STAYS_FOR
    given_out = issued_warnings.c.state.in_(_IN_THE_FEED) & is_issued()
    # Vetoed, or replaced while it was held: nobody was called by it, and nobody shall be elsewhere.
    begun = (issued_warnings.c.state != "withdrawn") | issued_warnings.c.matched_at.is_not(None)
    return await _published(tx, given_out & begun & recent, MOST_ENTRIES)


async def _published(tx: Tx, which: ColumnElement[bool], most: int) -> list[PublishedWarning]:
    replaced = issued_warnings.alias("replaced")
    query = (
        select(
            issued_warnings,
            replaced.c.sender.label("replaced_sender"),
            replaced.c.identifier.label("replaced_identifier"),
            replaced.c.version.label("replaced_version"),
            replaced.c.sent_at.label("replaced_sent_at"),
        )
        .outerjoin(replaced, replaced.c.id == issued_warnings.c.replaces_id)
        .where(which)
        .order_by(issued_warnings.c.id.desc())
        .limit(most)
    )
    return [_from(row) for row in (await tx.execute(query)).mappings()]


def _from(row: RowMapping) -> PublishedWarning:
    polygons = cast("list[list[list[float]]]", row["polygons"])
    return PublishedWarning(
        id=row["id"],
        sender=row["sender"],
        identifier=row["identifier"],
        version=row["version"],
        kind=Kind(row["kind"]),
        exercise=row["exercise"],
        hazard=Hazard(row["hazard"]),
        event=row["event"],
        event_code=row["event_code"],
        colour=Colour(row["colour"]) if row["colour"] else None,
        sender_name=row["sender_name"],
        headline=row["headline"],
        text=row["text"],
        instruction=row["instruction"],
        area_names=row["area_names"],
        area_codes=tuple(row["area_codes"]),
        polygons=tuple(tuple((lat, lon) for lat, lon in polygon) for polygon in polygons),
        circles=tuple(Circle(**circle) for circle in row["circles"]),
        references=tuple(_reference(one) for one in row["references"]),
        reference=row["reference"],
        sent_at=row["sent_at"],
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        replaced=_replaced(row),
    )


def _reference(kept: Mapping[str, Any]) -> Reference:
    sent = kept["sent"]
    return Reference(kept["sender"], kept["identifier"], datetime.fromisoformat(sent) if sent else None)


def _replaced(row: RowMapping) -> Reference | None:
    if row["replaced_identifier"] is None:
        return None
    identifier = published_key(row["replaced_identifier"], row["replaced_version"])
    return Reference(row["replaced_sender"], identifier, row["replaced_sent_at"])
