"""Calls and texts made of what a person is rung for, in words that name every warning they carry."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiaoying.dispatch.budget import Need, Room
from jiaoying.dispatch.engine import Engine
from jiaoying.dispatch.links import NewLink, link_in, new_address, without_tokens
from jiaoying.dispatch.merging import Member, Together
from jiaoying.dispatch.persons import Person, Situation
from jiaoying.dispatch.planning import Ring
from jiaoying.dispatch.store.attempts import NewAttempt
from jiaoying.dispatch.store.call_outs import DueCallOut
from jiaoying.dispatch.texting import Told, word_attempt
from jiaoying.gateways.base import Channel
from jiaoying.kernel.ids import new_id
from jiaoying.ledger.entries import Entry


@dataclass(frozen=True, slots=True)
class Sent:
    """One attempt in words, with the round of each call-out that it names: its own first, then those
    beside it. `warnings` are theirs; `plain` where the wording failed and the built-in sentence goes out."""

    attempt: NewAttempt
    rounds: Mapping[UUID, int]
    warnings: Mapping[UUID, UUID]
    plain: bool
    overdrawn: str | None
    link: NewLink | None  # where its reader may answer, if the text says so

    @property
    def beside(self) -> list[tuple[UUID, UUID, UUID, int]]:
        """What it names beside its own call-out: (attempt, call-out, warning, round)."""
        return [
            (self.attempt.id, row_id, self.warnings[row_id], round_)
            for row_id, round_ in self.rounds.items()
            if row_id != self.attempt.call_out_id
        ]

    def entries(self, actor: str, now: datetime) -> list[Entry]:
        """What the ledger tells under each of the warnings."""
        several = {"names": [str(row_id) for row_id in self.rounds]} if len(self.rounds) > 1 else {}
        return [
            Entry(
                now,
                "attempt.planned",
                actor,
                self.warnings[row_id],
                call_out_id=row_id,
                attempt_id=self.attempt.id,
                contact_id=self.attempt.contact_id,
                facts={
                    "channel": self.attempt.channel,
                    "round": round_,
                    "gateway": self.attempt.gateway,
                    "parts": self.attempt.parts,
                    **several,
                    **({"plain_wording": True} if self.plain else {}),
                    **({"overdrawn": self.overdrawn} if self.overdrawn else {}),
                },
                particulars={"number": self.attempt.number, "text": without_tokens(self.attempt.text)},
            )
            for row_id, round_ in self.rounds.items()
        ]


def send_together(
    engine: Engine,
    situation: Situation,
    person: Person,
    together: Together,
    taken_back: Collection[UUID],
    now: datetime,
) -> list[Sent]:
    """What goes out for these call-outs on one channel: a call, or as many texts as their words need.

    Where a number bears no more, and where a call cannot name all, the rest is left out: it is looked at
    again soon.
    """
    by_id = {call_out.id: call_out for call_out in person.call_outs}
    rest, sent = list(together.members), list[Sent]()
    while rest:
        room = _room(situation, person, by_id, rest, together, taken_back, now)
        if room is None or room.at > now:
            break
        told = [_told(situation, by_id[member.call_out.id]) for member, _ in rest]
        channel, language = together.attempt.channel, person.callee.language
        with_link = engine.link_base is not None and channel is Channel.SMS
        address = new_address(engine.link_base()) if engine.link_base and with_link else None
        wording, count = word_attempt(engine, told, channel, language, address)
        named, rest = rest[:count], rest[count:]
        lead = by_id[named[0][0].call_out.id]
        attempt = NewAttempt(
            id=new_id(now),
            warning_id=lead.warning_id,
            call_out_id=lead.id,
            contact_id=person.callee.id,
            purpose="call",
            channel=together.attempt.channel,
            gateway=room.gateway,
            number=together.attempt.number,
            text=wording.text,
            language=person.callee.language,
            parts=wording.parts if together.attempt.channel is Channel.SMS else 1,
            demonstration=person.callee.demonstration,
            exercise=told[0].warning.exercise,
            real_phones=told[0].warning.exercise and told[0].warning.rings_real_phones,
            priority=min(member.priority for member, _ in named),
            round=named[0][1].round,
            due_at=now,
            # What is over is not spoken of: the rest is then planned anew.
            expires_at=min(one.warning.valid_to for one in told[:count]),
        )
        situation.usage.take(room.gateway, attempt.channel, attempt.number, attempt.id, now)
        sent.append(
            Sent(
                attempt,
                {member.call_out.id: ring.round for member, ring in named},
                {member.call_out.id: by_id[member.call_out.id].warning_id for member, _ in named},
                plain=wording.fallback,
                overdrawn=room.overdrawn,
                link=link_in(
                    wording.text,
                    address,
                    call_out_id=lead.id,
                    attempt_id=attempt.id,
                    now=now,
                    valid_to=told[0].warning.valid_to,
                ),
            )
        )
        if attempt.channel is Channel.VOICE:
            situation.rung_for.setdefault(attempt.number, {})[person.callee.id] = attempt.priority
            break
    return sent


def _told(situation: Situation, call_out: DueCallOut) -> Told:
    return Told(
        situation.warnings[call_out.warning_id],
        situation.labels.get(call_out.id, ()),
        situation.tasks.get(call_out.id, ()),
        tuple(situation.errands.get(call_out.id, ())),
    )


def _room(
    situation: Situation,
    person: Person,
    by_id: Mapping[UUID, DueCallOut],
    rest: Sequence[tuple[Member, Ring]],
    together: Together,
    taken_back: Collection[UUID],
    now: datetime,
) -> Room | None:
    gateways = person.gateways[rest[0][0].call_out.id]
    if not gateways:
        return None
    grave = any(member.grave for member, _ in rest)
    need = Need.GRAVE if grave else situation.need_of(by_id[rest[0][0].call_out.id])
    attempt = together.attempt
    return situation.usage.room(gateways, attempt.channel, attempt.number, need, now, taken_back)
