"""One shift's card: somebody is put in, a swap is asked for, a change is taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from aiohttp import web

from jiaoying.contacts.keeping.naming import read_people
from jiaoying.duty import actions
from jiaoying.duty.board import Manned, manned_by_id, shifts_of_days
from jiaoying.duty.change_store import Told, change_by_id, leaves_between, open_requests, reasons_of
from jiaoying.duty.changes import who_has
from jiaoying.duty.constraints import Objection
from jiaoying.duty.model import Change, ChangeKind, Role
from jiaoying.duty.months import rule_of, suggestions
from jiaoying.duty.shift_times import moment_of
from jiaoying.duty.store import desk_by_id
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.web.console.keeping import Mistakes, Values, values_in
from jiaoying.web.console.roster import choice_of
from jiaoying.web.console.rota import doer_of, mistakes_of, names_of
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import now_of, render, see_other, today_of

SWAPS_AHEAD = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who could be put in, and what speaks against it."""

    person_id: UUID
    against: tuple[Objection, ...]
    is_able: bool = True  # takes turns in this role


@dataclass(frozen=True, slots=True)
class MadeChange:
    """A change that stands, as the card tells of it."""

    change: Change
    told: Told


@dataclass(frozen=True, slots=True)
class CardForm:
    """What was typed into one of the card's forms, and what is wrong with it."""

    name: str = ""
    values: Values | None = None
    mistakes: Mistakes | None = None


async def show_card(request: web.Request) -> web.StreamResponse:
    """The card of a shift, for one role of it."""
    return await _card(request, _id_of(request), _role_in(request.query.get("role", "")), CardForm())


async def put_in(request: web.Request) -> web.StreamResponse:
    """Somebody stands instead of who stands there, for a time or for the rest."""
    values, shift_id = await values_in(request), _id_of(request)
    role = _role_in(values.get("role", ""))
    try:
        begin, end = (_moment(values.get(name, ""), request) for name in ("begin", "end"))
        async with parts_of(request).database.transaction() as tx:
            person_id = await _person_in(tx, values)
            kind = await _kind(tx, shift_id, role, now_of(request))
            await actions.put_in(
                tx,
                shift_id,
                role,
                person_id,
                doer_of(request, values.get("reason", "")),
                kind=kind,
                begin=begin,
                end=end,
            )
    except Refusal as refusal:
        form = CardForm("put-in", values, mistakes_of(refusal, "person"))
        return await _card(request, shift_id, role, form)
    return await _back(request, shift_id)


async def ask_swap(request: web.Request) -> web.StreamResponse:
    """Ask the leader for a swap with another shift of the same desk."""
    values, shift_id = await values_in(request), _id_of(request)
    role = _role_in(values.get("role", ""))
    try:
        if not values.get("other"):
            text = say("Choose the shift to swap with")
            raise Refusal(text, (Complaint("rota", "other", text),))
        other = read_id(values["other"])
        async with parts_of(request).database.transaction() as tx:
            doer = doer_of(request, values.get("reason", ""))
            await actions.ask_swap(tx, (shift_id, role), (other, role), doer)
    except Refusal as refusal:
        return await _card(request, shift_id, role, CardForm("swap", values, mistakes_of(refusal, "other")))
    return see_other("/duty#swaps")


async def undo(request: web.Request) -> web.StreamResponse:
    """Take a change back; of a swap both halves."""
    values, change_id = await values_in(request), read_id(request.match_info["id"])
    async with parts_of(request).database.transaction() as tx:
        change = await change_by_id(tx, change_id)
    if change is None:
        raise web.HTTPNotFound
    try:
        async with parts_of(request).database.transaction() as tx:
            await actions.undo(tx, change_id, doer_of(request, values.get("reason", "")))
    except Refusal as refusal:
        form = CardForm(f"undo-{change_id}", values, mistakes_of(refusal, "reason"))
        return await _card(request, change.shift_id, change.role, form)
    return await _back(request, change.shift_id)


async def _card(request: web.Request, shift_id: UUID, role: Role, form: CardForm) -> web.StreamResponse:
    now, zone = now_of(request), parts_of(request).settings.timezone
    async with parts_of(request).database.transaction() as tx:
        manned = (await manned_by_id(tx, [shift_id])).get(shift_id)
        desk = await desk_by_id(tx, manned.shift.desk_id) if manned else None
        if manned is None or desk is None:
            raise web.HTTPNotFound
        person = who_has((manned.shift, role), manned.changes, now)
        choices = [one for one in await _choices(tx, manned, role, zone) if one.person_id != person]
        swaps = await _swaps(tx, request, manned, role, person)
        made = [change for change in manned.changes if change.role is role]
        told = await reasons_of(tx, [change.id for change in made])
        waiting = [
            one for one in await open_requests(tx) if shift_id in (one.one_shift_id, one.other_shift_id)
        ]
        people = {*manned.people, *(one.person_id for one in choices)}
        names = await names_of(tx, people.union(*(one.people for one in swaps)))
    return render(
        request,
        "rota_shift.html",
        status=422 if form.mistakes else 200,
        desk=desk,
        manned=manned,
        shift=manned.shift,
        role=role,
        roles=list(Role),
        person=person,
        choices=choices,
        swaps=swaps,
        made=[MadeChange(change, told[change.id]) for change in made if change.id in told],
        waiting=waiting,
        over=manned.shift.ends_at <= now,
        running=manned.shift.starts_at <= now < manned.shift.ends_at,
        form=form.name,
        values=form.values or {},
        mistakes=form.mistakes or {},
        names=names,
        local=zone,
        longest_reason=actions.MAX_REASON,
    )


async def _choices(tx: Tx, manned: Manned, role: Role, zone: ZoneInfo) -> Sequence[Choice]:
    """Who takes turns in this role, the best first; behind them the desk's other people."""
    found = [Choice(*one) for one in await suggestions(tx, manned.shift, role, zone)]
    _, members = await rule_of(tx, manned.shift.desk_id)
    able = {one.person_id for one in found}
    others = (person for people in members.by_role.values() for person in people if person not in able)
    return [*found, *(Choice(person_id, (), is_able=False) for person_id in dict.fromkeys(others))]


async def _swaps(
    tx: Tx, request: web.Request, manned: Manned, role: Role, person: UUID | None
) -> list[Manned]:
    """The shifts ahead in which somebody else stands in this role."""
    if person is None:
        return []
    now, zone = now_of(request), parts_of(request).settings.timezone
    day = max(today_of(request), manned.shift.starts_at.astimezone(zone).date() - SWAPS_AHEAD)
    found = await shifts_of_days(tx, manned.shift.desk_id, day, day + 2 * SWAPS_AHEAD, zone)
    return [
        one
        for one in found
        if one.shift.starts_at > now
        and one.shift.id != manned.shift.id
        and who_has((one.shift, role), one.changes, now) not in (None, person)
    ]


async def _person_in(tx: Tx, values: Values) -> UUID:
    """Who was chosen, or was written by name. Raises Refusal."""
    text = values.get("name", "").strip()
    if not text:
        if not values.get("person"):
            raise Refusal(say("Choose who stands there instead"))
        return read_id(values["person"])
    found, complaints = await read_people(tx, text)
    sentence = complaints[0] if complaints else say("Write one name")
    if len(found) != 1 or complaints:
        raise Refusal(sentence, (Complaint("rota", "name", sentence),))
    return found[0]


async def _kind(tx: Tx, shift_id: UUID, role: Role, now: datetime) -> ChangeKind | None:
    """Leave, where who stands there is away then and the shift lies ahead; else as the clock says."""
    manned = (await manned_by_id(tx, [shift_id])).get(shift_id)
    if manned is None or manned.shift.starts_at <= now:
        return None
    person = who_has((manned.shift, role), manned.changes, now)
    away = {kept.person_id for kept in await leaves_between(tx, manned.shift.starts_at, manned.shift.ends_at)}
    return ChangeKind.LEAVE if person in away else None


def _moment(text: str, request: web.Request) -> datetime | None:
    """A local day and time of a form; None where it is empty. Raises Refusal."""
    if not text.strip():
        return None
    try:
        wall = datetime.fromisoformat(text.strip())
    except ValueError:
        sentence = say("Write the time as 2026-08-12 20:00")
        raise Refusal(sentence, (Complaint("rota", "time", sentence),)) from None
    return moment_of(wall.date(), wall.time(), parts_of(request).settings.timezone)


async def _back(request: web.Request, shift_id: UUID) -> web.StreamResponse:
    """To the day of the shift in its month."""
    zone = parts_of(request).settings.timezone
    async with parts_of(request).database.transaction() as tx:
        shift = (await manned_by_id(tx, [shift_id]))[shift_id].shift
    day = shift.starts_at.astimezone(zone).date()
    return see_other(f"/duty/{shift.desk_id}?month={day:%Y-%m}#day-{day}")


def _role_in(text: str) -> Role:
    return choice_of(Role, text) or Role.OFFICER


def _id_of(request: web.Request) -> UUID:
    return read_id(request.match_info["id"])
