"""Items of a handover: what is new, reworded, settled; and the life of a handover."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import product
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.duty.handovers.model import (
    BY_HAND,
    HANDOVER,
    OVER,
    HandoverEvent,
    HandoverItem,
    HandoverState,
    ItemKind,
    ItemState,
    OpenItem,
    gather,
    merged,
    unowned,
)

NOW = datetime(2026, 7, 15, tzinfo=UTC)
ANY_ID = UUID(int=1)

keys = st.sampled_from(["a", "b", "c", "d"])
kinds = st.sampled_from(list(ItemKind))


@st.composite
def kept_items(draw: st.DrawFn) -> list[HandoverItem]:
    names = draw(st.lists(keys, unique=True))
    states, texts = st.sampled_from(list(ItemState)), st.sampled_from(["x", "y"])
    return [
        HandoverItem(ANY_ID, ANY_ID, name, draw(kinds), draw(texts), "", draw(states), "", NOW)
        for name in names
    ]


@st.composite
def open_items(draw: st.DrawFn) -> list[OpenItem]:
    names, texts = draw(st.lists(keys, unique=True)), st.sampled_from(["x", "y"])
    return [OpenItem(name, draw(kinds), draw(texts)) for name in names]


def item(key: str, state: ItemState, kind: ItemKind = ItemKind.ALARM, text: str = "x") -> HandoverItem:
    return HandoverItem(ANY_ID, ANY_ID, key, kind, text, "", state, "", NOW)


@given(kept_items(), open_items())
def test_whatever_is_open_now_is_an_item_and_nothing_by_hand_gets_lost(
    kept: Sequence[HandoverItem], open_now: Sequence[OpenItem]
) -> None:
    shown = merged(ANY_ID, kept, open_now, NOW)
    by_key = {one.key: one for one in shown}
    assert len(by_key) == len(shown)
    assert {one.key for one in open_now} <= set(by_key)
    assert all(by_key[one.key].state is not ItemState.SETTLED for one in open_now)
    for one in kept:
        assert one.key in by_key
        if one.kind in BY_HAND and one.is_unowned:
            assert by_key[one.key].is_unowned


@given(kept_items(), open_items())
def test_what_was_taken_over_stays_so(kept: Sequence[HandoverItem], open_now: Sequence[OpenItem]) -> None:
    after = {one.key: one.state for one in merged(ANY_ID, kept, open_now, NOW)}
    assert all(after[one.key] is ItemState.ACCEPTED for one in kept if one.state is ItemState.ACCEPTED)


def test_what_is_settled_needs_nobody_and_comes_back_anew() -> None:
    gone = merged(ANY_ID, [item("a", ItemState.OPEN)], [], NOW)
    assert [one.state for one in gone] == [ItemState.SETTLED]
    assert unowned(gone) == []
    again = merged(ANY_ID, [item("a", ItemState.SETTLED)], [OpenItem("a", ItemKind.ALARM, "x")], NOW)
    assert [one.state for one in again] == [ItemState.OPEN]


def test_a_reworded_item_is_told_as_it_stands() -> None:
    changed = gather([item("a", ItemState.ACCEPTED, text="3")], [OpenItem("a", ItemKind.NOT_WOKEN, "2")])
    assert [one.key for one in changed.reworded] == ["a"]
    assert changed.new == ()


def test_every_pair_of_the_life_is_spoken_of() -> None:
    for state, event in product(HandoverState, HandoverEvent):
        after = HANDOVER.after(state, event)
        if state in OVER:
            assert after is state
    # Nobody takes over what nobody has signed.
    assert HANDOVER.after(HandoverState.OPEN, HandoverEvent.TAKE) is HandoverState.OPEN
