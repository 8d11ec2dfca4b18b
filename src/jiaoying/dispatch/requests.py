"""Requests (请示): the leader on duty is called to decide on a held warning.

A request is a warning row of its own with one responsibility, that of the county's desk, whose ladder
asks the leader and then the desk. So it is rung, tracked and told like every call-out. Why not a
call-out under the held warning itself: "got it" from the leader would later pass for an answer to the
warning once it runs.
"""

from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.ladders.model import ANY, Ladder, Rung, Tier, Who
from jiaoying.dispatch.ladders.writing import ladder_to_data
from jiaoying.dispatch.matching import NewResponsibility
from jiaoying.dispatch.raising import clear_alarm, raise_alarm
from jiaoying.dispatch.states import WarningState
from jiaoying.dispatch.store import holds, responsibilities, roster
from jiaoying.dispatch.store.holds import HomeDesk
from jiaoying.dispatch.store.warnings import WarningRow
from jiaoying.dispatch.withdrawing import end_quietly
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx
from jiaoying.warnings.arrival import choose_reference
from jiaoying.warnings.holding import HoldReason
from jiaoying.warnings.purpose import Purpose
from jiaoying.warnings.store import next_warning_id, reference_uses

ACTOR = "hold"
ALARM = "held"
# Each asks for a decision about a held warning, and is answered by it.
ASKING_ALARMS = (ALARM, HoldReason.POSSIBLE_DUPLICATE)
SENDER = "jiaoying"
_BY_TEXT_AND_CALL = (Channel.SMS, Channel.VOICE)
# As the ready-made ladder of a desk under a red warning, the leader first.
LADDER = Ladder(
    ANY,
    300,
    (
        Rung((Who.LEADER,), _BY_TEXT_AND_CALL, tries=3, gap_s=60, wait_s=150),
        Rung((Who.DESK,), _BY_TEXT_AND_CALL, tries=2, gap_s=60, wait_s=150),
    ),
)


async def ask_leader(
    tx: Tx, engine: Engine, warning: WarningRow, reason: HoldReason, why: str, now: datetime
) -> None:
    """Have the leader on duty called about a held warning, and put it before the officer as an alarm.

    The caller holds the lock of intake: the request takes a short reference like every warning.
    """
    desk = await holds.home_desk(tx, engine.home_area)
    request_id = await _write_request(tx, engine, warning, desk, reason, now) if desk else None
    facts = {"why": why, "request_id": None if request_id is None else str(request_id)}
    await append_entries(tx, [Entry(now, "warning.decision_asked", ACTOR, warning.id, facts=facts)])
    if not await holds.has_open_alarm(tx, ALARM, warning.id):
        await raise_alarm(tx, ALARM, _alarm_text(warning, desk), now, warning_id=warning.id)


async def end_decided(tx: Tx, now: datetime) -> int:
    """Stop asking about what is decided, and clear its alarm; returns how many rows that changed.

    One request at a time: rows of one are not held while those of the next are waited for.
    """
    decided = (await holds.decided_requests(tx))[:1]
    for request_id in decided:
        await end_quietly(tx, request_id, actor=ACTOR, reason="decided", now=now)
    answered_for = await holds.stale_alarms(tx, ASKING_ALARMS)
    for alarm_id in answered_for:
        await clear_alarm(tx, alarm_id, by=ACTOR, now=now)
    return len(decided) + len(answered_for)


async def _write_request(
    tx: Tx, engine: Engine, warning: WarningRow, desk: HomeDesk, reason: HoldReason, now: datetime
) -> UUID:
    request_id = await next_warning_id(tx, now)
    await holds.insert_request(
        tx,
        {
            "id": request_id,
            "purpose": Purpose.REQUEST,
            "request_for_id": warning.id,
            "source": ACTOR,
            "sender": SENDER,
            "identifier": f"request-{request_id}",
            "version": 1,
            "content_sha256": sha256(request_id.bytes).digest(),
            "kind": "alert",
            "exercise": warning.exercise,
            "hazard": str(warning.hazard),
            "event": warning.event,
            "colour": None if warning.colour is None else str(warning.colour),
            "sender_name": engine.home_name,
            "headline": say("Decision needed: {headline}", headline=warning.headline),
            "text": why_held_words(reason),
            "area_names": await holds.area_name(tx, engine.home_area),
            "area_codes": [engine.home_area],
            "sent_at": now,
            "valid_from": now,
            "valid_to": max(warning.valid_to, now + timedelta(seconds=LADDER.deadline_s)),
            "received_at": now,
            "state": WarningState.MATCHED,
            "matched_at": now,
            "reference": choose_reference(await reference_uses(tx, now)),
        },
    )
    ladder_id = new_id(now)
    await roster.freeze_ladders(tx, request_id, [(ladder_id, Tier.DESK, ladder_to_data(LADDER))])
    duty = NewResponsibility(
        id=new_id(now),
        warning_id=request_id,
        post_id=None,
        desk_id=desk.id,
        area_code=desk.area_code,
        label=desk.name,
        ladder_id=ladder_id,
        why={"by": "request", "for": str(warning.id)},
        deadline_at=now + timedelta(seconds=LADDER.deadline_s),
    )
    await responsibilities.open_responsibilities(tx, [duty], now)
    facts = {"area": duty.area_code, "why": duty.why, "deadline_at": duty.deadline_at.isoformat()}
    await append_entries(
        tx,
        [
            Entry(now, "request.made", ACTOR, request_id, facts={"for": str(warning.id)}),
            Entry(
                now,
                "responsibility.opened",
                ACTOR,
                request_id,
                responsibility_id=duty.id,
                facts=facts,
                particulars={"label": duty.label},
            ),
        ],
    )
    return request_id


def why_held_words(reason: HoldReason) -> str:
    """Why a warning is held, for whoever decides."""
    return {
        HoldReason.POLICY: say("It is held for approval and its clock has run out."),
        HoldReason.QUESTIONS: say("Its text leaves something open that must be settled."),
        HoldReason.SECOND_PERSON: say("It was written by hand and needs a second person to confirm it."),
        HoldReason.BROKE: say("The program could not match it: look at it and call by hand."),
        HoldReason.POSSIBLE_DUPLICATE: say("It may be the same as a warning that runs already."),
    }[reason]


def _alarm_text(warning: WarningRow, desk: HomeDesk | None) -> str:
    if desk is None:
        return say(
            "“{headline}” is held and nobody is called: decide now. There is no duty desk for the whole"
            " territory, so no leader could be called",
            headline=warning.headline,
        )
    return say(
        "“{headline}” is held and nobody is called: start it or veto it. The leader on duty is being called",
        headline=warning.headline,
    )
