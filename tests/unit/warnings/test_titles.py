"""What a Chinese headline tells where a feed has no field for it."""

import pytest

from jiaoying.warnings.formats.titles import bracketed, event_in_title, issuer_in_title, message_type_of


@pytest.mark.parametrize(
    ("title", "issuer", "event", "msg_type"),
    [
        ("河南省鹤壁市淇县气象台发布大风蓝色预警信号", "河南省鹤壁市淇县气象台", "大风", "Alert"),
        (
            "浙江省水利厅、浙江省气象台联合发布山洪灾害蓝色预警",
            "浙江省水利厅、浙江省气象台",
            "山洪灾害",
            "Alert",
        ),
        ("水利部和中国气象局联合发布红色山洪灾害气象预警", "水利部和中国气象局", "山洪灾害气象", "Alert"),
        ("吉安市气象台更新雷电黄色预警信号[III级/较重]", "吉安市气象台", "雷电", "Update"),
        ("沁水县气象台继续发布高温橙色预警", "沁水县气象台", "高温", "Update"),
        ("沁水县气象台将大风蓝色预警信号升级为黄色", "沁水县气象台", "大风", "Update"),
        ("沁水县气象台解除暴雨红色预警信号", "沁水县气象台", "暴雨", "Cancel"),
        ("沁水县气象台解除暴雨红色预警信号，发布暴雨橙色预警信号", "沁水县气象台", "暴雨", "Alert"),
        ("地质灾害气象风险预警", None, None, "Alert"),
        ("", None, None, "Alert"),
        (None, None, None, "Alert"),
    ],
)
def test_a_headline_tells_issuer_event_and_type(
    title: str | None, issuer: str | None, event: str | None, msg_type: str
) -> None:
    assert (issuer_in_title(title), event_in_title(title), message_type_of(title)) == (
        issuer,
        event,
        msg_type,
    )


def test_words_in_brackets_are_a_headline_only_at_the_beginning() -> None:
    assert bracketed(" 【深圳市雷电预警信号】受云团影响") == "深圳市雷电预警信号"
    assert bracketed("受云团影响【x】") is None
