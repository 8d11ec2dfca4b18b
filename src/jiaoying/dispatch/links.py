"""Links in texts (JIAOYING_TEXT_LINKS): an address at which whoever has it answers without signing in. Pure.

The token is unguessable and stands in the text alone; the table knows its hash. What shows texts to anybody
else hides it, since whoever reads it could answer in the person's name.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from jiaoying.kernel.ids import new_link_token

PATH = "/a/"
TOKEN_LENGTH = 22
# A warning may go on under newer ones; who looks at its page afterwards is told that it is over.
KEPT_AFTER_END = timedelta(days=3)

_TOKEN = re.compile(rf"(?<={PATH})[A-Za-z0-9_-]{{{TOKEN_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class NewLink:
    """A row of `answer_links`, to be written with the text that holds its token."""

    token_sha256: bytes
    call_out_id: UUID
    attempt_id: UUID
    created_at: datetime
    expires_at: datetime


def new_address(base: str) -> str:
    """A fresh address below `base`."""
    return f"{base.rstrip('/')}{PATH}{new_link_token()}"


def sample_address(base: str) -> str:
    """As long as a real one, for counting the parts of texts."""
    return f"{base.rstrip('/')}{PATH}{'x' * TOKEN_LENGTH}"


def token_hash(token: str) -> bytes:
    """What the table keeps of a token."""
    return sha256(token.encode()).digest()


def link_in(
    text: str, address: str | None, *, call_out_id: UUID, attempt_id: UUID, now: datetime, valid_to: datetime
) -> NewLink | None:
    """The row for a text that holds `address`; None where its wording left the address out."""
    if address is None or address not in text:
        return None
    digest = token_hash(address.rpartition(PATH)[2])
    return NewLink(digest, call_out_id, attempt_id, now, valid_to + KEPT_AFTER_END)


def without_tokens(text: str) -> str:
    """A text as others than its receiver may read it."""
    return _TOKEN.sub("…", text)
