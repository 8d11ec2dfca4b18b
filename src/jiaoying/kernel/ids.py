"""Identifiers: made by us before the row is written, so that a row can be named before it exists."""

import os
import secrets
from datetime import UTC, datetime
from uuid import UUID

# Letters that cannot be taken for a digit or for each other, on a small screen or by ear.
REFERENCE_LETTERS = "ABCDEFHJKLMNPRTUWXY"
_TIME_ORDERED = 7


def new_id(now: datetime) -> UUID:
    """A UUID of version 7 (RFC 9562, 5.7): time-ordered, so that new rows lie together in the index."""
    milliseconds = int(now.timestamp() * 1000)
    value = milliseconds.to_bytes(6, "big") + os.urandom(10)
    as_int = int.from_bytes(value, "big")
    as_int = as_int & ~(0xF << 76) | (0x7 << 76)
    as_int = as_int & ~(0x3 << 62) | (0x2 << 62)
    return UUID(int=as_int)


def made_at(own_id: UUID) -> datetime | None:
    """When an id was made, to the millisecond; None for one of another version."""
    if own_id.version != _TIME_ORDERED:
        return None
    return datetime.fromtimestamp((own_id.int >> 80) / 1000, UTC)


def earliest_id(moment: datetime) -> UUID:
    """What is no later than any id that was made at this moment or after it: for reading rows by time."""
    return UUID(int=(int(moment.timestamp() * 1000) << 80))


def new_token() -> str:
    """An unguessable text of 32 characters, safe in an address."""
    return secrets.token_urlsafe(24)


def new_link_token() -> str:
    """An unguessable text of 22 characters (128 bits), short enough for a text message."""
    return secrets.token_urlsafe(16)


def reference_pool() -> tuple[str, ...]:
    """Every short reference that a text may carry (`A2` … `Y99`), the shortest first."""
    numbers = [*range(2, 10), *range(10, 100)]
    return tuple(f"{letter}{number}" for number in numbers for letter in REFERENCE_LETTERS)
