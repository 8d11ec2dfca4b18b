"""What carriers will charge for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.templates.parts import count_parts


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),  # two signs each
        ("€" * 81, 2),
        ("汛" * 70, 1),
        ("汛" * 71, 2),
        ("汛" * 134, 2),
        ("汛" * 135, 3),
        ("😀" * 35, 1),  # two units each
        ("😀" * 36, 2),
        ("a" * 69 + "汛", 1),  # one Chinese sign makes the whole text UCS-2
        ("a" * 70 + "汛", 2),
    ],
)
def test_parts(text: str, parts: int) -> None:
    assert count_parts(text) == parts


@given(st.text(max_size=600))
def test_a_longer_text_never_has_fewer_parts(text: str) -> None:
    assert count_parts(text + "汛") >= count_parts(text)
