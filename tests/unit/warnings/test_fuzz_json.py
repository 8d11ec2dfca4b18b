"""Whatever arrives as JSON: no crash, no hang, and always an answer that can be told and stored."""

import json
import random
from time import process_time
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiaoying.warnings.content import content_digest
from jiaoying.warnings.formats.registry import JSON_READERS
from jiaoying.warnings.model import ParsedMessage, Verdict
from jiaoying.warnings.read import read_as_sent, read_messages, to_json
from unit.warnings import (
    test_cap_json,
    test_cn12379,
    test_local_feeds,
    test_nmc_and_cma,
    test_nws,
    test_qweather,
    test_weathercn_and_caiyun,
)
from unit.warnings.samples import NOW

# One of each format, as its own test has it.
SAMPLES: list[Any] = [
    test_cap_json.ALERT,
    {"warnings": [test_cap_json.WARNING]},
    [test_cn12379.ROW],
    test_nws.feature({"type": "Polygon", "coordinates": [test_nws.RING]}),
    {"type": "FeatureCollection", "features": [test_nws.feature()], "title": "t"},
    test_nmc_and_cma.nmc(test_nmc_and_cma.ROW, provinces=[test_nmc_and_cma.ROW]),
    [test_nmc_and_cma.STATION],
    {"data": [test_nmc_and_cma.ON_MAP]},
    test_qweather.v7(),
    test_qweather.v1(),
    {"result": {"count": "1", "data": [test_weathercn_and_caiyun.ROW]}},
    test_weathercn_and_caiyun.DETAIL,
    test_weathercn_and_caiyun.ANSWER,
    [test_local_feeds.WARNING],
    test_local_feeds.page(subAlarm=[test_local_feeds.ALARM], xgAlarm=[{"type": "TC1", "desc": "x"}]),
    {"swt": [{"desc": "一。", "updateTime": "2026-07-15T16:30:00+08:00"}]},
    test_local_feeds.macau(),
    {"returnCode": 0, "cdata": [{"wid": "51150041600000_20260715163000", "title": "x", "p1": "y"}]},
]
_NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
ODD: list[Any] = [None, "", " ", "null", 0, -1, 1e308, 2**70, True, [], {}, [[]], [None], {"a": {}},
                  "x" * 3000, "2026-13-45 99:99", "0000-00-00", "１２", "\x00\ud800", "解除发布" * 200,
                  ["a", {"b": 1}]]  # fmt: skip


def check(parsed: list[ParsedMessage]) -> None:
    """What must hold of any answer."""
    assert parsed
    for index, one in enumerate(parsed):
        assert one.index == index
        assert (one.message is None) or one.verdict is not Verdict.REJECT
        assert one.message is not None or one.complaints or one.not_actionable
        told = json.dumps(to_json(one, "x"), ensure_ascii=False, allow_nan=False)
        told.encode()  # no half of a surrogate pair
        assert "\\u0000" not in told
        if one.message is not None:
            assert one.message.identifier
            assert one.message.sender
            content_digest(one.message)


def places(value: Any) -> list[tuple[Any, Any]]:
    """Each container with each of its keys, all the way down."""
    items: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        items = list(cast("dict[Any, Any]", value).items())
    elif isinstance(value, list):
        items = list(enumerate(cast("list[Any]", value)))
    found = [(cast("Any", value), key) for key, _ in items]
    for _, inner in items:
        found += places(inner)
    return found


@pytest.mark.parametrize("sample", SAMPLES)
def test_each_sample_is_read_by_its_own_format(sample: Any) -> None:
    parsed = read_messages(json.dumps(sample).encode(), NOW)
    check(parsed)
    assert parsed[0].format != "unknown"


@pytest.mark.parametrize("sample", SAMPLES)
def test_every_field_may_be_missing_or_anything(sample: Any) -> None:
    """Each place of each sample in turn: left out, and replaced by each odd value.

    As sent: what it means is asked in the tests below, which draw their changes.
    """
    for at in range(len(places(sample))):
        for odd in [*ODD, ...]:
            copy = json.loads(json.dumps(sample))
            container, key = places(copy)[at]
            if odd is ...:
                del container[key]
            else:
                container[key] = odd
            check(read_as_sent(json.dumps(copy).encode(), NOW))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(SAMPLES), st.randoms(use_true_random=False), st.lists(JSON, min_size=1, max_size=5))
def test_several_changes_at_once(sample: Any, dice: random.Random, values: list[Any]) -> None:
    copy = json.loads(json.dumps(sample))
    for value in values:
        container, key = dice.choice(places(copy) or [({"a": 1}, "a")])
        container[key] = value
    check(read_messages(json.dumps(copy).encode(), NOW))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.sampled_from(SAMPLES), st.integers(0, 5000), st.integers(0, 40), st.binary(max_size=30))
def test_damaged_bytes(sample: Any, at: int, cut: int, put: bytes) -> None:
    body = json.dumps(sample, ensure_ascii=False).encode()
    at %= len(body)
    check(read_messages(body[:at] + put + body[at + cut :], NOW))


@settings(deadline=None)
@given(JSON)
def test_any_json_at_all(value: Any) -> None:
    check(read_messages(json.dumps(value).encode(), NOW))


NONE: dict[str, Any] = {}
LONG = "发布解除红色升级为 2026年 " * 60_000


TOO_LONG: list[Any] = [
    test_nmc_and_cma.nmc({**test_nmc_and_cma.ROW, "title": LONG, "pic": LONG, "issuetime": LONG}),
    test_qweather.v7(title=LONG, text=LONG, related="1," * 500_000),
    {**test_cap_json.ALERT, "references": "a,b,2026-07-15T15:30:00+08:00 " * 30_000},
    {**test_cap_json.ALERT, "info": {**test_cap_json.INFO, "area": {"polygon": ["1,1 " * 250_000] * 8}}},
    {**test_cap_json.ALERT, "info": [test_cap_json.INFO] * 5_000},
    test_nws.feature({"type": "Polygon", "coordinates": [[[1.5, 2.5]] * 400_000]}),
    test_nws.feature(parameters={"x": ["y"] * 500_000}),
    [{**test_cn12379.ROW, "referencesInfo": "1,," * 500_000, "headline": LONG}],
    test_local_feeds.page(subAlarm=[{**test_local_feeds.ALARM, "str": LONG}]),
    test_local_feeds.macau(Description=LONG),
    {"swt": [{"desc": LONG}] * 10},
    {"swt": [NONE] * 300_000},
]


@pytest.mark.parametrize(
    "value",
    TOO_LONG,
    ids=["title", "related", "references", "polygons", "infos", "ring", "parameters", "codes", "text",
         "macau", "tips", "rows"],
)  # fmt: skip
def test_nothing_long_holds_us_up(value: Any) -> None:
    body = json.dumps(value, ensure_ascii=False).encode()
    begun = process_time()
    parsed = read_messages(body, NOW)
    assert process_time() - begun < 10
    assert parsed


def test_every_format_that_is_read_has_a_name_and_a_sample() -> None:
    named = {name for reader in JSON_READERS for name in reader.formats}
    read = {read_messages(json.dumps(sample).encode(), NOW)[0].format for sample in SAMPLES}
    assert read == named
