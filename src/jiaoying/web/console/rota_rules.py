"""The rule of a desk's rota: the shifts of a day, rest, and who takes turns in which order."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp import web

from jiaoying.contacts.keeping.naming import read_people, written_names
from jiaoying.duty.deputies import deputies_of
from jiaoying.duty.filling import Members
from jiaoying.duty.model import Role
from jiaoying.duty.months import rule_of, set_plan
from jiaoying.duty.planning import (
    LONGEST_REST_H,
    MAX_NAME,
    MAX_SHIFTS_A_DAY,
    DeskPlan,
    plan_as_data,
    plan_from_data,
)
from jiaoying.duty.shift_times import READY_MADE, uncovered
from jiaoying.duty.store import lock_rota, shifts_between
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.console.keeping import Mistakes, Values, values_in
from jiaoying.web.console.rota import desk_in, doer_of
from jiaoying.web.context import parts_of
from jiaoying.web.pages import now_of, render, see_other

OWN = "own"  # neither of the ready-made
FREE_ROWS = 6
LATELY = timedelta(days=60)
_ROLES = {"officers": Role.OFFICER, "leaders": Role.LEADER}


async def show_rule(request: web.Request) -> web.StreamResponse:
    """The rule as it is."""
    async with parts_of(request).database.transaction() as tx:
        desk = await desk_in(tx, request)
        plan, members = await rule_of(tx, desk.id)
        values = await _values_of(tx, plan, members) | await _deputies_in(tx, desk.id)
        is_proposed = not any(members.by_role.values())
        if is_proposed:
            values |= await _names_of_late(tx, desk.id, now_of(request))
    values["shown"] = stamp_of(plan, members)
    return _page(request, desk, plan, values, {}, is_proposed=is_proposed and bool(values["officers"]))


async def set_rule(request: web.Request) -> web.StreamResponse:
    """What was typed becomes the rule; what is in force already stays as it is."""
    values = await values_in(request)
    async with parts_of(request).database.transaction() as tx:
        desk = await desk_in(tx, request)
        await lock_rota(tx)
        before, members_before = await rule_of(tx, desk.id)
        if values.get("shown") != stamp_of(before, members_before):
            # What was typed over an old page is not carried on: it might overwrite what is new.
            anew = await _values_of(tx, before, members_before) | await _deputies_in(tx, desk.id)
            anew["shown"] = stamp_of(before, members_before)
            return _page(request, desk, before, anew, {}, overtaken=True)
        mistakes: Mistakes = {}
        plan = before
        try:
            plan = plan_from_data(_plan_data(values, before))
        except Refusal as refusal:
            mistakes |= _mistakes_of(refusal)
        members: dict[Role, Sequence[UUID]] = {}
        for field, role in _ROLES.items():
            members[role], wrong = await read_people(tx, values.get(field, ""))
            if wrong:
                mistakes[field] = " · ".join(wrong[:5])
        deputies, wrong = await read_people(tx, values.get("deputies", ""))
        if wrong:
            mistakes["deputies"] = " · ".join(wrong[:5])
        if not members[Role.OFFICER]:
            mistakes.setdefault("officers", say("Write who takes turns as duty officer"))
        if not mistakes:
            await set_plan(tx, desk.id, plan, members, doer_of(request), deputies=deputies)
            return see_other(f"/duty/{desk.id}/rule?stored=yes")
    return _page(request, desk, before, values, mistakes)


def _page(
    request: web.Request,
    desk: object,
    plan: DeskPlan,
    values: Values,
    mistakes: Mistakes,
    *,
    overtaken: bool = False,
    is_proposed: bool = False,
) -> web.StreamResponse:
    return render(
        request,
        "rota_rule.html",
        status=409 if overtaken else 422 if mistakes else 200,
        desk=desk,
        values=values,
        mistakes=mistakes,
        overtaken=overtaken,
        is_proposed=is_proposed,
        stored=request.query.get("stored") == "yes" and not mistakes,
        ready_made=READY_MADE,
        own=OWN,
        rows=range(1, max(FREE_ROWS, len(plan.times)) + 1),
        open_times=uncovered(plan.times),
        longest_rest_h=LONGEST_REST_H,
        longest_name=MAX_NAME,
    )


def stamp_of(plan: DeskPlan, members: Members) -> str:
    """What the form showed: the rule and who takes turns."""
    shown = (
        plan_as_data(plan),
        [[str(person) for person in members.by_role[role]] for role in _ROLES.values()],
    )
    return hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:24]


def _plan_data(values: Values, before: DeskPlan) -> Mapping[str, object]:
    """The form as plain data; what it has no field for stays as it was."""
    chosen = values.get("shifts", "")
    if chosen in READY_MADE:
        times: Any = plan_as_data(DeskPlan(READY_MADE[chosen]))["times"]
    else:
        rows = (
            {key: values.get(f"{key}-{row}", "").strip() for key in ("name", "begins", "ends")}
            for row in range(1, MAX_SHIFTS_A_DAY + 1)
        )
        times = [row for row in rows if any(row.values())]
    rest = values.get("rest_h", "").strip()
    by_week = [role for role in before.by_week if role is not Role.LEADER]
    by_week += [Role.LEADER] if values.get("leader_by_week") else []
    return {
        "times": times,
        "rest_h": int(rest) if rest.isascii() and rest.isdigit() and len(rest) < 6 else rest,
        "once_a_holiday": bool(values.get("once_a_holiday")),
        "by_week": by_week,
        "signs_on": bool(values.get("signs_on")),
        "hands_over": bool(values.get("hands_over")),
    }


def _mistakes_of(refusal: Refusal) -> Mistakes:
    """Of the shifts all together: the rows stand beside each other."""
    found: Mistakes = {}
    for complaint in refusal.complaints:
        field, _, part = complaint.field.partition("[")
        number = part.partition("]")[0]
        text = say("shift {number}: {text}", number=number, text=complaint.text) if number else complaint.text
        found[field] = f"{found[field]} · {text}" if field in found else text
    return found or {"times": str(refusal)}


async def _values_of(tx: Tx, plan: DeskPlan, members: Members) -> Values:
    ready = next((key for key, times in READY_MADE.items() if times == plan.times), OWN)
    values = {
        "shifts": ready,
        "rest_h": str(plan.rules.rest // timedelta(hours=1)),
        "once_a_holiday": "yes" if plan.rules.once_a_holiday else "",
        "leader_by_week": "yes" if Role.LEADER in plan.by_week else "",
        "signs_on": "yes" if plan.signs_on else "",
        "hands_over": "yes" if plan.hands_over else "",
    }
    if ready == OWN:
        for row, one in enumerate(plan.times, start=1):
            values |= {f"name-{row}": one.name, f"begins-{row}": f"{one.begins:%H:%M}"}
            values[f"ends-{row}"] = f"{one.ends:%H:%M}"
    for field, role in _ROLES.items():
        people = members.by_role[role]
        written = await written_names(tx, people)
        values[field] = "\n".join(written[person] for person in people if person in written)
    return values


async def _deputies_in(tx: Tx, desk_id: UUID) -> Values:
    people = (await deputies_of(tx, [desk_id])).get(desk_id, [])
    written = await written_names(tx, people)
    return {"deputies": "\n".join(written[person] for person in people if person in written)}


async def _names_of_late(tx: Tx, desk_id: UUID, now: datetime) -> Values:
    """Who stood at a desk of late or is to, by its rota from a sheet: a beginning for its first rule."""
    shifts = await shifts_between(tx, [desk_id], now - LATELY, now + LATELY)
    people = {
        "officers": [shift.officer_id for shift in shifts],
        "leaders": [shift.leader_id for shift in shifts if shift.leader_id],
    }
    found: Values = {}
    for field, ids in people.items():
        written = await written_names(tx, list(dict.fromkeys(ids)))
        found[field] = "\n".join(written[each] for each in dict.fromkeys(ids) if each in written)
    return found
