"""What each HTTP answer means for a hand-over."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.gateways.base import Accepted, Ambiguous, Outcome, Refused, Scope, Throttled
from jiaoying.gateways.twilio.codes import CODES, sentence_of
from jiaoying.gateways.twilio.outcomes import Answer, outcome_of
from jiaoying.kernel.language import speaking


def refusal(status: int, code: int | None, retry_after: str | None = None) -> Outcome:
    body = json.dumps({"code": code, "message": "…", "status": status}).encode()
    return outcome_of(Answer(status, body, retry_after))


def test_a_success_with_a_reference_is_accepted() -> None:
    assert outcome_of(Answer(201, b'{"sid": "SM1", "status": "queued"}')) == Accepted("SM1")


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"<html>", b'{"sid": null}', b'{"sid": ""}', b"[1]", b"\xff", b"["),
        # What no row and no index can hold.
        *(b'{"sid": "SM\\u0000"}', b'{"sid": "\\ud800"}', b'{"sid": "%s"}' % (b"S" * 5000)),
    ],
)
def test_a_success_without_a_reference_may_have_been_sent(body: bytes) -> None:
    assert isinstance(outcome_of(Answer(201, body)), Ambiguous)


@pytest.mark.parametrize("status", [500, 502, 503, 504, 599, 408])
def test_trouble_at_the_carrier_may_have_been_sent(status: int) -> None:
    assert isinstance(refusal(status, 20500), Ambiguous)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (None, 2.0),
        ("", 2.0),
        ("Wed, 21 Oct 2026 07:28:00 GMT", 2.0),
        ("-5", 0.1),
        ("1e9", 3600.0),
    ],
)
def test_slow_down_says_how_long(header: str | None, seconds: float) -> None:
    assert refusal(429, 20429, header) == Throttled("20429", seconds)


def test_not_a_number_of_seconds_is_the_default() -> None:
    assert refusal(429, None, "nan") == Throttled("http-429", 2.0)


def test_a_full_queue_at_the_carrier_was_surely_not_processed() -> None:
    assert refusal(400, 21611) == Throttled("21611", 600.0)


@pytest.mark.parametrize(
    ("status", "code", "scope"),
    [
        (401, 20003, Scope.ACCOUNT),
        (400, 21408, Scope.ACCOUNT),
        (400, 21211, Scope.RECIPIENT),
        (400, 21610, Scope.RECIPIENT),
        (400, 21614, Scope.RECIPIENT),
        (400, 13224, Scope.RECIPIENT),
        (400, 21606, Scope.SENDER),
        (400, 21612, Scope.SENDER),
        (400, 21602, Scope.CONTENT),
        (400, 21617, Scope.CONTENT),
    ],
)
def test_refusals_say_whom_they_are_about(status: int, code: int, scope: Scope) -> None:
    outcome = refusal(status, code)
    assert isinstance(outcome, Refused)
    assert (outcome.scope, outcome.code) == (scope, str(code))


@pytest.mark.parametrize(
    ("status", "scope"),
    [
        (400, Scope.RECIPIENT),
        (422, Scope.RECIPIENT),
        (401, Scope.ACCOUNT),
        (403, Scope.ACCOUNT),
        (404, Scope.ACCOUNT),
        (301, Scope.ACCOUNT),
        (413, Scope.CONTENT),
    ],
)
def test_a_code_that_nobody_knows_gets_the_meaning_of_its_class(status: int, scope: Scope) -> None:
    outcome = refusal(status, 98765)
    assert isinstance(outcome, Refused)
    assert (outcome.scope, outcome.code) == (scope, "98765")


def test_a_refusal_in_another_tongue_is_still_a_refusal() -> None:
    outcome = outcome_of(Answer(400, b"<html>Bad Request</html>"))
    assert isinstance(outcome, Refused)
    assert outcome.code == "http-400"


@given(
    st.integers(100, 599),
    st.binary(max_size=60)
    | st.from_regex(rb'\{"(sid|code)": ?("[A-Z0-9]*"|-?\d+|null|true|\[\])\}', fullmatch=True),
    st.none() | st.text(max_size=12),
)
def test_every_answer_has_an_outcome(status: int, body: bytes, retry_after: str | None) -> None:
    outcome = outcome_of(Answer(status, body, retry_after))
    assert not isinstance(outcome, Accepted) or 200 <= status < 300
    assert isinstance(outcome, Ambiguous) or status < 500
    if isinstance(outcome, Throttled):
        assert 0.1 <= outcome.retry_after_s <= 3600


def test_every_code_has_a_chinese_sentence() -> None:
    for code, meaning in CODES.items():
        with speaking("zh-CN"):
            assert sentence_of(code) != meaning.text, code
