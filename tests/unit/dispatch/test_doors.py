"""Whom to wake at the door, what a walk does next, and which walk a word is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from jiaoying.dispatch.doors import (
    LOOK_S,
    NO_WORD,
    WORD_S,
    AskForWord,
    Awake,
    Called,
    DoorTask,
    Errand,
    InVain,
    LookAt,
    choose_errands,
    door_step,
    whom_to_wake,
)
from jiaoying.dispatch.ladders.model import Who
from jiaoying.dispatch.states import CallOutState, DoorState

NOW = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def called(role: Who, state: CallOutState = CallOutState.OPEN) -> Called:
    return Called(uuid4(), uuid4(), role, state)


def task(
    state: DoorState,
    *,
    next_at: datetime | None = None,
    asked_at: datetime | None = None,
    by_call: CallOutState = CallOutState.OPEN,
) -> DoorTask:
    return DoorTask(uuid4(), uuid4(), uuid4(), uuid4(), state, None, next_at, None, asked_at, by_call)


def errand(
    name: str,
    village: str,
    *,
    state: DoorState = DoorState.TAKEN,
    reference: str = "A7",
    exercise: bool = False,
) -> Errand:
    ids: tuple[UUID, UUID, UUID, UUID] = (uuid4(), uuid4(), uuid4(), uuid4())
    return Errand(*ids, state, name, f"{village} 防汛责任人", village, None, uuid4(), reference, exercise)


def test_the_holder_is_woken_before_the_deputy() -> None:
    holder, deputy = called(Who.HOLDER, CallOutState.EXHAUSTED), called(Who.DEPUTY)
    assert whom_to_wake([deputy, holder]) is holder


def test_who_is_awake_needs_nobody_at_the_door() -> None:
    awake = [called(Who.HOLDER, CallOutState.DECLINED), called(Who.POST, CallOutState.ANSWERED)]
    deputy = called(Who.DEPUTY)
    assert whom_to_wake([*awake, deputy]) is deputy
    assert whom_to_wake(awake) is None


def test_superiors_are_not_fetched_from_their_beds_for_a_village() -> None:
    assert whom_to_wake([called(Who.SUPERIOR)]) is None


def test_a_walk_that_nobody_takes_goes_with_the_calls_that_ask_for_it() -> None:
    assert door_step(task(DoorState.OPEN, next_at=at(60)), NOW) is None
    assert door_step(task(DoorState.OPEN, next_at=NOW), NOW) == LookAt(at(LOOK_S))
    declined = task(DoorState.OPEN, next_at=at(60), by_call=CallOutState.DECLINED)
    assert door_step(declined, NOW) == InVain("declined")
    silent = task(DoorState.OPEN, next_at=at(60), by_call=CallOutState.EXHAUSTED)
    assert door_step(silent, NOW) == InVain("not_reached")


def test_word_is_asked_for_once_and_then_not_waited_for() -> None:
    assert door_step(task(DoorState.TAKEN, next_at=at(1)), NOW) is None
    assert door_step(task(DoorState.TAKEN, next_at=NOW), NOW) == AskForWord(at(WORD_S))
    assert door_step(task(DoorState.TAKEN, next_at=NOW, asked_at=at(-300)), NOW) == InVain(NO_WORD)


def test_who_has_said_something_need_not_be_woken() -> None:
    for state in (CallOutState.ANSWERED, CallOutState.DECLINED):
        for walk in (DoorState.OPEN, DoorState.TAKEN):
            assert door_step(replace(task(walk, next_at=at(60)), sleeper=state), NOW) == Awake()


def test_what_has_ended_does_nothing() -> None:
    for state in (DoorState.DONE, DoorState.FAILED, DoorState.WITHDRAWN):
        assert door_step(task(state), NOW) is None


def test_one_sleeper_is_meant_by_any_word_and_of_several_who_is_named() -> None:
    one, other = errand("赵演示", "梁庄村"), errand("钱演示", "王寨村")
    assert choose_errands([one], "已上门", None) == (one,)
    assert choose_errands([one, other], "已上门", None) == ()
    assert choose_errands([one, other], "已上门 钱演示", None) == (other,)
    assert choose_errands([one, other], "梁庄村已上门", None) == (one,)


def test_one_person_of_two_duties_is_woken_once() -> None:
    one, again = errand("赵演示", "梁庄村"), errand("赵演示", "梁庄村")
    assert choose_errands([one, again], "已上门", None) == (one, again)


def test_what_is_awaited_is_meant_and_a_real_warning_before_a_drill() -> None:
    over, awaited = errand("赵演示", "梁庄村", state=DoorState.FAILED), errand("钱演示", "王寨村")
    drill = errand("孙演示", "李村", exercise=True, reference="B8")
    assert choose_errands([over, awaited, drill], "已上门", None) == (awaited,)
    assert choose_errands([over], "已上门", None) == (over,)
    assert choose_errands([awaited, drill], "B8 已上门", "B8") == (drill,)
