"""QWeather: `warning/now` v7 and `weatheralert` v1."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jiaoying.warnings.formats.qweather import national_code
from jiaoying.warnings.model import Reference, Verdict
from unit.warnings.samples import NOW, feed, only

V7: dict[str, Any] = {
    "id": "10110070120260715163000123456789",
    "sender": "沁水县气象台",
    "pubTime": "2026-07-15T16:30+08:00",
    "title": "沁水县气象台发布大风蓝色预警[Ⅳ级/一般]",
    "startTime": "2026-07-15T16:30+08:00",
    "endTime": "2026-07-16T16:30+08:00",
    "status": "active",
    "level": "",
    "severity": "Minor",
    "severityColor": "Blue",
    "type": "1006",
    "typeName": "大风",
    "urgency": "",
    "certainty": "",
    "text": "预计未来24小时有大风。",
    "related": "",
}
V1: dict[str, Any] = {
    "id": "202607151630000123456789",
    "senderName": "沁水县气象台",
    "issuedTime": "2026-07-15T16:30+08:00",
    "messageType": {"code": "update", "supersedes": ["202607151030000123456789"]},
    "eventType": {"name": "大风", "code": "1006"},
    "urgency": None,
    "severity": "minor",
    "certainty": None,
    "color": {"code": "blue", "red": 30},
    "effectiveTime": "2026-07-15T16:30+08:00",
    "onsetTime": "2026-07-15T17:30+08:00",
    "expireTime": "2026-07-16T16:30+08:00",
    "headline": "沁水县气象台更新大风蓝色预警信号",
    "description": "请注意防范。",
    "criteria": "24小时内可能受大风影响。",
    "responseTypes": ["prepare"],
    "instruction": "关好门窗。",
}


def v7(**changes: object) -> dict[str, Any]:
    return {"code": "200", "updateTime": "2026-07-15T16:40+08:00", "warning": [{**V7, **changes}]}


def v1(**changes: object) -> dict[str, Any]:
    return {"metadata": {"zeroResult": False}, "alerts": [{**V1, **changes}]}


def test_v7_becomes_a_message() -> None:
    message, codes = only(v7())
    assert (message.identifier, message.sender, message.sent) == (V7["id"], "沁水县气象台", NOW)
    [info] = message.infos
    assert (info.language, info.event, info.severity, info.urgency) == ("zh-CN", "大风", "Minor", "Unknown")
    assert info.event_code == (("QWeather", "1006"), ("eventType", "11B06"))
    assert info.parameter == (("colour", "blue"),)
    assert info.expires == datetime(2026, 7, 16, 8, 30, tzinfo=UTC)
    assert codes == ["no-area"]
    [parsed] = feed(v7())
    assert parsed.format == "qweather-v7"
    assert (parsed.issued_warnings[0].colour, parsed.issued_warnings[0].event_code) == ("blue", "11B06")


@pytest.mark.parametrize(
    ("status", "title", "msg_type"),
    [
        ("update", "x", "Update"),
        ("Cancel", "x", "Cancel"),
        ("active", "x", "Alert"),
        ("", "沁水县气象台变更大风蓝色预警", "Update"),
        ("", "沁水县气象台解除大风蓝色预警", "Cancel"),
        ("", "沁水县气象台解除大风蓝色预警，发布大风黄色预警", "Alert"),
    ],
)
def test_v7_has_a_status_or_a_telling_title(status: str, title: str, msg_type: str) -> None:
    message, _ = only(v7(status=status, title=title, related="10110070120260715103000123456789"))
    assert message.msg_type == msg_type
    assert message.references == (Reference("", "10110070120260715103000123456789", None),)


def test_older_keys_have_the_national_code_and_the_colour_in_level() -> None:
    message, _ = only(v7(type="11B06", level="Blue", severity="", severityColor=""))
    assert message.infos[0].event_code == (("eventType", "11B06"),)
    assert message.infos[0].severity == "Minor"


def test_values_that_the_maker_adds_are_unknown_and_told() -> None:
    message, codes = only(v7(severity="Major", severityColor=""))
    assert message.infos[0].severity == "Unknown"
    assert "unknown-value" in codes


def test_black_is_red() -> None:
    message, codes = only(v7(severity="", severityColor="Black"))
    assert (message.infos[0].severity, message.infos[0].parameter) == ("Extreme", (("colour", "red"),))
    assert "beyond-red" in codes


def test_v1_becomes_a_message() -> None:
    message, codes = only(v1())
    [info] = message.infos
    assert (message.msg_type, message.references) == (
        "Update",
        (Reference("", "202607151030000123456789", None),),
    )
    assert (info.severity, info.response_type, info.instruction) == ("Minor", ("Prepare",), "关好门窗。")
    assert info.parameter == (("colour", "blue"), ("criteria", "24小时内可能受大风影响。"))
    assert info.onset == datetime(2026, 7, 15, 9, 30, tzinfo=UTC)
    assert codes == ["no-area"]
    assert feed(v1())[0].format == "qweather-alert-v1"


@pytest.mark.parametrize("name", ["expireTime", "expiredTime", "expiresTime"])
def test_each_spelling_of_the_end_is_read(name: str) -> None:
    message, _ = only(
        v1(expireTime=None) | {"alerts": [{**V1, "expireTime": None, name: "2026-07-15T09:30Z"}]}
    )
    assert message.infos[0].expires == datetime(2026, 7, 15, 9, 30, tzinfo=UTC)


def test_english_is_known_by_its_letters() -> None:
    message, _ = only(v1(headline="Gale warning", description="Strong wind."))
    assert message.infos[0].language == "en"


@pytest.mark.parametrize(
    "value",
    [
        {"code": "200", "updateTime": "2026-07-15T16:40+08:00", "warning": []},
        {"code": "204"},
        {"metadata": {"zeroResult": True}, "alerts": []},
    ],
)
def test_an_answer_without_warnings_is_accepted_and_empty(value: object) -> None:
    [parsed] = feed(value)
    assert parsed.format.startswith("qweather")
    assert (parsed.verdict, parsed.message, parsed.complaints) == (Verdict.ACCEPT, None, ())
    assert parsed.not_actionable


@pytest.mark.parametrize(
    "value", [v7(id=None), v7(pubTime=None), v7(pubTime="soon"), v7(sender=""), v1(id="")]
)
def test_what_has_no_identifier_sender_or_time_is_refused(value: object) -> None:
    [parsed] = feed(value)
    assert parsed.verdict is Verdict.REJECT
    assert "missing" in [complaint.code for complaint in parsed.complaints]


def test_one_bad_row_stops_no_other() -> None:
    parsed = feed({"code": "200", "warning": [V7, None, 7, {**V7, "id": "b"}]})
    assert [one.verdict is Verdict.REJECT for one in parsed] == [False, True, True, False]
    assert [one.index for one in parsed] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("type_", "code"),
    [("1001", "11B01"), ("1048", "11B48"), ("1049", None), ("1214", "11A51"), ("2551", None), ("x", None)],
)
def test_types_mean_national_codes_where_both_have_the_name(type_: str, code: str | None) -> None:
    assert national_code(type_) == code
