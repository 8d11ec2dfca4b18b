"""A small county in rows: for tests that read."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import (
    areas,
    attempts,
    call_out_roles,
    call_outs,
    contact_numbers,
    contacts,
    frozen_ladders,
    issued_warnings,
    posts,
    responsibilities,
)

NOW = datetime(2026, 7, 15, 19, 0, tzinfo=UTC)
COUNTY = "140521000000"
TOWN = "140521100000"
VILLAGE = "140521100201"
OTHER_TOWN = "140521101000"


async def add_areas(tx: Tx) -> None:
    """A county, two townships, one village."""
    rows = [
        (COUNTY, "沁水县", "county", None),
        (TOWN, "龙港镇", "township", COUNTY),
        (OTHER_TOWN, "中村镇", "township", COUNTY),
        (VILLAGE, "杏园村", "village", TOWN),
    ]
    await tx.execute(
        insert(areas), [{"code": c, "name": n, "level": level, "parent_code": p} for c, n, level, p in rows]
    )


async def add_warning(tx: Tx, **changes: Any) -> UUID:
    """A matched red warning for the county; `changes` are columns."""
    warning_id = new_id(changes.pop("now", NOW))
    row = {
        "id": warning_id,
        "source": "test",
        "sender": "cma@example.test",
        "identifier": str(warning_id),
        "version": 1,
        "content_sha256": b"\0" * 32,
        "kind": "alert",
        "exercise": False,
        "hazard": "rain",
        "event": "暴雨",
        "colour": "red",
        "headline": "沁水县暴雨红色预警",
        "text": "未来三小时降雨量将达一百毫米以上",
        "area_names": "沁水县",
        "area_codes": [COUNTY],
        "sent_at": NOW,
        "valid_from": NOW,
        "valid_to": NOW + timedelta(hours=6),
        "received_at": NOW,
        "state": "matched",
        "reference": "A7",
        "matched_at": NOW,
    }
    await tx.execute(insert(issued_warnings).values({**row, **changes}))
    return warning_id


async def add_contact(tx: Tx, name: str, *numbers: str) -> UUID:
    """Somebody with mobile numbers, the first preferred."""
    contact_id = new_id(NOW)
    await tx.execute(
        insert(contacts).values(id=contact_id, name=name, demonstration=True, created_at=NOW, title="村主任")
    )
    for preference, number in enumerate(numbers, start=1):
        await tx.execute(
            insert(contact_numbers).values(
                id=new_id(NOW), contact_id=contact_id, number=number, kind="mobile", preference=preference
            )
        )
    return contact_id


async def add_responsibility(
    tx: Tx, warning_id: UUID, area: str, label: str, *, state: str = "open", deadline_s: int = 300
) -> UUID:
    """Somebody must answer for `area`, `deadline_s` after NOW."""
    post_id, ladder_id, found = new_id(NOW), new_id(NOW), new_id(NOW)
    level = "village" if not area.endswith("000") else "township" if area != COUNTY else "county"
    await tx.execute(
        insert(posts).values(id=post_id, area_code=area, kind="防汛责任人", level=level, tier=level)
    )
    await tx.execute(
        insert(frozen_ladders).values(id=ladder_id, warning_id=warning_id, tier=str(ladder_id), body={})
    )
    await tx.execute(
        insert(responsibilities).values(
            id=found,
            warning_id=warning_id,
            post_id=post_id,
            area_code=area,
            label=label,
            ladder_id=ladder_id,
            why={},
            state=state,
            rung=0,
            next_at=NOW + timedelta(seconds=60) if state == "open" else None,
            deadline_at=NOW + timedelta(seconds=deadline_s),
        )
    )
    return found


async def add_call_out(
    tx: Tx,
    warning_id: UUID,
    contact_id: UUID,
    duties: Sequence[tuple[UUID, str]],
    *,
    state: str = "open",
    priority: int = 10,
    version: int = 1,
    reason: str | None = None,
    kind: str = "call",
) -> UUID:
    """One person, called for `duties` (responsibility, role)."""
    call_out_id = new_id(NOW)
    await tx.execute(
        insert(call_outs).values(
            id=call_out_id,
            warning_id=warning_id,
            contact_id=contact_id,
            version=version,
            state=state,
            reason=reason,
            kind=kind,
            priority=priority,
            channels=["sms", "voice"],
            tries=3,
            gap_s=120,
            round=1,
            next_at=NOW if state == "open" else None,
            matched_at=NOW,
        )
    )
    for rung, (responsibility_id, role) in enumerate(duties):
        await tx.execute(
            insert(call_out_roles).values(
                call_out_id=call_out_id, responsibility_id=responsibility_id, role=role, rung=rung, since=NOW
            )
        )
    return call_out_id


async def add_attempt(
    tx: Tx, warning_id: UUID | None, call_out_id: UUID | None, channel: str, round_: int, **changes: Any
) -> UUID:
    """One hand-over that failed, unless `changes` say otherwise."""
    attempt_id = new_id(NOW + timedelta(minutes=round_))
    row = {
        "id": attempt_id,
        "warning_id": warning_id,
        "call_out_id": call_out_id,
        "purpose": "call",
        "channel": channel,
        "gateway": "simulator",
        "number": "+8610000000001",
        "text": "【沁水县】暴雨红色预警 A7",
        "language": "zh-CN",
        "parts": 1,
        "demonstration": True,
        "exercise": False,
        "priority": 10,
        "round": round_,
        "state": "failed",
        "due_at": NOW + timedelta(minutes=round_),
        "expires_at": NOW + timedelta(hours=6),
        "carrier_ref": f"ref-{attempt_id}",
        "outcome_code": "no-answer",
    }
    await tx.execute(insert(attempts).values({**row, **changes}))
    return attempt_id
