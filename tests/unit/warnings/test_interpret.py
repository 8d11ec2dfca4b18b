"""What the product makes of a message."""

from datetime import UTC, datetime, timedelta

import pytest

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import speaking
from jiaoying.warnings.interpret import Interpretation, interpret
from jiaoying.warnings.model import IssuedWarning, Kind
from unit.warnings.samples import IDENTIFIER, alert, area, geocode, info, message_in, pair

SENT = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)
END = SENT + timedelta(hours=6)
BEFORE = f"x,{IDENTIFIER[:-1]}1,2026-07-15T15:30:00+08:00"
SQUARE = "35.1,112.1 35.1,112.2 35.2,112.2 35.2,112.1 35.1,112.1"


def made_of(*infos: str, **changes: str | None) -> Interpretation:
    return interpret(message_in(alert(*infos, **changes)))


def only(*infos: str, **changes: str | None) -> IssuedWarning:
    [issued] = made_of(*infos, **changes).issued_warnings
    return issued


def test_one_warning_in_the_words_of_the_product() -> None:
    issued = only()
    assert (issued.hazard, issued.event, issued.event_code) == (Hazard.RAIN, "暴雨", "11B03")
    assert (issued.colour, issued.kind, issued.exercise) == (Colour.YELLOW, Kind.ALERT, False)
    assert (issued.sent_at, issued.valid_from, issued.valid_to) == (SENT, SENT, END)
    assert (issued.area_names, issued.area_codes) == ("沁水县", ("140521000000",))
    assert issued.headline == "沁水县气象台发布暴雨黄色预警[Ⅲ级/较重]"
    assert issued.text.startswith("预计未来6小时")


# --- which infos count ---


def test_chinese_is_chosen_by_language_and_not_by_position() -> None:
    english = info(language="en-US", event="rainstorm", headline="yellow warning", severity="Extreme")
    issued = only(english, info())
    assert (issued.event, issued.colour) == ("暴雨", Colour.YELLOW)


@pytest.mark.parametrize("language", ["zh-CN", "zh", "zh_CN", "ZH-hans", "cmn", "Chinese"])
def test_every_way_to_say_chinese(language: str) -> None:
    assert only(info(language="en", event="x", headline="y"), info(language=language)).event == "暴雨"


def test_chinese_without_its_label_is_recognised() -> None:
    """Absent means en-US (3.2.2), and senders forget it."""
    assert only(info(language="en-US", event="x", headline="y"), info(language=None)).event == "暴雨"


def test_english_where_there_is_no_chinese_and_the_first_where_there_is_neither() -> None:
    french = info(language="fr", event="pluie", headline="pluie")
    english = info(language="en-GB", event="rain", headline="rain")
    assert only(french, english).event == "rain"
    assert only(french, info(language="de", event="Regen", headline="Regen")).event == "pluie"


def test_areas_of_other_languages_serve_where_the_chosen_one_has_none() -> None:
    english = info(area(geocode("140521100000")), language="en-US", event="rain", headline="rain")
    assert only(english, info("<!-- no area -->")).area_codes == ("140521100000",)


def test_two_colours_for_two_areas_are_two_warnings() -> None:
    red = info(area(geocode("140521100000")), headline="发布暴雨红色预警")
    issued = made_of(info(), red).issued_warnings
    assert [(one.identifier, one.colour) for one in issued] == [
        (IDENTIFIER, Colour.YELLOW),
        (f"{IDENTIFIER}#2", Colour.RED),
    ]
    assert issued[1].area_codes == ("140521100000",)


def test_two_events_are_two_warnings() -> None:
    thunder = info(event="雷电", headline="发布雷电黄色预警")
    assert [one.hazard for one in made_of(info(), thunder).issued_warnings] == [
        Hazard.RAIN,
        Hazard.CONVECTIVE,
    ]


def test_infos_of_one_event_and_colour_are_one_warning_over_all_their_areas() -> None:
    second = info(area(geocode("140521100000"), description="龙港镇"), description="龙港镇更甚。")
    issued = only(info(), second)
    assert issued.area_codes == ("140521000000", "140521100000")
    assert issued.area_names == "沁水县、龙港镇"
    assert issued.text.endswith("\n龙港镇更甚。")


# --- hazard ---


@pytest.mark.parametrize(
    ("block", "hazard", "code"),
    [
        (info(event="气象灾害", extra=pair("eventCode", "GB", "11A51")), Hazard.FLASH_FLOOD, "11A51"),
        (info(event="雷电", extra=pair("eventCode", "SAME", "SVR")), Hazard.CONVECTIVE, "11B14"),
        (info(event="气象灾害", extra=pair("eventCode", "GB", "11B00")), Hazard.RAIN, "11B03"),
        (info(event=None, headline="森林防火指挥部发布大风蓝色预警"), Hazard.WIND, "11B06"),
        (info(event="山洪灾害气象风险"), Hazard.FLASH_FLOOD, "11A51"),
        (info(event="?", headline="?", extra=pair("eventCode", "GB", "11Y00")), Hazard.OTHER, "11Y00"),
        (info(event="?", headline="?"), Hazard.OTHER, None),
    ],
)
def test_hazard_by_code_then_event_then_headline(block: str, hazard: Hazard, code: str | None) -> None:
    issued = only(block)
    assert (issued.hazard, issued.event_code) == (hazard, code)


def test_words_beat_severity_and_the_difference_is_said() -> None:
    outcome = made_of(info(severity="Minor"))
    assert outcome.issued_warnings[0].colour is Colour.YELLOW
    assert [complaint.code for complaint in outcome.complaints] == ["colour-differs"]
    assert made_of(info(severity="Unknown")).complaints == ()


# --- validity ---


def test_without_an_end_it_holds_for_a_day() -> None:
    assert only(info(expires=None)).valid_to == SENT + timedelta(hours=24)


def test_without_a_beginning_it_holds_from_sent() -> None:
    assert only(info(effective=None)).valid_from == SENT


def test_the_latest_end_counts() -> None:
    later = info(expires="2026-07-16T02:30:00+08:00")
    assert only(info(), later).valid_to == SENT + timedelta(hours=10)


def test_a_parameter_with_the_end_of_the_hazard_counts_more_than_expires() -> None:
    """The weather service of the USA: `expires` ends the message, `eventEndingTime` the hazard."""
    end = pair("parameter", "eventEndingTime", "2026-07-17T08:30:00+08:00")
    assert only(info(extra=end)).valid_to == SENT + timedelta(hours=40)
    nonsense = pair("parameter", "eventEndingTime", "soon")
    assert only(info(extra=nonsense)).valid_to == END


@pytest.mark.parametrize("kind", ["Alert", "Update", "Cancel"])
def test_an_end_before_the_beginning_is_a_slip(kind: str) -> None:
    early = "2026-07-05T22:30:00+08:00"
    issued = only(info(expires=early), msgType=kind, references=BEFORE)
    assert (issued.valid_from, issued.valid_to) == (SENT, SENT + timedelta(hours=24))


def test_without_an_end_a_later_beginning_moves_it() -> None:
    issued = only(info(effective="2026-07-17T16:30:00+08:00", expires=None))
    assert issued.valid_to == issued.valid_from + timedelta(hours=24)


# --- area ---


@pytest.mark.parametrize(
    ("value", "codes"),
    [
        ("140521", ("140521000000",)),
        ("140521100", ("140521100000",)),
        ("140521100200", ("140521100200",)),
        ("140521100200,140521100201", ("140521100200", "140521100201")),
        ("140521100200，140521100200, ,", ("140521100200",)),
        ("１４０５２１", ("140521000000",)),
        ("140521 140522", ("140521000000", "140522000000")),
        ("1405211", ()),
        ("072001", ()),
        ("990521", ()),
        ("UT160", ()),
        ("52.140521,13.140522", ()),
    ],
)
def test_codes_are_known_by_their_form(value: str, codes: tuple[str, ...]) -> None:
    assert only(info(area(geocode(value)))).area_codes == codes


@pytest.mark.parametrize("scheme", ["FIPS6", "SAME", "WARNCELLID", "profile:CAP-CP:Location:0.3"])
def test_codes_of_other_countries_are_none(scheme: str) -> None:
    assert only(info(area(geocode("114520", scheme)))).area_codes == ()


def test_repeated_areas_count_once() -> None:
    """The national platform writes the same code and name twice."""
    twice = area(geocode("140521"), f"<polygon>{SQUARE}</polygon>", "<circle>35,112 1</circle>")
    issued = only(info(twice, twice))
    assert issued.area_codes == ("140521000000",)
    assert issued.area_names == "沁水县"
    assert (len(issued.polygons), len(issued.circles)) == (1, 1)


# --- kind ---


def test_kinds_follow_the_message_type() -> None:
    assert only(msgType="Update", references=BEFORE).kind is Kind.UPDATE
    assert only(msgType="Cancel", references=BEFORE).kind is Kind.CANCEL


def test_all_clear_in_all_infos_ends_the_event() -> None:
    over = info(responseType="AllClear", urgency="Past")
    assert only(over, msgType="Update", references=BEFORE).kind is Kind.ALL_CLEAR


def test_an_update_that_lifts_some_areas_warns_of_the_others_only() -> None:
    over = info(area(geocode("140521100000")), responseType="AllClear", severity="Minor")
    issued = only(over, info(area(geocode("140521101000"))), msgType="Update", references=BEFORE)
    assert (issued.kind, issued.area_codes) == (Kind.UPDATE, ("140521101000",))


@pytest.mark.parametrize(
    ("headline", "kind"),
    [
        ("沁水县气象台解除暴雨黄色预警", Kind.ALL_CLEAR),
        ("沁水县气象台发布解除暴雨黄色预警信号的消息", Kind.ALL_CLEAR),
        ("暴雨黄色预警信号解除", Kind.ALL_CLEAR),
        ("解除暴雨橙色预警，发布暴雨黄色预警", Kind.UPDATE),
        ("暴雨橙色预警解除前请勿返回", Kind.UPDATE),
        ("暴雨黄色预警尚未解除", Kind.UPDATE),
    ],
)
def test_lifted_in_words(headline: str, kind: Kind) -> None:
    assert only(info(headline=headline), msgType="Update", references=BEFORE).kind is kind


def test_a_cancel_needs_no_info() -> None:
    issued = only("<!-- none -->", msgType="Cancel", references=BEFORE, note="误发")
    assert (issued.kind, issued.headline) == (Kind.CANCEL, "误发")
    assert issued.references[0].identifier == f"{IDENTIFIER[:-1]}1"


def test_an_exercise_is_marked_and_acted_upon() -> None:
    outcome = made_of(status="Exercise", note="演练")
    assert outcome.issued_warnings[0].exercise
    assert outcome.not_actionable is None


# --- what is not meant for action ---


@pytest.mark.parametrize("status", ["Test", "Draft", "System"])
def test_other_statuses_call_nobody(status: str) -> None:
    """3.2.1 status."""
    outcome = made_of(status=status)
    assert outcome.not_actionable is not None
    assert status in outcome.not_actionable
    assert len(outcome.issued_warnings) == 1


@pytest.mark.parametrize("kind", ["Ack", "Error"])
def test_answers_to_other_messages_call_nobody(kind: str) -> None:
    reason = made_of(msgType=kind, references=BEFORE).not_actionable
    assert reason is not None
    assert kind in reason


def test_green_is_no_warning() -> None:
    green = info(extra=pair("parameter", "awareness_level", "1; Green"))
    assert made_of(green).not_actionable is not None
    mixed = made_of(green, info())
    assert mixed.not_actionable is None
    assert len(mixed.issued_warnings) == 1


def test_an_all_clear_must_say_what_it_ends() -> None:
    over = info(responseType="AllClear", severity=None)
    assert made_of(over).not_actionable is not None
    assert made_of(over, references=BEFORE).not_actionable is None


def test_an_alert_without_info_holds_no_warning() -> None:
    outcome = made_of("<!-- none -->")
    assert outcome.issued_warnings == ()
    assert outcome.not_actionable is not None


def test_reasons_are_told_in_the_readers_language() -> None:
    with speaking("zh-CN"):
        reason = made_of(status="Draft").not_actionable
    assert reason == "消息状态为 Draft，不用于实际处置"
