"""A county in the middle of a red warning, as plain rows: for looking at pages without calling anybody.

All people and numbers are made up.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from jiaoying.dispatch.states import CallOutState
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import (
    alarms,
    answers,
    areas,
    attempts,
    call_out_roles,
    call_outs,
    contact_numbers,
    contacts,
    feedback,
    frozen_ladders,
    inbox_items,
    issued_warnings,
    posts,
    responsibilities,
)

COUNTY = "140521000000"
TOWNSHIPS = (
    ("140521100000", "龙港镇"),
    ("140521101000", "中村镇"),
    ("140521102000", "郑庄镇"),
    ("140521103000", "端氏镇"),
    ("140521104000", "嘉峰镇"),
    ("140521105000", "郑村镇"),
    ("140521106000", "柿庄镇"),
    ("140521200000", "土沃乡"),
    ("140521201000", "张村乡"),
    ("140521203000", "胡底乡"),
    ("140521204000", "固县乡"),
    ("140521205000", "十里乡"),
)
VILLAGES = ("上河村", "下河村", "南沟村", "北庄村", "石堂会村")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = ("建国", "秀英", "志强", "桂兰", "永红", "海燕", "文斌", "春梅", "立军", "晓东", "玉珍", "保平")


@dataclass(frozen=True, slots=True)
class Seeded:
    """What the pages of a seeded county are reached by."""

    warning_id: UUID
    drill_id: UUID
    answered_id: UUID
    exhausted_id: UUID
    open_id: UUID
    alarm_id: UUID
    message_id: UUID


class _Rows:
    """Collects rows by table, so that each table is filled by one statement."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.chance = random.Random(20260715)
        self.by_table: dict[Any, list[dict[str, Any]]] = {}
        self.lines: list[Entry] = []
        self._people = 0
        self._duties = 0

    def add(self, table: Any, **values: Any) -> UUID:
        values.setdefault("id", new_id(self.now))
        self.by_table.setdefault(table, []).append(values)
        return values["id"]

    def add_bare(self, table: Any, **values: Any) -> None:
        self.by_table.setdefault(table, []).append(values)

    def person(self, title: str, *, numbers: int = 1) -> UUID:
        self._people += 1
        name = self.chance.choice(SURNAMES) + self.chance.choice(GIVEN)
        contact_id = self.add(
            contacts,
            name=name,
            kind="person",
            title=title,
            unit=None,
            demonstration=True,
            created_at=self.now,
        )
        for position in range(numbers):
            self.add(
                contact_numbers,
                contact_id=contact_id,
                number=f"+86100{self._people:04}{position:04}",
                kind="mobile",
                preference=position + 1,
            )
        return contact_id

    def next_luck(self) -> float:
        """Spread evenly from 0 to 1, so that few posts already show every state."""
        self._duties += 1
        return self._duties * 61 % 100 / 100

    def number_of(self, contact_id: UUID) -> str | None:
        for row in self.by_table.get(contact_numbers, ()):
            if row["contact_id"] == contact_id:
                return row["number"]
        return None


async def seed_county(tx: Tx, now: datetime, townships: int = 3) -> Seeded:
    """Insert the county, its roster, a red warning twelve minutes old, a drill, alarms and messages."""
    rows = _Rows(now)
    _add_areas(rows)
    places = TOWNSHIPS[:townships]
    warning_id = _add_warning(
        rows, "沁水县气象台发布暴雨红色预警信号", "暴雨", "red", now - timedelta(minutes=12), exercise=False
    )
    drill_id = _add_warning(
        rows, "【演练】山洪灾害防御演练", "山洪", "orange", now - timedelta(days=1), exercise=True
    )
    found = _add_calls(rows, warning_id, places, now - timedelta(minutes=11, seconds=48))
    alarm_id, message_id = _add_alarms(rows, warning_id)
    for table, values in rows.by_table.items():
        await tx.execute(insert(table), values)
    await append_entries(tx, rows.lines)
    return Seeded(warning_id, drill_id, *found, alarm_id, message_id)


def _add_areas(rows: _Rows) -> None:
    rows.add_bare(areas, code=COUNTY, name="沁水县", level="county", parent_code=None)
    for code, name in TOWNSHIPS:
        rows.add_bare(areas, code=code, name=name, level="township", parent_code=COUNTY)
    for code, _ in TOWNSHIPS:
        for number, village in enumerate(VILLAGES, start=200):
            rows.add_bare(areas, code=f"{code[:9]}{number}", name=village, level="village", parent_code=code)


def _add_warning(
    rows: _Rows, headline: str, event: str, colour: str, at: datetime, *, exercise: bool
) -> UUID:
    return rows.add(
        issued_warnings,
        id=new_id(at),
        source="api",
        sender="14052141600000",
        identifier=f"14052141600000_{at:%Y%m%d%H%M%S}",
        version=1,
        content_sha256=headline.encode(),
        kind="alert",
        exercise=exercise,
        hazard="rain" if event == "暴雨" else "flash_flood",
        event=event,
        colour=colour,
        sender_name="沁水县气象台",
        headline=headline,
        text=(
            f"{headline}：预计未来3小时，龙港镇、中村镇、郑庄镇等地降雨量将达100毫米以上，"
            "山洪、地质灾害风险极高，请立即做好转移避险。"
        ),
        instruction="立即转移危险地带人员；关闭涉河景区；停课、停工。",
        area_names="沁水县全境",
        area_codes=[COUNTY],
        sent_at=at,
        valid_from=at,
        valid_to=at + timedelta(hours=6),
        received_at=at + timedelta(seconds=4),
        state="closed" if exercise else "matched",
        reference="K7" if exercise else "A7",
        matched_at=at + timedelta(seconds=5),
        closed_at=at + timedelta(hours=1) if exercise else None,
    )


def _add_calls(
    rows: _Rows, warning_id: UUID, townships: Sequence[tuple[str, str]], began: datetime
) -> tuple[UUID, UUID, UUID]:
    """The posts of every place, and how it stands with each; returns one call-out of three states."""
    ladder_id = rows.add(frozen_ladders, warning_id=warning_id, tier="village", body={})
    found: dict[str, UUID] = {}
    for township, name in townships:
        places = [(township, name, "镇长", "township"), (township, name, "防汛责任人", "township")]
        for number, village in enumerate(VILLAGES, start=200):
            code = f"{township[:9]}{number}"
            places += [
                (code, village, "防汛责任人", "village"),
                (code, village, "地质灾害群测群防员", "village"),
            ]
        for place in places:
            _add_duty(rows, warning_id, ladder_id, place, began, found)
    return found["answered"], found["exhausted"], found["open"]


def _add_duty(
    rows: _Rows,
    warning_id: UUID,
    ladder_id: UUID,
    place: tuple[str, str, str, str],
    began: datetime,
    found: dict[str, UUID],
) -> None:
    code, area_name, kind, level = place
    luck = rows.next_luck()
    state = "answered" if luck < 0.8 else "open" if luck < 0.9 else "declined" if luck < 0.92 else "exhausted"
    holder = rows.person("主任" if level == "village" else "镇长", numbers=0 if luck > 0.985 else 2)
    deputy = rows.person("副主任")
    post_id = rows.add(
        posts,
        area_code=code,
        kind=kind,
        level=level,
        tier=level,
        hazards=["rain", "flash_flood"],
        holder_id=holder,
        deputy_id=deputy,
        demonstration=True,
    )
    covered = state == "answered"
    duty_state = "covered" if covered else "uncovered" if state == "exhausted" else "open"
    duty_id = rows.add(
        responsibilities,
        warning_id=warning_id,
        post_id=post_id,
        area_code=code,
        label=f"{area_name} {kind}",
        ladder_id=ladder_id,
        why={"area": code, "hazard": "rain"},
        state=duty_state,
        reason="wait_ran_out" if state == "exhausted" else None,
        rung=0 if covered else 1,
        rung_began_at=began,
        next_at=rows.now + timedelta(seconds=40) if duty_state == "open" else None,
        deadline_at=began + timedelta(minutes=5 if luck < 0.85 else 13),
        ended_at=began + timedelta(minutes=9) if duty_state == "uncovered" else None,
    )
    found.setdefault(state, _add_person(rows, warning_id, duty_id, holder, "holder", state, began))
    if not covered:
        other = "open" if state != "exhausted" else "exhausted"
        _add_person(rows, warning_id, duty_id, deputy, "deputy", other, began)


def _add_person(
    rows: _Rows, warning_id: UUID, duty_id: UUID, contact_id: UUID, role: str, state: str, began: datetime
) -> UUID:
    took = timedelta(seconds=rows.chance.randint(15, 400))
    answered_at = began + took if state in ("answered", "declined") else None
    number = rows.number_of(contact_id)
    call_out_id = rows.add(
        call_outs,
        warning_id=warning_id,
        contact_id=contact_id,
        state=state,
        reason=("no_answer" if number else "no_number") if state == "exhausted" else None,
        priority=10 if role == "holder" else 20,
        channels=["sms", "voice"],
        tries=3,
        gap_s=60,
        round=1 if state == "answered" else 3,
        next_at=rows.now + timedelta(seconds=30) if state == "open" else None,
        matched_at=began,
        answered_at=answered_at if state == "answered" else None,
        answered_how="key" if state == "answered" else None,
        late=took > timedelta(minutes=5) and state == "answered",
        ended_at=answered_at or (began + timedelta(minutes=9) if state == "exhausted" else None),
    )
    rows.add_bare(
        call_out_roles, call_out_id=call_out_id, responsibility_id=duty_id, role=role, rung=0, since=began
    )
    line: dict[str, Any] = {"warning_id": warning_id, "call_out_id": call_out_id, "contact_id": contact_id}
    rows.lines.append(Entry(began, "call_out.opened", "match", **line))
    if number:
        _add_attempts(rows, warning_id, call_out_id, contact_id, number, state, began)
    if answered_at:
        _add_answer(rows, warning_id, call_out_id, contact_id, state, answered_at)
    if state == CallOutState.EXHAUSTED:
        rows.lines.append(Entry(began + timedelta(minutes=9), "call_out.exhausted", "plan", **line))
    return call_out_id


def _add_attempts(
    rows: _Rows,
    warning_id: UUID,
    call_out_id: UUID,
    contact_id: UUID,
    number: str,
    state: str,
    began: datetime,
) -> None:
    rounds = 1 if state in ("answered", "declined") else 3
    endings = rows.chance.choice((("failed", "no-answer"), ("failed", "busy"), ("failed", "failed")))
    for round_number in range(1, rounds + 1):
        at = began + timedelta(seconds=3 + 120 * (round_number - 1), milliseconds=420)
        common = {
            "warning_id": warning_id,
            "call_out_id": call_out_id,
            "contact_id": contact_id,
            "purpose": "call",
            "gateway": "simulator",
            "number": number,
            "text": "【叫应】暴雨红色预警",
            "language": "zh-CN",
            "parts": 2,
            "demonstration": True,
            "exercise": False,
            "priority": 10,
            "round": round_number,
            "due_at": at,
            "expires_at": at + timedelta(hours=6),
            "claimed_at": at,
            "accepted_at": at + timedelta(milliseconds=310),
        }
        answered = state in ("answered", "declined")
        rows.add(
            attempts,
            **common,
            channel="voice",
            state="answered" if answered else endings[0],
            outcome_code="completed" if answered else endings[1],
            carrier_ref=f"CA{new_id(at).hex}",
            ended_at=at + timedelta(seconds=38),
        )
        if round_number == 1:
            rows.add(
                attempts,
                **common,
                channel="sms",
                state="delivered",
                outcome_code="delivered",
                carrier_ref=f"SM{new_id(at).hex}",
                ended_at=at + timedelta(seconds=4),
            )


def _add_answer(
    rows: _Rows, warning_id: UUID, call_out_id: UUID, contact_id: UUID, state: str, at: datetime
) -> None:
    meaning = "answered" if state == "answered" else "declined"
    rows.add(
        answers,
        warning_id=warning_id,
        call_out_id=call_out_id,
        contact_id=contact_id,
        how="key",
        meaning=meaning,
        said="1" if state == "answered" else "2",
        at=at,
        late=False,
    )
    rows.lines.append(
        Entry(
            at,
            f"call_out.{meaning}",
            "settle",
            warning_id=warning_id,
            call_out_id=call_out_id,
            contact_id=contact_id,
            facts={"how": "key"},
        )
    )
    if rows.chance.random() < 0.12:
        rows.add(
            feedback,
            warning_id=warning_id,
            call_out_id=call_out_id,
            stage="moved",
            households=rows.chance.randint(2, 20),
            people=rows.chance.randint(8, 70),
            said="已转移",
            at=at + timedelta(minutes=2),
        )


def _add_alarms(rows: _Rows, warning_id: UUID) -> tuple[UUID, UUID]:
    item_id = rows.add(
        inbox_items,
        received_at=rows.now - timedelta(minutes=3),
        gateway="simulator",
        kind="text",
        dedupe_key="stranger",
        from_number="+8610099990000",
        to_number="+863560000000",
        content={"kind": "text", "text": "南沟村后山滑坡了，有人被困！"},
        state="settled",
        outcome="unknown_number",
        settled_at=rows.now,
    )
    alarm_id = rows.add(
        alarms,
        kind="danger",
        text="陌生号码来信报告险情，请立即核实。",
        warning_id=warning_id,
        inbox_item_id=item_id,
        raised_at=rows.now - timedelta(minutes=3),
    )
    return alarm_id, item_id
