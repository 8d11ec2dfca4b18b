"""weather.com.cn by position and as JSONP, and Caiyun: the two that write `TTLL`."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from jiaoying.warnings.formats.caiyun import national_code
from jiaoying.warnings.model import Reference, Verdict
from jiaoying.warnings.read import read_messages
from unit.warnings.samples import NOW, feed, only

IDENTIFIER = "14052141600000_20260715163000"
RING = [[112.1, 35.1], [112.2, 35.1], [112.2, 35.2], [112.1, 35.1]]
ROW: list[Any] = [
    "山西省晋城市沁水县",
    "101100701-20260715163000-0902.html",
    "112.18",
    "35.68",
    IDENTIFIER,
    IDENTIFIER,
    "山西省晋城市沁水县发布雷电黄色预警信号",
    {"coordinates": [RING]},
]
DETAIL: dict[str, Any] = {
    "head": "山西省晋城市沁水县发布雷电黄色预警信号",
    "ALERTID": "202607151630001雷电黄色",
    "PROVINCE": "山西省",
    "CITY": "晋城市",
    "STATIONNAME": "沁水县",
    "SIGNALTYPE": "雷电",
    "SIGNALLEVEL": "黄色",
    "TYPECODE": "09",
    "LEVELCODE": "02",
    "ISSUETIME": "2026-07-15 16:30:00",
    "ISSUECONTENT": "沁水县气象台发布雷电黄色预警信号：请注意防范。",
    "RELIEVETIME": "2026-07-16 04:30:00",
    "NAMEEN": "qinshui",
    "msgType": "Alert",
    "identifier": IDENTIFIER,
    "references": IDENTIFIER,
}


def test_a_row_by_position_becomes_a_message() -> None:
    message, codes = only({"status": "success", "result": {"count": "1", "data": [ROW]}})
    assert (message.identifier, message.sent, message.msg_type) == (IDENTIFIER, NOW, "Alert")
    [info] = message.infos
    assert (info.event, info.severity) == ("雷电", "Moderate")
    assert info.event_code == (("weather.com.cn", "0902"), ("eventType", "11B14"))
    [area] = info.areas
    assert area.polygons == (tuple((lat, lon) for lon, lat in RING),)
    assert (area.description, area.geocodes) == ("山西省晋城市沁水县", (("adcode", "140521"),))
    assert "self-reference" in codes


def test_a_row_that_refers_to_another_is_an_update() -> None:
    earlier = "14052141600000_20260715100000"
    message, codes = only([[*ROW[:5], earlier, *ROW[6:]]])
    assert (message.msg_type, message.references) == ("Update", (Reference("14052141600000", earlier, None),))
    assert "self-reference" not in codes


@pytest.mark.parametrize(
    "value", [ROW, [ROW], {"count": "1", "data": [ROW]}, {"count": "1", "data": [ROW[:7]]}]
)
def test_each_form_of_the_list_is_read(value: object) -> None:
    message, _ = only(value)
    assert message.identifier == IDENTIFIER
    assert feed(value)[0].format == "weathercn"


def test_an_old_row_has_its_file_only() -> None:
    body = 'var alarminfo={"count":"1","data":[["辽宁省盘锦市","1010713-20260715163000-1302.html"]]};'
    [parsed] = read_messages(body.encode(), NOW)
    assert parsed.message is not None
    assert (parsed.message.identifier, parsed.message.sender) == (
        "1010713-20260715163000-1302",
        "weather.com.cn",
    )
    [info] = parsed.message.infos
    assert (info.event, info.severity, info.event_code[1]) == ("霾", "Moderate", ("eventType", "11B19"))


def test_an_empty_list_is_accepted() -> None:
    [parsed] = read_messages(b'var alarminfo={"count":"0","data":[]};', NOW)
    assert (parsed.format, parsed.verdict is Verdict.REJECT, parsed.message) == ("weathercn", False, None)


def test_the_page_of_a_warning_as_jsonp() -> None:
    [parsed] = read_messages(f"var alarminfo={json.dumps(DETAIL, ensure_ascii=False)};".encode(), NOW)
    assert parsed.message is not None
    assert {complaint.code for complaint in parsed.complaints} >= {"jsonp", "self-reference", "assumed-zone"}
    message = parsed.message
    assert (message.identifier, message.references, message.msg_type) == (IDENTIFIER, (), "Alert")
    [info] = message.infos
    assert (info.description, info.event) == (DETAIL["ISSUECONTENT"], "雷电")
    assert info.expires == datetime(2026, 7, 15, 20, 30, tzinfo=UTC)
    assert info.areas[0].description == "山西省晋城市沁水县"


def test_the_page_without_an_identifier_has_its_own() -> None:
    message, _ = only({**DETAIL, "identifier": "", "references": "", "SIGNALLEVEL": "", "head": ""})
    assert (message.identifier, message.sender) == (DETAIL["ALERTID"], "weather.com.cn")
    assert message.infos[0].severity == "Moderate"  # of LEVELCODE


# --- Caiyun ---

CAIYUN: dict[str, Any] = {
    "province": "山西省",
    "status": "预警中",
    "code": "0201",
    "description": "沁水县气象台发布暴雨蓝色预警，请注意防范。",
    "regionId": "",
    "county": "沁水县",
    "pubtimestamp": 1784104200,
    "latlon": [35.68, 112.18],
    "city": "晋城市",
    "alertId": IDENTIFIER,
    "title": "沁水县气象台发布暴雨蓝色预警[IV/一般]",
    "adcode": "140521",
    "source": "国家预警信息发布中心",
    "location": "山西省晋城市沁水县",
}
ANSWER = {
    "status": "ok",
    "result": {"alert": {"status": "ok", "content": [CAIYUN], "adcodes": []}, "primary": 0},
}


@pytest.mark.parametrize("value", [[CAIYUN], ANSWER, ANSWER["result"], {"status": "ok", "content": [CAIYUN]}])
def test_each_form_of_caiyun_is_read(value: object) -> None:
    message, codes = only(value)
    assert (message.identifier, message.sender, message.sent) == (IDENTIFIER, "14052141600000", NOW)
    [info] = message.infos
    assert (info.event, info.severity, message.source) == ("暴雨", "Minor", "国家预警信息发布中心")
    assert info.event_code == (("Caiyun", "0201"), ("eventType", "11B03"))
    assert info.areas[0].geocodes == (("adcode", "140521"),)
    assert info.areas[0].circles == ()  # latlon is the place that was asked for
    assert codes == ["no-expires"]
    assert feed(value)[0].format == "caiyun"


def test_the_code_tells_what_the_title_does_not() -> None:
    message, _ = only([{**CAIYUN, "title": "", "code": "0904"}])
    assert (message.infos[0].event, message.infos[0].severity) == ("雷电", "Extreme")


def test_a_lifted_warning_is_a_cancel() -> None:
    message, _ = only([{**CAIYUN, "status": "已解除", "title": "沁水县气象台暴雨蓝色预警"}])
    assert message.msg_type == "Cancel"


def test_without_an_adcode_the_identifier_tells_the_area() -> None:
    message, codes = only([{**CAIYUN, "adcode": ""}])
    assert message.infos[0].areas[0].geocodes == (("adcode", "140521"),)
    assert "area-of-issuer" in codes


@pytest.mark.parametrize("stamp", [None, "", "soon", -1, 1e300, True])
def test_without_a_time_the_identifier_tells_it(stamp: object) -> None:
    message, codes = only([{**CAIYUN, "pubtimestamp": stamp}])
    assert message.sent == NOW
    assert "sent-from-identifier" in codes


@pytest.mark.parametrize(
    ("code", "national"),
    [
        ("156110214", "11B14"),
        ("156110151", "11A51"),
        ("0902", "11B14"),
        ("1804", None),
        ("156119914", None),
        ("", None),
    ],
)
def test_both_forms_of_the_code_mean_national_codes(code: str, national: str | None) -> None:
    assert national_code(code) == national


def test_no_warning_is_accepted() -> None:
    [parsed] = feed({"status": "ok", "result": {"alert": {"status": "ok", "content": []}}})
    assert (parsed.format, parsed.verdict, parsed.message) == ("caiyun", Verdict.ACCEPT, None)
