"""Who knows the secret, and signed just now, is believed; nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from jiaoying.warnings.feeds.signature import WINDOW_S, refuse_moment, refuse_signature, signature_of

WALL = datetime(2026, 7, 15, 8, 30, tzinfo=UTC)
SECRET = "a secret of the bureau"
BODY = "<alert>暴雨</alert>".encode()


def test_the_example_of_the_documentation() -> None:
    at = datetime.fromtimestamp(1784104200, UTC)
    assert signature_of("correct-horse-battery", b"<alert/>", at) == (
        "t=1784104200,v1=a90ad6f0202bb490ac5f8ba6a07c7ddd790b0c1fc3c9d8947c8ec79999063d4c"
    )


def test_a_right_one_is_believed() -> None:
    header = signature_of(SECRET, BODY, WALL)
    assert refuse_signature(header, SECRET, BODY, WALL) is None
    assert (
        refuse_signature(header.upper().replace("T=", "t=").replace("V1=", "v1="), SECRET, BODY, WALL) is None
    )


def test_one_of_two_is_enough_while_a_secret_is_changed() -> None:
    old = signature_of("the secret before", BODY, WALL)
    both = f"{old},{signature_of(SECRET, BODY, WALL).partition(',')[2]}"
    assert refuse_signature(both, SECRET, BODY, WALL) is None


@pytest.mark.parametrize("seconds", [-WINDOW_S - 1, WINDOW_S + 1])
def test_an_old_one_and_one_from_the_future_are_not(seconds: int) -> None:
    header = signature_of(SECRET, BODY, WALL + timedelta(seconds=seconds))
    assert refuse_signature(header, SECRET, BODY, WALL)


def test_another_body_secret_or_moment_is_not() -> None:
    header = signature_of(SECRET, BODY, WALL)
    assert refuse_signature(header, SECRET, BODY + b" ", WALL)
    assert refuse_signature(header, "another", BODY, WALL)
    shifted = header.replace(f"t={int(WALL.timestamp())}", f"t={int(WALL.timestamp()) + 1}")
    assert refuse_signature(shifted, SECRET, BODY, WALL)


@given(some.text(max_size=200))
def test_whatever_stands_in_the_header_is_answered_with_a_sentence(header: str) -> None:
    assert refuse_moment(header, WALL) or refuse_signature(header, SECRET, BODY, WALL)


@pytest.mark.parametrize(
    "header", ["", "t=,v1=", "t=1", "v1=aa", "t=1,t=2,v1=aa", "t=1e9,v1=aa", "t=١,v1=aa"]
)
def test_a_header_of_another_form_names_the_form(header: str) -> None:
    assert "v1=" in (refuse_moment(header, WALL) or "")
