"""What becomes of running call-outs when a warning takes the place of others."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from jiaoying.dispatch.following import (
    Coming,
    Course,
    Decision,
    Place,
    Reached,
    StandingDuty,
    courses_of,
    deadline_on,
    follow,
    rung_of_role,
    rung_on,
    who_is_told,
)
from jiaoying.dispatch.ladders.choosing import choose_ladder
from jiaoying.dispatch.ladders.model import ANY, Ladder, Rung, Tier, Who
from jiaoying.dispatch.ladders.reading import default_book
from jiaoying.dispatch.states import ResponsibilityState
from jiaoying.gateways.base import Channel
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
PLACES = [Place(UUID(int=number), None, f"14052110020{number}") for number in range(4)]


def duty(number: int = 1, **changes: object) -> StandingDuty:
    values: dict[str, object] = {
        "id": UUID(int=1000 + number),
        "place": PLACES[0],
        "hazard": Hazard.RAIN,
        "rank": Colour.ORANGE.rank,
        "state": ResponsibilityState.OPEN,
        "reason": None,
        "rung": 0,
        "gives_way": True,
    }
    return StandingDuty(**(values | changes))  # type: ignore[arg-type]


def coming(*wanted: Place, colour: Colour = Colour.ORANGE, **changes: object) -> Coming:
    values: dict[str, object] = {
        "hazard": Hazard.RAIN,
        "rank": colour.rank,
        "wanted": wanted or (PLACES[0],),
        "passed_over": (),
        "others_wait": False,
    }
    return Coming(**(values | changes))  # type: ignore[arg-type]


def courses(decisions: tuple[Decision, ...]) -> list[tuple[Course, str]]:
    return [(item.course, item.reason) for item in decisions]


def test_the_same_colour_goes_on_and_a_new_place_is_called() -> None:
    decided = follow([duty()], coming(PLACES[0], PLACES[1]))
    assert courses(decided) == [(Course.CARRY, "same_colour"), (Course.CALL, "new_place")]


def test_a_graver_colour_is_called_again_and_a_milder_one_goes_on_lower() -> None:
    graver = follow([duty()], coming(colour=Colour.RED))
    assert courses(graver) == [(Course.CALL, "raised"), (Course.END, "raised")]
    assert courses(follow([duty()], coming(colour=Colour.BLUE))) == [(Course.LOWER, "lowered")]


def test_another_hazard_asks_for_another_thing() -> None:
    decided = follow([duty(hazard=Hazard.WIND)], coming())
    assert courses(decided) == [(Course.CALL, "new_place"), (Course.END, "other_hazard")]


def test_what_was_cut_off_by_the_end_is_called_again_and_what_ran_out_is_not() -> None:
    over = ResponsibilityState.UNCOVERED
    cut_off = follow([duty(state=over, reason="warning_ended")], coming())
    assert courses(cut_off) == [(Course.CALL, "cut_off"), (Course.END, "cut_off")]
    assert courses(follow([duty(state=over, reason="wait_ran_out")], coming())) == [
        (Course.CARRY, "same_colour")
    ]


def test_of_two_chains_that_become_one_the_graver_goes_on() -> None:
    red, yellow = duty(1, rank=Colour.RED.rank), duty(2, rank=Colour.YELLOW.rank)
    decided = follow([yellow, red], coming(colour=Colour.RED))
    assert [(item.course, item.duty_id) for item in decided] == [
        (Course.CARRY, red.id),
        (Course.END, yellow.id),
    ]


def test_a_graver_part_of_the_message_spares_the_milder_one() -> None:
    red = duty(1, rank=Colour.RED.rank, gives_way=False)
    assert courses(follow([red], coming(colour=Colour.YELLOW))) == [(Course.SPARE, "graver_elsewhere")]
    yellow = duty(2, rank=Colour.YELLOW.rank, gives_way=False)
    assert courses(follow([yellow], coming(colour=Colour.RED))) == [
        (Course.CALL, "new_place"),
        (Course.END, "raised"),
    ]


def test_what_a_waiting_part_may_go_on_with_is_left_alone() -> None:
    left = follow([duty(place=PLACES[1])], coming(others_wait=True))
    assert (Course.LEAVE, "others_wait") in courses(left)
    over = follow([duty(place=PLACES[1])], coming())
    assert (Course.END, "dropped") in courses(over)


def test_who_has_no_duty_left_is_stood_down_and_who_stands_lower_is_told() -> None:
    decided = follow(
        [duty(1), duty(2, place=PLACES[1]), duty(3, place=PLACES[2])],
        coming(PLACES[0], PLACES[3], colour=Colour.BLUE, passed_over=(PLACES[2],)),
    )
    people = [
        Reached(UUID(int=10 + number), frozenset({PLACES[place] for place in places}))
        for number, places in enumerate([(0,), (1,), (0, 1), (2,), (0, 3), ()])
    ]
    told = who_is_told(people, courses_of(decided))
    # The fifth is called for a new place; the sixth was asked for places that nothing names any more.
    assert told.lowered == (UUID(int=10), UUID(int=12), UUID(int=13))
    assert told.stood_down == (UUID(int=11), UUID(int=15))


# --- ladders ---


def rung(*who: Who) -> Rung:
    return Rung(who, (Channel.SMS, Channel.VOICE), 3, 60, 120)


def test_on_the_milder_ladder_it_stands_where_nobody_would_be_asked_anew() -> None:
    red = Ladder(ANY, 300, (rung(Who.HOLDER), rung(Who.DEPUTY, Who.SUPERIOR), rung(Who.DESK)))
    orange = Ladder(ANY, 600, (rung(Who.HOLDER), rung(Who.DEPUTY), rung(Who.DESK), rung(Who.SUPERIOR)))
    assert [rung_on(orange, red, step) for step in (-1, 0, 1, 2)] == [-1, 0, 1, 3]
    assert rung_of_role(orange, Who.DEPUTY, 3) == 1
    assert rung_of_role(orange, Who.SUPERIOR, 1) == -1
    assert rung_on(red, red, 1) == 1
    assert deadline_on(orange, red, NOON) == NOON + timedelta(seconds=300)


def test_every_ladder_of_the_book_has_a_place_for_every_rung_of_a_graver_one() -> None:
    book = default_book()
    for tier in Tier:
        ladders = [choose_ladder(book, Hazard.RAIN, colour, tier, NOON.time()) for colour in Colour]
        for new, old in ((new, old) for old in ladders for new in ladders):
            if isinstance(new, Ladder) and isinstance(old, Ladder):
                for step in range(len(old.rungs)):
                    assert -1 <= rung_on(new, old, step) < len(new.rungs)


# --- many versions in many orders ---

_ids = count(10_000)


@dataclass(slots=True)
class Chain:
    """A county under one chain of warnings, with what each place was called for."""

    standing: dict[UUID, StandingDuty] = field(default_factory=dict[UUID, StandingDuty])
    calls: "Counter[tuple[Place, int]]" = field(default_factory=lambda: Counter[tuple[Place, int]]())

    def comes(self, wanted: list[Place], rank: int, answers: set[Place]) -> tuple[Decision, ...]:
        """A version that names these places; then some of them answer."""
        wants = Coming(Hazard.RAIN, rank, wanted, (), others_wait=False)
        decided = follow(list(self.standing.values()), wants)
        before = dict(self.standing)
        for item in decided:
            if item.course is Course.CALL:
                new = duty(next(_ids), place=item.place, rank=rank)
                self.standing[new.id] = new
                self.calls[item.place, rank] += 1
            elif item.duty_id and item.course is Course.END:
                del self.standing[item.duty_id]
            elif item.duty_id:
                old = before[item.duty_id]
                self.standing[old.id] = duty(
                    place=old.place, rank=rank, state=old.state, rung=old.rung, number=old.id.int - 1000
                )
        for row_id, known in self.standing.items():
            if known.place in answers:
                self.standing[row_id] = duty(
                    place=known.place,
                    rank=known.rank,
                    state=ResponsibilityState.COVERED,
                    number=row_id.int - 1000,
                )
        return decided


_versions = st.lists(
    st.tuples(
        st.lists(st.sampled_from(PLACES), unique=True),
        st.integers(1, 4),
        st.sets(st.sampled_from(PLACES)),
    ),
    min_size=1,
    max_size=8,
)


@given(_versions)
def test_whatever_comes_nobody_is_lost_and_nobody_called_twice_for_the_same(
    versions: list[tuple[list[Place], int, set[Place]]],
) -> None:
    chain = Chain()
    for wanted, rank, answers in versions:
        before = {known.place: known for known in chain.standing.values()}
        called = Counter(chain.calls)
        decided = chain.comes(wanted, rank, answers)
        now = Counter(known.place for known in chain.standing.values())
        # Nobody is lost: each place that is named has one responsibility, no other has any.
        assert now == Counter(wanted)
        assert len({item.duty_id for item in decided if item.duty_id}) == len(before)
        for place in wanted:
            new_calls = chain.calls[place, rank] - called[place, rank]
            known = before.get(place)
            # Called is who is new or stands graver than before, and nobody else.
            assert new_calls == (1 if known is None or known.rank < rank else 0)
            # An answer given counts on where the place is no graver.
            if known and known.state is ResponsibilityState.COVERED and known.rank >= rank:
                [after] = [one for one in chain.standing.values() if one.place == place]
                assert after.state is ResponsibilityState.COVERED


@given(
    st.lists(st.sampled_from(PLACES), unique=True),
    st.lists(st.sampled_from(PLACES), unique=True),
    st.lists(st.frozensets(st.sampled_from(PLACES)), max_size=6),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_exactly_those_without_a_duty_are_stood_down(
    before: list[Place], after: list[Place], people: list[frozenset[Place]], old: int, new: int
) -> None:
    standing = [duty(number, place=place, rank=old) for number, place in enumerate(before)]
    decided = follow(standing, coming(*after, rank=new, wanted=after))
    reached = [Reached(UUID(int=100 + number), places) for number, places in enumerate(people)]
    told = who_is_told(reached, courses_of(decided))
    for person in reached:
        left = person.places & set(after)
        assert (person.contact_id in told.stood_down) == (not left)
        lowered = new < old and bool(left) and left <= set(before)
        assert (person.contact_id in told.lowered) == lowered
