"""How often somebody may try, and where they may be led afterwards."""

import pytest

from jiaoying.web.sign_in import Throttle, local_path


def failed(throttle: Throttle, times: int, name: str = "wang", address: str = "10.0.0.7") -> None:
    for moment in range(times):
        throttle.note_failure(name, address, float(moment))


def test_five_failures_bar_that_name_from_that_address() -> None:
    throttle = Throttle()
    failed(throttle, 4)
    assert not throttle.is_barred("wang", "10.0.0.7", 10)
    failed(throttle, 1)
    assert throttle.is_barred("wang", "10.0.0.7", 10)


def test_a_stranger_cannot_bar_the_officer_elsewhere() -> None:
    throttle = Throttle()
    failed(throttle, 40)
    assert not throttle.is_barred("wang", "10.0.0.8", 10)
    assert not throttle.is_barred("li", "10.0.0.7", 10)


def test_an_address_that_tries_many_names_is_barred_for_all() -> None:
    throttle = Throttle()
    for number in range(50):
        throttle.note_failure(f"name{number}", "10.0.0.7", 0.0)
    assert throttle.is_barred("li", "10.0.0.7", 10)


def test_failures_are_forgotten_after_five_minutes() -> None:
    throttle = Throttle()
    failed(throttle, 5)
    assert not throttle.is_barred("wang", "10.0.0.7", 305)


def test_what_is_remembered_is_bounded() -> None:
    throttle = Throttle()
    for number in range(12_000):
        throttle.note_failure(f"name{number}", f"address{number}", 0.0)
    assert throttle.size <= 10_000


@pytest.mark.parametrize(
    "wanted",
    ["", "https://elsewhere.example", "//elsewhere.example", "/\\elsewhere.example", "javascript:1", "/a\nb"],
)
def test_nobody_is_led_elsewhere(wanted: str) -> None:
    assert local_path(wanted) == "/warnings"


def test_one_is_led_back_to_where_one_was() -> None:
    assert local_path("/call-outs/1?x=2") == "/call-outs/1?x=2"
