"""Shenzhen, Hong Kong, Macau, Sichuan; and what services answer when they have no list."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jiaoying.warnings.formats.feed import MAX_WARNINGS
from jiaoying.warnings.model import Verdict
from unit.warnings.samples import NOW, feed, only

# --- Shenzhen ---

WARNING: dict[str, Any] = {
    "keyId": 40001,
    "srcId": 0,
    "issued": "深圳市气象台",
    "issuer": "某某某",
    "issueTime": "2026-07-15 16:30",
    "subCategory": "气象灾害.暴雨",
    "wLevel": "橙色",
    "startTime": "2026-07-15 16:28:00",
    "area": "葵涌",
    "matter": "【深圳市分区暴雨黄色预警信号升级为橙色】过去3小时有强降雨。",
    "wmeasures": "",
    "tel": "12345",
    "life": True,
}
ALARM: dict[str, Any] = {
    "recID": 112606,
    "date": "2026-07-15 16:30:00",
    "alarmArea": "全市陆地、珠江口",
    "alarmType": "雷电",
    "alarmColor": "",
    "str": "【深圳市雷电预警信号】深圳市气象台于2026年07月15日16时30分发布全市雷电预警信号。",
}


def page(**lists: object) -> dict[str, Any]:
    return {"warnpre": {"flagindex": 0}, "subAlarm": [], "sshzqAlarm": [], "xgAlarm": [], **lists}


def test_a_row_of_shenzhen_becomes_a_message() -> None:
    message, codes = only([WARNING])
    assert (message.identifier, message.sender, message.sent) == ("40001", "深圳市气象台", NOW)
    assert message.msg_type == "Update"
    [info] = message.infos
    assert (info.event, info.severity, info.parameter) == ("暴雨", "Severe", (("colour", "orange"),))
    assert (info.headline, info.contact) == ("深圳市分区暴雨黄色预警信号升级为橙色", "12345")
    assert info.effective == datetime(2026, 7, 15, 8, 28, tzinfo=UTC)
    assert (info.areas[0].description, info.areas[0].geocodes) == ("葵涌", ())
    assert "某某某" not in str(message)
    assert set(codes) == {"assumed-zone", "missing", "no-expires"}
    assert feed([WARNING])[0].issued_warnings[0].colour == "orange"


@pytest.mark.parametrize(
    ("word", "severity", "colour"),
    [("白色", "Unknown", "white"), ("红色", "Extreme", "red"), ("", "Unknown", None)],
)
def test_white_is_a_first_notice_without_a_level(word: str, severity: str, colour: str | None) -> None:
    message, _ = only([{**WARNING, "wLevel": word}])
    assert message.infos[0].severity == severity
    assert dict(message.infos[0].parameter).get("colour") == colour


def test_a_warning_that_lives_no_more_is_a_cancel() -> None:
    assert only([{**WARNING, "life": False}])[0].msg_type == "Cancel"


def test_a_bulletin_that_lifts_another_warning_does_not_lift_those_in_force() -> None:
    text = "【深圳市解除分区暴雨黄色预警信号】解除罗湖区暴雨黄色预警信号，葵涌暴雨橙色预警信号继续生效。"
    for value in (
        [{**WARNING, "matter": text}],
        page(subAlarm=[{**ALARM, "alarmType": "暴雨", "str": text}]),
    ):
        [parsed] = feed(value)
        assert parsed.not_actionable is None
        assert parsed.message is not None
        assert parsed.message.infos[0].description == text
        assert "headline-lifts-another" in [complaint.code for complaint in parsed.complaints]
    assert only([{**WARNING, "matter": text}])[0].infos[0].headline == "暴雨橙色预警信号"
    assert only([{**WARNING, "matter": text, "life": False}])[0].msg_type == "Cancel"


def test_the_code_of_the_city_stands_only_where_all_of_it_is_meant() -> None:
    message, _ = only(page(subAlarm=[ALARM]))
    assert message.infos[0].areas[0].geocodes == (("adcode", "440300"),)
    assert (message.identifier, message.sender) == ("szAlarm_112606_雷电", "深圳市气象台")
    assert message.infos[0].severity == "Unknown"


def test_several_warnings_of_one_bulletin_are_several() -> None:
    rain = {**ALARM, "alarmType": "暴雨", "alarmColor": "黄色"}
    hidden = {**ALARM, "recID": 37000, "alarmType": "地质灾害", "alarmColor": "黄色"}
    parsed = feed(page(subAlarm=[ALARM, rain], subAlarmMores={"icon": [hidden, rain]}))
    identifiers = [one.message.identifier for one in parsed if one.message]
    assert identifiers == ["szAlarm_112606_雷电", "szAlarm_112606_暴雨_黄色", "szAlarm_37000_地质灾害_黄色"]


def test_a_warning_of_hong_kong_has_its_time_in_its_text() -> None:
    row = {
        "name": "RWRR",
        "type": "RWRR",
        "desc": "红色暴雨警告信号。以上天气稿由天文台於2026年07月15日16时30分发出",
    }
    message, _ = only(page(xgAlarm=[row]))
    assert (message.identifier, message.sent) == ("HKO_RWRR_20260715083000", NOW)
    assert message.infos[0].event_code == (("HKO", "RWRR"), ("eventType", "11B03"))
    assert message.infos[0].severity == "Extreme"
    cyclone, _ = only(page(xgAlarm=[{**row, "type": "TC8NE", "desc": "於2026年07月15日16时30分发出"}]))
    assert cyclone.infos[0].event == "热带气旋警告信号(8NE)"
    [timeless] = feed(page(xgAlarm=[{**row, "desc": "红色暴雨警告信号"}]))
    assert timeless.verdict is Verdict.REJECT


# --- Hong Kong ---


def test_a_tip_of_hong_kong_is_the_same_message_at_every_poll() -> None:
    tip = {"desc": "未来一两小时可能受大雨影响。市民应提高警觉。", "updateTime": "2026-07-15T16:30:00+08:00"}
    message, codes = only({"swt": [tip]})
    assert message.identifier.startswith("HKO_SWT_20260715083000_")
    assert only({"swt": [tip]})[0] == message
    assert only({"swt": [{**tip, "desc": "另一条。"}]})[0].identifier != message.identifier
    assert (message.infos[0].headline, codes) == ("未来一两小时可能受大雨影响", ["no-expires"])
    assert message.infos[0].areas[0].geocodes == (("adcode", "810000"),)
    english, _ = only({"swt": [{**tip, "desc": "Heavy rain is expected. Stay alert."}]})
    assert (english.infos[0].language, english.infos[0].headline) == ("en", "Heavy rain is expected")


# --- Macau ---


def macau(
    kind: str = "RainstormWarning", number: str = "RS-2026-022-03", **changes: object
) -> dict[str, Any]:
    body = {
        "Warncode": ["Yellow"],
        "Action": ["INFORCE"],
        "IssuedAt": ["2026-07-15 16:30"],
        "Inforce": ["Yellow"],
        "Status": ["1"],
        "Description": ["黃色暴雨警告信號仍然生效。\n有效時間延長至 2026年07月15日19時00分。"],
        "Complementary": [{"Tips": ["請注意。"], "Other": [""]}],
        **{name: [value] for name, value in changes.items()},
    }
    return {
        kind: {
            "$": {},
            "System": [{"SysAuthor": ["SMG"], "SysPubdate": ["2026-07-15 16:25 GMT+8"]}],
            "ReportInfo": [{"ReportNo": [number]}],
            "Custom": [{"Rainstorm": [body]}],
        }
    }


def test_a_report_of_macau_becomes_a_message() -> None:
    message, codes = only(macau())
    assert (message.identifier, message.sender, message.sent) == ("RS-2026-022-03", "SMG", NOW)
    assert message.msg_type == "Update"
    assert [one.identifier for one in message.references] == ["RS-2026-022-02", "RS-2026-022-01"]
    [info] = message.infos
    assert (info.language, info.severity) == ("zh-MO", "Moderate")
    assert info.parameter == (("signal", "Yellow"), ("colour", "yellow"))
    assert info.event_code == (("SMG", "RainstormWarning"), ("eventType", "11B03"))
    assert info.expires == datetime(2026, 7, 15, 11, 0, tzinfo=UTC)
    assert (info.headline, info.instruction) == ("黃色暴雨警告信號仍然生效。", "請注意。")
    assert codes == ["assumed-zone"]
    [parsed] = feed(macau())
    assert (parsed.format, parsed.issued_warnings[0].colour) == ("cn-macau", "yellow")


def test_the_first_of_a_series_is_an_alert_and_the_last_a_cancel() -> None:
    first, _ = only(macau(number="RS-2026-022-01"))
    assert (first.msg_type, first.references) == ("Alert", ())
    last, _ = only(macau(number="RS-2026-022-04", Action="CANCEL", Warncode="NIL", Inforce="-"))
    assert (last.msg_type, len(last.references)) == ("Cancel", 3)
    many, _ = only(macau(number="TP-2026-001-9999"))
    assert len(many.references) == 50


@pytest.mark.parametrize(
    "changes",
    [{"Action": "NIL"}, {"Action": "", "Inforce": "0"}, {"Action": "", "Inforce": "", "Status": ""}],
)
def test_a_report_that_none_is_in_force_is_accepted_and_no_message(changes: dict[str, Any]) -> None:
    [parsed] = feed(macau(**changes))
    assert (parsed.format, parsed.verdict, parsed.message) == ("cn-macau", Verdict.ACCEPT, None)
    assert parsed.not_actionable


def test_black_rain_is_red() -> None:
    message, codes = only(macau(Warncode="Black"))
    assert (message.infos[0].severity, message.infos[0].parameter) == (
        "Extreme",
        (("signal", "Black"), ("colour", "red")),
    )
    assert "beyond-red" in codes


def test_three_languages_are_three_infos() -> None:
    told = {"Chinese": ["酷熱。"], "Portuguese": ["Quente."], "English": ["Hot."], "English_feed": ["1"]}
    title = {"Chinese": ["黃色高溫提示"], "Portuguese": ["Alerta"], "English": ["Yellow hot weather alert"]}
    body = {"Inforce": ["hot"], "Title": [title], "Description": [told]}
    advice = {"Tips": [{"Chinese": ["多飲水。"], "English": ["Drink water."]}]}
    report = {
        "System": [{"SysAuthor": ["SMG-CPT"], "SysPubdate": ["2026-07-15 16:30:00  GMT+8"]}],
        "Custom": [{"TempAlertReport": [body], "Complementary": [advice]}],
    }
    message, codes = only({"TempAlert": report})
    assert (message.identifier, message.sender) == ("SMG_TempAlert_20260715083000", "SMG-CPT")
    assert [(info.language, info.description) for info in message.infos] == [
        ("zh-MO", "酷熱。"),
        ("pt", "Quente."),
        ("en", "Hot."),
    ]
    assert {info.severity for info in message.infos} == {"Moderate"}
    assert message.infos[0].event_code == (("SMG", "TempAlert"), ("eventType", "11B09"))
    assert [info.instruction for info in message.infos] == ["多飲水。", None, "Drink water."]
    assert codes == ["no-expires"]


# --- Sichuan ---


def test_the_pull_of_sichuan() -> None:
    row = {
        "wid": "51150041600000_20260715163000",
        "title": "宜宾市气象台发布暴雨橙色预警信号",
        "mtype": "Update",
        "etypechn": "暴雨事件",
        "lvl": "orange",
        "p1": "四川省",
        "p2": "宜宾市",
        "p3": "",
    }
    message, codes = only({"returnCode": 0, "rowCnt": 1, "cdata": [row]})
    assert (message.sender, message.sent, message.msg_type) == ("51150041600000", NOW, "Update")
    [info] = message.infos
    assert (info.event, info.severity, info.areas[0].description) == ("暴雨", "Severe", "四川省宜宾市")
    assert {"sent-from-identifier", "area-of-issuer"} <= set(codes)
    [timeless] = feed({"returnCode": 0, "cdata": [{**row, "wid": "17"}]})
    assert timeless.verdict is Verdict.REJECT
    [empty] = feed({"returnCode": 0, "rowCnt": 0, "cdata": []})
    assert (empty.format, empty.verdict) == ("cn-sichuan", Verdict.ACCEPT)


# --- no list at all ---


@pytest.mark.parametrize(
    "answer",
    [
        {"code": "401"},
        {"error": {"status": 403, "title": "Invalid Host", "detail": "x"}},
        {"status": "failed", "error": "token is invalid", "api_version": "v2.6"},
        {"msg": "error", "code": 1, "data": None},
        {"msg": "error", "code": 1, "data": {"page": {"list": []}}},
        {"code": "402", "updateTime": "2026-07-15T16:40+08:00", "warning": []},
        {"returnCode": -1, "cdata": []},
        {"type": "https://api.weather.gov/problems/x", "title": "Unexpected Problem", "status": 500},
    ],
)
def test_an_error_of_the_service_is_told_as_one(answer: object) -> None:
    [parsed] = feed(answer)
    assert (parsed.verdict, [one.code for one in parsed.complaints]) == (Verdict.REJECT, ["service-error"])


def test_rows_beside_an_error_are_read_all_the_same() -> None:
    row = {"wid": "51150041600000_20260715163000", "title": "宜宾市气象台发布暴雨橙色预警信号"}
    [parsed] = feed({"returnCode": 7, "cdata": [row]})
    assert parsed.message is not None


@pytest.mark.parametrize(
    "value", [{}, {"a": 1}, [1, 2], [None], [[]], {"data": []}, {"features": []}, "text", 7]
)
def test_what_is_no_feed_is_an_unknown_format(value: object) -> None:
    [parsed] = feed(value)
    assert [one.code for one in parsed.complaints] == ["unknown-format"]


def test_a_bare_empty_list_says_that_nothing_is_in_force() -> None:
    [parsed] = feed([])
    assert (parsed.verdict, parsed.message, parsed.complaints) == (Verdict.ACCEPT, None, ())


def test_a_list_beyond_all_measure_is_cut_and_told() -> None:
    rows: list[dict[str, Any]] = [{}] * (MAX_WARNINGS + 1)
    parsed = feed({"swt": rows})
    assert len(parsed) == MAX_WARNINGS + 1
    assert [one.code for one in parsed[-1].complaints] == ["too-many-warnings"]
