"""The one spelling of a line from which its hash is made, today and when it is verified years later.

JSON with sorted keys, no blanks and no escapes beyond the necessary ones, in UTF-8; times in UTC with
microseconds; identifiers of columns as 32 hexadecimal digits. What PostgreSQL's jsonb would spell
differently after a round trip (a zero character, `1e+16`, `-0.0`) is made plain before it is hashed
and stored, so that reading gives the same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple, cast
from uuid import UUID

SALT_BYTES = 16
HASH_BYTES = 32
# Text that may have come from what jsonb does not keep as it is; a false alarm only costs time.
_AWKWARD = ("\\u0000", "e+", "-0.0")


class LineFields(NamedTuple):
    """Every field of a line that its hash covers, in the order of the table's columns."""

    id: UUID
    at: datetime
    event: str
    actor: str
    warning_id: UUID | None
    responsibility_id: UUID | None
    call_out_id: UUID | None
    attempt_id: UUID | None
    contact_id: UUID | None
    facts: str  # canonical
    particulars_digest: bytes | None


def canonical(value: Mapping[str, object]) -> str:
    """`value` in its one spelling.

    Raises TypeError for what is not JSON, a UUID or a moment, and ValueError for NaN and infinities.
    """
    spelled = _encode(value)
    if any(sign in spelled for sign in _AWKWARD) or not _is_unicode(spelled):
        return _encode(_made_plain(json.loads(spelled)))
    return spelled


def line_hash(line: LineFields) -> bytes:
    """SHA-256 of the line's canonical JSON object, whose keys are the column names."""
    digest = line.particulars_digest
    # Spelled out by hand in the order of the keys: encoding a dict costs three times as much, and
    # this runs for every line that is written. A test compares it with the encoder's own spelling.
    text = (
        f'{{"actor":{_quoted(line.actor)},"at":"{moment(line.at)}","attempt_id":{_name(line.attempt_id)},'
        f'"call_out_id":{_name(line.call_out_id)},"contact_id":{_name(line.contact_id)},'
        f'"event":{_quoted(line.event)},"facts":{line.facts},"id":{_name(line.id)},'
        f'"particulars_digest":{_quoted(digest.hex()) if digest else "null"},'
        f'"responsibility_id":{_name(line.responsibility_id)},"warning_id":{_name(line.warning_id)}}}'
    )
    return sha256(text.encode()).digest()


def particulars_hash(salt: bytes, body: str) -> bytes:
    """SHA-256 of salt and canonical particulars; the salt keeps a short number from being guessed."""
    return sha256(salt + body.encode()).digest()


@lru_cache(maxsize=256)
def moment(at: datetime) -> str:
    """A moment as the hash sees it: `2026-07-15T16:30:00.000000+00:00`.

    Remembered, because the lines of one stage share theirs.
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _name(identifier: UUID | None) -> str:
    # Without dashes, and not through str(), which takes four times as long.
    return "null" if identifier is None else f'"{identifier.int:032x}"'


def _plain(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return moment(value)
    raise TypeError(f"{type(value).__name__} cannot be written into the ledger")


_quoted = json.encoder.encode_basestring
_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain
).encode


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _made_plain(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        pairs = cast("Mapping[str, object]", value).items()
        return {_made_plain(key): _made_plain(item) for key, item in pairs}
    if isinstance(value, list):
        return [_made_plain(item) for item in cast("Sequence[object]", value)]
    return value
