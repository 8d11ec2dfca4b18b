"""Answers, reports and photos that come by the page of a link. They go through the same door as texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from jiaoying.contacts.model import Proof
from jiaoying.dispatch.answering import Given, take_answers
from jiaoying.dispatch.daily_filing import file_report
from jiaoying.dispatch.grades import How
from jiaoying.dispatch.hygiene import note_heard, word_of_person
from jiaoying.dispatch.photos import MOST_PHOTOS, photo_type
from jiaoying.dispatch.raising import Alarm, raise_alarms
from jiaoying.dispatch.replies import Meaning, Understood, understand
from jiaoying.dispatch.store import links
from jiaoying.dispatch.store.links import LinkedCallOut, NewAttachment
from jiaoying.dispatch.store.numbers import HeardOf
from jiaoying.duty.daily.model import NewReport
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.language import say
from jiaoying.ledger.append import append_entries
from jiaoying.ledger.entries import Entry
from jiaoying.storage.database import Tx

ACTOR = "link"
MAX_DANGER_LENGTH = 500
MAX_FIGURE_DIGITS = 5
_BUTTONS = ("1", "2")  # pressed, not said
# What the boxes of the page are in the words of a text.
_STAGES = {"on_post": "到岗", "patrol": "巡查"}
_NO_ANSWERS = (
    *(Meaning.NOT_UNDERSTOOD, Meaning.ASK_MOVE, Meaning.OPT_OUT),
    *(Meaning.WRONG_PERSON, Meaning.NOT_ME, Meaning.DANGER),
)


@dataclass(frozen=True, slots=True)
class LinkForm:
    """What the page sends: the words of its buttons and fields, as people would text them."""

    words: tuple[str, ...]  # 1, 2, 到岗, 巡查, 已转移12户35人
    danger: str = ""
    photo: bytes | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.danger or self.photo)


def read_form(
    *,
    answer: str = "",
    stages: Sequence[str] = (),
    households: str = "",
    people: str = "",
    danger: str = "",
    photo: bytes | None = None,
) -> LinkForm:
    """The form of the page, read. Raises Refusal, naming the field and the remedy."""
    words = [answer] if answer in _BUTTONS else []
    words += [_STAGES[stage] for stage in stages if stage in _STAGES]
    figures = _figure(households, "户") + _figure(people, "人")
    words += [f"已转移{figures}"] if figures else []
    if len(danger) > MAX_DANGER_LENGTH:
        raise Refusal(say("The report of danger is too long: at most {most} signs", most=MAX_DANGER_LENGTH))
    if photo:
        photo_type(photo)
    form = LinkForm(tuple(words), danger, photo)
    if form.is_empty:
        raise Refusal(say("Nothing was chosen: press a button, or fill in what you report"))
    return form


def _figure(text: str, unit: str) -> str:
    if not text:
        return ""
    if not (text.isascii() and text.isdecimal() and len(text) <= MAX_FIGURE_DIGITS):
        raise Refusal(say("Write households and people as whole numbers, for example 12 and 35"))
    return f"{int(text)}{unit}"


async def take_by_link(
    tx: Tx, token_sha256: bytes, found: Sequence[LinkedCallOut], form: LinkForm, now: datetime
) -> None:
    """Take what the bearer of a link sent. Raises Refusal for a photo that cannot be kept."""
    for given in _givens(found, form, now):
        await take_answers(tx, [given], now)
    await links.note_used(tx, token_sha256, now)
    first = found[0]
    proof = word_of_person(now, Proof.ANSWER)
    await note_heard(tx, [(first.gateway, HeardOf(first.number, proof, frozenset({first.contact_id})))], now)
    if form.danger:
        sentence = say("{name} wrote: “{text}”", name=first.name, text=form.danger)
        await raise_alarms(tx, [Alarm("danger", sentence, first.warning_id, first.contact_id)], now)
    if form.photo:
        await _keep_photo(tx, first, form.photo, now)


def _givens(found: Sequence[LinkedCallOut], form: LinkForm, now: datetime) -> list[Given]:
    """An answer for each thing said. Whoever reports anything has got the warning, so a photo or a report of
    danger by itself is an answer too."""
    said: list[tuple[Understood, str | None]] = [
        (_understood(words), None if words in _BUTTONS else words) for words in form.words
    ]
    if form.danger or not said:
        said.append((Understood(Meaning.ANSWERED), form.danger or None))
    ids = tuple(one.call_out_id for one in found)
    # One form is one moment: a microsecond apart, what stands lower on the page was said later.
    return [
        Given(
            ids,
            How.LINK,
            understood,
            words,
            now - timedelta(microseconds=left),
            attempt_id=found[0].attempt_id,
        )
        for left, (understood, words) in zip(reversed(range(len(said))), said, strict=True)
    ]


def _understood(words: str) -> Understood:
    understood = understand(words)
    return Understood(Meaning.ANSWERED) if understood.meaning in _NO_ANSWERS else understood


async def take_daily_by_link(
    tx: Tx, token_sha256: bytes, of: LinkedCallOut, report: NewReport, desk_name: str, now: datetime
) -> None:
    """File what the bearer of a link reported in a round of the daily dispatch. Raises Refusal."""
    given = Given(
        (of.call_out_id,), How.LINK, Understood(Meaning.REPORTED), None, now, attempt_id=of.attempt_id
    )
    await take_answers(tx, [given], now)
    await links.note_used(tx, token_sha256, now)
    proof = word_of_person(now, Proof.ANSWER)
    await note_heard(tx, [(of.gateway, HeardOf(of.number, proof, frozenset({of.contact_id})))], now)
    await file_report(tx, report, desk_name, by=ACTOR, now=now)


async def _keep_photo(tx: Tx, of: LinkedCallOut, body: bytes, now: datetime) -> None:
    media_type = photo_type(body)
    if await links.count_attachments(tx, of.call_out_id) >= MOST_PHOTOS:
        raise Refusal(
            say("{most} photos have come already: tell the duty desk by telephone", most=MOST_PHOTOS)
        )
    photo = NewAttachment(
        new_id(now), of.warning_id, of.call_out_id, now, media_type, len(body), sha256(body).digest(), body
    )
    if await links.keep_attachment(tx, photo):
        await append_entries(tx, [_photo_entry(of, photo)])


def _photo_entry(of: LinkedCallOut, photo: NewAttachment) -> Entry:
    return Entry(
        photo.at,
        "attachment.stored",
        ACTOR,
        of.warning_id,
        call_out_id=of.call_out_id,
        contact_id=of.contact_id,
        facts={
            "attachment_id": str(photo.id),
            "media_type": photo.media_type,
            "size": photo.size,
            "sha256": photo.sha256.hex(),
        },
    )


async def note_link_opened(
    tx: Tx, token_sha256: bytes, found: Sequence[LinkedCallOut], now: datetime
) -> None:
    """The page was looked at, by the person or by a program that looks at links: no answer, but told."""
    newly: set[UUID] = set(await links.note_opened(tx, token_sha256, now))
    await append_entries(
        tx,
        [
            Entry(
                now,
                "link.opened",
                ACTOR,
                one.warning_id,
                call_out_id=one.call_out_id,
                attempt_id=one.attempt_id,
                contact_id=one.contact_id,
            )
            for one in found
            if one.call_out_id in newly
        ],
    )
