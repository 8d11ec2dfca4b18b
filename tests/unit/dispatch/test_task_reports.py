"""What people report on their tasks, as they write it."""

from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiaoying.dispatch.response.model import TaskKind
from jiaoying.dispatch.response.reports import ReportedTask, TaskReport, read_report, tasks_meant
from jiaoying.dispatch.response.states import OPEN, TASK, TaskEvent, TaskState


@pytest.mark.parametrize(
    ("said", "event", "kind", "figures"),
    [
        ("已停课 3所 1200人", TaskEvent.FINISH, TaskKind.STOP_CLASS, {"schools": 3, "people": 1200}),
        (
            "全县学校已停课，３所１２００人",
            TaskEvent.FINISH,
            TaskKind.STOP_CLASS,
            {"schools": 3, "people": 1200},
        ),
        ("已停工", TaskEvent.FINISH, TaskKind.STOP_WORK, {}),
        ("停产撤人 86人", TaskEvent.FINISH, TaskKind.STOP_PRODUCTION, {"people": 86}),
        ("漫水路面已封闭2处", TaskEvent.FINISH, TaskKind.CLOSE, {"sites": 2}),
        ("完成", TaskEvent.FINISH, None, {}),
        ("A7 完成", TaskEvent.FINISH, None, {}),
        ("停运 12趟", TaskEvent.FINISH, TaskKind.STOP_TRANSPORT, {"vehicles": 12}),
        ("出发，15人", TaskEvent.SET_OUT, TaskKind.SEND, {"people": 15}),
        ("已到达", TaskEvent.ARRIVE, TaskKind.SEND, {}),
        ("恢复", TaskEvent.RESTORE, None, {}),
        ("已复课 3所", TaskEvent.RESTORE, None, {"schools": 3}),
        ("无法停工，井下还有人", TaskEvent.FAIL, TaskKind.STOP_WORK, {}),
    ],
)
def test_reports_are_read_as_they_are_written(
    said: str, event: TaskEvent, kind: TaskKind | None, figures: dict[str, int]
) -> None:
    assert read_report(said) == TaskReport(event, kind, figures)


@pytest.mark.parametrize(
    "said",
    ["还没停课", "未停工", "要不要停课？", "正准备停课", "不停课", "停课吗", "收到", "1", "在路口", ""],
)
def test_what_says_no_or_not_yet_is_no_report_of_success(said: str) -> None:
    assert read_report(said) is None


def _task(number: int, kind: TaskKind, state: TaskState = TaskState.TAKEN) -> ReportedTask:
    return ReportedTask(UUID(int=number), kind, state)


def test_a_word_that_names_its_kind_is_about_tasks_of_that_kind() -> None:
    school, ford = _task(1, TaskKind.STOP_CLASS), _task(2, TaskKind.CLOSE)
    assert tasks_meant(TaskReport(TaskEvent.FINISH, TaskKind.CLOSE), [school, ford]) == (ford,)


def test_a_plain_word_is_about_the_only_task_and_never_about_one_of_several() -> None:
    school, ford = _task(1, TaskKind.STOP_CLASS), _task(2, TaskKind.CLOSE)
    assert tasks_meant(TaskReport(TaskEvent.FINISH), [ford]) == (ford,)
    assert tasks_meant(TaskReport(TaskEvent.FINISH), [school, ford]) == ()


def test_restoring_is_about_what_was_lifted_only() -> None:
    lifted, open_one = _task(1, TaskKind.STOP_CLASS, TaskState.LIFTED), _task(2, TaskKind.CLOSE)
    assert tasks_meant(TaskReport(TaskEvent.RESTORE), [lifted, open_one]) == (lifted,)
    assert tasks_meant(TaskReport(TaskEvent.RESTORE), [open_one]) == ()


def test_to_set_out_is_said_of_a_team_only() -> None:
    assert tasks_meant(TaskReport(TaskEvent.SET_OUT, TaskKind.SEND), [_task(1, TaskKind.CLOSE)]) == ()


def test_every_pair_of_state_and_event_is_decided_once() -> None:
    assert TASK.heard.isdisjoint(TASK.moves)
    assert {*TASK.moves, *TASK.heard} == {(state, event) for state in TaskState for event in TaskEvent}


@given(st.lists(st.sampled_from([event for event in TaskEvent if event is not TaskEvent.LIFT]), max_size=6))
@settings(max_examples=200)
def test_reports_in_any_order_never_take_a_task_back(events: list[TaskEvent]) -> None:
    """Reports overtake one another: what was done stays done, and what set out is not at home again."""
    state, seen = TaskState.ORDERED, [TaskState.ORDERED]
    for event in events:
        state = TASK.after(state, event)
        seen.append(state)
    steps = [list(TaskState).index(one) for one in seen if one in (*OPEN, TaskState.DONE)]
    assert TaskState.DONE not in seen or seen[-1] is TaskState.DONE
    if TaskState.FAILED not in seen:
        assert steps == sorted(steps)
