"""A match looked at ahead: who is asked when, if nobody answers."""

from datetime import UTC, datetime
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.dispatch.ladders.model import ANY, After, Ladder, NamedPost, Rung, Target, Tier, Who
from jiaoying.dispatch.matching import NewResponsibility
from jiaoying.dispatch.outlook.model import DutyAhead, Named, PersonAhead, people_ahead, rungs_ahead
from jiaoying.gateways.base import Channel
from jiaoying.kernel.areas import Level

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
ZHAO, QIAN, SUN, LI = (UUID(int=number) for number in range(1, 5))
BOTH = (Channel.SMS, Channel.VOICE)
FORESTERS = NamedPost("护林员", Level.VILLAGE)


def rung(*who: Target, wait_s: int = 150, channels: tuple[Channel, ...] = BOTH) -> Rung:
    return Rung(who, channels, 3, 60, wait_s)


def ladder(*rungs: Rung, after: After | None = None) -> Ladder:
    return Ladder(ANY, 300, rungs, after)


def duty(number: int, *, tier: Tier = Tier.VILLAGE, priority: int = 1, **named: UUID | None) -> DutyAhead:
    """A duty whose rungs ask the holder, then the deputy, then the superior."""
    found: Named = {Who(role): (person,) for role, person in named.items() if person}
    rungs = rungs_ahead(ladder(rung(Who.HOLDER), rung(Who.DEPUTY), rung(Who.SUPERIOR)), found)
    label = f"村{number} 防汛责任人"
    opened = NewResponsibility(
        UUID(int=100 + number), UUID(int=99), UUID(int=200 + number), None, "140521100201", label,
        UUID(int=98), {"by": "inside"}, NOW,
    )  # fmt: skip
    return DutyAhead(opened, tier, priority, rungs)


def by_person(*duties: DutyAhead) -> dict[UUID, PersonAhead]:
    return {person.contact_id: person for person in people_ahead(duties)}


def test_each_rung_begins_when_the_waits_before_it_ran_out() -> None:
    found = rungs_ahead(
        ladder(rung(Who.HOLDER), rung(Who.DEPUTY, wait_s=120), rung(Who.SUPERIOR)),
        {Who.HOLDER: (ZHAO,), Who.DEPUTY: (QIAN,), Who.SUPERIOR: (SUN,)},
    )
    assert [one.begins_s for one in found] == [0, 150, 270]


def test_a_rung_that_names_nobody_is_not_waited_for() -> None:
    found = rungs_ahead(ladder(rung(Who.HOLDER), rung(Who.DEPUTY)), {Who.DEPUTY: (QIAN,)})
    assert [(one.begins_s, len(one.people)) for one in found] == [(0, 0), (0, 1)]


def test_stepped_begins_at_its_longest_wait() -> None:
    found = rungs_ahead(ladder(rung(Who.HOLDER), after=After(Tier.TOWNSHIP, 120)), {Who.HOLDER: (ZHAO,)})
    assert found[0].begins_s == 120


def test_everybody_who_holds_a_named_post_is_asked_and_the_door_is_the_superiors() -> None:
    named: Named = {FORESTERS: (ZHAO, QIAN), Who.DOOR: (SUN,)}
    (found,) = rungs_ahead(ladder(rung(FORESTERS, Who.DOOR)), named)
    assert found.people == ((Who.POST, ZHAO), (Who.POST, QIAN), (Who.DOOR, SUN))


def test_one_person_of_several_duties_rings_once_at_the_first_and_for_all_reasons() -> None:
    found = by_person(duty(1, holder=ZHAO, deputy=QIAN), duty(2, priority=0, holder=QIAN, deputy=ZHAO))
    assert found[ZHAO].begins_s == found[QIAN].begins_s == 0
    assert [(one.rung, one.begins_s) for one in found[ZHAO].askings] == [(0, 0), (1, 150)]
    # The more urgent of what calls at once decides the place in the queue.
    ordered = people_ahead([duty(1, holder=ZHAO), duty(2, priority=0, holder=QIAN)])
    assert [person.contact_id for person in ordered] == [QIAN, ZHAO]


PEOPLE = st.none() | st.sampled_from([ZHAO, QIAN, SUN, LI])


@given(st.lists(st.tuples(PEOPLE, PEOPLE, PEOPLE, st.integers(0, 3)), max_size=6))
@settings(max_examples=150, deadline=None)
def test_nobody_whom_a_rung_names_is_left_out_and_nobody_comes_twice(
    given_duties: list[tuple[UUID | None, UUID | None, UUID | None, int]],
) -> None:
    duties = [
        duty(number, priority=priority, holder=holder, deputy=deputy, superior=superior)
        for number, (holder, deputy, superior, priority) in enumerate(given_duties)
    ]
    people = people_ahead(duties)
    named = {person for one in given_duties for person in one[:3] if person}
    assert sorted(person.contact_id for person in people) == sorted(named)
    at_once = {person for one in duties for person in one.at_once}
    assert {person.contact_id for person in people if person.begins_s == 0} == at_once
    assert [person.begins_s for person in people] == sorted(person.begins_s for person in people)
    assert sum(len(person.askings) for person in people) == sum(
        len(one.people) for each in duties for one in each.rungs
    )
