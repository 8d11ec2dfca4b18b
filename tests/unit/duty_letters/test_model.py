from datetime import datetime

import pytest

from jiaoying.duty.letters.model import (
    addressees,
    moment_words,
    reference_of,
    usual_series,
    within_words,
)


def test_the_number_of_a_letter() -> None:
    assert reference_of("沁水应急函", 2026, 3) == "沁水应急函〔2026〕3号"
    assert reference_of("沁水应急函", None, None) == "沁水应急函〔    〕  号"


@pytest.mark.parametrize(
    ("county", "series"), [("沁水县", "沁水应急函"), ("城区", "城区应急函"), ("县", "县应急函")]
)
def test_the_usual_letters_before_the_year(county: str, series: str) -> None:
    assert usual_series(county) == series


def test_words_of_both_languages() -> None:
    at = datetime(2026, 7, 15, 16, 30)  # noqa: DTZ001 - wall time, to be written
    assert moment_words(at, "zh-CN") == "7月15日16时30分"
    assert moment_words(at.replace(minute=0), "zh-CN") == "7月15日16时"
    assert moment_words(at, "en") == "16:30 on 15 July"
    assert within_words(120, "zh-CN") == "2小时"
    assert within_words(90, "en") == "90 minutes"
    assert addressees(["龙港镇值班室", "郑庄镇值班室"], "zh-CN") == "龙港镇值班室、郑庄镇值班室："
