"""Incidents on a real PostgreSQL: numbers without gaps, chains, signatures, what is owed and was sent."""

import asyncio
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Executable, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from jiaoying.contacts.areas.importing import import_area_file
from jiaoying.contacts.privacy.erased_rows import rows_naming
from jiaoying.contacts.privacy.erasing import ERASED_NAME, erase_person
from jiaoying.contacts.store import find_or_add_people
from jiaoying.duty.actions import Doer
from jiaoying.duty.incidents import actions, book, sending, store
from jiaoying.duty.incidents.actions import WrittenReport
from jiaoying.duty.incidents.board import clocks_of, incident_now, open_incidents
from jiaoying.duty.incidents.model import (
    Fact,
    Incident,
    KeptObligation,
    Means,
    ObligationState,
    Report,
    ReportKind,
)
from jiaoying.duty.incidents.numbers import incident_number, report_number
from jiaoying.duty.incidents.reading import ready_made_text
from jiaoying.duty.incidents.sending import Sent
from jiaoying.duty.store import save_desk
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.phone import Number, NumberKind
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database
from jiaoying.storage.schema import incident_obligations, incident_reports, incidents, ledger_lines

NOW = datetime(2026, 8, 6, 19, 0, 7, tzinfo=UTC)  # 03:00:07 in Shanxi
MINUTE = timedelta(minutes=1)
ZONE = ZoneInfo("Asia/Shanghai")
OFFICER, LEADER = Doer("user:值班员", "", NOW, ZONE), Doer("user:领导", "", NOW, ZONE)
SLIDE = {
    "title": "梁庄村山体滑坡",
    "source": "龙港镇值班室",
    "place": "龙港镇梁庄村后山",
    "kind": "geohazard",
    "grade": "ordinary",
    "dead": "0",
    "injured": "2",
}
CITY, PROVINCE = "市政府总值班室", "省政府总值班室"


@pytest.fixture
async def desk_id(database: Database) -> UUID:
    areas = (
        "code,name,level,parent_code\n"
        "140521000000,沁水县,county,\n"
        "140521100000,龙港镇,township,140521000000\n"
    )
    await import_area_file(database, SheetFile("areas.csv", areas.encode()), now=NOW)
    async with database.transaction() as tx:
        return (await save_desk(tx, "140521000000", "沁水县应急值班室", None, now=NOW, actor="test")).id


def later(doer: Doer, minutes: float, reason: str = "") -> Doer:
    return replace(doer, now=NOW + minutes * MINUTE, reason=reason)


async def taken_in(database: Database, desk_id: UUID, doer: Doer = OFFICER, **typed: str) -> Incident:
    async with database.transaction() as tx:
        return await actions.take_in(tx, desk_id, WrittenReport({**SLIDE, **typed}), doer)


async def reports(database: Database, incident_id: UUID) -> list[Report]:
    async with database.transaction() as tx:
        return (await store.reports_of(tx, [incident_id]))[incident_id]


async def owed(database: Database, incident_id: UUID) -> dict[tuple[str, Means], KeptObligation]:
    async with database.transaction() as tx:
        found = (await store.obligations_of(tx, [incident_id]))[incident_id]
        return {(one.recipient, one.means): one for one in found}


async def signed(database: Database, incident: Incident, doer: Doer = LEADER) -> Report:
    waiting = next(report for report in await reports(database, incident.id) if report.waits)
    async with database.transaction() as tx:
        return await actions.sign(tx, waiting.id, "王领导", doer)


async def report_on(
    database: Database, incident: Incident, kind: ReportKind, doer: Doer, /, **typed: str
) -> Report:
    async with database.transaction() as tx:
        return await actions.report_on(tx, incident.id, kind, WrittenReport(typed), doer)


async def refused_by(database: Database, constraint: str, statement: Executable) -> None:
    """The database itself does not take it."""
    async with database.transaction() as tx:
        with pytest.raises(IntegrityError, match=constraint):
            async with tx.begin_nested():
                await tx.execute(statement)


async def events(database: Database) -> list[str]:
    async with database.transaction() as tx:
        query = select(ledger_lines.c.event).where(ledger_lines.c.event.like("incident.%"))
        return list(await tx.scalars(query.order_by(ledger_lines.c.id)))


async def test_numbers_have_no_gap_however_many_are_taken_at_once(database: Database, desk_id: UUID) -> None:
    async def one(number: int) -> None:
        try:
            async with database.transaction() as tx:
                await actions.take_in(tx, desk_id, WrittenReport(SLIDE), OFFICER)
                if number % 3 == 0:
                    raise Refusal("after all not")
        except Refusal:
            pass

    await asyncio.gather(*(one(number) for number in range(9)))
    next_year = replace(OFFICER, now=datetime(2026, 12, 31, 16, 0, 1, tzinfo=UTC))
    new_year = await taken_in(database, desk_id, next_year)
    async with database.transaction() as tx:
        drill = await actions.take_in(tx, desk_id, WrittenReport(SLIDE), OFFICER, exercise=True)
        row = incidents.c
        numbers = list(
            await tx.scalars(select(row.number).where(row.year == 2026, ~row.exercise).order_by(row.number))
        )
    assert numbers == [1, 2, 3, 4, 5, 6]
    assert incident_number(new_year.called) == "沁水县应急值班〔2027〕1号"
    assert incident_number(drill.called, exercise=True) == "沁水县应急值班演练〔2026〕1号"


async def test_two_desks_never_share_the_beginning_of_their_numbers(
    database: Database, desk_id: UUID
) -> None:
    async with database.transaction() as tx:
        other = (await save_desk(tx, "140521100000", "龙港镇值班室", None, now=NOW, actor="test")).id
        text = ready_made_text().replace("numbers: {}", "numbers: {龙港镇值班室: 沁水县应急值班}")
        await book.save_rules(tx, text, note="统一字号", shown=0, by="user:领导", now=NOW)
    first, second = await taken_in(database, desk_id), await taken_in(database, other)
    assert incident_number(first.called) == "沁水县应急值班〔2026〕1号"
    assert incident_number(second.called) == "龙港镇值班〔2026〕1号"


async def test_taken_in_it_has_a_number_a_first_report_and_its_clocks(
    database: Database, desk_id: UUID
) -> None:
    received = "2026-08-07T02:51:33"
    async with database.transaction() as tx:
        incident = await actions.take_in(tx, desk_id, WrittenReport(SLIDE, received), OFFICER)
        standing = await incident_now(tx, incident.id)
        (clocked,) = await open_incidents(tx, desk_id)
        assert await open_incidents(tx, incident.id) == []
    told_at = datetime(2026, 8, 6, 18, 51, 33, tzinfo=UTC)
    assert incident.received_at == told_at
    assert standing is not None
    assert (standing.title, standing.held[Fact.INJURED].now.value) == ("梁庄村山体滑坡", 2)
    assert [(clock.recipient, clock.due_at) for clock in clocks_of([clocked])] == [
        (CITY, told_at + 120 * MINUTE),
        (CITY, told_at + 120 * MINUTE),
    ]
    assert await events(database) == [
        "incident.received",
        "incident.report_written",
        "incident.owed",
        "incident.owed",
    ]


async def test_what_is_wrong_is_named_by_its_field_and_nothing_is_kept(
    database: Database, desk_id: UUID
) -> None:
    wrong = {"title": " ", "place": "x" * 101, "dead": "-1", "loss": "a lot", "grade": "huge"}
    written = WrittenReport({**SLIDE, **wrong}, "2026-08-07T04:00")
    async with database.transaction() as tx:
        with pytest.raises(Refusal) as refused:
            await actions.take_in(tx, desk_id, written, OFFICER)
    assert {complaint.field for complaint in refused.value.complaints} == {
        "title", "place", "dead", "loss", "grade", "received_at",
    }  # fmt: skip
    async with database.transaction() as tx:
        assert await tx.scalar(select(func.count()).select_from(incidents)) == 0


async def test_nobody_signs_their_own_report(database: Database, desk_id: UUID) -> None:
    incident = await taken_in(database, desk_id)
    (first,) = await reports(database, incident.id)
    async with database.transaction() as tx:
        with pytest.raises(Refusal, match="本人"):
            await actions.sign(tx, first.id, "值班员", OFFICER)
        with pytest.raises(Refusal, match="本人"):
            await actions.note_signed_by_phone(tx, first.id, " 值班员 ", NOW, OFFICER)
    own = {"signed_at": NOW, "signed_by": OFFICER.actor, "signer": "值班员", "signed_how": "here"}
    await refused_by(database, "two_persons", update(incident_reports).values(own))
    report = await signed(database, incident)
    assert (report.signer, report.signed_how) == ("王领导", "here")
    with pytest.raises(Refusal, match="已经签发"):
        await signed_again(database, report)


async def signed_again(database: Database, report: Report) -> None:
    async with database.transaction() as tx:
        await actions.sign(tx, report.id, "王领导", LEADER)


async def test_at_night_the_leader_says_yes_by_telephone_and_whoever_is_alone_notes_it(
    database: Database, desk_id: UUID
) -> None:
    incident = await taken_in(database, desk_id)
    (first,) = await reports(database, incident.id)
    async with database.transaction() as tx:
        with pytest.raises(Refusal, match="写成之后"):
            await actions.note_signed_by_phone(tx, first.id, "王领导", NOW - 9 * MINUTE, later(OFFICER, 5))
        report = await actions.note_signed_by_phone(
            tx, first.id, "王领导", NOW + 3 * MINUTE, later(OFFICER, 5)
        )
    assert (report.signer, report.signed_by, report.signed_how) == ("王领导", "user:值班员", "phone")
    assert report.signed_at == NOW + 3 * MINUTE


async def test_a_continued_report_carries_only_what_is_new(database: Database, desk_id: UUID) -> None:
    incident = await taken_in(database, desk_id)
    with pytest.raises(Refusal, match="待签发"):
        await report_on(database, incident, ReportKind.CONTINUED, OFFICER, injured="5")
    await signed(database, incident)
    with pytest.raises(Refusal, match="没有新"):
        await report_on(database, incident, ReportKind.CONTINUED, OFFICER, injured="2", dead="0")
    written = await report_on(
        database, incident, ReportKind.CONTINUED, OFFICER, injured="5", place=SLIDE["place"], loss="12.50"
    )
    assert written.facts == {Fact.INJURED: 5, Fact.LOSS: "12.5"}
    report = await signed(database, incident)
    assert report_number(incident.called, report) == "沁水县应急值班〔2026〕1号-续报一"
    final = await report_on(database, incident, ReportKind.FINAL, OFFICER)
    assert final.facts == {}
    await signed(database, incident)
    with pytest.raises(Refusal, match="更正"):
        await report_on(database, incident, ReportKind.CONTINUED, OFFICER, injured="6")
    async with database.transaction() as tx:
        correction = await actions.report_on(
            tx,
            incident.id,
            ReportKind.CORRECTION,
            WrittenReport({"injured": "4"}),
            OFFICER,
            corrects_id=report.id,
        )
        standing = await incident_now(tx, incident.id)
    assert correction.corrects_id == report.id
    assert standing is not None
    assert standing.incident.ended_at == NOW
    assert standing.held[Fact.INJURED].now.value == 4
    assert [said.value for said in standing.held[Fact.INJURED].before] == [5, 2]


async def test_one_that_was_sent_back_is_written_anew_and_says_nothing(
    database: Database, desk_id: UUID
) -> None:
    incident = await taken_in(database, desk_id, injured="20")
    (first,) = await reports(database, incident.id)
    async with database.transaction() as tx:
        with pytest.raises(Refusal, match="原因"):
            await actions.send_back(tx, first.id, LEADER)
        await actions.send_back(tx, first.id, replace(LEADER, reason="受伤人数核实后再报"))
    with pytest.raises(Refusal) as refused:
        await report_on(database, incident, ReportKind.CONTINUED, OFFICER, injured="2")
    assert {one.field for one in refused.value.complaints} == {"title", "source", "place"}
    again = await report_on(database, incident, ReportKind.CONTINUED, OFFICER, **SLIDE)
    assert (again.kind, again.place) == (ReportKind.FIRST, 2)
    async with database.transaction() as tx:
        standing = await incident_now(tx, incident.id)
    assert standing is not None
    assert standing.held[Fact.INJURED].before == ()
    assert len(standing.owed) == 2


async def test_raised_to_major_the_province_is_owed_within_the_hour_of_hearing_it(
    database: Database, desk_id: UUID
) -> None:
    incident = await taken_in(database, desk_id)
    before = await owed(database, incident.id)
    await signed(database, incident)
    async with database.transaction() as tx:
        await sending.lift(
            tx, before[CITY, Means.WRITTEN].id, later(OFFICER, 10, "电话已报，市值班室同意免报书面")
        )
    await report_on(database, incident, ReportKind.CONTINUED, later(OFFICER, 30), grade="major", dead="10")
    after = await owed(database, incident.id)
    assert after[PROVINCE, Means.PHONE].due_at == NOW + 90 * MINUTE
    assert after[CITY, Means.PHONE] == before[CITY, Means.PHONE]
    # Lifted under the milder grade, it is owed again under the graver one.
    assert after[CITY, Means.WRITTEN].state is ObligationState.OPEN
    assert after[CITY, Means.WRITTEN].due_at == NOW + 150 * MINUTE
    assert (await events(database)).count("incident.owed_again") == 1


async def test_a_word_that_says_nothing_of_the_grade_brings_back_nothing_lifted(
    database: Database, desk_id: UUID
) -> None:
    incident = await taken_in(database, desk_id)
    phone = (await owed(database, incident.id))[CITY, Means.PHONE]
    await signed(database, incident)
    async with database.transaction() as tx:
        await sending.lift(tx, phone.id, later(OFFICER, 1, "市值班室在场"))
    await report_on(database, incident, ReportKind.CONTINUED, later(OFFICER, 30), injured="9")
    assert (await owed(database, incident.id))[CITY, Means.PHONE].state is ObligationState.LIFTED


async def test_sent_after_its_time_is_late_for_ever(database: Database, desk_id: UUID) -> None:
    incident = await taken_in(database, desk_id)
    sent = Sent(CITY, Means.PHONE, NOW + 125 * MINUTE, "市值班室 孙演示", "0356 电话")
    async with database.transaction() as tx:
        noted = await sending.note_sent(tx, incident.id, sent, later(OFFICER, 130))
        await sending.note_receipt(tx, noted.id, "孙演示", NOW + 126 * MINUTE, later(OFFICER, 131))
        with pytest.raises(Refusal, match="回执已"):
            await sending.note_receipt(tx, noted.id, "孙演示", NOW + 126 * MINUTE, later(OFFICER, 131))
    one = (await owed(database, incident.id))[CITY, Means.PHONE]
    assert (one.state, one.sent_at, one.next_at) == (ObligationState.DONE, sent.at, None)
    assert one.is_late(NOW + timedelta(days=400))
    assert "incident.sent_late" in await events(database)


async def test_what_goes_out_in_writing_is_a_signed_report(database: Database, desk_id: UUID) -> None:
    incident = await taken_in(database, desk_id)
    (first,) = await reports(database, incident.id)
    sent = Sent(CITY, Means.WRITTEN, NOW, "传真", report_id=first.id)
    async with database.transaction() as tx:
        with pytest.raises(Refusal, match="签发"):
            await sending.note_sent(tx, incident.id, sent, OFFICER)
        with pytest.raises(Refusal, match="本事件"):
            await sending.note_sent(tx, incident.id, replace(sent, report_id=incident.id), OFFICER)
    await signed(database, incident)
    async with database.transaction() as tx:
        await sending.note_sent(tx, incident.id, sent, OFFICER)
    assert not (await owed(database, incident.id))[CITY, Means.WRITTEN].is_late(NOW + 999 * MINUTE)


async def test_what_was_noted_by_mistake_is_owed_again_by_its_old_clock(
    database: Database, desk_id: UUID
) -> None:
    incident = await taken_in(database, desk_id)
    before = (await owed(database, incident.id))[CITY, Means.PHONE]
    sent = Sent(CITY, Means.PHONE, NOW, "市值班室")
    async with database.transaction() as tx:
        first = await sending.note_sent(tx, incident.id, sent, OFFICER)
        second = await sending.note_sent(
            tx, incident.id, replace(sent, at=NOW + 5 * MINUTE), later(OFFICER, 6)
        )
        await sending.take_back(tx, first.id, later(OFFICER, 7, "打错单位"))
    held = (await owed(database, incident.id))[CITY, Means.PHONE]
    assert (held.state, held.sent_at) == (ObligationState.DONE, NOW + 5 * MINUTE)
    async with database.transaction() as tx:
        await sending.take_back(tx, second.id, later(OFFICER, 8, "打错单位"))
        with pytest.raises(Refusal, match="已经撤回"):
            await sending.take_back(tx, second.id, later(OFFICER, 8, "打错单位"))
    assert (await owed(database, incident.id))[CITY, Means.PHONE] == before


async def test_two_who_note_the_same_at_once_settle_it_once(database: Database, desk_id: UUID) -> None:
    incident = await taken_in(database, desk_id)

    async def note(minute: int) -> None:
        sent = Sent(CITY, Means.PHONE, NOW + minute * MINUTE, "市值班室")
        async with database.transaction() as tx:
            await sending.note_sent(tx, incident.id, sent, later(OFFICER, 10))

    await asyncio.gather(*(note(minute) for minute in range(4)))
    async with database.transaction() as tx:
        settled = [one for one in await store.sendings_of(tx, incident.id) if one.obligation_id]
    assert len(settled) == 1


async def test_an_open_obligation_has_a_next_moment(database: Database, desk_id: UUID) -> None:
    incident = await taken_in(database, desk_id)
    forgotten = update(incident_obligations).where(incident_obligations.c.incident_id == incident.id)
    await refused_by(database, "open_has_next_moment", forgotten.values(next_at=None))


async def test_one_report_at_a_time_waits_to_be_signed(database: Database, desk_id: UUID) -> None:
    incident = await taken_in(database, desk_id)
    (first,) = await reports(database, incident.id)
    other = replace(first, id=incident.id, place=2, kind=ReportKind.CONTINUED)
    await refused_by(database, "incident_reports_waiting_idx", insert(incident_reports).values(asdict(other)))


async def test_rules_are_kept_in_versions_and_nobody_overwrites_anothers_change(
    database: Database, desk_id: UUID
) -> None:
    stricter = ready_made_text().replace("within_min: 120", "within_min: 30")
    async with database.transaction() as tx:
        with pytest.raises(Refusal, match="改动"):
            await book.save_rules(tx, stricter, note=" ", shown=0, by="user:领导", now=NOW)
        made = await book.save_rules(tx, stricter, note="县里从严", shown=0, by="user:领导", now=NOW)
        with pytest.raises(Refusal, match="第 1 版"):
            await book.save_rules(tx, stricter, note="又改", shown=0, by="user:另一人", now=NOW)
        assert (made.version, (await book.rules_in_force(tx))[1]) == (1, 1)
        assert (await book.rules_of(tx, 0))[1] == ready_made_text()
        with pytest.raises(Refusal):
            await book.rules_of(tx, 7)
    incident = await taken_in(database, desk_id)
    assert {one.due_at for one in (await owed(database, incident.id)).values()} == {NOW + 30 * MINUTE}
    assert {one.rules_version for one in (await owed(database, incident.id)).values()} == {1}


async def test_whoever_is_erased_leaves_the_reports_and_what_they_say_of_others_stays(
    database: Database, desk_id: UUID
) -> None:
    number = Number("+8610000000001", NumberKind.MOBILE)
    async with database.transaction() as tx:
        (person,) = await find_or_add_people(tx, [("赵演示", number)], now=NOW, note="test", actor="test")
        assert person
        said = {**SLIDE, "leaders": '赵演示"镇长"已到现场', "injured": "2"}
        written = WrittenReport(said, addressees="市值班室", reporter="赵演示", phone="10000000001")
        incident = await actions.take_in(tx, desk_id, written, OFFICER)
        (first,) = (await store.reports_of(tx, [incident.id]))[incident.id]
        await actions.note_signed_by_phone(tx, first.id, "赵演示县长", NOW, OFFICER)
        noted = await sending.note_sent(tx, incident.id, Sent(CITY, Means.PHONE, NOW, "赵演示"), OFFICER)
        await sending.note_receipt(tx, noted.id, "赵演示", NOW, OFFICER)
        phoned = (await store.obligations_of(tx, [incident.id]))[incident.id][1]
        await sending.lift(tx, phoned.id, replace(OFFICER, reason="赵演示同意"))
    await erase_person(database, person, reason="本人申请", now=NOW, actor="keeper")
    async with database.transaction() as tx:
        named = await rows_naming(tx, "赵演示")
        (report,) = (await store.reports_of(tx, [incident.id]))[incident.id]
    assert named == {}
    assert report.facts[Fact.LEADERS] == f'{ERASED_NAME}"镇长"已到现场'
    assert (report.facts[Fact.INJURED], report.facts[Fact.PLACE]) == (2, SLIDE["place"])
    assert "0000000001" not in report.phone
