"""Areas of Chinese messages that are named and not coded."""

import pytest

from jiaoying.warnings.model import ParsedMessage, Verdict
from unit.warnings.samples import alert, area, codes, geocode, info, read


def named(*descriptions: str, **changes: str | None) -> ParsedMessage:
    return read(alert(info(*(area(description=one) for one in descriptions)), **changes))


@pytest.mark.parametrize(
    ("description", "found"),
    [
        ("沁水县", ("140521000000",)),
        ("河南省", ("410000000000",)),
        ("保定市竞秀区", ("130602000000",)),
        ("沁水县、阳城县", ("140521000000", "140522000000")),
        ("河南省,河南省", ("410000000000",)),
    ],
)
def test_a_name_gives_the_code_and_a_complaint_says_so(description: str, found: tuple[str, ...]) -> None:
    parsed = named(description)
    assert parsed.issued_warnings[0].area_codes == found
    assert ("area-by-name", "info/area/areaDesc") in codes(parsed)
    assert parsed.verdict is Verdict.ACCEPT_WITH_WARNINGS


def test_the_message_stays_as_it_was_sent() -> None:
    parsed = named("沁水县")
    assert parsed.message is not None
    assert parsed.message.infos[0].areas[0].geocodes == ()


def test_a_name_of_several_places_is_told_by_the_senders_place() -> None:
    assert named("城区").issued_warnings[0].area_codes == ("140502000000",)
    changchun = named("朝阳区", identifier="22010041600000_20260715163000")
    assert changchun.issued_warnings[0].area_codes == ("220104000000",)


def test_in_doubt_no_code_is_taken_and_the_candidates_are_named() -> None:
    parsed = named("朝阳区")
    assert parsed.issued_warnings[0].area_codes == ()
    [complaint] = [one for one in parsed.complaints if one.code == "doubtful-area"]
    assert "北京市朝阳区 110105000000" in complaint.text
    assert "吉林省长春市朝阳区 220104000000" in complaint.text


@pytest.mark.parametrize("description", ["晋城西北部", "我市大部", "保定市新市区", "東京都", "Beijing"])
def test_what_is_no_name_gives_nothing(description: str) -> None:
    assert named(description).issued_warnings[0].area_codes == ()


def test_where_a_code_or_a_line_is_given_names_count_for_nothing() -> None:
    parsed = read(
        alert(info(area(geocode("140522000000"), description="沁水县"), area(description="阳城县")))
    )
    assert parsed.issued_warnings[0].area_codes == ("140522000000",)
    ring = "<polygon>35.1,112.1 35.1,112.2 35.2,112.2 35.1,112.1</polygon>"
    assert read(alert(info(area(ring)))).issued_warnings[0].area_codes == ()
    foreign = read(alert(info(area(geocode("EMMA_ID", "UT160")))))
    assert foreign.issued_warnings[0].area_codes == ()
