"""The words of responses and tasks for pages, in the reader's language."""

from jiaoying.dispatch.response.board import ResponseFacts, TaskFacts
from jiaoying.dispatch.response.model import ResponseState
from jiaoying.dispatch.response.states import TaskEvent, TaskState
from jiaoying.dispatch.response.words import (
    done_words,
    figures_words,
    kind_name,
    level_name,
    task_state_name,
)
from jiaoying.kernel.language import say

__all__ = ["done_words", "figures_words", "kind_name", "level_name", "task_state_name"]

_BADGES = {
    TaskState.ORDERED: "open",
    TaskState.DONE: "covered",
    TaskState.FAILED: "failed",
    TaskState.LIFTED: "closed",
    TaskState.RESTORED: "closed",
}


def state_name(response: ResponseFacts) -> str:
    """How it stands with a response."""
    return {
        ResponseState.PROPOSED: say("to be decided"),
        ResponseState.RUNNING: say("response running"),
        ResponseState.ENDED: say("response ended"),
    }[response.state]


def task_badge(task: TaskFacts) -> str:
    """The look of a task's state, as the badges of call-outs have it."""
    return "failed" if task.is_open and task.listed_at else _BADGES.get(task.state, "open")


def event_name(event: TaskEvent) -> str:
    """What may be logged on a task."""
    return {
        TaskEvent.TAKE: say("They take it on"),
        TaskEvent.SET_OUT: say("They have set out"),
        TaskEvent.ARRIVE: say("They have arrived"),
        TaskEvent.FINISH: say("It is done"),
        TaskEvent.FAIL: say("It cannot be done"),
        TaskEvent.RESTORE: say("It is taken up again"),
    }.get(event, event)


def reason_name(reason: str) -> str:
    """Why a response or a task changed: our own reasons in words, those of people as written."""
    return {
        "by_warning": say("as the warning asks"),
        "warning_over": say("the warning is over"),
        "not_asked": say("the level does not ask for it any more"),
    }.get(reason, reason)


def step_name(event: str) -> str:
    """One change of a response."""
    return {
        "response.asked": say("put before the officer"),
        "response.opened": say("response started"),
        "response.raised": say("level raised"),
        "response.lowered": say("level lowered"),
        "response.ended": say("response was ended"),
    }.get(event, event)
