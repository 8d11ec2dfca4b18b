"""Bulletins in free text: what is read, from which words, and what is asked."""

from datetime import UTC, datetime, timedelta
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jiaoying.demonstration.data_files import demonstration_areas
from jiaoying.kernel.language import speaking
from jiaoying.warnings.formats.bulletin import read_bulletins
from jiaoying.warnings.gazetteer import Gazetteer, china_counties
from jiaoying.warnings.model import Message, ParsedMessage, Verdict
from jiaoying.warnings.read import read_messages
from unit.warnings.bulletin_cases import CASES, NO_WARNINGS, Case

BEIJING = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 7, 15, 17, 0, tzinfo=BEIJING)
HOME = "140521000000"
PLACES = china_counties().at_home(HOME, demonstration_areas())


def read(text: str, now: datetime = NOW, places: Gazetteer = PLACES) -> list[ParsedMessage]:
    return read_messages(text.encode(), now, places)


def when(moment: datetime) -> str:
    return f"{moment.astimezone(BEIJING):%m-%d %H:%M}"


def names(codes: tuple[str, ...]) -> str:
    return "、".join(area.name for code in codes if (area := PLACES.get(code)) is not None)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_a_bulletin_is_read_as_a_person_reads_it(case: Case) -> None:
    found = read(case.text)
    told = [
        (
            str(one.kind),
            str(one.hazard),
            one.colour and str(one.colour),
            names(one.area_codes),
            when(one.valid_from),
            when(one.valid_to),
        )
        for parsed in found
        for one in parsed.issued_warnings
    ]
    assert told == case.told
    assert [(one.field, one.words) for parsed in found for one in parsed.questions] == case.asked
    message = found[0].message
    assert message is not None
    assert (message.sender, when(message.sent)) == (case.sender, case.sent)


@pytest.mark.parametrize("text", NO_WARNINGS.values(), ids=list(NO_WARNINGS))
def test_what_is_no_warning_is_refused_with_a_sentence(text: str) -> None:
    [parsed] = read(text)
    assert (parsed.format, parsed.verdict, parsed.message) == ("bulletin", Verdict.REJECT, None)
    assert [one.code for one in parsed.complaints] == ["no-warning"]
    assert parsed.complaints[0].text


def only(text: str, now: datetime = NOW, places: Gazetteer = PLACES) -> ParsedMessage:
    [parsed] = read(text, now, places)
    return parsed


RAIN = "沁水县气象台2026年7月15日16时30分发布暴雨黄色预警信号：预计未来6小时，沁水县有暴雨。"
VAGUE = "晋城市气象台7月15日16时30分发布暴雨黄色预警信号：预计未来6小时，我市西北部有暴雨。"


# --- evidence ---


def told_by(parsed: ParsedMessage, field: str) -> list[tuple[str, str, bool]]:
    return [(one.words, one.value, one.sure) for one in parsed.evidence if one.field == field]


def test_evidence_names_the_words_for_every_field() -> None:
    parsed = only(RAIN)
    assert {one.field for one in parsed.evidence} == {
        "sender", "sent", "kind", "hazard", "colour", "areas", "valid_from", "valid_to",
    }  # fmt: skip
    assert told_by(parsed, "colour") == [("黄色", "yellow", True)]
    assert told_by(parsed, "hazard") == [("暴雨", "rain", True)]
    assert told_by(parsed, "areas") == [("沁水县", "140521000000", True)]
    assert told_by(parsed, "valid_to") == [("未来6小时", "2026-07-15T14:30:00Z", True)]


def test_evidence_speaks_of_the_text_as_pasted() -> None:
    text = "  沁水县气\n象台7月15日16时30分发布暴 雨⻩⾊预警信号：预计未来6小时全县有暴雨。"
    parsed = only(text)
    assert told_by(parsed, "sender") == [("沁水县气\n象台", "沁水县气象台", True)]
    assert told_by(parsed, "hazard") == [("暴 雨", "rain", True)]
    assert told_by(parsed, "colour") == [("⻩⾊", "yellow", True)]
    assert ("look-alikes", "document") in [(one.code, one.field) for one in parsed.complaints]


def test_what_is_vague_is_unsure_evidence_and_a_question_with_choices() -> None:
    parsed = only(VAGUE)
    assert told_by(parsed, "areas") == [("我市西北部", "", False)]
    [question] = parsed.questions
    assert question.choices[0][0] == "140500000000"
    assert [name for _, name in question.choices[1:]] == [
        "城区",
        "沁水县",
        "阳城县",
        "陵川县",
        "泽州县",
        "高平市",
    ]
    assert parsed.verdict is Verdict.ACCEPT_WITH_WARNINGS
    assert "open-question" in [one.code for one in parsed.complaints]


def test_parts_of_a_day_are_not_sure() -> None:
    parsed = only("沁水县气象台7月15日16时30分发布大风蓝色预警信号：预计今天夜间到明天白天，全县有大风。")
    assert told_by(parsed, "valid_to") == [("今天夜间到明天白天", "2026-07-16T12:00:00Z", False)]


SIGNS = (
    "沁水县气象台发布暴雨黄色预警信号橙红升级为解除其余除外我全市大部南北至、，。：（）【】\n 17日时分⻩Ⅲⅱ㎜"
)


@given(st.text(alphabet=SIGNS, max_size=80))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_read_and_evidence_slices_back(noise: str) -> None:
    for text in (noise, RAIN[:20] + noise + RAIN[20:], RAIN + noise, noise + VAGUE):
        for parsed in read(text):
            assert parsed.complaints or parsed.message is not None
            for one in parsed.evidence:
                assert text[one.start : one.end] == one.words


@given(st.text(max_size=200))
@settings(max_examples=100, deadline=None)
def test_arbitrary_text_never_raises(text: str) -> None:
    for parsed in read_bulletins(text, NOW, PLACES):
        assert parsed.complaints or parsed.message is not None


@given(st.integers(0, len(CASES) - 1), st.integers(0, 120), st.integers(0, 12), st.text(max_size=6))
@settings(max_examples=150, deadline=None)
def test_damaged_bulletins_never_raise(which: int, at: int, cut: int, put: str) -> None:
    text = CASES[which].text
    text = text[:at] + put + text[at + cut :]
    for parsed in read_bulletins(text, NOW, PLACES):
        for one in parsed.evidence:
            assert text[one.start : one.end] == one.words


HEAD = "沁水县气象台7月15日16时30分发布暴雨黄色预警信号:预计"


@pytest.mark.parametrize(
    "pattern",
    ["气象局", "发布", "预警", "1日", "1时至", "将", "除外", "现对", "未来", "沁水县气象局在", "【暴雨",
     "来源:", "1 ", "(", HEAD, HEAD + "沁水县、", HEAD + "沁水县(龙港镇", HEAD + "西北部和",
     HEAD + "其余县市", HEAD + "黄色", HEAD + "龙", HEAD + "除沁水县、", HEAD + "iv级/"],
)  # fmt: skip
def test_hostile_texts_take_time_in_proportion(pattern: str) -> None:
    """No pattern backtracks: four times the text takes some four times the time, and not sixteen."""
    start, repeated = (HEAD, pattern.removeprefix(HEAD)) if pattern != HEAD else ("", HEAD)
    short, long = (seconds_for(start + repeated * (size // len(repeated))) for size in (4_000, 16_000))
    assert long < 0.5 or long < 10 * short


def seconds_for(text: str) -> float:
    begun = process_time()
    read(text)
    return process_time() - begun


def test_a_text_that_is_too_long_is_refused() -> None:
    parsed = only(RAIN + "沁" * 40_000)
    assert [(one.code, one.field) for one in parsed.complaints] == [("too-long", "document")]


# --- identity ---


def message_of(parsed: ParsedMessage) -> Message:
    assert parsed.message is not None
    return parsed.message


def test_the_same_text_pasted_twice_is_one_message() -> None:
    first, again = only(RAIN), only(f"\n {RAIN.replace('：', ': ')}\n", NOW + timedelta(hours=3))
    assert message_of(first).identifier == message_of(again).identifier
    assert message_of(first).sent == message_of(again).sent
    other = only(RAIN.replace("6小时", "12小时"))
    assert message_of(first).identifier != message_of(other).identifier


def test_the_same_words_without_a_moment_are_new_on_another_day() -> None:
    text = "沁水县气象台发布暴雨黄色预警信号：预计未来6小时全县有暴雨。"
    today, later, tomorrow = (only(text, NOW + timedelta(hours=hours)) for hours in (0, 2, 24))
    assert message_of(today).identifier == message_of(later).identifier
    assert message_of(today).identifier != message_of(tomorrow).identifier
    assert ("assumed", "sent") in [(one.code, one.field) for one in today.complaints]


def test_a_moment_far_ahead_is_refused() -> None:
    parsed = only(RAIN.replace("2026年", "2028年"))
    assert parsed.verdict is Verdict.REJECT
    assert [(one.code, one.field) for one in parsed.complaints] == [("future", "sent")]


# --- the words of the message ---


def test_the_message_in_the_words_of_cap() -> None:
    text = (
        "沁水县气象台2026年7月15日16时30分发布暴雨红色预警信号：预计未来3小时全县有特大暴雨。防御指南：1.停止集会；2.⼈员转移。"
        "（预警信息来源：国家预警信息发布中心）"
    )
    message = message_of(only(text))
    [info] = message.infos
    assert (message.status, message.msg_type, message.scope) == ("Actual", "Alert", "Public")
    assert message.source == "国家预警信息发布中心"
    assert (info.event, info.severity, info.category, info.language) == ("暴雨", "Extreme", ("Met",), "zh-CN")
    assert info.headline == "沁水县气象台2026年7月15日16时30分发布暴雨红色预警信号"
    assert info.instruction == "1.停止集会；2.人员转移。"
    assert info.description is not None
    assert info.description.startswith("沁水县气象台2026年")
    assert "防御指南" not in info.description
    assert info.sender_name == "沁水县气象台"


def test_a_drill_is_an_exercise_and_a_test_is_none_of_our_business() -> None:
    assert only(f"【演练】{RAIN}").issued_warnings[0].exercise
    tried = only(f"【测试】{RAIN}")
    assert message_of(tried).status == "Test"
    assert tried.not_actionable


def test_an_end_names_no_message_that_it_ends() -> None:
    """Which warning is meant is found by issuer and hazard, where warnings are kept."""
    message = message_of(only("沁水县气象台7月15日16时30分解除暴雨黄色预警信号。"))
    assert (message.msg_type, message.references) == ("Cancel", ())
    assert message.infos[0].response_type == ("AllClear",)


def test_an_end_needs_no_colour() -> None:
    parsed = only("沁水县气象台7月15日16时30分解除暴雨预警信号。")
    assert (parsed.issued_warnings[0].colour, parsed.questions) == (None, ())


# --- encodings and neighbours ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_texts_in_every_usual_encoding(encoding: str) -> None:
    [parsed] = read_messages(RAIN.encode(encoding), NOW, PLACES)
    assert parsed.issued_warnings[0].area_codes == (HOME,)
    noted = [one.code for one in parsed.complaints]
    assert noted == ([] if encoding.startswith("utf-8") else ["encoding"])


def test_without_a_home_the_counties_of_china_are_known() -> None:
    [parsed] = read_messages(RAIN.encode(), NOW)
    assert parsed.issued_warnings[0].area_codes == (HOME,)
    [vague] = read_messages("【暴雨橙色预警】预计未来3小时我县有暴雨。".encode(), NOW)
    assert vague.issued_warnings[0].area_codes == ()
    assert ("areas", "我县") in [(one.field, one.words) for one in vague.questions]


def test_townships_that_the_table_lacks_are_asked_about() -> None:
    text = "沁水县气象台7月15日16时30分发布雷电黄色预警信号：预计未来6小时，龙港镇、郑庄镇有雷电。"
    [parsed] = read_messages(text.encode(), NOW)
    assert parsed.issued_warnings[0].area_codes == ()
    assert [one.words for one in parsed.questions] == ["龙港镇", "郑庄镇"]


def test_a_member_of_a_list_that_nobody_knows_is_not_lost() -> None:
    text = (
        "晋城市气象台7月15日16时30分发布雷电黄色预警信号：预计未来6小时，沁水县、历山、阳城县和王莽岭有雷电。"
    )
    parsed = only(text)
    assert names(parsed.issued_warnings[0].area_codes) == "沁水县、阳城县"
    assert [one.words for one in parsed.questions] == ["历山", "王莽岭"]


@pytest.mark.parametrize("now", [datetime(2027, 1, 2, 9, 0, tzinfo=BEIJING)])
def test_the_year_before_where_the_year_is_missing(now: datetime) -> None:
    text = "沁水县气象台12月31日22时10分发布道路结冰黄色预警信号：预计12月31日23时至1月1日12时全县道路结冰。"
    [issued] = only(text, now).issued_warnings
    assert issued.sent_at == datetime(2026, 12, 31, 14, 10, tzinfo=UTC)
    assert issued.valid_to == datetime(2027, 1, 1, 4, 0, tzinfo=UTC)


def test_questions_are_asked_in_the_readers_language() -> None:
    with speaking("en"):
        assert only(VAGUE).questions[0].text.startswith("“我市西北部” names no exact places")
    with speaking("zh-CN"):
        assert only(VAGUE).questions[0].text == "“我市西北部”没有明确到具体地方，请选定范围"
