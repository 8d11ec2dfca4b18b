"""The life of a task, as a table. Pure."""

from enum import StrEnum

from jiaoying.kernel.transitions import Table


class TaskState(StrEnum):
    ORDERED = "ordered"
    TAKEN = "taken"  # somebody who was told of it answered
    SET_OUT = "set_out"  # 出发
    ARRIVED = "arrived"  # 到达
    DONE = "done"
    FAILED = "failed"  # it cannot be done, and the officer is told by whom and why
    LIFTED = "lifted"  # no longer ordered; whoever was told of it is told that too
    RESTORED = "restored"  # 恢复: classes are held again, the ford is open


class TaskEvent(StrEnum):
    TAKE = "take"
    SET_OUT = "set_out"
    ARRIVE = "arrive"
    FINISH = "finish"
    FAIL = "fail"
    LIFT = "lift"
    RESTORE = "restore"


OPEN = (TaskState.ORDERED, TaskState.TAKEN, TaskState.SET_OUT, TaskState.ARRIVED)
_ON_THE_WAY = {
    TaskEvent.TAKE: TaskState.TAKEN,
    TaskEvent.SET_OUT: TaskState.SET_OUT,
    TaskEvent.ARRIVE: TaskState.ARRIVED,
    TaskEvent.FINISH: TaskState.DONE,
}

# Forward only, however reports overtake one another; what failed may succeed after all.
TASK = Table(
    "task",
    {
        **{
            (state, event): after
            for state in OPEN
            for event, after in _ON_THE_WAY.items()
            if list(TaskState).index(after) > list(TaskState).index(state)
        },
        **{(state, TaskEvent.FAIL): TaskState.FAILED for state in OPEN},
        **{
            (TaskState.FAILED, event): after
            for event, after in _ON_THE_WAY.items()
            if event is not TaskEvent.TAKE
        },
        **{(state, TaskEvent.LIFT): TaskState.LIFTED for state in (*OPEN, TaskState.DONE, TaskState.FAILED)},
        (TaskState.LIFTED, TaskEvent.RESTORE): TaskState.RESTORED,
    },
    frozenset(
        {
            *(
                (state, event)
                for state in OPEN
                for event, after in _ON_THE_WAY.items()
                if list(TaskState).index(after) <= list(TaskState).index(state)
            ),
            *((state, TaskEvent.RESTORE) for state in (*OPEN, TaskState.DONE, TaskState.FAILED)),
            *((TaskState.DONE, event) for event in (*_ON_THE_WAY, TaskEvent.FAIL)),
            *((TaskState.FAILED, event) for event in (TaskEvent.TAKE, TaskEvent.FAIL)),
            *((TaskState.LIFTED, event) for event in TaskEvent if event is not TaskEvent.RESTORE),
            *((TaskState.RESTORED, event) for event in TaskEvent),
        }
    ),
)
