"""JSON from strangers: bounds, and what JSON itself leaves open."""

from time import process_time

import pytest

from jiaoying.kernel.errors import Complaint
from jiaoying.warnings.formats.guarded_json import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_VALUES,
    JsonDocument,
    begins_like_json,
    read_json,
)


def read(body: bytes) -> tuple[object, list[str]]:
    document = read_json(body)
    assert isinstance(document, JsonDocument), document
    return document.value, [remark.code for remark in document.remarks]


def refused(body: bytes) -> str:
    complaint = read_json(body)
    assert isinstance(complaint, Complaint)
    assert complaint.text
    return complaint.code


def test_a_plain_document_is_read_without_a_remark() -> None:
    assert read('{"a": [1, 2.5, "暴雨", true, null]}'.encode()) == ({"a": [1, 2.5, "暴雨", True, None]}, [])


@pytest.mark.parametrize(
    ("encoding", "codes"),
    [
        ("utf-8-sig", ["byte-order-mark"]),
        ("utf-16", ["byte-order-mark"]),
        ("utf-16-le", []),
        ("utf-16-be", []),
        ("gbk", ["encoding"]),
        ("gb18030", ["encoding"]),
    ],
)
def test_encodings_are_told_apart(encoding: str, codes: list[str]) -> None:
    assert read('{"标题": "大风蓝色预警"}'.encode(encoding)) == ({"标题": "大风蓝色预警"}, codes)


@pytest.mark.parametrize(
    "wrapped",
    [
        'var alarminfo={"a":1};',
        'callback({"a":1});',
        'a.b.c( {"a":1} )',
        'let x = {"a":1}',
        ' \n f({"a":1})\n;;',
    ],
)
def test_a_script_around_the_data_is_taken_off(wrapped: str) -> None:
    assert begins_like_json(wrapped.encode())
    assert read(wrapped.encode()) == ({"a": 1}, ["jsonp"])


@pytest.mark.parametrize("body", [b"", b"  ", b"\xef\xbb\xbf", b"f();"])
def test_nothing_is_said_to_be_nothing(body: bytes) -> None:
    assert refused(body) == "empty"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"a": NaN}', "not-a-number"),
        (b'{"a": -Infinity}', "not-a-number"),
        (b'{"a": 1e999}', "not-a-number"),
        (b'{"a": 1', "not-well-formed"),
        (b'{"a": "\x01"}', "not-well-formed"),
        (b"[1,]", "not-well-formed"),
        (b'{"a": ' + b"1" * 5000 + b"}", "not-well-formed"),
        (b'\xff\xfe{"a"', "not-well-formed"),
        (b"[" * (MAX_DEPTH + 1), "too-deep"),
        (b"[" * 200_000 + b"]" * 200_000, "too-deep"),
        (b'{"a":' * 10_000, "too-deep"),
        (b"[" + b"1," * MAX_VALUES + b"1]", "too-many-values"),
        (b"[" + b" " * MAX_BYTES, "too-large"),
    ],
)
def test_what_is_refused(body: bytes, code: str) -> None:
    assert refused(body) == code


def test_the_deepest_that_is_read() -> None:
    value, codes = read(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert isinstance(value, list)
    assert codes == []


def test_brackets_and_commas_in_texts_are_no_structure() -> None:
    text = '[{,"' * 2000
    body = '{"a": "' + text.replace('"', '\\"') + '"}'
    assert read(body.encode()) == ({"a": text}, [])


def test_a_key_that_stands_twice_with_different_values_is_told() -> None:
    document = read_json(b'{"severity": "Red", "severity": "Blue", "a": 1, "a": 1}')
    assert isinstance(document, JsonDocument)
    assert document.value == {"severity": "Blue", "a": 1}
    assert [(remark.code, remark.field) for remark in document.remarks] == [("duplicate-key", "severity")]


def test_what_no_database_can_hold_is_left_out() -> None:
    value, codes = read(rb'{"a\u0000": ["x\u0000y\ud800z\b", "\ud83d\ude00\n\t"]}')
    assert value == {"a": ["xyz", "😀\n\t"]}
    assert codes == ["unprintable"]


@pytest.mark.parametrize(
    "body",
    [
        b'"' + b'\\"' * 5_000_000,
        b'["' * 1_000_000,
        b"{" + b'"a' * 2_000_000,
        b"a" * 10_000_000,
        b"var " * 100_000,
    ],
    ids=["escapes", "strings", "keys", "word", "vars"],
)
def test_no_damage_makes_the_scan_slow(body: bytes) -> None:
    begun = process_time()
    read_json(body)
    begins_like_json(body)
    assert process_time() - begun < 5


@pytest.mark.parametrize(
    "body", [b"[\xe6\x9a\xb4\xe9\x9b\xa8]", b"{x", b"\x00", b"<alert/>", "暴雨".encode()]
)
def test_what_does_not_begin_like_json(body: bytes) -> None:
    assert not begins_like_json(body)
