"""Risk reminder letters: the list, one as it will look, signed, sent, withdrawn, and who has confirmed it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from aiohttp import web

from jiaoying.dispatch.board import WarningFacts, warning_facts
from jiaoying.dispatch.duty_calls import BELLS, DeskOutcome, outcomes_of
from jiaoying.dispatch.letter_calls import paragraphs
from jiaoying.duty.actions import Doer
from jiaoying.duty.letters import actions, store
from jiaoying.duty.letters.document import LetterPaper, letter_document
from jiaoying.duty.letters.model import MAX_REASON, Letter, Unit, UnitState, addressees
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import CHINESE, say
from jiaoying.storage.database import Tx
from jiaoying.templates.store import wordings_in_force
from jiaoying.web.console.rota import doer_of, names_of
from jiaoying.web.context import parts_of, read_id
from jiaoying.web.pages import NO_STORE, render, see_other, text_field

_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
Act = Callable[[Tx, UUID, Doer], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter in the list, with how many of its units have confirmed it."""

    letter: Letter
    units: Sequence[Unit]

    @property
    def confirmed(self) -> int:
        return sum(unit.state is UnitState.CONFIRMED for unit in self.units)

    @property
    def silent(self) -> int:
        return sum(unit.state is UnitState.SILENT for unit in self.units)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One unit with what was done to reach it."""

    unit: Unit
    outcome: DeskOutcome | None


@dataclass(frozen=True, slots=True)
class Read:
    """A letter with everything that its page and its document show."""

    letter: Letter
    units: Sequence[Unit]
    paper: LetterPaper
    broken: str  # why its wording cannot be filled


async def show_letters(request: web.Request) -> web.StreamResponse:
    """All letters, the newest first."""
    async with parts_of(request).database.transaction() as tx:
        found = await store.list_letters(tx)
        units = await store.units_of(tx, [letter.id for letter in found])
    lines = [LetterLine(letter, units.get(letter.id, [])) for letter in found]
    return render(request, "letters.html", lines=lines)


async def show_letter(request: web.Request) -> web.StreamResponse:
    """One letter as it will look or went out, what may be done with it, and its receipts."""
    return await show_page(request)


async def show_receipts(request: web.Request) -> web.StreamResponse:
    """The part of the page that lives."""
    async with parts_of(request).database.transaction() as tx:
        read = await read_letter(tx, request)
        receipts = await _receipts(tx, read.units)
        names = await names_of(tx, {unit.confirmed_by for unit in read.units})
    return render(request, "letter_receipts.html", letter=read.letter, receipts=receipts, names=names)


async def download(request: web.Request) -> web.StreamResponse:
    """The letter as a Word document."""
    async with parts_of(request).database.transaction() as tx:
        read = await read_letter(tx, request)
    if read.broken:
        raise Refusal(read.broken)
    name = quote(f"{read.letter.reference.replace(' ', '')}.docx")
    headers = {**NO_STORE, "Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return web.Response(body=letter_document(read.paper), content_type=_DOCX, headers=headers)


async def sign(request: web.Request) -> web.StreamResponse:
    """The leader signs what they have read."""
    try:
        seen = await seen_version(request)
        async with parts_of(request).database.transaction() as tx:
            read = await read_letter(tx, request)
            if read.broken:
                raise Refusal(read.broken)
            await actions.sign(tx, read.letter.id, read.paper.body, doer_of(request), seen=seen)
    except Refusal as refusal:
        return await show_page(request, refusal=str(refusal))
    return see_other(f"/letters/{request.match_info['id']}")


async def send(request: web.Request) -> web.StreamResponse:
    """A signed letter goes out."""
    return await _act(request, actions.send)


async def withdraw(request: web.Request) -> web.StreamResponse:
    """A letter counts no more, with a reason."""
    return await _act(request, actions.withdraw)


async def discard(request: web.Request) -> web.StreamResponse:
    """A draft is thrown away."""
    try:
        async with parts_of(request).database.transaction() as tx:
            await actions.discard(tx, read_id(request.match_info["id"]), doer_of(request))
    except Refusal as refusal:
        return await show_page(request, refusal=str(refusal))
    return see_other("/letters")


async def _act(request: web.Request, act: Act) -> web.StreamResponse:
    letter_id = read_id(request.match_info["id"])
    try:
        reason = await text_field(request, "reason", most=MAX_REASON)
        async with parts_of(request).database.transaction() as tx:
            await act(tx, letter_id, doer_of(request, reason))
    except Refusal as refusal:
        return await show_page(request, refusal=str(refusal))
    parts_of(request).wake.ring("letters", *BELLS)
    return see_other(f"/letters/{letter_id}")


async def show_page(request: web.Request, *, refusal: str | None = None) -> web.StreamResponse:
    """The page of a letter; `refusal` says why what was asked was not done."""
    async with parts_of(request).database.transaction() as tx:
        read = await read_letter(tx, request)
        about: WarningFacts | None = None
        if read.letter.warning_id is not None:
            about = await warning_facts(tx, read.letter.warning_id)
        receipts = await _receipts(tx, read.units)
        names = await names_of(tx, {unit.confirmed_by for unit in read.units})
    return render(
        request,
        "letter.html",
        status=422 if refusal else 200,
        refusal=refusal,
        letter=read.letter,
        paper=read.paper,
        broken=read.broken,
        about=about,
        receipts=receipts,
        names=names,
        kept=str((await request.post()).get("reason", ""))[:MAX_REASON] if refusal else "",
        most=MAX_REASON,
    )


async def read_letter(tx: Tx, request: web.Request) -> Read:
    """The letter that the address names. A draft is worded as it would be if it were signed now."""
    letter = await store.letter_by_id(tx, read_id(request.match_info["id"]))
    if letter is None:
        raise web.HTTPNotFound
    units = (await store.units_of(tx, [letter.id])).get(letter.id, [])
    body, broken = letter.body or (), ""
    if letter.body is None:
        async with wordings_in_force(tx):
            try:
                labels = [unit.label for unit in units]
                body = paragraphs(letter.draft, labels, parts_of(request).home_name)
            except Exception as error:  # whatever a wording of the county's own does
                broken = say("The wording of letters cannot be filled: {error}", error=error)
    return Read(letter, units, paper_of(request, letter, units, body), broken)


def paper_of(request: web.Request, letter: Letter, units: Sequence[Unit], body: Sequence[str]) -> LetterPaper:
    """A letter as it stands on paper."""
    draft, zone = letter.draft, parts_of(request).settings.timezone
    drill = ("【演练】" if draft.language == CHINESE else "[DRILL] ") if letter.exercise else ""
    return LetterPaper(
        office=parts_of(request).home_name,
        reference=letter.reference,
        title=drill + draft.title,
        addressees=addressees([unit.label for unit in units], draft.language),
        body=tuple(body),
        on=letter.signed_at.astimezone(zone).date() if letter.signed_at else None,
        language=draft.language,
    )


async def papers_by_call(tx: Tx, request: web.Request, call_ids: Sequence[UUID]) -> dict[UUID, LetterPaper]:
    """The letters that these duty calls tell of, for whoever reads one by a link."""
    found = await store.letters_by_call(tx, call_ids)
    units = await store.units_of(tx, [letter.id for letter in found.values()]) if found else {}
    return {
        call_id: paper_of(request, letter, units[letter.id], letter.body or ())
        for call_id, letter in found.items()
    }


async def _receipts(tx: Tx, units: Sequence[Unit]) -> list[Receipt]:
    outcomes = await outcomes_of(tx, {unit.call_id for unit in units if unit.call_id})

    def outcome_of(unit: Unit) -> DeskOutcome | None:
        own = (one for one in outcomes if one.call_id == unit.call_id)
        return next((one for one in own if unit.desk_id in (None, one.desk_id)), None)

    return [Receipt(unit, outcome_of(unit)) for unit in units]


async def seen_version(request: web.Request) -> int:
    """Which version of a draft the form was made from. Raises Refusal where it does not say so."""
    seen = await text_field(request, "seen", most=9)
    if not (seen.isascii() and seen.isdigit()):
        raise Refusal(say("This page is incomplete: open it again, then store"))
    return int(seen)
