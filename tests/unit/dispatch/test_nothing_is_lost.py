"""In any order of answers, refusals, walks, silence and cancels, a duty ends with a person or on the list."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.dispatch.doors import IN_VAIN, WALK_S, AskForWord, Awake, DoorTask, InVain, LookAt, door_step
from jiaoying.dispatch.escalation import (
    AskedPerson,
    Climb,
    Cover,
    GiveUp,
    Standing,
    Wait,
    Walk,
    is_overdue,
    next_step,
)
from jiaoying.dispatch.ladders.model import ALL, ANY, After, Ladder, Rung, Stop, Tier, Who
from jiaoying.dispatch.states import CALL_OUT, DOOR, CallOutEvent, CallOutState, DoorEvent, DoorState
from jiaoying.gateways.base import Channel

START = datetime(2026, 7, 15, 3, 0, tzinfo=UTC)
CHANNELS = (Channel.SMS, Channel.VOICE)
RUNGS = (
    Rung((Who.HOLDER,), CHANNELS, 3, 60, 120),
    Rung((Who.DEPUTY, Who.DOOR), CHANNELS, 3, 60, 150),
    Rung((Who.DOOR,), CHANNELS, 3, 60, 300),
    Rung((Who.LEADER,), CHANNELS, 2, 60, 120),
)
PEOPLE = {0: 1, 1: 1, 2: 0, 3: 1}  # asked on each rung, beside who is sent to a door
ROUNDS = 400  # far more looks than any ladder here takes

Event = tuple[str, int]
EVENTS = st.lists(
    st.tuples(
        st.sampled_from(
            ["answer", "decline", "exhaust", "take", "done", "nobody", "refuse", "pass", "cancel"]
        ),
        st.integers(0, 3),
    ),
    max_size=25,
)


@dataclass
class Duty:
    """One responsibility with everybody asked for it, moved as the stages move the rows."""

    ladder: Ladder
    now: datetime = START
    rung: int = -1
    began_at: datetime | None = None
    listed: bool = False
    state: str = "open"
    next_at: datetime = START
    people: list[AskedPerson] = field(default_factory=list[AskedPerson])
    tasks: list[tuple[int, UUID, DoorTask]] = field(default_factory=list[tuple[int, UUID, DoorTask]])

    @property
    def deadline_at(self) -> datetime:
        waits = self.ladder.after.wait_s if self.ladder.after else 0
        return START + timedelta(seconds=self.ladder.deadline_s + waits)

    def standing(self) -> Standing:
        after = self.ladder.after
        turn_at = START + timedelta(seconds=after.wait_s) if after else None
        return Standing(self.rung, self.began_at, self.deadline_at, self.listed, turn_at)

    def walks(self) -> list[Walk]:
        return [
            Walk(rung, task.state, START, task.next_at, task.reason in IN_VAIN)
            for rung, _, task in self.tasks
        ]

    def look(self) -> None:
        """Everything that is due now, until there is nothing but to wait."""
        while self.state == "open" and self.next_at <= self.now:
            self.tasks = [
                (rung, who, self._stepped(_with(task, sleeper=self._state_of(who))))
                for rung, who, task in self.tasks
            ]
            step = next_step(self.standing(), self.ladder, self.people, self.now, walks=self.walks())
            if not isinstance(step, Cover) and is_overdue(self.standing(), self.now, self.walks()):
                self.listed = True
            match step:
                case Cover():
                    self.state = "covered"
                    self._end(DoorEvent.WITHDRAW)
                case GiveUp():
                    self.state, self.listed = "uncovered", True
                case Climb(rung):
                    self._climb(rung)
                case Wait(until):
                    moments = [task.next_at for _, _, task in self.tasks if task.next_at]
                    self.next_at = min([until, *moments])
                    assert self.next_at > self.now

    def _climb(self, rung: int) -> None:
        self.rung, self.began_at = rung, self.now
        new = [AskedPerson(uuid4(), rung, CallOutState.OPEN, self.now) for _ in range(PEOPLE[rung])]
        self.people += new
        asleep = any(one.state in (CallOutState.OPEN, CallOutState.EXHAUSTED) for one in self.people)
        if Who.DOOR in self.ladder.rungs[rung].who and asleep:
            ids = (uuid4(), uuid4(), uuid4(), uuid4())
            task = DoorTask(*ids, DoorState.OPEN, None, self.now, None, None, CallOutState.OPEN)
            self.tasks.append((rung, self._sleeper(), task))
        self.next_at = self.now + timedelta(seconds=1)

    def _sleeper(self) -> UUID:
        return next(one.who for one in self.people if one.state is not CallOutState.ANSWERED)

    def _stepped(self, task: DoorTask) -> DoorTask:
        match door_step(task, self.now):
            case LookAt(moment):
                return _with(task, next_at=moment)
            case AskForWord(until):
                return _with(task, next_at=until, asked_at=self.now)
            case InVain(reason):
                return _with(task, state=DoorState.FAILED, reason=reason, next_at=None)
            case Awake():
                return _with(task, state=DoorState.WITHDRAWN, next_at=None)
            case None:
                return task

    def _state_of(self, who: UUID) -> CallOutState:
        return next(one.state for one in self.people if one.who == who)

    def hear(self, event: str, index: int) -> None:
        if event == "cancel" and self.state != "withdrawn":
            self.state = "withdrawn"
            self._end(DoorEvent.WITHDRAW)
        elif event in ("answer", "decline", "exhaust"):
            self._person(index, CallOutEvent(event))
        elif event in ("take", "done", "nobody", "refuse"):
            self._walk(index, event)
        if self.state == "uncovered" and self._is_covered():
            self.state = "covered"
        self.next_at = self.now

    def _person(self, index: int, event: CallOutEvent) -> None:
        if self.people:
            one = self.people[index % len(self.people)]
            self.people[index % len(self.people)] = AskedPerson(
                one.who, one.rung, CALL_OUT.after(one.state, event), one.handed_over_at
            )

    def _walk(self, index: int, event: str) -> None:
        if not self.tasks:
            return
        rung, sleeper, task = self.tasks[index % len(self.tasks)]
        events = {"take": DoorEvent.TAKE, "done": DoorEvent.FINISH}
        state = DOOR.after(task.state, events.get(event, DoorEvent.FAIL))
        if state is task.state:
            return
        taken = state is DoorState.TAKEN
        reason = {"nobody": "nobody_home", "refuse": "declined"}.get(event)
        next_at = self.now + timedelta(seconds=WALK_S) if taken else None
        self.tasks[index % len(self.tasks)] = (
            rung,
            sleeper,
            _with(task, state=state, reason=reason, next_at=next_at),
        )
        if state is DoorState.DONE:
            woken = [number for number, one in enumerate(self.people) if one.who == sleeper]
            self._person(woken[0], CallOutEvent.ANSWER)

    def _is_covered(self) -> bool:
        step = next_step(self.standing(), self.ladder, self.people, self.now, walks=self.walks())
        return isinstance(step, Cover)

    def _end(self, event: DoorEvent) -> None:
        self.tasks = [
            (rung, call, _with(task, state=DOOR.after(task.state, event), next_at=None))
            for rung, call, task in self.tasks
        ]


def _with(task: DoorTask, **changes: object) -> DoorTask:
    values = {name: getattr(task, name) for name in DoorTask.__dataclass_fields__}
    return DoorTask(**{**values, **changes})  # pyright: ignore[reportArgumentType]


LADDERS = st.builds(
    Ladder,
    st.sampled_from([ANY, ALL, Stop(2)]),
    st.sampled_from([100, 300, 900]),
    st.integers(1, len(RUNGS)).map(lambda length: RUNGS[:length]),
    st.sampled_from([None, After(Tier.TOWNSHIP, 200)]),
)


@settings(max_examples=200, deadline=None)
@given(LADDERS, EVENTS)
def test_in_any_order_a_duty_ends_with_a_person_or_on_the_list(ladder: Ladder, events: list[Event]) -> None:
    duty = Duty(ladder)
    duty.look()
    for event, index in events:
        if event == "pass":
            duty.now = max(duty.now, duty.next_at) + timedelta(seconds=20 * index)
        else:
            duty.hear(event, index)
        duty.look()
        assert duty.state != "open" or duty.next_at > duty.now
    for look in range(ROUNDS):
        if duty.state != "open":
            break
        duty.now = max(duty.now, duty.next_at)
        if look > 20:
            # Every try is spent one day.
            duty.people = [
                AskedPerson(one.who, one.rung, CALL_OUT.after(one.state, CallOutEvent.EXHAUST), START)
                for one in duty.people
            ]
            duty.tasks = [
                (rung, call, _with(task, asked_by_call=CallOutState.EXHAUSTED))
                for rung, call, task in duty.tasks
            ]
        duty.look()
        assert duty.listed or duty.state != "open" or duty.now < duty.deadline_at
    assert duty.state in ("covered", "withdrawn") or (duty.state == "uncovered" and duty.listed)
    if duty.state == "covered":
        assert any(one.state is CallOutState.ANSWERED for one in duty.people)
    if duty.state in ("covered", "withdrawn"):
        assert not any(task.next_at for _, _, task in duty.tasks)
