"""The product's words for states, reasons and kinds, in the reader's language.

A word that is not in a table is shown as it stands: better an English code than a hole.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import cast

from jiaoying.dispatch.board import HeldWarning, Tried
from jiaoying.gateways.twilio.codes import sentence_of
from jiaoying.kernel.language import current_language, say
from jiaoying.ledger.words import channel_words, colour_words, event_words, fact_words, role_words
from jiaoying.templates.names import hazard_name, warning_title
from jiaoying.warnings.holding import MOST_BY_ONE_PERSON, HoldReason, SecondPerson
from jiaoying.web.alarm_words import alarm_kind_word, danger_first
from jiaoying.web.proof_words import call_made_words, grade_word, how_word, machine_word, seconds_word
from jiaoying.web.standing_words import door_state_word, standing_remedy, standing_word

__all__ = [
    "alarm_kind_word",
    "call_made_words",
    "channel_words",
    "colour_words",
    "danger_first",
    "door_state_word",
    "event_words",
    "grade_word",
    "hazard_name",
    "how_word",
    "role_words",
    "standing_remedy",
    "standing_word",
]


def warning_state_word(state: str) -> str:
    """Where a warning stands."""
    return {
        "received": say("being matched"),
        "held": say("held for approval"),
        "ignored": say("nobody is called"),
        "matched": say("calling"),
        "withdrawn": say("stood down"),
        "closed": say("closed"),
    }.get(state, state)


def hold_reason_words(held: HeldWarning) -> str:
    """Why a warning is held."""
    return {
        HoldReason.POLICY: say("held for approval, as its source is set to be"),
        HoldReason.QUESTIONS: say("its text leaves something open"),
        HoldReason.SECOND_PERSON: say("by hand: a second person must confirm it"),
        HoldReason.BROKE: say("an error of the program: call by hand"),
        HoldReason.POSSIBLE_DUPLICATE: say("it may be the same as a warning that runs already"),
    }[held.hold_reason]


def hold_clock_words(held: HeldWarning) -> str:
    """What its clock runs to."""
    return say("starts by itself in") if held.starts_by_itself else say("the leader is called in")


def second_person_words(rule: SecondPerson, people: int, largest: int | None) -> str:
    """Why a warning by hand needs a second person, with the figures."""
    if rule is SecondPerson.MANY_PEOPLE:
        return say(
            "{people} people are more than {most}: a second person must confirm it too",
            people=people,
            most=MOST_BY_ONE_PERSON,
        )
    if rule is SecondPerson.LARGER_THAN_BEFORE:
        return say(
            "{people} people are more than twice the {largest} of the largest warning by hand so far:"
            " a second person must confirm it too",
            people=people,
            largest=largest,
        )
    if rule is SecondPerson.REAL_PHONES:
        return say("This drill rings real telephones: a second person must agree to it")
    return say("This county wants two persons for a warning of this colour by hand")


def kind_word(kind: str) -> str:
    """What a warning by hand does."""
    return {
        "alert": say("a new warning"),
        "update": say("changes or continues one"),
        "cancel": say("ends one"),
    }.get(kind, kind)


def field_word(field: str) -> str:
    """What a field of a warning is called."""
    return {
        "colour": say("Colour"),
        "hazard": say("Hazard"),
        "event": say("Event"),
        "areas": say("Places"),
        "area": say("Places"),
        "area_codes": say("Places"),
        "valid_from": say("From"),
        "valid_to": say("Until"),
        "sent": say("Issued at"),
        "sender": say("Issued by"),
        "sender_name": say("Issued by"),
        "exercise": say("Drill"),
        "kind": say("What this does"),
        "text": say("Text"),
        "instruction": say("What to do"),
    }.get(field, field)


def minutes_later(moment: datetime, minutes: float | None) -> datetime:
    """The moment when the last one of a round is reached."""
    return moment + timedelta(minutes=minutes or 0)


def call_out_state_word(state: str, reason: str | None = None) -> str:
    """How it stands with one person; `reason` tells who was stopped from who was not woken."""
    if state == "exhausted" and reason == "stopped":
        return say("calling stopped")
    return {
        "open": say("waiting"),
        "answered": say("answered"),
        "declined": say("cannot come"),
        "exhausted": say("not woken"),
        "withdrawn": say("no longer called"),
    }.get(state, state)


def responsibility_state_word(state: str) -> str:
    """Whether somebody answers for a post or desk."""
    return {
        "open": say("waiting"),
        "covered": say("somebody answers for it"),
        "uncovered": say("nobody answers for it"),
        "withdrawn": say("no longer called"),
    }.get(state, state)


def attempt_state_word(state: str) -> str:
    """What became of one call or text."""
    return {
        "due": say("in the queue"),
        "sending": say("being handed over"),
        "accepted": say("with the carrier"),
        "delivered": say("got through, no answer yet"),
        "answered": say("answered"),
        "failed": say("did not get through"),
        "lost": say("nothing heard from the carrier"),
        "withdrawn": say("not sent: no longer needed"),
    }.get(state, state)


def purpose_word(purpose: str) -> str:
    """Why something was sent."""
    return {
        "call": say("call-out"),
        "lowered": say("told of the milder colour"),
        "stand_down": say("stand-down"),
        "correction": say("correction"),
        "reply": say("our reply"),
        "ask": say("asked what was done"),
        "check": say("check of the number"),
    }.get(purpose, purpose)


def meaning_word(meaning: str) -> str:
    """What an answer means."""
    return {
        "answered": say("got it"),
        "declined": say("cannot come"),
        "ring_back": say("asks to be rung back"),
        "on_post": say("on post"),
        "patrol": say("on patrol"),
        "planned": say("people to be moved"),
        "moved": say("people moved"),
        "moving": say("moving people"),
        "told": say("was told"),
        "settled": say("people settled"),
        "ended": say("work ended"),
        "danger": say("reports danger"),
        "ask_total": say("some more moved: how many in all?"),
        "opt_out": say("wants no more texts"),
        "ask_move": say("“转”: move, or pass on?"),
        "not_understood": say("not understood"),
        "knocked": say("woken at the door"),
        "nobody_home": say("nobody was there"),
    }.get(meaning, meaning)


def reason_word(reason: str | None) -> str:
    """Why something stands as it does."""
    return {
        "no_answer": say("all tries spent, no answer"),
        "no_number": say("no number in the roster"),
        "named_together": say("named together with another warning"),
        "number_refused": say("the carrier refuses every number"),
        "no_number_for_channel": say("no number for this channel"),
        "nobody_to_ask": say("nobody holds the post"),
        "not_reached": say("nobody was reached"),
        "declined": say("cannot come"),
        "wait_ran_out": say("the wait ran out"),
        "waiting_for_answer": say("waiting for an answer"),
        "still_in_queue": say("still in the queue"),
        "last_tries": say("last tries are running"),
        "first_rung": say("first rung"),
        "warning_ended": say("the warning ended"),
        "stopped": say("an officer stopped the calls"),
        "still_uncovered": say("every rung was tried, nobody answered"),
        "cancel": say("the warning was cancelled"),
        "cancelled": say("the warning was cancelled"),
        "replaced": say("replaced by a newer one"),
        "covered": say("not needed any more: the post is covered"),
        "raised": say("called again: the colour is graver now"),
        "asked_anew": say("asked anew for more"),
        "dropped": say("the place is not named any more"),
        "not_asked_at_this_colour": say("not asked at the milder colour"),
        "other_hazard": say("the hazard is another one now"),
        "cut_off": say("called again: the warning goes on"),
        "merged": say("two warnings became one"),
        "spared": say("a graver part of the warning asks for it"),
        "possible_duplicate": say("may be a warning that runs already"),
        "broke": say("an error of the program: see the log"),
        "decided": say("the decision has been taken"),
        "clock": say("its clock ran out"),
        "second_person": say("a second person confirmed it"),
        "by_hand": say("by the officer"),
        "policy": say("held for approval"),
        "questions": say("its text leaves something open"),
        "nobody_home": say("nobody was there"),
        "no_word": say("no word came from there"),
        "door_in_vain": say("nobody was found at the door"),
        "more_needed": say("more people must answer"),
        "its_turn": say("its turn has come"),
        "turn_ran_out": say("its wait for the others ran out"),
        "waits_its_turn": say("waits for its turn"),
        "on_the_way": say("somebody is on the way to the door"),
        "replaced_on_roster": say("somebody else holds the post now"),
    }.get(reason or "", reason or "")


def post_level_word(level: str) -> str:
    """The level of a post."""
    return {
        "province": say("province"),
        "city": say("city"),
        "county": say("county"),
        "township": say("township"),
        "village": say("village"),
    }.get(level, level)


def warning_words(event: str, hazard: str, colour: str | None) -> str:
    """What a warning is called: 暴雨红色预警."""
    return warning_title(event, hazard, colour, current_language())


def number_kind_word(kind: str) -> str:
    """What answers at a number."""
    return {"mobile": say("mobile"), "landline": say("landline"), "satellite": say("satellite")}.get(
        kind, kind
    )


def inbox_kind_word(kind: str) -> str:
    """What a carrier brought."""
    return {
        "report": say("report on a call or text"),
        "text": say("text"),
        "key": say("key press"),
        "ring": say("rang us"),
    }.get(kind, kind)


def inbox_outcome_word(outcome: str | None) -> str:
    """What was made of it."""
    known = {
        "heard": say("noted, no change"),
        "unknown_number": say("unknown number"),
        "unknown_attempt": say("belongs to no call of ours"),
        "no_key": say("no key was pressed"),
        "asked_which": say("asked back which warning was meant"),
        "nothing_asked": say("nothing was being asked"),
        "daily": say("daily report"),
        "rang": say("rang us"),
    }.get(outcome or "")
    return known or meaning_word(outcome or "")


def outcome_words(code: str | None, text: str | None) -> str:
    """What the carrier said about one call or text; empty where it said nothing."""
    known = {
        "busy": say("busy"),
        "no-answer": say("rang, nobody answered"),
        "failed": say("the call could not be put through"),
        "canceled": say("taken back"),
        "completed": say("the call is over"),
        "in-progress": say("talking"),
        "ringing": say("ringing"),
        "queued": say("in the carrier's queue"),
        "initiated": say("being dialled"),
        "sent": say("sent"),
        "delivered": say("arrived on the phone"),
        "undelivered": say("did not arrive"),
        "replied": say("answered"),
        "no_report": say("no report from the carrier"),
        "too_late": say("too late to be of use"),
    }.get(code or "")
    if code and code.startswith("key_"):
        known = say("key {digit}", digit=code.removeprefix("key_"))
    return known or sentence_of(code) or text or code or ""


def attempt_words(state: str, code: str | None, text: str | None) -> str:
    """What became of one call or text, with what the carrier said: 未接通：占线."""
    outcome = outcome_words(code, text)
    if not outcome:
        return attempt_state_word(state)
    return say("{state}: {outcome}", state=attempt_state_word(state), outcome=outcome)


def tried_words(tried: Tried) -> str:
    """What was tried by one channel, in short: 电话3次，占线."""
    last = (
        call_made_words(tried.call)
        or outcome_words(tried.outcome_code, tried.outcome_text)
        or attempt_state_word(tried.state)
    )
    if tried.channel == "voice":
        return say("{count} × call, {last}", count=tried.attempts, last=last)
    return say("{count} × text, {last}", count=tried.attempts, last=last)


def round_word(number: object) -> str:
    """第1轮."""
    return say("round {number}", number=number)


def facts_words(facts: Mapping[str, object]) -> str:
    """What a ledger line says beside its event, as far as a reader wants to know it: 短信，第1轮."""
    told: dict[str, Callable[[str], str]] = {
        "channel": channel_words,
        "round": round_word,
        "how": how_word,
        "grade": grade_word,
        "meaning": meaning_word,
        "reason": reason_word,
        "code": partial(outcome_words, text=None),
        "picked_up_by": machine_word,
        "seconds": seconds_word,
    }
    said = [tell(str(facts[name])) for name, tell in told.items() if facts.get(name)]
    said += [_empty_words(one) for one in _listed(facts.get("empty"))]
    return say(", ").join(one for one in said if one)


def _listed(value: object) -> list[Mapping[str, object]]:
    return cast("list[Mapping[str, object]]", value) if isinstance(value, list) else []


def _empty_words(empty: Mapping[str, object]) -> str:
    """A role of a rung that asks nobody, and why: B角：未设B角."""
    return say(
        "{role}: {why}", role=role_words(str(empty.get("role"))), why=fact_words(str(empty.get("why")))
    )


def actor_word(actor: str) -> str:
    """Who did it: a person at the desk, a program, or a stage of the service."""
    kind, _, name = actor.partition(":")
    if name:
        return name if kind == "user" else say("program {name}", name=name)
    return {
        "intake": say("intake"),
        "match": say("matching"),
        "hold": say("holding"),
        "plan": say("planning"),
        "send": say("sending"),
        "settle": say("settling"),
        "respond": say("responding"),
        "escalate": say("escalation"),
        "feedback": say("feedback"),
        "close": say("closing"),
        "pause": say("watch over pauses"),
        "correction": say("correction"),
        "alarm": say("alarm"),
        "collect": say("collecting"),
        "silence": say("watch over the sources"),
        "roll_call": say("roll call"),
        "daily": say("daily dispatch"),
        "rota": say("watch over the rotas"),
        "incidents": say("watch over reports of incidents"),
        "link": say("the page of the link"),
        "web": say("console"),
        "operator": say("command line"),
        "keeper": say("command line"),
        "demonstration": say("the demonstration"),
    }.get(actor, actor)


def precision_words(precision: str) -> str:
    """How closely it is known that a place lies under a warning: `seat` → 按驻地."""
    return {
        "code": say("by code"),
        "shape": say("by outline"),
        "seat": say("by seat"),
        "nearest": say("the nearest"),
        "point": say("by a danger point"),
        "coarse": say("only by the county's outline"),
    }.get(precision, precision)
