"""The lists of the National Meteorological Centre and of weather.cma.cn."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jiaoying.warnings.model import Verdict
from unit.warnings.samples import NOW, feed, only

ROW: dict[str, Any] = {
    "alertid": "14052141600000_20260715163012",
    "issuetime": "2026/07/15 16:30",
    "title": "山西省晋城市沁水县气象台发布雷雨大风黄色预警信号",
    "url": "/publish/alarm/14052141600000_20260715163012.html",
    "pic": "https://image.nmc.cn/assets/img/alarm/p0015003.png",
}


def nmc(*rows: object, provinces: object = (), pages: int = 1) -> dict[str, Any]:
    page = {"pageNo": 1, "totalPage": pages, "list": list(rows)}
    return {"msg": "success", "code": 0, "data": {"page": page, "provinceAlarms": provinces}}


def test_a_row_becomes_a_message() -> None:
    message, codes = only(nmc(ROW))
    assert (message.identifier, message.sender, message.sent) == (ROW["alertid"], "14052141600000", NOW)
    [info] = message.infos
    assert (info.event, info.severity, info.parameter) == ("雷雨大风", "Moderate", (("colour", "yellow"),))
    assert info.event_code == (("NMC", "p0015"), ("eventType", "11B20"))
    assert info.sender_name == "山西省晋城市沁水县气象台"
    assert info.areas[0].geocodes == (("adcode", "140521"),)
    assert set(codes) == {"area-of-issuer", "assumed-zone", "no-expires"}
    [parsed] = feed(nmc(ROW))
    [issued] = parsed.issued_warnings
    assert (parsed.format, issued.area_codes, issued.colour) == ("nmc", ("140521000000",), "yellow")


@pytest.mark.parametrize(
    ("title", "event", "severity", "msg_type"),
    [
        ("沁水县气象台将暴雨蓝色预警升级为暴雨橙色预警信号", "暴雨", "Severe", "Update"),
        ("沁水县气象台将大风橙色预警信号降级为黄色", "大风", "Moderate", "Update"),
        ("沁水县气象台继续发布高温红色预警信号", "高温", "Extreme", "Update"),
        ("沁水县气象台变更发布道路结冰黄色预警", "道路结冰", "Moderate", "Update"),
        ("沁水县气象台解除雷电黄色预警信号", "雷电", "Moderate", "Cancel"),
        (
            "沁水县自然资源局和沁水县气象台联合发布地质灾害气象风险黄色预警",
            "地质灾害气象风险",
            "Moderate",
            "Alert",
        ),
    ],
)
def test_the_title_tells_what_no_field_does(title: str, event: str, severity: str, msg_type: str) -> None:
    message, _ = only(nmc({**ROW, "title": title}))
    [info] = message.infos
    assert (info.event, info.severity, message.msg_type) == (event, severity, msg_type)


def test_the_icon_tells_what_the_title_does_not() -> None:
    message, _ = only(nmc({**ROW, "title": "沁水县气象台预警", "pic": "http://x/p0024004.png"}))
    [info] = message.infos
    assert (info.event, info.severity) == ("山洪灾害", "Minor")
    assert info.event_code == (("NMC", "p0024"), ("eventType", "11A51"))


def test_without_title_colour_and_icon_nothing_is_made_up() -> None:
    message, _ = only(nmc({**ROW, "title": "沁水县气象台提示", "pic": ""}))
    [info] = message.infos
    assert (info.event, info.severity, info.parameter, info.event_code) == (None, "Unknown", (), ())


def test_a_provincial_warning_in_both_lists_is_one() -> None:
    other = {**ROW, "alertid": "14000041600000_20260715100000"}
    parsed = feed(nmc(ROW, provinces=[ROW, other]))
    assert [one.message.identifier for one in parsed if one.message] == [ROW["alertid"], other["alertid"]]


def test_a_list_of_several_pages_says_so() -> None:
    _, codes = only(nmc(ROW, pages=3))
    assert "more-pages" in codes


@pytest.mark.parametrize("provinces", [None, []])
def test_an_empty_list_is_accepted(provinces: object) -> None:
    [parsed] = feed(nmc(provinces=provinces))
    assert (parsed.format, parsed.verdict, parsed.message) == ("nmc", Verdict.ACCEPT, None)


def test_without_a_time_the_identifier_tells_it_else_it_is_refused() -> None:
    message, codes = only(nmc({**ROW, "issuetime": ""}))
    assert message.sent == datetime(2026, 7, 15, 8, 30, 12, tzinfo=UTC)
    assert "sent-from-identifier" in codes
    [parsed] = feed(nmc({**ROW, "issuetime": "", "alertid": "7"}))
    assert parsed.verdict is Verdict.REJECT


def test_a_row_from_the_future_is_refused() -> None:
    [parsed] = feed(nmc({**ROW, "issuetime": "2026/07/17 16:31"}))
    assert parsed.complaints[0].code == "sent-in-future"
    assert parsed.extras["identifier"] == ROW["alertid"]


# --- weather.cma.cn ---

STATION: dict[str, Any] = {
    "id": "14052141600000_20260715163012",
    "title": "沁水县气象台发布大雾橙色预警信号[II级/严重]",
    "signaltype": "大雾",
    "signallevel": "橙色",
    "effective": "2026/07/15 16:30",
    "eventType": "11B17",
    "severity": "ORANGE",
    "type": "p0005002",
}
ON_MAP: dict[str, Any] = {
    "id": "14052141600000_20260715163012",
    "headline": "沁水县气象台发布大雾橙色预警信号",
    "effective": "2026/07/15 16:30:12",
    "description": "能见度低。",
    "longitude": 112.1,
    "latitude": 35.6,
    "type": "p0005002",
    "title": "沁水县",
}


@pytest.mark.parametrize(
    "value",
    [[STATION], {"data": {"alarm": [STATION]}}, {"code": 0, "data": [ON_MAP]}],
    ids=["array", "station", "map"],
)
def test_each_form_of_the_site_is_read(value: object) -> None:
    message, codes = only(value)
    [info] = message.infos
    assert (message.identifier, info.event, info.severity) == (STATION["id"], "大雾", "Severe")
    assert ("eventType", "11B17") in info.event_code
    assert info.headline is not None
    assert info.headline.startswith("沁水县气象台发布")
    assert "area-of-issuer" in codes
    assert feed(value)[0].format == "cma"


def test_a_station_without_warnings_is_accepted() -> None:
    [parsed] = feed({"code": 0, "data": {"alarm": [], "now": {}}})
    assert (parsed.format, parsed.verdict, parsed.message) == ("cma", Verdict.ACCEPT, None)


def test_a_level_is_read_from_any_of_its_places() -> None:
    for left_out in (("severity",), ("severity", "signallevel"), ("severity", "signallevel", "title")):
        message, _ = only([{**STATION, **dict.fromkeys(left_out, "")}])
        assert message.infos[0].severity == "Severe"
