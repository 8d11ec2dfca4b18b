"""Bulletins in free text: what is read, from which words, and what is asked."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from jiaoying.demonstration.data_files import demonstration_areas
from jiaoying.warnings.gazetteer import Gazetteer, china_counties
from jiaoying.warnings.model import ParsedMessage, Verdict
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
