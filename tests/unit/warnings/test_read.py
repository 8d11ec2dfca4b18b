"""The door of all formats, and the JSON of `warnings parse`."""

import json
from datetime import timedelta
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiaoying.warnings.model import Verdict
from jiaoying.warnings.read import media_type_of, read_messages, to_json
from unit.warnings.samples import NOW, SENDER, alert, area, codes, geocode, info, pair, read

SQUARE = "35.1,112.1 35.1,112.2 35.2,112.2 35.2,112.1"


@pytest.mark.parametrize("body", [b"", b"  ", b"\x00", b"\xff\xfe"])
def test_an_empty_body_says_so(body: bytes) -> None:
    parsed = read(body)
    assert (parsed.format, parsed.verdict, codes(parsed)) == (
        "unknown",
        Verdict.REJECT,
        [("empty", "document")],
    )


@pytest.mark.parametrize("body", [b"{}", "暴雨红色预警".encode()])
def test_an_unknown_format_is_one_rejected_message(body: bytes) -> None:
    parsed = read(body)
    assert (parsed.format, parsed.verdict) == ("unknown", Verdict.REJECT)
    assert codes(parsed) == [("unknown-format", "document")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_cap_is_known_by_its_content(encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>'
    parsed = read((declared + alert().decode()).encode(encoding))
    assert parsed.format == "cap-1.2"
    assert parsed.issued_warnings[0].event == "暴雨"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"\xef\xbb\xbf <alert/>", "application/xml"),
        (b" {}", "application/json"),
        (b"[]", "application/json"),
        (b"PK\x03\x04", "application/zip"),
        ("暴雨".encode(), "text/plain"),
        (b"", "text/plain"),
    ],
)
def test_what_comes_without_a_media_type_is_given_one(body: bytes, media_type: str) -> None:
    assert media_type_of(body) == media_type


def test_what_interpretation_finds_odd_shows_in_the_verdict() -> None:
    parsed = read(alert(info(severity="Minor")))
    assert parsed.verdict is Verdict.ACCEPT_WITH_WARNINGS
    assert codes(parsed) == [("colour-differs", "info/severity")]


def test_the_object_of_an_accepted_message() -> None:
    block = info(
        area(f"<polygon>{SQUARE}</polygon><circle>35.6,112.1 5</circle>", geocode("140521", "code")),
        extra=pair("eventCode", "GB", "11B03") + pair("parameter", "p", ""),
        responseType="Prepare",
    )
    body = alert(
        block, references=f"{SENDER},before,2026-07-15T15:30:00+08:00", msgType="Update", note=" 记 "
    )
    told = to_json(read(body), "a.xml")
    ring = [[35.1, 112.1], [35.1, 112.2], [35.2, 112.2], [35.2, 112.1], [35.1, 112.1]]
    assert {key: told[key] for key in ("file", "index", "format", "verdict", "not_actionable")} == {
        "file": "a.xml",
        "index": 0,
        "format": "cap-1.2",
        "verdict": "accept-with-warnings",
        "not_actionable": None,
    }
    assert told["message"] == {
        "identifier": "14052141600000_20260715163000",
        "sender": SENDER,
        "sent": "2026-07-15T08:30:00Z",
        "status": "Actual",
        "msgType": "Update",
        "scope": "Public",
        "source": None,
        "restriction": None,
        "addresses": [],
        "code": [],
        "note": "记",
        "references": [{"sender": SENDER, "identifier": "before", "sent": "2026-07-15T07:30:00Z"}],
        "incidents": [],
        "infos": [
            {
                "language": "zh-CN",
                "category": ["Met"],
                "event": "暴雨",
                "responseType": ["Prepare"],
                "urgency": "Unknown",
                "severity": "Moderate",
                "certainty": "Unknown",
                "audience": None,
                "eventCode": [{"valueName": "GB", "value": "11B03"}],
                "effective": "2026-07-15T08:30:00Z",
                "onset": None,
                "expires": "2026-07-15T14:30:00Z",
                "senderName": "沁水县气象台",
                "headline": "沁水县气象台发布暴雨黄色预警[Ⅲ级/较重]",
                "description": "预计未来6小时我县大部分乡镇降雨量将达50毫米以上。",
                "instruction": None,
                "web": None,
                "contact": None,
                "parameter": [{"valueName": "p", "value": None}],
                "areas": [
                    {
                        "areaDesc": "沁水县",
                        "polygons": [ring],
                        "circles": [{"lat": 35.6, "lon": 112.1, "radius_km": 5.0}],
                        "geocodes": [{"valueName": "code", "value": "140521"}],
                        "altitude": None,
                        "ceiling": None,
                    }
                ],
            }
        ],
    }
    assert told["issued_warnings"] == [
        {
            "hazard": "rain",
            "event_code": "11B03",
            "colour": "yellow",
            "area_codes": ["140521000000"],
            "polygons": [ring],
            "valid_from": "2026-07-15T08:30:00Z",
            "valid_to": "2026-07-15T14:30:00Z",
            "kind": "update",
            "exercise": False,
            "headline": "沁水县气象台发布暴雨黄色预警[Ⅲ级/较重]",
            "text": "预计未来6小时我县大部分乡镇降雨量将达50毫米以上。",
        }
    ]
    assert [set(complaint) for complaint in json.loads(json.dumps(told["complaints"]))] == [
        {"code", "field", "text"}
    ] * 3  # the element order, the open polygon and the empty value


def test_the_object_of_a_rejected_message() -> None:
    told = to_json(read(alert(status=None)), "b.xml")
    assert (told["verdict"], told["message"], told["issued_warnings"]) == ("reject", None, [])


def test_what_calls_nobody_has_no_issued_warnings() -> None:
    told = to_json(read(alert(status="Test")), "c.xml")
    assert (told["verdict"], told["issued_warnings"]) == ("accept", [])
    assert told["not_actionable"]


def test_now_bounds_the_future() -> None:
    [early] = read_messages(alert(), NOW - timedelta(days=2))
    assert early.verdict is Verdict.REJECT


@given(st.binary())
def test_no_bytes_raise(body: bytes) -> None:
    for parsed in read_messages(body, NOW):
        json.dumps(to_json(parsed, "x"), ensure_ascii=False)


SAMPLE = alert(
    info(area(f"<polygon>{SQUARE}</polygon><circle>35.6,112.1 5</circle>", geocode("140521"))),
    references="a,b,2026-07-15T15:30:00+08:00",
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, len(SAMPLE)), st.integers(0, 40), st.binary(max_size=40))
def test_no_damage_to_a_message_raises(at: int, cut: int, put: bytes) -> None:
    for parsed in read_messages(SAMPLE[:at] + put + SAMPLE[at + cut :], NOW):
        assert (parsed.message is None) == (parsed.verdict is Verdict.REJECT)
        json.dumps(to_json(parsed, "x"), ensure_ascii=False)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&"), max_size=60)


@given(
    st.dictionaries(st.sampled_from(["event", "headline", "severity", "expires", "language"]), TEXTS), TEXTS
)
def test_no_words_in_a_message_raise(fields: dict[str, str], value: str) -> None:
    body = alert(info(area(geocode(value, value), description=value), **fields), references=value, note=value)
    for parsed in read_messages(body, NOW):
        json.dumps(to_json(parsed, "x"), ensure_ascii=False)


@pytest.mark.parametrize(
    "body",
    [
        alert(info(headline="red a b " * 500_000, event="解除" * 500_000)),
        alert(info(headline="解除" * 500_000 + "发", event="level " * 500_000)),
        alert(info(area(geocode("140521," * 500_000))), incidents="ab " * 500_000),
        alert(references="a,1,2026-07-15T16:00:00+08:00 " * 100_000),
        alert(*[info()] * 500),
    ],
    ids=["colours", "lifted", "codes", "references", "infos"],
)
def test_no_long_text_holds_us_up(body: bytes) -> None:
    begun = process_time()
    json.dumps(to_json(read(body), "x"))
    assert process_time() - begun < 5


def test_a_list_that_is_too_long_is_read_from_its_beginning() -> None:
    parsed = read(alert(incidents="ab " * 50_000))
    assert codes(parsed) == [("too-long", "incidents")]
    assert parsed.message is not None
    assert 0 < len(parsed.message.incidents) < 50_000
