"""The national platform's own XML, its list as JSON, and the acknowledgement."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from jiaoying.warnings.formats.cn12379_receipt import build_receipt, receipt_name
from jiaoying.warnings.model import Circle, Message, Reference, Verdict
from jiaoying.warnings.read import read_messages, to_json
from unit.warnings.samples import NOW, alert, codes, feed, message_in, only, read

IDENTIFIER = "14052141600000_20260715163012"
ELEMENTS = {
    "identifier": IDENTIFIER,
    "sender": "沁水县气象局",
    "senderCode": "14052141600000",
    "sendTime": "2026-07-15 16:30:00+08:00",
    "status": "Actual",
    "msgType": "Alert",
    "scope": "Public",
    "code": "<method><methodName>SMS</methodName><message>请注意防范。</message>"
    "<audienceGrp>a,</audienceGrp><audenceprt>,</audenceprt></method>",
    "secClassification": "None",
    "note": "",
    "references": "",
}
INFO = {
    "language": "zh-CN",
    "eventType": "11B03",
    "urgency": "Unknown",
    "severity": "Yellow",
    "certainty": "Unknown",
    "effective": "2026-07-15 16:31:00+08:00",
    "onset": "",
    "expires": "",
    "senderName": "沁水县气象局",
    "headline": "沁水县气象局发布暴雨黄色预警[III级/较重]",
    "description": "预计未来6小时我县降雨量将达50毫米以上。",
    "instruction": "",
    "area": "<areaDesc>沁水县</areaDesc><polygon/><circle/><geocode>140521000000</geocode>",
}


def native(**changes: str | None) -> bytes:
    """A message that is right but for `changes`; None leaves an element out."""
    alert = {**ELEMENTS, **{name: value for name, value in changes.items() if name not in INFO}}
    info = {**INFO, **{name: value for name, value in changes.items() if name in INFO}}
    return f"<alert>{_xml(alert)}<info>{_xml(info)}</info></alert>".encode()


def _xml(fields: dict[str, str | None]) -> str:
    return "".join(f"<{name}>{value}</{name}>" for name, value in fields.items() if value is not None)


def noticed(**changes: str | None) -> tuple[Message, set[str]]:
    parsed = read(native(**changes))
    assert parsed.message is not None, parsed.complaints
    return parsed.message, {complaint.code for complaint in parsed.complaints}


def test_a_message_becomes_one_in_the_words_of_cap() -> None:
    parsed = read(native())
    assert (parsed.format, parsed.verdict) == ("cn-12379", Verdict.ACCEPT_WITH_WARNINGS)
    assert codes(parsed) == [("no-expires", "expires")]
    message = message_in(native())
    assert (message.identifier, message.sender, message.sent) == (IDENTIFIER, "沁水县气象局", NOW)
    assert (message.msg_type, message.scope, message.code) == ("Alert", "Public", ("SMS",))
    [info] = message.infos
    assert (info.event, info.severity, info.event_code) == ("暴雨", "Moderate", (("eventType", "11B03"),))
    assert info.parameter == (("colour", "yellow"), ("message SMS", "请注意防范。"))
    assert info.effective == datetime(2026, 7, 15, 8, 31, tzinfo=UTC)
    [issued] = parsed.issued_warnings
    assert (issued.colour, issued.event_code, issued.area_codes) == ("yellow", "11B03", ("140521000000",))


@pytest.mark.parametrize("colour", ["Red", "RED", "红色", "Orange", "Yellow", "Blue"])
def test_colours_stand_as_severity(colour: str) -> None:
    message, _ = noticed(severity=colour)
    expected = {"R": "Extreme", "红": "Extreme", "O": "Severe", "Y": "Moderate", "B": "Minor"}
    assert message.infos[0].severity == expected[colour[0]]


def test_an_unknown_severity_is_taken_from_the_headline_else_unknown() -> None:
    message, noted = noticed(severity="Unknown")
    assert message.infos[0].severity == "Moderate"
    message, noted = noticed(severity="Purple", headline="沁水县气象局发布暴雨预警")
    assert message.infos[0].severity == "Unknown"
    assert "unknown-value" in noted


@pytest.mark.parametrize(
    ("written", "meant"), [("Cancle", "Cancel"), ("cancel", "Cancel"), ("Updata", "Update")]
)
def test_a_misspelt_type_is_understood(written: str, meant: str) -> None:
    message, noted = noticed(msgType=written, references="14052141600000_20260715100000")
    assert message.msg_type == meant
    assert ("misspelt" in noted) == (written.casefold() != meant.casefold())


def test_references_are_identifiers_of_the_same_unit() -> None:
    message, _ = noticed(
        msgType="Update", references=" 14052141600000_20260715100000, 14000041600000_20260715090000,"
    )
    assert message.references == (
        Reference("沁水县气象局", "14052141600000_20260715100000", None),
        Reference("", "14000041600000_20260715090000", None),
    )


def test_a_reference_to_itself_has_no_effect() -> None:
    message, noted = noticed(msgType="Update", references=IDENTIFIER)
    assert message.references == ()
    assert "self-reference" in noted


def test_lists_of_codes_are_tidied() -> None:
    area = "<areaDesc>沁水县,沁水县</areaDesc><geocode>,140521000000,140521000000,140521100000, ,</geocode>"
    message, noted = noticed(area=area)
    assert message.infos[0].areas[0].geocodes == (("geocode", "140521000000"), ("geocode", "140521100000"))
    assert message.infos[0].areas[0].description == "沁水县,沁水县"
    assert "untidy-list" in noted


def test_the_person_who_signed_is_not_shown_as_the_office() -> None:
    message, noted = noticed(senderName="王某某")
    assert message.infos[0].sender_name == "沁水县气象局"
    assert "person-as-sender" in noted


def test_a_circle_has_its_radius_in_metres_and_lines_may_be_lon_lat() -> None:
    area = (
        "<areaDesc>x</areaDesc><circle>35.6,112.1 2500</circle>"
        "<polygon>112.1,35.1 112.2,35.1 112.2,35.2 112.1,35.1</polygon>"
        "<polygon>80.1,35.1 80.2,35.1 80.2,35.2 80.1,35.1</polygon>"
    )
    message, noted = noticed(area=area)
    [place] = message.infos[0].areas
    assert place.circles == (Circle(35.6, 112.1, 2.5),)
    assert [polygon[0] for polygon in place.polygons] == [(35.1, 112.1), (35.1, 80.1)]
    assert {"radius-in-metres", "swapped-axes"} <= noted


def test_what_is_missing_is_taken_from_what_is_there() -> None:
    message, noted = noticed(
        sender=None, sendTime=None, effective=None, scope=None, area=None, eventType=None
    )
    assert message.sender == "14052141600000"
    assert message.sent == datetime(2026, 7, 15, 8, 30, 12, tzinfo=UTC)
    assert (message.scope, message.infos[0].event) == ("Public", "暴雨")
    assert message.infos[0].areas[0].geocodes == (("adcode", "140521"),)
    assert {"missing", "sent-from-identifier", "area-of-issuer"} <= noted


def test_what_must_not_be_published_says_so() -> None:
    message, _ = noticed(secClassification="Inner")
    assert message.restriction == "Inner"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"identifier": None}, "identifier"),
        ({"status": "Draught"}, "status"),
        ({"msgType": "Whatever"}, "msgType"),
        ({"identifier": "x", "sendTime": None, "effective": None}, "sent"),
    ],
)
def test_what_cannot_be_assumed_is_refused(changes: dict[str, str | None], field: str) -> None:
    parsed = read(native(**changes))
    assert (parsed.format, parsed.verdict) == ("cn-12379", Verdict.REJECT)
    assert field in [where for code, where in codes(parsed) if code == "missing"]


def test_a_test_calls_nobody() -> None:
    assert read(native(status="Test")).not_actionable


def test_an_alert_without_a_namespace_and_without_own_elements_stays_with_cap() -> None:
    parsed = read(b"<alert><identifier>x</identifier></alert>")
    assert [code for code, _ in codes(parsed)] == ["no-namespace"]


def test_a_namespace_makes_it_cap_whatever_foreign_elements_it_has() -> None:
    assert read(alert(extra="<sendTime>2026-07-15 16:30:00+08:00</sendTime>")).format == "cap-1.2"


# --- the list as JSON ---

ROW = {
    "identifier": IDENTIFIER,
    "sender": "沁水县气象局",
    "headline": "沁水县气象局发布暴雨黄色预警[III级/较重]",
    "description": "请注意防范。",
    "eventTypeCN": "暴雨事件",
    "severity": "YELLOW",
    "msgType": "Alert",
    "effective": "2026-07-15 16:30:00",
    "expires": "",
    "referencesInfo": "",
}


def test_the_list_of_the_platform_is_read_alike() -> None:
    message, noted = only([ROW])
    assert (message.sent, message.infos[0].event, message.infos[0].severity) == (NOW, "暴雨", "Moderate")
    assert message.infos[0].areas[0].geocodes == (("adcode", "140521"),)
    assert {"assumed-zone", "area-of-issuer", "no-expires"} <= set(noted)
    [first, second] = feed(
        [ROW, {**ROW, "msgType": "Cancle", "referencesInfo": "14052141600000_20260715100000"}]
    )
    assert (first.format, second.index) == ("cn-12379-json", 1)
    assert second.message is not None
    assert (second.message.msg_type, len(second.message.references)) == ("Cancel", 1)


# --- the acknowledgement ---


def test_an_acknowledgement_says_ok_or_why_not() -> None:
    assert (
        receipt_name(f"{IDENTIFIER}_11B03_YELLOW_ALERT.xml") == f"{IDENTIFIER}_11B03_YELLOW_ALERT_AI-1_0.xml"
    )
    assert receipt_name("in/a.zip") == "a_AI-1_0.xml"
    ok, refused = (
        etree.fromstring(build_receipt()),
        etree.fromstring(build_receipt(error_code="no-namespace", note="坏\x00了")),
    )
    assert ok.findtext("data/rows/status") == "0"
    assert not ok.findtext("data/rows/error_code")
    assert [refused.findtext(f"data/rows/{name}") for name in ("status", "error_code", "note")] == [
        "1",
        "no-namespace",
        "坏了",
    ]


# --- whatever arrives ---


@settings(deadline=None)
@given(st.integers(0, 3000), st.integers(0, 40), st.binary(max_size=30))
def test_no_damage_raises(at: int, cut: int, put: bytes) -> None:
    body = native(area="<geocode>1,2,</geocode><polygon>1,2 3,4 5,6</polygon><circle>1,2 3</circle>")
    at %= len(body)
    for parsed in read_messages(body[:at] + put + body[at + cut :], NOW):
        assert parsed.message is not None or parsed.verdict is Verdict.REJECT
        json.dumps(to_json(parsed, "x"), ensure_ascii=False)


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&"), max_size=60)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from([*ELEMENTS, *INFO]), TEXTS))
def test_no_words_raise(fields: dict[str, str]) -> None:
    for parsed in read_messages(native(**fields), NOW):
        json.dumps(to_json(parsed, "x"), ensure_ascii=False)
