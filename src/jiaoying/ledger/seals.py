"""What a seal is: a batch of lines, named and hashed in order, tied to the seal before."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from jiaoying.ledger.canonical import HASH_BYTES, moment

FIRST_PREVIOUS_HASH = bytes(HASH_BYTES)


@dataclass(frozen=True, slots=True)
class Seal:
    """One link of the chain. `tx_below` counts in the transactions of the PostgreSQL cluster `cluster`."""

    number: int
    sealed_at: datetime
    tx_below: int
    cluster: int
    line_ids: tuple[UUID, ...]
    line_hashes: bytes
    previous_hash: bytes
    hash: bytes

    def hash_of_line(self, position: int) -> bytes:
        """The hash that the line at `position` had when it was sealed."""
        return self.line_hashes[position * HASH_BYTES : (position + 1) * HASH_BYTES]

    def is_whole(self) -> bool:
        """Whether the seal's own hash still fits what it holds."""
        return len(self.line_hashes) == HASH_BYTES * len(self.line_ids) and self.hash == seal_hash(self)


def seal_hash(seal: Seal) -> bytes:
    """SHA-256 of: hash of the seal before; number, tx_below and cluster as 8 bytes each (big-endian,
    signed); the moment as in a line; the ids, 16 bytes each; the lines' hashes, 32 bytes each.
    """
    numbers = (seal.number, seal.tx_below, seal.cluster)
    parts = (
        seal.previous_hash,
        *(value.to_bytes(8, "big", signed=True) for value in numbers),
        moment(seal.sealed_at).encode(),
        *(line_id.bytes for line_id in seal.line_ids),
        seal.line_hashes,
    )
    return sha256(b"".join(parts)).digest()


def seal_from_row(row: Row[*tuple[Any, ...]]) -> Seal:
    """The seal that a row of `ledger_seals` holds."""
    return Seal(
        number=row.number,
        sealed_at=row.sealed_at,
        tx_below=row.tx_below,
        cluster=row.cluster,
        line_ids=tuple(row.line_ids),
        line_hashes=row.line_hashes,
        previous_hash=row.previous_hash,
        hash=row.hash,
    )
