"""The language a program is answered in."""

from unittest.mock import Mock

import pytest

from jiaoying.web.api.access import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh-CN"),
        ("en", "en"),
        ("en-GB,zh;q=0.5", "en"),
        ("en;q=0.2, zh-TW;q=0.9", "zh-CN"),
        ("zh-Hans-CN, en", "zh-CN"),
        ("fr", "en"),
        ("*", "zh-CN"),
        ("en;q=0", "zh-CN"),
        ("en;q=nonsense", "zh-CN"),
        (";;;,,q=", "zh-CN"),
    ],
)
def test_the_heaviest_wish_wins(header: str, language: str) -> None:
    request = Mock(headers={"Accept-Language": header} if header else {})
    assert language_of(request, "zh-CN") == language
