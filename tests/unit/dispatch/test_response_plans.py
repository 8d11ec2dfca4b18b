"""Plans as people write them, and what a change of warning or level comes to."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from jiaoying.contacts.model import PointKind, PostLevel
from jiaoying.dispatch.response.addressing import DeskThere, PlaceThere, PostThere, Territory, wanted_tasks
from jiaoying.dispatch.response.deciding import (
    MOST_REMINDERS,
    Ask,
    Begin,
    DueTask,
    Keep,
    Overdue,
    StandingTask,
    TaskPlace,
    level_asked,
    look_at,
    tasks_changed,
)
from jiaoying.dispatch.response.model import Plan, ResponseLevel
from jiaoying.dispatch.response.reading import parse_plans, ready_made_text
from jiaoying.dispatch.response.states import TaskState
from jiaoying.kernel.areas import Level
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.hazards import Hazard

NOW = datetime(2026, 7, 15, 2, tzinfo=UTC)
COUNTY, TOWNSHIP = "140521000000", "140521100000"
PLACES = (PlaceThere(COUNTY, "沁水县", Level.COUNTY), PlaceThere(TOWNSHIP, "龙港镇", Level.TOWNSHIP))


def plan() -> Plan:
    book = parse_plans(ready_made_text())
    found = book.plan_for(Hazard.RAIN)
    assert found
    return found


def test_the_ready_made_plans_ask_for_more_at_every_graver_level() -> None:
    for one in parse_plans(ready_made_text()).plans:
        counts = [
            len(one.tasks_at(level)) for level in (ResponseLevel.IV, ResponseLevel.III, ResponseLevel.II)
        ]
        assert counts == sorted(counts)
        assert counts[0] >= 1


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("plans: [{name: 防汛, hazards: [moon], colours: {}, tasks: []}]", "plans[1].hazards"),
        (
            "plans: [{name: 防汛, hazards: [rain], colours: {orange: {level: V}}, tasks: []}]",
            "plans[1].colours.orange",
        ),
        (
            "plans: [{name: 防汛, hazards: [rain], colours: {}, tasks: [{key: hand}]}]",
            "plans[1].tasks[1].key",
        ),
        ("plans: [{name: 防汛, hazards: [rain], colours: {}, tasks: [{who: {desk: village}}]}]", "who.desk"),
        ("plans: []", "plans"),
        ("nothing", "file"),
    ],
)
def test_what_is_wrong_in_a_plan_names_its_field(text: str, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        parse_plans(text)
    assert any(field in complaint.field for complaint in refused.value.complaints)


def test_a_graver_warning_raises_a_milder_version_lowers_and_a_milder_other_does_not() -> None:
    two = ResponseLevel.II
    assert level_asked(plan(), Colour.ORANGE, None, lowers=False, now=NOW) == Begin(two)
    assert level_asked(plan(), Colour.ORANGE, two, lowers=True, now=NOW) == Keep()
    asked = level_asked(plan(), Colour.RED, two, lowers=True, now=NOW)
    assert asked == Ask(ResponseLevel.I, NOW + timedelta(minutes=5))
    assert level_asked(plan(), Colour.YELLOW, two, lowers=True, now=NOW) == Begin(ResponseLevel.III)
    assert level_asked(plan(), Colour.YELLOW, two, lowers=False, now=NOW) == Keep()


def _post(number: int, kind: str, area: str, level: PostLevel, unit: str | None = None) -> PostThere:
    return PostThere(UUID(int=number), area, "龙港镇", kind, level, unit, None, None)


def test_an_order_finds_its_bureau_by_its_unit_and_its_township_by_its_level() -> None:
    there = Territory(
        (
            _post(1, "防汛抗旱指挥部成员", COUNTY, PostLevel.COUNTY, "沁水县教育局"),
            _post(2, "防汛抗旱指挥部成员", COUNTY, PostLevel.COUNTY, "沁水县公安局"),
            _post(3, "镇长", TOWNSHIP, PostLevel.TOWNSHIP),
        ),
        (DeskThere(UUID(int=9), TOWNSHIP, "龙港镇值班室"),),
        PLACES,
    )
    wanted = {task.place.key: task for task in wanted_tasks(plan().tasks_at(ResponseLevel.II), there)}
    assert wanted["class"].place.post_id == UUID(int=1)
    assert wanted["ford"].place.post_id == UUID(int=3)
    assert wanted["patrol"].place.desk_id == UUID(int=9)
    # Nobody of transport is on the roster: the order is there all the same, and addressed to nobody.
    assert (wanted["transport"].place.post_id, wanted["transport"].place.area_code) == (None, COUNTY)
    assert "mine" not in wanted
    assert PointKind.MINE not in {post.point_kind for post in there.posts}


def test_what_is_unchanged_is_neither_ordered_nor_lifted() -> None:
    there = Territory((_post(3, "镇长", TOWNSHIP, PostLevel.TOWNSHIP),), (), PLACES)
    wanted = wanted_tasks(plan().tasks_at(ResponseLevel.II), there)
    standing = [StandingTask(UUID(int=100 + n), task.place, by_hand=False) for n, task in enumerate(wanted)]
    by_hand = StandingTask(UUID(int=1), TaskPlace("hand", TOWNSHIP, UUID(int=3), None), by_hand=True)
    same = tasks_changed([*standing, by_hand], wanted, lowers=True)
    assert (same.ordered, same.lifted) == ((), ())
    fewer = wanted_tasks(plan().tasks_at(ResponseLevel.III), there)
    lowered = tasks_changed([*standing, by_hand], fewer, lowers=True)
    assert set(lowered.lifted) == {
        task.id for task in standing if task.place not in {one.place for one in fewer}
    }
    assert tasks_changed(standing, fewer, lowers=False).lifted == ()


def test_late_is_after_the_deadline_and_reminders_end() -> None:
    task = DueTask(TaskState.TAKEN, NOW + timedelta(minutes=5), addressed=True, reminders=0)
    assert look_at(task, NOW) == task.deadline_at
    late = look_at(task, NOW + timedelta(minutes=5))
    assert isinstance(late, Overdue)
    assert late.remind
    tired = DueTask(TaskState.TAKEN, NOW, addressed=True, reminders=MOST_REMINDERS)
    silent = DueTask(TaskState.ORDERED, NOW, addressed=True, reminders=0)
    nobody = DueTask(TaskState.ORDERED, NOW + timedelta(hours=1), addressed=False, reminders=0)
    for one in (tired, silent, nobody):
        look = look_at(one, NOW)
        assert isinstance(look, Overdue)
        assert not look.remind
        assert look.next_at > NOW
