"""When two messages say the same."""

import json
import re
from hashlib import sha256
from typing import cast

from jiaoying.warnings.model import Message
from jiaoying.warnings.read import message_to_json

_BLANKS = re.compile(r"\s+")


def content_digest(message: Message) -> bytes:
    """SHA-256 over what the message says, in the words of CAP.

    Over the message and not over what we make of it, so that a better reading of ours does not turn
    a repeated message into a new one. Over values and not over bytes, so that other indentation, another
    order of elements, another encoding, another way to write a zone or a signature added on the way
    make no difference. Runs of blanks inside texts count as one.
    """
    canonical = json.dumps(
        _tidy(message_to_json(message)), ensure_ascii=False, sort_keys=True, separators=(",", ":")
    )
    return sha256(canonical.encode()).digest()


def _tidy(value: object) -> object:
    if isinstance(value, str):
        return _BLANKS.sub(" ", value)
    if isinstance(value, dict):
        return {key: _tidy(inner) for key, inner in cast("dict[str, object]", value).items()}
    if isinstance(value, list):
        return [_tidy(inner) for inner in cast("list[object]", value)]
    return value
