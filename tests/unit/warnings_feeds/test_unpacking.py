"""A body is whole, or it is refused; it never grows beyond its bound."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jiaoying.warnings.feeds.unpacking import Body, DamagedError, TooLargeError


def unpacked(content: bytes, encoding: str, piece: int = 7, largest: int = 10_000) -> bytes:
    body = Body(encoding, largest)
    for start in range(0, len(content), piece):
        body.add(content[start : start + piece])
    return body.whole()


@given(some.binary(max_size=3000), some.integers(1, 500))
def test_what_went_in_comes_out(content: bytes, piece: int) -> None:
    assert unpacked(content, "", piece) == content
    assert unpacked(gzip.compress(content), "gzip", piece) == content
    assert unpacked(gzip.compress(content) + gzip.compress(b"more"), "x-gzip", piece) == content + b"more"


@given(some.binary(min_size=1, max_size=1000), some.integers(1, 20))
def test_an_end_that_is_missing_is_noticed(content: bytes, missing: int) -> None:
    with pytest.raises(DamagedError):
        unpacked(gzip.compress(content)[:-missing], "gzip")


def test_a_bomb_stops_at_the_bound() -> None:
    for encoding, content in (("gzip", gzip.compress(b" " * 5_000_000)), ("", b" " * 10_001)):
        with pytest.raises(TooLargeError):
            unpacked(content, encoding, 4096)
    assert len(unpacked(gzip.compress(b" " * 10_000), "gzip", 4096)) == 10_000


def test_what_is_packed_otherwise_is_refused() -> None:
    for encoding in ("br", "zstd", "deflate", "gzip, gzip"):
        with pytest.raises(DamagedError):
            unpacked(b"x", encoding)
    with pytest.raises(DamagedError):
        unpacked(zlib.compress(b"x"), "gzip")
