"""What one word of a person comes to: whose call-outs it ticks, or what its sender is told instead. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from jiaoying.dispatch.answering import Given
from jiaoying.dispatch.check_answers import CheckAnswer, CheckAsked, check_answer
from jiaoying.dispatch.daily_answers import DailyAnswer, RoundAsked, daily_answer
from jiaoying.dispatch.doors import Errand, choose_errands
from jiaoying.dispatch.replies import (
    AskWhich,
    Candidate,
    Chosen,
    Meaning,
    Understood,
    about_work,
    choose_call_outs,
    is_about_drill,
    still_open,
    understand,
    understand_key,
)
from jiaoying.dispatch.response.hearing import reported_by
from jiaoying.dispatch.routine_calls import reminders_done
from jiaoying.dispatch.store.attempts import AttemptFacts
from jiaoying.dispatch.store.bundles import Beside
from jiaoying.dispatch.store.roster import Callee
from jiaoying.dispatch.store.unread import Item
from jiaoying.gateways.base import IncomingCall, KeyPress, Reply

Word = Reply | KeyPress | IncomingCall

_SAYS_NOTHING = {
    Meaning.NOT_UNDERSTOOD: "not_understood",
    Meaning.DANGER: "danger",
    Meaning.ASK_MOVE: "ask_move",
    Meaning.ASK_TOTAL: "ask_total",
    Meaning.OPT_OUT: "opt_out",
    Meaning.WRONG_PERSON: "wrong_person",
    Meaning.NOT_ME: "not_understood",
}
_AT_DOOR = (Meaning.KNOCKED, Meaning.NOBODY_HOME)

# One more text from the sender clears it: the officer need not look.
_ASKED_BACK = (Meaning.ASK_MOVE, Meaning.ASK_TOTAL)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known around some words: by the number of their senders, and of keys by the item's id."""

    senders: Mapping[str, Sequence[Callee]]
    candidates: Mapping[str, Sequence[Candidate]]
    called: Mapping[UUID, AttemptFacts]
    # What these name beside their own call-outs.
    beside: Mapping[UUID, Sequence[Beside]]
    checks: Mapping[str, CheckAsked]
    errands: Mapping[str, Sequence[Errand]] = field(default_factory=dict[str, Sequence[Errand]])
    rounds: Mapping[str, Sequence[RoundAsked]] = field(default_factory=dict[str, Sequence[RoundAsked]])

    def named_in(self, called: AttemptFacts | None) -> tuple[UUID, ...]:
        """The call-outs that a call of ours was made for."""
        if called is None or called.call_out_id is None:
            return ()
        return (called.call_out_id, *(one.call_out_id for one in self.beside.get(called.id, ())))


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a sender is told whose word ticks nothing."""

    kind: str
    references: tuple[str, ...]
    drill: bool
    names: tuple[str, ...] = ()  # of people to whose doors the sender was sent


@dataclass(frozen=True, slots=True)
class Heard:
    """What one word comes to."""

    item: Item
    word: Word
    outcome: str
    sender: Callee | None = None
    stranger: bool = False
    given: Given | None = None
    others: tuple[str, ...] = ()  # references of further warnings that stay open
    seen: Mapping[UUID, UUID] = field(default_factory=dict[UUID, UUID])  # danger: call-out → warning
    explanation: Explanation | None = None
    alarm: str | None = None  # the kind of alarm that shows the word to the officer
    check: CheckAsked | None = None  # the check of the number that it answers
    woke: Given | None = None  # whom the sender woke at their door
    names: tuple[str, ...] = ()  # whose doors it is about
    daily: DailyAnswer | None = None  # what it reports on a round of the daily dispatch
    owed: RoundAsked | None = None  # a round that it acknowledges and does not report on


def hear_apart(words: Sequence[tuple[Item, Word]], known: Known) -> list[Heard]:
    """What each word comes to, in the order in which they came, as far as they can be heard together.

    A word that has to do with the same call-out as one before it is left out: it may depend on what that
    one changes, and is heard in the next batch.
    """
    taken: set[UUID] = set()
    apart: list[Heard] = []
    for item, word in words:
        near = _call_outs_near(item, word, known)
        if near.isdisjoint(taken):
            apart.append(listen(item, word, known))
        taken |= near
    return apart


def _call_outs_near(item: Item, word: Word, known: Known) -> set[UUID]:
    """Every call-out that a word may change or depend on, and so may the next word from its number."""
    near = {candidate.call_out_id for candidate in known.candidates.get(word.from_number, ())}
    near |= set(known.named_in(known.called.get(item.id)))
    for errand in known.errands.get(word.from_number, ()):
        near |= {errand.call_out_id, errand.sleeper_id}
    return near


def listen(item: Item, word: Word, known: Known) -> Heard:
    """What one word comes to."""
    match word:
        case KeyPress():
            called = known.called.get(item.id)
            return _key(item, word, called, known.named_in(called))
        case Reply():
            senders = known.senders.get(word.from_number, ())
            candidates = known.candidates.get(word.from_number, ())
            errands = known.errands.get(word.from_number, ())
            rounds = known.rounds.get(word.from_number, ())
            check = known.checks.get(word.from_number)
            return _text(item, word, senders, candidates, check, errands, rounds)
        case IncomingCall():
            callers = known.senders.get(word.from_number, ())
            # A person of the roster is tied to the item, a stranger is shown.
            if callers:
                return Heard(item, word, "rang", sender=callers[0])
            return Heard(item, word, "unknown_number", stranger=True)


def _key(item: Item, press: KeyPress, called: AttemptFacts | None, named: tuple[UUID, ...]) -> Heard:
    """A key pressed during one of our calls: it is certain that all are meant that the call named."""
    if called is None or not named:
        return Heard(item, press, "unknown_attempt")
    understood = understand_key(press.digits)
    if understood.meaning is Meaning.NOT_UNDERSTOOD:
        return Heard(item, press, "no_key")
    given = Given(
        named,
        "key",
        understood,
        press.digits,
        item.received_at,
        item.id,
        attempt_id=called.id,
    )
    return Heard(item, press, understood.meaning, given=given)


def _text(
    item: Item,
    reply: Reply,
    senders: Sequence[Callee],
    candidates: Sequence[Candidate],
    check: CheckAsked | None,
    errands: Sequence[Errand],
    rounds: Sequence[RoundAsked] = (),
) -> Heard:
    """A text: understood, and tied to the call-outs meant, to the check of the number, or to a round of the
    daily dispatch."""
    if not senders:
        return Heard(item, reply, "unknown_number", stranger=True)
    sender = senders[0]
    names = [owner.name for owner in senders]
    understood = reported_by(understand(reply.text, names), reply.text)
    reminders = reminders_done(candidates, understood, reply.text)
    if reminders:
        understood = replace(understood, meaning=Meaning.ANSWERED)
    drill = is_about_drill(candidates)
    daily = daily_answer(rounds, candidates, understood, reply.text, names, item.received_at)
    if daily and (daily.is_quiet or understood.meaning is not Meaning.DANGER):
        return _on_round(item, reply, sender, daily)
    match check_answer(check, candidates, understood, item.received_at):
        case CheckAnswer.ME:
            return Heard(item, reply, "checked", sender, check=check)
        case CheckAnswer.NOT_ME:
            return replace(
                _shown(item, reply, sender, Understood(Meaning.WRONG_PERSON), drill=False), check=check
            )
        case CheckAnswer.WHICH:
            waiting = tuple(sorted({candidate.reference for candidate in candidates if candidate.open}))
            return Heard(
                item, reply, "asked_which", sender, explanation=Explanation("ask_check", waiting, drill)
            )
        case CheckAnswer.NO_ANSWER:
            pass
    if understood.meaning in _AT_DOOR and errands:
        return _from_door(item, reply, sender, errands, understood, drill=drill)
    if understood.meaning in _AT_DOOR:
        understood = replace(understood, meaning=Meaning.NOT_UNDERSTOOD)
    if understood.meaning in _SAYS_NOTHING:
        shown = _shown(item, reply, sender, understood, drill=drill)
        is_danger = understood.meaning is Meaning.DANGER
        seen = _meant(candidates, understood, item)
        return replace(shown, seen=seen, daily=daily) if is_danger else shown
    meant = reminders or about_work(candidates, understood)
    choice = choose_call_outs(meant, understood.reference, item.received_at)
    if isinstance(choice, Chosen):
        given = Given(
            choice.call_out_ids,
            "text",
            understood,
            reply.text,
            item.received_at,
            item.id,
            shared_number=len(senders) > 1,
            number=reply.from_number,
        )
        doors = tuple(dict.fromkeys(one.name for one in errands if one.call_out_id in choice.call_out_ids))
        owed = next((one for one in rounds if not one.call_out_ids.isdisjoint(choice.call_out_ids)), None)
        return Heard(
            item,
            reply,
            understood.meaning,
            sender,
            given=given,
            others=still_open(candidates, choice.call_out_ids) if reminders else choice.others,
            names=doors,
            owed=owed if owed and not owed.reported else None,
        )
    if isinstance(choice, AskWhich):
        explanation = Explanation("ask_which", choice.references, drill)
        return Heard(item, reply, "asked_which", sender, explanation=explanation)
    explanation = Explanation("nothing_asked", (), drill)
    return Heard(item, reply, "nothing_asked", sender, explanation=explanation)


def _on_round(item: Item, reply: Reply, sender: Callee, daily: DailyAnswer) -> Heard:
    """A report on a round; whoever sends it was reached."""
    if not daily.desk_ids:
        names = tuple(desk.names[0] for desk in daily.round.desks)
        explanation = Explanation("daily_which", (), drill=False, names=names)
        return Heard(item, reply, "asked_which", sender, explanation=explanation)
    given = Given(
        tuple(sorted(daily.round.call_out_ids)),
        "text",
        Understood(Meaning.REPORTED),
        reply.text,
        item.received_at,
        item.id,
        number=reply.from_number,
    )
    return Heard(item, reply, "daily", sender, given=given, daily=daily)


def _from_door(
    item: Item,
    reply: Reply,
    sender: Callee,
    errands: Sequence[Errand],
    understood: Understood,
    *,
    drill: bool,
) -> Heard:
    """A word from a door is about walks; whom the sender woke there has answered by it."""
    meant = choose_errands(errands, reply.text, understood.reference)
    if not meant:
        names = tuple(dict.fromkeys(errand.name for errand in errands))
        explanation = Explanation("door_which", (), drill, names)
        return Heard(item, reply, "asked_which", sender, explanation=explanation)
    given = Given(
        tuple(dict.fromkeys(errand.call_out_id for errand in meant)),
        "text",
        understood,
        reply.text,
        item.received_at,
        item.id,
        number=reply.from_number,
        walk_ids=tuple(errand.task_id for errand in meant),
    )
    sleepers = tuple(dict.fromkeys(errand.sleeper_id for errand in meant))
    woke = replace(
        given,
        call_out_ids=sleepers,
        how="door",
        understood=Understood(Meaning.ANSWERED),
        number=None,
        walk_ids=(),
        woken_by=meant[0].walker_id,
    )
    found = understood.meaning is Meaning.KNOCKED
    names = tuple(dict.fromkeys(errand.name for errand in meant))
    return Heard(
        item,
        reply,
        understood.meaning,
        sender,
        given=given,
        woke=woke if found else None,
        names=names,
    )


def _meant(candidates: Sequence[Candidate], understood: Understood, item: Item) -> dict[UUID, UUID]:
    """The call-outs under which danger is reported, each with its warning; it ticks none of them."""
    choice = choose_call_outs(about_work(candidates, understood), understood.reference, item.received_at)
    meant = choice.call_out_ids if isinstance(choice, Chosen) else ()
    return {found.call_out_id: found.warning_id for found in candidates if found.call_out_id in meant}


def _shown(item: Item, reply: Reply, sender: Callee, understood: Understood, *, drill: bool) -> Heard:
    """What ticks nothing goes to the top of the officer's list, and the sender hears what to send."""
    kind = _SAYS_NOTHING[understood.meaning]
    explained = understood.meaning is not Meaning.OPT_OUT
    return Heard(
        item,
        reply,
        kind,
        sender,
        explanation=Explanation(kind, (), drill) if explained else None,
        alarm=kind if understood.meaning not in _ASKED_BACK else None,
    )
