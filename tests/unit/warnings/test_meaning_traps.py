"""What real messages do wrong, and what becomes of it. One trap a test, each with a document of our own."""

from datetime import UTC, datetime, timedelta

import pytest

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.model import Circle, IssuedWarning, Kind, ParsedMessage, Verdict
from unit.warnings.samples import IDENTIFIER, SENDER, alert, area, codes, geocode, info, pair, read

SENT = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)
DAY = timedelta(hours=24)
BEFORE = f"{SENDER},{IDENTIFIER[:-1]}1,2026-07-15T15:30:00+08:00"
EARLY = "2026-07-05T22:30:00+08:00"
SQUARE = "35.1,112.1 35.1,112.2 35.2,112.2 35.2,112.1 35.1,112.1"


def only(parsed: ParsedMessage) -> IssuedWarning:
    assert parsed.verdict is not Verdict.REJECT, parsed.complaints
    [issued] = parsed.issued_warnings
    return issued


def noted(parsed: ParsedMessage) -> set[str]:
    return {code for code, _ in codes(parsed)}


# --- time ---


def test_expires_is_not_the_end_of_the_hazard() -> None:
    """The weather service of the USA: the message may expire before the event begins."""
    block = info(
        onset="2026-07-16T08:00:00+08:00",
        expires="2026-07-15T23:00:00+08:00",
        extra=pair("parameter", "eventEndingTime", "2026-07-17T08:30:00+08:00"),
    )
    issued = only(read(alert(block)))
    assert issued.valid_from == SENT
    assert issued.valid_to == SENT + timedelta(hours=40)


def test_a_message_that_expires_before_the_event_and_names_no_end_holds_for_a_day_from_it() -> None:
    parsed = read(alert(info(onset="2026-07-16T16:30:00+08:00", expires="2026-07-15T23:00:00+08:00")))
    assert only(parsed).valid_to == SENT + DAY + DAY
    assert "expires-before-onset" in noted(parsed)


def test_a_buddhist_year_of_sent_is_refused_and_said() -> None:
    """Nothing else dates the message, and 2569 may be a slip for 2026 or for 2029."""
    parsed = read(alert(sent="2569-07-15T16:30:00+07:00"))
    assert parsed.verdict is Verdict.REJECT
    assert ("sent-in-future", "sent") in codes(parsed)


def test_a_buddhist_year_beside_a_western_one_is_converted() -> None:
    parsed = read(alert(info(expires="2569-07-15T23:30:00+07:00")))
    assert only(parsed).valid_to == SENT + timedelta(hours=8)
    assert "buddhist-year" in noted(parsed)
    far = only(read(alert(info(expires="2580-07-15T23:30:00+07:00"))))
    assert far.valid_to.year == 2580


def test_a_moment_without_an_end_holds_for_a_day_though_its_zone_is_doubtful() -> None:
    """A worldwide feed labels local time as UTC and gives no end: our own policy, and links escaped twice."""
    parsed = read(
        alert(info(expires=None, description="see a?x=1&amp;amp;y=2"), sent="2026-07-15T08:30:00-00:00")
    )
    issued = only(parsed)
    assert (issued.valid_from, issued.valid_to) == (SENT, SENT + DAY)
    assert issued.text == "see a?x=1&y=2"
    assert "no-expires" in noted(parsed)


def test_sent_is_kept_though_the_identifier_says_a_later_time() -> None:
    """Belgium; what came later is told by its arrival and its references, not here."""
    issued = only(read(alert(identifier="x.20260715172001", msgType="Update", references=BEFORE)))
    assert issued.sent_at == SENT
    assert issued.references[0].identifier == f"{IDENTIFIER[:-1]}1"


def test_an_end_before_sent_is_a_slip() -> None:
    parsed = read(alert(info(expires=EARLY)))
    assert only(parsed).valid_to == SENT + DAY
    assert "expires-before-sent" in noted(parsed)


def test_a_cancel_acts_though_it_has_expired() -> None:
    parsed = read(alert(info(expires="2026-07-15T16:30:00+08:00"), msgType="Cancel", references=BEFORE))
    assert only(parsed).kind is Kind.CANCEL
    assert parsed.not_actionable is None
    assert only(parsed).valid_to > only(parsed).valid_from


def test_a_beginning_after_its_own_end_begins_at_once() -> None:
    parsed = read(alert(info(effective="2027-07-15T16:30:00+08:00")))
    assert (only(parsed).valid_from, only(parsed).valid_to) == (SENT, SENT + timedelta(hours=6))
    assert "effective-after-end" in noted(parsed)


def test_two_periods_that_do_not_meet_are_two_warnings() -> None:
    """Tonight here, tomorrow there: the first place is free again when the second begins."""
    tomorrow = info(
        area(geocode("140522000000"), description="阳城县"),
        effective="2026-07-16T16:30:00+08:00",
        expires="2026-07-16T22:30:00+08:00",
    )
    first, second = read(alert(info(), tomorrow)).issued_warnings
    assert (first.area_codes, first.valid_to) == (("140521000000",), SENT + timedelta(hours=6))
    assert (second.area_codes, second.valid_from) == (("140522000000",), SENT + DAY)


# --- chain ---


def test_a_message_that_refers_to_itself_is_read_and_its_all_clear_acts() -> None:
    """Macau: an Update with its own identifier and time as reference, AllClear, Past, and no end."""
    itself = f"{SENDER},{IDENTIFIER},2026-07-15T16:30:00+08:00"
    headline = "強烈季候風(即黑球)信號於 2026年07月15日16時00分 取消。"
    block = info(
        language="zh-mo",
        event="強烈季候風信號",
        headline=headline,
        responseType="AllClear",
        urgency="Past",
        expires=None,
    )
    parsed = read(alert(block, msgType="Update", references=itself))
    assert (only(parsed).kind, only(parsed).hazard) == (Kind.ALL_CLEAR, Hazard.WIND)
    assert parsed.not_actionable is None


@pytest.mark.parametrize(
    "block",
    [
        info(language="zh-mo", event="暴雨警告", headline="黃色暴雨警告信號於16時30分取消"),
        info(language="en-US", event="Tsunami Cancellation", headline="Tsunami Cancellation"),
        info(language="en-CA", event="rainfall", headline="rainfall warning ended"),
        info(language="de-DE", event="Gefahrendurchsage", headline="Entwarnung: Hochwasser"),
        info(responseType="AllClear"),
        info(extra=pair("parameter", "awareness_level", "1; green; Minor")),
    ],
)
def test_a_warning_ends_without_a_cancel(block: str) -> None:
    parsed = read(alert(block, msgType="Update", references=BEFORE))
    assert only(parsed).kind is Kind.ALL_CLEAR
    assert parsed.not_actionable is None


@pytest.mark.parametrize(
    "headline",
    [
        "大雾橙色预警 部分航班取消",
        "暴雨黄色预警信号未取消",
        "Watch cancelled, warning in effect",
        "Flood warning: dikes may fail",
        "Flood warning: all school trips cancelled",
        "Tornado warning: stay inside until the all clear",
        "台风红色预警 取消航班 请勿外出",
        "暴雨橙色预警信号 部分取消",
        "Amtliche WARNUNG, bis zur Entwarnung im Haus bleiben",
    ],
)
def test_what_sounds_like_an_end_and_is_none(headline: str) -> None:
    assert only(read(alert(info(headline=headline), msgType="Update", references=BEFORE))).kind is Kind.UPDATE


def test_one_update_that_goes_on_here_and_ends_there() -> None:
    """Canada: in each language an info `active` and an info `ended`, with other areas."""
    here, there = geocode("140521100000"), geocode("140521101000")
    status = "layer:EC-MSC-SMC:1.0:Alert_Location_Status"
    active = info(
        area(here),
        language="en-CA",
        event="frost",
        headline="frost advisory in effect",
        extra=pair("parameter", status, "active"),
    )
    ended = info(
        area(there),
        language="en-CA",
        event="frost",
        headline="frost advisory",
        severity="Minor",
        extra=pair("parameter", status, "ended"),
    )
    for order in ((active, ended), (ended, active)):
        issued = only(read(alert(*order, msgType="Update", references=BEFORE)))
        assert (issued.kind, issued.colour, issued.area_codes) == (
            Kind.UPDATE,
            Colour.YELLOW,
            ("140521100000",),
        )


def test_all_places_ended_is_the_end() -> None:
    status = "layer:EC-MSC-SMC:1.1:Alert_Location_Status"
    ended = info(
        language="en-CA", event="frost", headline="frost advisory", extra=pair("parameter", status, "ended")
    )
    assert only(read(alert(ended, msgType="Update", references=BEFORE))).kind is Kind.ALL_CLEAR


def test_warning_advisory_and_watch_of_one_message_are_three_warnings() -> None:
    """A tsunami: three infos of one language, each with its severity and its coast."""
    coasts = {
        "AKZ1": ("Tsunami Warning", "Extreme"),
        "AKZ2": ("Tsunami Advisory", "Severe"),
        "AKZ3": ("Tsunami Watch", "Moderate"),
    }
    blocks = [
        info(area(description=coast), language="en-US", event=event, headline=event, severity=severity)
        for coast, (event, severity) in coasts.items()
    ]
    issued = read(alert(*blocks)).issued_warnings
    assert [(one.colour, one.area_names, one.hazard) for one in issued] == [
        (Colour.RED, "AKZ1", Hazard.MARINE),
        (Colour.ORANGE, "AKZ2", Hazard.MARINE),
        (Colour.YELLOW, "AKZ3", Hazard.MARINE),
    ]
    assert [one.identifier for one in issued] == [IDENTIFIER, f"{IDENTIFIER}#2", f"{IDENTIFIER}#3"]


# --- area ---


def test_codes_of_another_country_alone_leave_the_names() -> None:
    """Most real warnings have codes only, and no line to lay on a map."""
    parsed = read(
        alert(info(area(geocode("058715", "SAME"), geocode("PKZ715", "UGC"), description="Kodiak")))
    )
    issued = only(parsed)
    assert (issued.area_codes, issued.polygons, issued.area_names) == ((), (), "Kodiak")
    assert parsed.not_actionable is None


def test_axes_exchanged_where_that_is_proved() -> None:
    swapped = "112.1,35.1 112.2,35.1 112.2,35.2 112.1,35.2 112.1,35.1"
    parsed = read(alert(info(area(f"<polygon>{swapped}</polygon>"))))
    assert all(35 <= lat <= 36 and 112 <= lon <= 113 for ring in only(parsed).polygons for lat, lon in ring)
    assert noted(parsed) & {"swapped-axes", "axes-exchanged"}


@pytest.mark.parametrize("odd", ["95.1,35.1", "35.1,400.0", "8.7),-68.1"])
def test_lines_that_cannot_be_used_leave_the_warning_standing(odd: str) -> None:
    parsed = read(
        alert(info(area(f"<polygon>{odd} 35.1,112.2 35.2,112.1 {odd}</polygon>", geocode("140521"))))
    )
    assert only(parsed).polygons == ()
    assert only(parsed).area_codes == ("140521000000",)
    assert parsed.verdict is Verdict.ACCEPT_WITH_WARNINGS


def test_without_any_usable_area_the_senders_territory_is_meant() -> None:
    """12379: the identifier begins with the code of the issuing area."""
    parsed = read(alert(info("<area><areaDesc></areaDesc><polygon>x</polygon></area>")))
    assert only(parsed).area_codes == ("140521000000",)
    assert "whole-territory" in noted(parsed)
    unknown = read(alert(info("<!-- no area -->"), identifier="x"))
    assert only(unknown).area_codes == ()
    assert "no-area" in noted(unknown)


def test_lines_over_the_antimeridian_and_beyond_180() -> None:
    jumping = "62,179 62,-179 63,-179 63,179 62,179"
    beyond = "10,-178 10,-184 12,-184 12,-178 10,-178"
    for text in (jumping, beyond):
        parsed = read(alert(info(area(f"<polygon>{text}</polygon>"))))
        rings = only(parsed).polygons
        assert len(rings) == 2
        assert all(max(lon for _, lon in ring) - min(lon for _, lon in ring) < 6 for ring in rings)
        assert all(abs(lon) <= 180 for ring in rings for _, lon in ring)
        assert "antimeridian-cut" in noted(parsed)


def test_an_excluded_polygon_is_taken_out_although_it_is_a_geocode() -> None:
    hole = "35.12,112.12 35.12,112.18 35.18,112.18 35.18,112.12 35.12,112.12"
    parts = (f"<polygon>{SQUARE}</polygon>", geocode(hole, "EXCLUDE_POLYGON"))
    parsed = read(alert(info(area(*parts))))
    assert len(only(parsed).polygons) > 1
    assert only(parsed).area_codes == ()
    assert "excluded" in noted(parsed)
    assert parsed.message is not None
    assert len(parsed.message.infos[0].areas[0].polygons) == 1


def test_a_circle_of_radius_zero_is_a_point() -> None:
    assert only(read(alert(info(area("<circle>35.1,112.1 0</circle>"))))).circles == (
        Circle(35.1, 112.1, 0.0),
    )


def test_a_polygon_of_three_points_and_one_that_crosses_itself() -> None:
    triangle = read(alert(info(area("<polygon>35.1,112.1 35.1,112.2 35.2,112.2</polygon>"))))
    assert len(only(triangle).polygons[0]) == 4
    bow = read(alert(info(area("<polygon>35.1,112.1 35.2,112.2 35.1,112.2 35.2,112.1 35.1,112.1</polygon>"))))
    assert len(only(bow).polygons) == 2
    assert "crossing-mended" in noted(bow)


@pytest.mark.parametrize(
    "scheme",
    [
        "CPEAS Geographic Code",
        "cpeas geographic code",
        "AdCode",
        "GB/T 2260",
        "GBT2260",
        "行政区划代码",
        "area_code",
        "geoCode",
    ],
)
@pytest.mark.parametrize("language", ["zh-CN", "en-US"])
def test_division_codes_under_any_spelling(scheme: str, language: str) -> None:
    block = info(
        area(geocode("140521, 140521100，,140521", scheme)), language=language, event="rain", headline="rain"
    )
    assert only(read(alert(block))).area_codes == ("140521000000", "140521100000")


@pytest.mark.parametrize(
    ("scheme", "value"),
    [
        ("FIPS6", "140521"), ("fips 6", "140521"), ("SAME", "140521"), ("WARNCELLID", "114521000"),
        ("EMMA_ID", "140521"), ("emma id", "140521"), ("ISO 3166-2", "140521"), ("AGS", "110000000000"),
        ("ARS", "110000000000"), ("AreaId", "110000000000"), ("layer:EC-MSC-SMC:1.0:CLC", "140521"),
        ("profile:CAP-CP:Location:0.3", "140521"), ("NUTS3", "140521"), ("ZIP", "140521"),
    ],
)  # fmt: skip
def test_other_schemes_are_never_taken_for_division_codes(scheme: str, value: str) -> None:
    """In whatever case and with whatever blanks they are written, and also in a Chinese message."""
    assert only(read(alert(info(area(geocode(value, scheme)))))).area_codes == ()


def test_an_unheard_scheme_counts_only_in_a_message_that_speaks_chinese() -> None:
    block = area(geocode("140521", "id"))
    assert only(read(alert(info(block)))).area_codes == ("140521000000",)
    assert only(read(alert(info(block, language="hr", event="vjetar", headline="vjetar")))).area_codes == ()


def test_languages_are_joined_by_codes_and_not_by_names() -> None:
    """China: areaDesc is `Show area` in the one and 新市区 in the other; codes and lines count for both."""
    english = info(
        area(geocode("140521"), f"<polygon>{SQUARE}</polygon>", description="Show area"),
        language="en-US",
        event="rain",
        headline="rain",
    )
    chinese = info(area(description="某地"))
    issued = only(read(alert(english, chinese)))
    assert (issued.area_names, issued.area_codes, len(issued.polygons)) == ("某地", ("140521000000",), 1)


def test_the_area_of_what_has_ended_is_not_lent() -> None:
    ended = info(
        area(geocode("140522")), language="en-CA", event="rain", headline="rain", responseType="AllClear"
    )
    issued = only(read(alert(ended, info(area(description="某地")), msgType="Update", references=BEFORE)))
    assert (issued.area_names, issued.area_codes) == ("某地", ())


# --- content ---


def test_green_is_not_a_warning_whatever_severity_says() -> None:
    parsed = read(
        alert(
            info(
                severity="Moderate",
                responseType="None",
                extra=pair("parameter", "awareness_level", "1; Green"),
            )
        )
    )
    assert parsed.not_actionable is not None


def test_awareness_level_decides_the_colour() -> None:
    block = info(
        language="en",
        event="Rain",
        headline="Severe rain",
        severity="Severe",
        extra=pair("parameter", "awareness_level", "2; yellow; Moderate"),
    )
    parsed = read(alert(block))
    assert only(parsed).colour is Colour.YELLOW
    assert "colour-differs" in noted(parsed)


def test_severity_unknown_is_no_colour_and_not_the_least() -> None:
    issued = only(read(alert(info(severity="Unknown", headline="发布雷电预警", event="雷电"))))
    assert issued.colour is None


def test_html_becomes_text_and_the_message_keeps_it() -> None:
    sent = "&lt;p&gt;Rain &amp;amp; wind&lt;br/&gt;below 5 &amp;lt; 6 m/s&lt;/p&gt; **now**"
    parsed = read(alert(info(description=sent, instruction="&lt;b&gt;go&lt;/b&gt;")))
    assert only(parsed).text == "Rain & wind\nbelow 5 < 6 m/s\n**now**"
    assert only(parsed).instruction == "go"
    assert parsed.message is not None
    assert parsed.message.infos[0].description == "<p>Rain &amp; wind<br/>below 5 &lt; 6 m/s</p> **now**"


def test_what_was_escaped_twice_is_read_all_the_same() -> None:
    sent = "wind &amp;amp;amp; rain&amp;lt;br&amp;gt;now"
    assert only(read(alert(info(description=sent)))).text == "wind & rain\nnow"


def test_a_text_without_end_is_cut_for_calling_only() -> None:
    parsed = read(alert(info(description="雨" * 30_000)))
    assert len(only(parsed).text) == 20_000
    assert "text-cut" in noted(parsed)
    assert parsed.message is not None
    assert len(parsed.message.infos[0].description or "") == 30_000


def test_without_headline_and_text_something_is_still_said() -> None:
    issued = only(read(alert(info(headline=None, description=None, instruction=None))))
    assert (issued.headline, issued.text, issued.instruction) == ("暴雨", "", None)


@pytest.mark.parametrize("language", ["zh-mo", "zh-tw", "zh_CN", "ZH"])
def test_chinese_is_chosen_however_it_is_labelled(language: str) -> None:
    english = info(language="en_US", event="rain", headline="rain", description="rain")
    assert only(read(alert(english, info(language=language)))).text.startswith("预计")


def test_of_two_kinds_of_chinese_one_is_taken() -> None:
    hong_kong = info(language="zh-HK", description="預計未來6小時")
    for order in ((info(), hong_kong), (hong_kong, info())):
        assert only(read(alert(*order))).text == "预计未来6小时我县大部分乡镇降雨量将达50毫米以上。"


def test_easy_language_gives_way_to_the_full_one() -> None:
    easy = info(language="de-LS", event="Regen", headline="Es regnet")
    full = info(language="de-DE", event="STARKREGEN", headline="Amtliche WARNUNG")
    assert only(read(alert(easy, full))).headline == "Amtliche WARNUNG"
    assert only(read(alert(easy))).headline == "Es regnet"


@pytest.mark.parametrize(
    "block",
    [
        info(headline="TEST: 暴雨黄色预警"),
        info(language="de-DE", event="TEST-WARNUNG", headline="Warnung"),
        info(language="en-US", event="Test Message", headline="Test Message"),
        info(language="en-US", event="rain", headline="This is a test of the system"),
        info(event="暴雨", headline="关于防汛演练的通知"),
        info(language="en-US", event="Required", headline="x", extra=pair("eventCode", "SAME", "RMT")),
    ],
)
def test_a_test_under_the_status_actual_is_put_to_the_officer(block: str) -> None:
    parsed = read(alert(block))
    [question] = parsed.questions
    assert question.field == "status"
    assert [value for value, _ in question.choices] == ["Actual", "Test"]
    assert "test-in-words" in noted(parsed)
    assert parsed.not_actionable is None


@pytest.mark.parametrize(
    "headline", ["FLOOD WARNING: RIVER TEST AT ROMSEY", "Latest rain", "Contest of floods"]
)
def test_what_only_sounds_like_a_test(headline: str) -> None:
    assert read(alert(info(language="en", event="flood", headline=headline))).questions == ()


def test_a_test_that_says_so_asks_nothing_and_calls_nobody() -> None:
    parsed = read(alert(info(event="Test Message", headline="KEEPALIVE"), status="Test"))
    assert parsed.questions == ()
    assert parsed.not_actionable is not None


def test_what_ends_a_warning_is_not_held_back_for_a_word() -> None:
    parsed = read(alert(info(headline="TEST"), msgType="Cancel", references=BEFORE))
    assert parsed.questions == ()


def test_messages_without_any_info() -> None:
    cancel = read(alert("<!-- none -->", msgType="Cancel", references=BEFORE))
    assert only(cancel).kind is Kind.CANCEL
    for changes in ({"msgType": "Ack", "references": BEFORE}, {"status": "System"}):
        parsed = read(alert("<!-- none -->", **changes))
        assert parsed.issued_warnings == ()
        assert parsed.not_actionable is not None
