"""One spelling of a line, whatever way it came."""

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.ledger.canonical import LineFields, canonical, line_hash, moment

AT = datetime(2026, 7, 15, 16, 30, tzinfo=UTC)
ONE, TWO = UUID(int=1), UUID(int=2)
LINE = LineFields(ONE, AT, "call_out.answered", "settle", ONE, TWO, None, None, TWO, '{"how":"key"}', b"\xaa")

numbers = st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
scalars = st.none() | st.booleans() | numbers | st.text()
values = st.recursive(
    scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)


def test_keys_are_sorted_and_nothing_is_blank() -> None:
    assert canonical({"b": 1, "a": "龙港镇"}) == '{"a":"龙港镇","b":1}'


def test_ids_and_moments() -> None:
    local = AT.astimezone(timezone(timedelta(hours=8)))
    assert canonical({"id": ONE, "at": local}) == (
        '{"at":"2026-07-15T16:30:00.000000+00:00","id":"00000000-0000-0000-0000-000000000001"}'
    )


def test_a_moment_is_the_same_in_every_zone() -> None:
    assert moment(AT) == moment(AT.astimezone(timezone(timedelta(hours=8))))


def test_what_jsonb_would_change_is_made_plain() -> None:
    assert (
        canonical({"zero": "a\0b", "big": 1e16, "none": -0.0})
        == '{"big":10000000000000000,"none":0,"zero":"a�b"}'
    )
    assert canonical({"half": "\ud83d"}) == '{"half":"�"}'


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_json_has_infinities(value: float) -> None:
    with pytest.raises(ValueError):
        canonical({"value": value})


def test_no_object_slips_in() -> None:
    with pytest.raises(TypeError, match="set cannot be written"):
        canonical({"value": {1, 2}})


@given(st.dictionaries(st.text(), values))
def test_reading_gives_the_same_spelling(value: dict[str, object]) -> None:
    spelled = canonical(value)
    assert canonical(json.loads(spelled)) == spelled


@given(st.builds(
    LineFields,
    st.uuids(), st.datetimes(timezones=st.just(UTC)), st.text(), st.text(),
    st.none() | st.uuids(), st.none() | st.uuids(), st.none() | st.uuids(), st.none() | st.uuids(),
    st.none() | st.uuids(), st.just('{"a":1}'), st.none() | st.binary(min_size=32, max_size=32),
))  # fmt: skip
def test_the_hash_is_that_of_the_canonical_object(line: LineFields) -> None:
    """The hot path spells it by hand; the encoder must agree."""
    names = {name: value.hex if isinstance(value, UUID) else value for name, value in line._asdict().items()}
    names |= {"at": moment(line.at), "facts": json.loads(line.facts)}
    if line.particulars_digest is not None:
        names["particulars_digest"] = line.particulars_digest.hex()
    spelled = json.dumps(names, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if all(not "\ud800" <= sign <= "\udfff" for sign in spelled):
        assert line_hash(line) == sha256(spelled.encode()).digest()


@pytest.mark.parametrize("field", LineFields._fields)
def test_every_field_counts(field: str) -> None:
    changed: dict[str, object] = {
        "at": AT + timedelta(microseconds=1),
        "event": "call_out.declined",
        "actor": "somebody",
        "facts": "{}",
        "particulars_digest": b"\xab",
    }
    other = LINE._replace(**{field: changed.get(field, UUID(int=9))})
    assert line_hash(other) != line_hash(LINE)
