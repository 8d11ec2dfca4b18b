"""What one person is rung for, with everything that is open of theirs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.dispatch.merging import MOST_TOGETHER, Member, PersonPlan, plan_person
from jiaoying.dispatch.planning import LookAgain, Number, OpenCallOut, PastAttempt, Ring, Spent
from jiaoying.dispatch.states import AttemptState
from jiaoying.gateways.base import Channel

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
MOBILE = Number("+8610000000001", takes_texts=True)
BOTH = (Channel.SMS, Channel.VOICE)
REAL, DRILL = (False, ""), (True, "")


def member(
    number: int,
    *attempts: PastAttempt,
    priority: int = 1,
    kind: tuple[bool, str] = REAL,
    waiting: frozenset[UUID] = frozenset(),
    channels: tuple[Channel, ...] = BOTH,
) -> Member:
    done = max((attempt.round for attempt in attempts), default=0)
    call_out = OpenCallOut(UUID(int=number), channels, 3, 60, done, (MOBILE,), attempts)
    return Member(call_out, priority, kind, waiting)


def past(state: AttemptState, *, channel: Channel = Channel.VOICE, ago_s: float = 0) -> PastAttempt:
    return PastAttempt(channel, MOBILE.number, state, 1, NOW - timedelta(seconds=ago_s), False)


def named(plan: PersonPlan, channel: Channel) -> list[list[int]]:
    """The call-outs that each call or text names, by number."""
    return [
        [one.call_out.id.int for one, _ in together.members]
        for together in plan.sent
        if together.attempt.channel is channel
    ]


def test_all_that_is_due_is_one_call_and_one_text_the_gravest_first() -> None:
    plan = plan_person([member(1, priority=5), member(2, priority=1)], NOW, on_phone=False)
    assert named(plan, Channel.VOICE) == named(plan, Channel.SMS) == [[2, 1]]


def test_what_waits_in_the_queue_is_taken_back_and_named_along() -> None:
    queued = member(1, past(AttemptState.DUE), waiting=frozenset({UUID(int=9)}))
    plan = plan_person([queued, member(2)], NOW, on_phone=False)
    assert named(plan, Channel.VOICE) == [[1, 2]]
    assert plan.taken_back == {UUID(int=9)}
    ring = plan.plans[UUID(int=1)]
    assert isinstance(ring, Ring)
    assert ring.round == 2


def test_what_is_being_handed_over_is_left_alone() -> None:
    leaving = member(1, past(AttemptState.DUE))
    plan = plan_person([leaving, member(2)], NOW, on_phone=False)
    assert named(plan, Channel.VOICE) == [[2]]
    assert plan.taken_back == frozenset()


def test_what_would_be_due_within_the_minute_is_named_along_and_what_comes_later_is_not() -> None:
    soon, later = past(AttemptState.FAILED, ago_s=30), past(AttemptState.FAILED, ago_s=-30)
    plan = plan_person([member(1, soon), member(2, later), member(3)], NOW, on_phone=False)
    assert named(plan, Channel.VOICE) == [[1, 3]]


def test_who_is_on_the_phone_is_texted_and_called_after_it() -> None:
    plan = plan_person([member(1)], NOW, on_phone=True)
    assert (named(plan, Channel.SMS), named(plan, Channel.VOICE)) == ([[1]], [])
    ring = plan.plans[UUID(int=1)]
    assert isinstance(ring, Ring)
    assert ring.rest_at is not None


def test_a_drill_waits_for_the_real_call() -> None:
    plan = plan_person([member(1, kind=DRILL), member(2, priority=40)], NOW, on_phone=False)
    assert named(plan, Channel.VOICE) == [[2]]
    assert named(plan, Channel.SMS) == [[2], [1]]


def test_a_round_that_was_taken_back_is_no_try() -> None:
    spent = member(1, past(AttemptState.WITHDRAWN))
    once = replace(spent, call_out=replace(spent.call_out, tries=1))
    assert isinstance(plan_person([once], NOW, on_phone=False).plans[UUID(int=1)], Ring)


def test_channels_in_turn_take_one_try_each() -> None:
    first = member(1)
    in_turn = replace(first, call_out=replace(first.call_out, in_turn=True))
    assert named(plan_person([in_turn], NOW, on_phone=False), Channel.VOICE) == []
    texted = replace(
        in_turn,
        call_out=replace(
            in_turn.call_out,
            round=1,
            attempts=(past(AttemptState.ACCEPTED, channel=Channel.SMS, ago_s=61),),
        ),
    )
    plan = plan_person([texted], NOW, on_phone=False)
    assert (named(plan, Channel.SMS), named(plan, Channel.VOICE)) == ([], [[1]])


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


ATTEMPTS = st.builds(
    PastAttempt,
    st.sampled_from(BOTH),
    st.just(MOBILE.number),
    st.sampled_from(AttemptState),
    st.integers(1, 3),
    st.floats(-200, 200).map(at),
    st.booleans(),
)
ROOMS = st.dictionaries(
    st.sampled_from([(channel, MOBILE.number) for channel in BOTH]), st.floats(-10, 7200).map(at)
)


@st.composite
def people(draw: st.DrawFn) -> list[Member]:
    """Somebody with up to seven open call-outs, in whatever state they may be."""
    found: list[Member] = []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        one = member(
            number,
            *draw(st.lists(ATTEMPTS, max_size=5)),
            priority=draw(st.integers(0, 3)),
            kind=draw(st.sampled_from((REAL, DRILL))),
            waiting=frozenset({UUID(int=100 + number)}) if draw(st.booleans()) else frozenset(),
            channels=draw(st.sampled_from((BOTH, (Channel.SMS,), (Channel.VOICE,)))),
        )
        call_out = replace(one.call_out, in_turn=draw(st.booleans()), room_at=draw(ROOMS))
        found.append(replace(one, call_out=call_out))
    return found


@settings(max_examples=150, deadline=None)
@given(of_one=people(), on_phone=st.booleans())
def test_everybody_has_a_next_moment_or_a_reason_and_one_call_at_most(
    of_one: list[Member], on_phone: bool
) -> None:
    plan = plan_person(of_one, NOW, on_phone=on_phone)
    assert plan.plans.keys() == {one.call_out.id for one in of_one}
    for one in plan.plans.values():
        if isinstance(one, LookAgain):
            assert one.at > NOW
        elif isinstance(one, Ring):
            assert one.attempts
            assert one.rest_at is None or one.rest_at > NOW
        else:
            assert isinstance(one, Spent)
    assert len(named(plan, Channel.VOICE)) <= (0 if on_phone else 1)
    for together in plan.sent:
        assert len({one.kind for one, _ in together.members}) == 1
        assert len(together.members) <= MOST_TOGETHER
