"""Short secrets locked before they go into a column, so that a copy of the database alone gives none away.

The key lies in the data directory (`Secrets.sources`). Made of HMAC-SHA256 only: it is a pseudorandom
function, run over a counter it gives a key stream (the counter mode of NIST SP 800-108), and what was
locked is authenticated after it was encrypted (encrypt-then-MAC; Bellare and Namprempre, 2000). Each
secret has a nonce of its own, and the keys for both steps are derived apart.
"""

import hmac
import os
from hashlib import sha256

NONCE_BYTES = 16
TAG_BYTES = 32
_VERSION = b"\x01"


class LockedError(Exception):
    """The key is not the one that locked it, or the bytes were changed."""


def lock(key: str, secret: str) -> bytes:
    """`secret` as bytes that only `key` opens."""
    nonce, plain = os.urandom(NONCE_BYTES), secret.encode()
    body = _VERSION + nonce + _mixed(key, nonce, plain)
    return body + _tag(key, body)


def unlock(key: str, locked: bytes) -> str:
    """What was locked with `key`. Raises LockedError where it was another key or the bytes were changed."""
    body, tag = locked[:-TAG_BYTES], locked[-TAG_BYTES:]
    if not hmac.compare_digest(tag, _tag(key, body)) or body[:1] != _VERSION:
        raise LockedError
    nonce = body[1 : 1 + NONCE_BYTES]
    return _mixed(key, nonce, body[1 + NONCE_BYTES :]).decode()


def _mixed(key: str, nonce: bytes, text: bytes) -> bytes:
    """`text` under the key stream; done twice it is the text again."""
    derived = _derived(key, b"encrypt")
    stream = b"".join(
        hmac.digest(derived, nonce + block.to_bytes(4, "big"), sha256) for block in range(len(text) // 32 + 1)
    )
    return bytes(one ^ other for one, other in zip(text, stream, strict=False))


def _tag(key: str, body: bytes) -> bytes:
    return hmac.digest(_derived(key, b"authenticate"), body, sha256)


def _derived(key: str, use: bytes) -> bytes:
    return hmac.digest(key.encode(), b"jiaoying secret box: " + use, sha256)
