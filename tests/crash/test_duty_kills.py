"""Workers are killed while a duty desk's calls are due: each is made, none twice, whatever it is for."""

import random
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from crash.installation import Installation, open_installation
from crash.promise import figures
from jiaoying.dispatch.letter_calls import paragraphs
from jiaoying.duty.actions import Doer
from jiaoying.duty.incidents import actions as incident_actions
from jiaoying.duty.incidents.actions import WrittenReport
from jiaoying.duty.letters import actions as letter_actions
from jiaoying.duty.letters.actions import Addressee
from jiaoying.duty.letters.model import Draft, WarningTold
from jiaoying.duty.model import Desk
from jiaoying.duty.planning import DeskPlan, plan_as_data
from jiaoying.duty.roll_calls.actions import begin_now
from jiaoying.duty.roll_calls.model import Terms
from jiaoying.duty.routines.actions import Wish, add_routine
from jiaoying.duty.routines.model import Charge
from jiaoying.duty.routines.rules import Every, Rule
from jiaoying.duty.store import all_desks
from jiaoying.kernel.clock import monotonic, real_sleep
from jiaoying.ledger.verify import verify
from jiaoying.storage.database import Tx
from jiaoying.storage.embedded import EmbeddedServers
from jiaoying.storage.schema import desks

RATE = 60.0
KILLS = 4
FINISH_S = 120.0
ZONE = ZoneInfo("Asia/Shanghai")
LETTER = Draft(
    "关于防范强降雨的提醒函",
    "沁水应急函",
    "zh-CN",
    "土壤含水量已近饱和。",
    "一、加密巡查隐患点。",
    60,
    WarningTold("县气象台", "暴雨橙色预警", "沁水县", "7月15日10时", "7月15日10时至22时", "有暴雨。"),
)
SLIDE = {"title": "梁庄村山体滑坡", "source": "梁庄村支书", "place": "梁庄村后山", "kind": "geohazard"}
# What is due and was not called for: none of it may stay.
UNCALLED = """
    SELECT (SELECT count(*) FROM roll_calls WHERE state <> 'ended')
         + (SELECT count(*) FROM shifts s WHERE s.starts_at <= :now AND s.ends_at > :now
            AND NOT EXISTS (SELECT FROM shift_watches w WHERE w.shift_id = s.id AND w.state <> 'asked'))
         + (SELECT count(*) FROM incidents i WHERE NOT EXISTS (
                SELECT FROM incident_reminders r WHERE r.incident_id = i.id AND r.step = 'overdue'))
         + (SELECT count(*) FROM routine_occurrences o WHERE o.next_at <= :now)
         + (SELECT count(*) FROM letter_units WHERE call_id IS NULL OR state = 'asked')
         + (SELECT count(*) FROM attempts WHERE state IN ('due', 'sending'))
"""
MADE = """
    SELECT w.purpose, count(*), count(r.call_id) FROM issued_warnings w LEFT JOIN (
        SELECT call_id FROM roll_calls UNION ALL SELECT call_id FROM shift_watches
        UNION ALL SELECT call_id FROM incident_reminders UNION ALL SELECT call_id FROM routine_calls
        UNION ALL SELECT DISTINCT call_id FROM letter_units) r ON r.call_id = w.id
    WHERE w.purpose <> 'warning' GROUP BY w.purpose ORDER BY 1
"""
TWICE = """
    SELECT 'shift', count(*) FROM shift_watches WHERE call_id IS NOT NULL GROUP BY call_id HAVING count(*) > 1
    UNION ALL SELECT 'incident', count(*) FROM incident_reminders
    WHERE step <> 'overdue' GROUP BY incident_id, step, obligation_ids HAVING count(*) > 1
    UNION ALL SELECT 'overdue', count(*) FROM incident_reminders a JOIN incident_reminders b
    ON b.incident_id = a.incident_id AND b.obligation_ids = a.obligation_ids AND b.id > a.id
    AND b.step = 'overdue' AND b.begun_at < a.begun_at + interval '29 minutes'
    WHERE a.step = 'overdue' HAVING count(*) > 0
    UNION ALL SELECT 'routine', count(*) FROM routine_calls
    WHERE step <> 'remind' GROUP BY occurrence_id, step HAVING count(*) > 1
    UNION ALL SELECT 'letter', count(*) FROM (SELECT DISTINCT letter_id, call_id FROM letter_units) l
    GROUP BY letter_id HAVING count(*) > 1
"""


@pytest.mark.crash
async def test_no_duty_call_is_lost_or_made_twice_by_kills(
    county_folder: Path, county_servers: EmbeddedServers
) -> None:
    chance = random.Random(5)
    async with open_installation(county_folder, county_servers, rate=RATE) as county:
        await _make_all_due(county)
        for _ in range(KILLS):
            worker = county.start_worker()
            await worker.wait_until_up()
            await real_sleep(chance.uniform(0.02, 0.6))
            await worker.kill()
        for _ in range(2):
            county.start_worker()
        until = await county.business_now() + timedelta(minutes=8)
        while await county.business_now() < until:
            await real_sleep(0.2)
        await _wait_until_called(county)
        made = await county.rows(MADE)
        assert {purpose for purpose, *_ in made} == {"roll_call", "sign_on", "report", "routine", "letter"}
        assert [row for row in made if row[1] != row[2]] == [], "a call that is for nothing"
        assert {purpose: count for purpose, count, _ in made if purpose in ("roll_call", "letter")} == {
            "roll_call": 1,
            "letter": 1,
        }
        assert await county.rows(TWICE) == []
        came_to = await figures(county)
        assert came_to.duplicates == 0, came_to.explained
        verdict = await verify(county.database)
        assert verdict.unbroken, verdict.findings[:3]
        assert county.defects() == []


async def _make_all_due(county: Installation) -> None:
    """Everything that calls a desk, due at once."""
    now = await county.business_now()
    async with county.database.transaction() as tx:
        all_of_them = await all_desks(tx)
        await tx.execute(update(desks).values(plan=plan_as_data(DeskPlan(signs_on=True))))
        await begin_now(tx, Terms(all_of_them[0].area_code), _doer(now))
        for desk in all_of_them[:2]:
            told = _doer(now - timedelta(minutes=15))
            await incident_actions.take_in(tx, desk.id, WrittenReport(SLIDE), told)
        await _add_routine(tx, all_of_them[0], now)
        await _send_letter(tx, all_of_them[1:4], now)


async def _add_routine(tx: Tx, desk: Desk, now: datetime) -> None:
    at = now.astimezone(ZONE) - timedelta(minutes=3)
    rule = Rule(Every.WEEK, at.isoweekday(), at.time().replace(second=0, microsecond=0))
    charge = Charge("防汛日报", "市应急管理局", "", desk.id, None)
    begun = _doer(now - timedelta(hours=2))
    await add_routine(tx, Wish(charge, rule, at.date()), begun)


async def _send_letter(tx: Tx, told: list[Desk], now: datetime) -> None:
    units = [Addressee(desk.id, None, desk.name) for desk in told]
    letter = await letter_actions.write(tx, LETTER, units, _doer(now), warning_id=None, exercise=False)
    body = paragraphs(letter.draft, [unit.label for unit in units], "沁水县应急值班室")
    signer = Doer("user:leader", "", now, ZONE)
    await letter_actions.sign(tx, letter.id, body, signer, seen=letter.version)
    await letter_actions.send(tx, letter.id, _doer(now))


def _doer(now: datetime) -> Doer:
    return Doer("user:officer", "", now, ZONE)


async def _wait_until_called(county: Installation) -> None:
    until = monotonic() + FINISH_S
    while left := await county.value(UNCALLED, now=await county.business_now()):
        assert monotonic() < until, f"{left} × due and not called for\n{county.last_words()}"
        await real_sleep(0.2)
