"""Clocks of feedback on a real database: workers that meet, a kill in between, rows of the release before."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from jiaoying.dispatch.board.feedback import feedback_board
from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.feedback_clocks import ClockEvent, ClockState
from jiaoying.dispatch.figures import Count, Figure
from jiaoying.dispatch.reporting import Told, take_reports
from jiaoying.dispatch.reports import Reported
from jiaoying.dispatch.store import feedback as store
from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import feedback, feedback_clocks, frozen_ladders
from storage.county import (
    COUNTY,
    NOW,
    TOWN,
    VILLAGE,
    add_areas,
    add_call_out,
    add_contact,
    add_responsibility,
    add_warning,
)

DUE = NOW + timedelta(minutes=15)


async def answered_person(tx: Tx, *roles: str) -> tuple[UUID, list[UUID]]:
    """A warning under which somebody in each of these roles has just answered for one village."""
    await add_areas(tx)
    warning = await add_warning(tx)
    duty = await add_responsibility(tx, warning, VILLAGE, "杏园村 防汛责任人", state="covered")
    await tx.execute(
        frozen_ladders.update().values(
            body={"feedback": [{"stage": "on_post", "within_s": 900}, {"stage": "moved", "within_s": 1800}]}
        )
    )
    people = [
        await add_call_out(
            tx,
            warning,
            await add_contact(tx, f"某{number}", f"+86100000{number:05}"),
            [(duty, role)],
            state="answered",
        )
        for number, role in enumerate(roles)
    ]
    told = [Told({person: warning}, (person,), (), "1", NOW) for person in people]
    await take_reports(tx, told, NOW)
    return warning, people


async def states(tx: Tx, call_out: UUID) -> dict[str, str]:
    clocks = feedback_clocks.c
    rows = await tx.execute(select(clocks.stage, clocks.state).where(clocks.call_out_id == call_out))
    return {row.stage: row.state for row in rows}


async def test_two_workers_ask_nobody_twice(database: Database) -> None:
    async with database.transaction() as tx:
        await answered_person(tx, "holder", "deputy")

    async def one_worker() -> int:
        async with database.transaction() as tx:
            due = await store.claim_clocks(tx, DUE, 100)
            await store.move_clocks(tx, due, ClockEvent.ASK, DUE, next_at=DUE + timedelta(minutes=5))
            return len(due)

    assert sum(await asyncio.gather(*(one_worker() for _ in range(4)))) == 2


async def asked_and_killed(database: Database) -> None:
    async with database.transaction() as tx:
        due = await store.claim_clocks(tx, DUE, 100)
        await store.move_clocks(tx, due, ClockEvent.ASK, DUE, next_at=DUE)
        raise ZeroDivisionError


async def test_a_kill_before_the_commit_leaves_the_clock_due(database: Database) -> None:
    async with database.transaction() as tx:
        _, (holder,) = await answered_person(tx, "holder")
    with pytest.raises(ZeroDivisionError):
        await asked_and_killed(database)
    async with database.transaction() as tx:
        assert await states(tx, holder) == {"on_post": "running", "moved": "running"}
        assert len(await store.claim_clocks(tx, DUE, 100)) == 1


async def test_what_is_true_of_the_place_stops_the_clocks_of_all_and_the_rest_of_one(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        warning, (holder, deputy, superior) = await answered_person(tx, "holder", "deputy", "superior")
        assert await states(tx, superior) == {}
        report = Reported(FeedbackStage.MOVED, 12, 35)
        await take_reports(tx, [Told({deputy: warning}, (), (report,), "已转移12户35人", NOW)], NOW)
        assert await states(tx, deputy) == {"on_post": "reported", "moved": "reported"}
        assert await states(tx, holder) == {"on_post": "running", "moved": "reported"}
        fix = Reported(FeedbackStage.MOVED, 11, 33)
        told = Told({holder: warning}, (), (fix,), None, NOW, by_user="user:officer", place=VILLAGE)
        await take_reports(tx, [told], NOW)
        assert (await states(tx, holder))["on_post"] == "running"


async def test_a_report_of_the_release_before_is_counted(database: Database) -> None:
    async with database.transaction() as tx:
        warning, (holder,) = await answered_person(tx, "holder")
        await tx.execute(
            insert(feedback).values(
                id=new_id(NOW), warning_id=warning, call_out_id=holder, stage="moved", people=35, at=NOW
            )
        )
        board = await feedback_board(tx, warning, NOW)
    assert [board.place(code).figures.of(Figure.MOVED).count for code in (VILLAGE, TOWN, COUNTY)] == [
        Count(None, 35)
    ] * 3


async def test_an_open_clock_without_a_next_moment_is_refused(database: Database) -> None:
    async with database.transaction() as tx:
        await answered_person(tx, "holder")
    async with database.transaction() as tx:
        with pytest.raises(IntegrityError, match="running_has_next_moment"):
            await tx.execute(text("UPDATE feedback_clocks SET next_at = NULL"))
        await tx.rollback()


async def test_what_was_missed_is_red_until_it_is_reported(database: Database) -> None:
    async with database.transaction() as tx:
        warning, (holder,) = await answered_person(tx, "holder")
        due = await store.claim_clocks(tx, DUE, 100)
        await store.move_clocks(tx, due, ClockEvent.MISS, DUE)
        board = await feedback_board(tx, warning, DUE)
        assert [owed.stages for owed in board.overdue] == [(FeedbackStage.ON_POST,)]
        assert (board.place(VILLAGE).overdue, board.place(TOWN).overdue) == (1, 1)
        await take_reports(
            tx, [Told({holder: warning}, (), (Reported(FeedbackStage.ON_POST),), "到岗", DUE)], DUE
        )
        assert (await states(tx, holder))["on_post"] == ClockState.REPORTED
        assert (await feedback_board(tx, warning, DUE)).overdue == ()
