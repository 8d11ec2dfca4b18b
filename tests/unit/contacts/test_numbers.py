"""What is known of a number does not depend on the order in which it was heard."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.contacts.model import NumberStanding, Proof
from jiaoying.contacts.numbers import (
    DOUBTFUL,
    NumberRecord,
    NumberWord,
    after_word,
    in_calling_order,
)

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
DEAD, OFF, SILENT, WORKS, WRONG = (
    NumberStanding.DEAD,
    NumberStanding.OFF,
    NumberStanding.SILENT,
    NumberStanding.WORKS,
    NumberStanding.WRONG_PERSON,
)


def said(minute: int, standing: NumberStanding, proof: Proof | None = None) -> NumberWord:
    reached = standing is WORKS
    return NumberWord(NOW + timedelta(minutes=minute), standing, reached, proof)


def known_after(*words: NumberWord) -> NumberRecord:
    known = NumberRecord()
    for word in words:
        known = after_word(known, word)
    return known


@pytest.mark.parametrize(
    ("words", "standing", "failures"),
    [
        ((said(0, DEAD),), DEAD, 1),
        ((said(0, DEAD), said(1, DEAD), said(2, OFF)), OFF, 3),
        ((said(0, DEAD), said(1, WORKS)), WORKS, 0),
        ((said(1, WORKS), said(0, DEAD)), WORKS, 0),  # late: no longer true
        ((said(0, WORKS), said(1, SILENT)), SILENT, 1),
        # A text that arrives, or a phone that rings, does not make a stranger the person.
        ((said(0, WRONG), said(1, WORKS)), WRONG, 1),
        ((said(0, WRONG), said(1, DEAD)), WRONG, 1),
        ((said(0, WRONG), said(1, WORKS, Proof.ANSWER)), WORKS, 0),
        ((said(1, WORKS, Proof.ANSWER), said(0, WRONG)), WORKS, 0),
        ((said(0, WORKS, Proof.ANSWER), said(1, WRONG)), WRONG, 1),
    ],
)
def test_the_newest_word_counts(
    words: tuple[NumberWord, ...], standing: NumberStanding, failures: int
) -> None:
    known = known_after(*words)
    assert (known.standing, known.failures) == (standing, failures)


def test_when_it_was_reached_and_verified_is_kept_apart_from_how_it_stands() -> None:
    known = known_after(said(0, WORKS, Proof.CHECK), said(5, WORKS), said(9, DEAD))
    assert (known.verified_at, known.verified_how) == (NOW, Proof.CHECK)
    assert known.reached_at == NOW + timedelta(minutes=5)
    assert known.standing is DEAD


def test_the_same_word_twice_counts_once() -> None:
    assert known_after(said(0, DEAD), said(0, DEAD)) == known_after(said(0, DEAD))


carriers = st.builds(
    said, st.integers(0, 5), st.sampled_from([DEAD, OFF, SILENT, WORKS, NumberStanding.SUSPENDED])
)
people = st.builds(
    said, st.integers(0, 5), st.just(WORKS), st.sampled_from([Proof.ANSWER, Proof.CHECK])
) | st.builds(said, st.integers(0, 5), st.just(WRONG))


@settings(max_examples=100)
@given(st.lists(carriers, min_size=2, max_size=4))
def test_in_whatever_order_carriers_speak(words: list[NumberWord]) -> None:
    found = {
        (known.standing, known.standing_at, known.reached_at)
        for known in (known_after(*order) for order in permutations(words))
    }
    assert len(found) == 1


@settings(max_examples=100)
@given(st.lists(carriers | people, min_size=2, max_size=4, unique_by=lambda word: word.at))
def test_in_whatever_order_it_is_heard_whose_number_it_is(words: list[NumberWord]) -> None:
    found = {
        (known.standing is WRONG, known.verified_at, known.verified_how, known.reached_at)
        for known in (known_after(*order) for order in permutations(words))
    }
    assert len(found) == 1


@given(st.lists(st.tuples(st.integers(), st.sampled_from(NumberStanding)), max_size=6))
def test_doubtful_numbers_come_last_and_nobody_loses_one(
    numbers: list[tuple[int, NumberStanding]],
) -> None:
    ordered = in_calling_order(numbers, lambda number: number[1])
    assert sorted(ordered, key=str) == sorted(numbers, key=str)
    doubts = [standing in DOUBTFUL for _, standing in ordered]
    assert doubts == sorted(doubts)
    assert [number for number in ordered if number[1] not in DOUBTFUL] == [
        number for number in numbers if number[1] not in DOUBTFUL
    ]
