"""What is locked opens with its key alone."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jiaoying.storage.secret_box import LockedError, lock, unlock


@given(some.text(max_size=300), some.text(min_size=1, max_size=40))
def test_it_opens_with_its_key_and_no_other(secret: str, key: str) -> None:
    secret = secret.encode("utf-8", "ignore").decode()
    key = key.encode("utf-8", "ignore").decode() or "k"
    locked = lock(key, secret)
    assert unlock(key, locked) == secret
    assert lock(key, secret) != locked  # a nonce of its own
    with pytest.raises(LockedError):
        unlock(key + "x", locked)


@given(some.integers(0, 10**6), some.integers(1, 255))
def test_a_changed_byte_never_gives_another_secret(where: int, by: int) -> None:
    secret = "swordfish" * 9
    locked = bytearray(lock("key", secret))
    locked[where % len(locked)] ^= by
    # Base 64 writes some values in two ways, so a few changes change nothing.
    with suppress(LockedError):
        assert unlock("key", bytes(locked)) == secret


def test_another_text_under_the_same_signs_is_noticed() -> None:
    locked = lock("key", "swordfish" * 9)
    with pytest.raises(LockedError):
        unlock("key", locked[:40] + b"AAAA" + locked[44:])


def test_what_is_no_locked_secret_does_not_open() -> None:
    for bytes_ in (b"", b"x", b"\x01" * 200):
        with pytest.raises(LockedError):
            unlock("key", bytes_)
