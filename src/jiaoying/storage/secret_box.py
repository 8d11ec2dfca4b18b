"""Short secrets locked before they go into a column, so that a copy of the database alone gives none away.

The key lies in the data directory (`Secrets.sources`). Locked as Fernet tokens: AES-128-CBC with
HMAC-SHA256 (https://github.com/fernet/spec), each with an initial vector of its own.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken


class LockedError(Exception):
    """The key is not the one that locked it, or the bytes were changed."""


def lock(key: str, secret: str) -> bytes:
    """`secret` as bytes that only `key` opens."""
    return _box(key).encrypt(secret.encode())


def unlock(key: str, locked: bytes) -> str:
    """What was locked with `key`. Raises LockedError where it was another key or the bytes were changed."""
    try:
        return _box(key).decrypt(locked).decode()
    except InvalidToken:
        raise LockedError from None


def _box(key: str) -> Fernet:
    """Our keys are long random texts: one round of a hash makes the 32 bytes that Fernet wants."""
    return Fernet(urlsafe_b64encode(sha256(key.encode()).digest()))
