"""Texts in a form are quoted as the library quotes them, only sooner."""

from urllib.parse import quote_plus

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.gateways.twilio.gateway import quoted_text


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_quoted_as_the_library_does(text: str) -> None:
    assert quoted_text(text) == quote_plus(text)


def test_what_would_end_a_field_is_quoted() -> None:
    assert quoted_text("雨 1&To=2+3%") == "%E9%9B%A8+1%26To%3D2%2B3%25"
