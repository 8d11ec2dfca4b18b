"""What people read and hear.

Each wording is a file (`templates.files`) that comes along or that the county wrote in its place, filled
in a sandbox where an unknown name is an error. Should one fail in the night, a plain sentence built here
goes out instead and the `Wording` says so. The menu of keys is not in the words of a call: the gateway that
gathers the keys speaks it, after the text and again after a wrong key.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import structlog

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.language import CHINESE, ENGLISH, best_language, say, speaking
from jiaoying.templates.book import book_in_force
from jiaoying.templates.cutting import fit
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.files import SMS, VOICE, WordingFile
from jiaoying.templates.names import is_chinese, until_words, warning_title
from jiaoying.templates.parts import count_parts
from jiaoying.templates.spoken import spelled_reference, spoken

REPLY_KINDS = (
    "understood",
    "understood_feedback",
    "ask_figures",  # people are being moved: how many?
    "ask_move",  # a bare 转: moving people, or passing on?
    "ask_total",  # some more were moved: how many in all?
    "ask_feedback",  # nothing was reported by its time
    "declined",
    "cannot_after_all",  # who had answered
    "ring_back",
    "not_understood",
    "danger",
    "ask_which",  # several warnings are open
    "others_open",  # one is answered, others are not
    "late",
    "checked",  # the number
    "wrong_person",
    "ask_check",  # a warning, or the check of the number?
    "door_taken",  # a walk to somebody's door
    "door_done",
    "door_failed",
    "door_which",  # several were to be woken
    "door_off",  # the walk is not needed any more
    "door_ask",  # no word from there yet
    "task_taken",  # an order: what to report when it is done
    "task_noted",  # a report on an order
    "task_which",  # several orders, and the report names none
    "task_late",  # nothing was reported in time
    "task_lifted",
    "task_over",  # the warning and the orders under it
    "daily_filed",  # the daily report
    "daily_words",  # a daily report that the officer must read
    "daily_received",  # asked for, and not reported yet
    "daily_which",  # of several desks
)
# What a wording says by itself fits into two or three parts, in English with a Chinese name in it, where
# a part holds 67 signs, into five; the rest is for the warning's own text.
MOST_PARTS = {CHINESE: 3, ENGLISH: 5}
LONGEST_NAME = 24  # of a desk, a place or a role within a text
LONGEST_HEADLINE = 40  # of a warning within a reply
MOST_ERRANDS = 3  # doors named in one text

_GAP = "\ue000"  # stands for the warning's text until it is known how much of it fits
_GRAVE = ("orange", "red")

_WRONG_FACTS = {"place": "the place", "time": "the time", "colour": "the colour", "action": "what to do"}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as it goes out. `parts` is 1 for what is spoken; `fallback`: its file could not be rendered."""

    text: str
    parts: int
    fallback: bool = False


def word_call(facts: CallFacts, channel: str, language: str, *, most_parts: int | None = None) -> Wording:
    """What one person is told of a warning, by text or by voice.

    A text has at most `most_parts` parts (default MOST_PARTS): the warning's own words are cut at the
    end of a sentence, the rest never is. Never raises for what a wording does.
    """
    return _word(facts, facts.hazard, channel, best_language(language), most_parts)


def word_stand_down(
    facts: CallFacts, channel: str, language: str, *, most_parts: int | None = None
) -> Wording:
    """What those who were reached are told when the warning is withdrawn; as `word_call`."""
    return _word(facts, "stand_down", channel, best_language(language), most_parts)


def word_for(purpose: str) -> Callable[[CallFacts, str, str], Wording]:
    """How somebody is told who is called for something else than a warning: a decision to take, a duty call.

    `purpose` names the wording: a word of `warnings.purpose.Purpose`. As `word_call`.
    """

    def word(facts: CallFacts, channel: str, language: str) -> Wording:
        return _word(facts, purpose, channel, best_language(language), None)

    return word


def word_task(facts: CallFacts, channel: str, language: str, *, most_parts: int | None = None) -> Wording:
    """What one person is told who has orders under a warning and no other duty; as `word_call`."""
    return _word(facts, "task", channel, best_language(language), most_parts)


def word_lowered(facts: CallFacts, channel: str, language: str, *, most_parts: int | None = None) -> Wording:
    """What those who were reached are told when their warning is of a milder colour now; as `word_call`."""
    return _word(facts, "lowered", channel, best_language(language), most_parts)


def word_door(facts: CallFacts, channel: str, language: str, *, most_parts: int | None = None) -> Wording:
    """What somebody is told who is to wake others at their door (`facts.errands`); as `word_call`."""
    return _word(facts, "door", channel, best_language(language), most_parts)


def word_correction(
    facts: CallFacts, channel: str, language: str, *, fact: str = "other", most_parts: int | None = None
) -> Wording:
    """What those who were reached are told when something of it was wrong; as `word_call`.

    `facts.correction` says what is right; `fact` is `place`, `time`, `colour`, `action` or `other`.
    """
    best = best_language(language)
    with speaking(best):
        wrong = say(_WRONG_FACTS[fact]) if fact in _WRONG_FACTS else ""
    return _word(replace(facts, wrong_fact=wrong), "correction", channel, best, most_parts)


def word_reply(kind: str, language: str, **values: object) -> str:
    """The text that tells the sender of an answer what was understood.

    Kinds are REPLY_KINDS, each with its file `reply.<kind>.txt`. Values, all optional:
    `desk_name`, `reference`, `warning` (its title), `references` (of warnings still open), `reports` (of
    stage, households and people each), `stage` (that is asked for), `exercise`; of orders `tasks`, `how`
    (the report on them reads) and `restored` (there is something to take up again). Never raises for
    what a wording does: a plain acknowledgement goes out instead.
    """
    language = best_language(language)
    try:
        return render_reply(kind, language, values)
    except Exception as error:
        _log.error("wording failed", wording=f"{language}/reply.{kind}.txt", error=repr(error))
        with speaking(language):
            return say("{desk}: your text has reached the duty desk.", desk=values.get("desk_name", ""))


def word_number_check(language: str, *, desk_name: str, names: Sequence[str]) -> Wording:
    """The friendly text that checks whose a number is. Never raises for what the wording does."""
    language = best_language(language)
    with speaking(language):
        whose = _joined(names, language)
        try:
            text = render_number_check(language, desk_name, whose)
        except Exception as error:
            _log.error("wording failed", wording=f"{language}/number_check.txt", error=repr(error))
            text = say(
                "{desk}: a check of this number, no emergency. Is it yours, {names}? Reply 1 yes, 9 no.",
                desk=desk_name[:LONGEST_NAME],
                names=whose,
            )
            return Wording(text, count_parts(text), fallback=True)
    return Wording(text, count_parts(text))


def render_number_check(language: str, desk_name: str, names: str) -> str:
    """The words of `number_check.txt`. Raises what the wording raises."""
    context = {"desk": desk_name[:LONGEST_NAME], "names": names[:LONGEST_NAME]}
    return _fill(WordingFile(language, "number_check"), context)


LETTER_NAMES = (
    *("desk", "issuer", "warning", "area", "issued", "valid", "text", "instruction"),
    *("risk", "requests", "confirm", "units"),
)


def render_letter(language: str, values: Mapping[str, str]) -> tuple[str, ...]:
    """The paragraphs of a risk reminder letter by `letter_body.txt`: a line each, empty ones left out.

    `values` has LETTER_NAMES. Raises what the wording raises: a letter is read before it is signed, and a
    broken one must not be.
    """
    rendered = book_in_force().template(WordingFile(language, "letter_body")).render(values)
    return tuple(filter(None, map(str.strip, rendered.splitlines())))


def render_call(facts: CallFacts, name: str, channel: str, language: str) -> str:
    """The words of one file for `facts`, with the gap where the warning's own text goes.

    Raises what the wording raises.
    """
    colour = Colour(facts.colour) if facts.colour else None
    return _fill(WordingFile(language, name, channel, colour), call_context(facts, channel, language))


def render_reply(kind: str, language: str, values: Mapping[str, object]) -> str:
    """The words of `reply.<kind>.txt`. Raises what the wording raises."""
    return _fill(WordingFile(language, f"reply.{kind}"), reply_context(language, values))


def _word(facts: CallFacts, name: str, channel: str, language: str, most_parts: int | None) -> Wording:
    fallback = False
    try:
        frame = render_call(facts, name, channel, language)
    except Exception as error:
        # Whatever is wrong with an edited wording, the call must go out.
        _log.error("wording failed", wording=f"{language}/{name}.{channel}.txt", error=repr(error))
        frame, fallback = _plain_call(facts, channel, language), True
    frame = _with_tasks(frame, facts.tasks, language)
    if channel == VOICE:
        return Wording(spoken(frame.replace(_GAP, ""), language), 1, fallback)
    text = fit(frame, _GAP, _own_words(facts, language), most_parts or MOST_PARTS[language])
    return Wording(text, count_parts(text), fallback)


def _fill(file: WordingFile, context: Mapping[str, object]) -> str:
    """One line of what the wording in force says."""
    return _one_line(book_in_force().template(file).render(context), file.language)


def _with_tasks(frame: str, tasks: Sequence[str], language: str) -> str:
    """The orders stand before the warning's own text, in whatever wording; in a call they come last."""
    if not tasks:
        return frame
    with speaking(language):
        told = say("Task: {tasks}.", tasks=say("; ").join(tasks))
    joint = "" if language == CHINESE else " "
    if _GAP in frame:
        return frame.replace(_GAP, f"{told}{joint}{_GAP}", 1)
    return f"{frame}{joint}{told}"


def call_context(facts: CallFacts, channel: str, language: str) -> dict[str, object]:
    """What the wording of a call may speak of, by name."""
    reference = facts.reference
    return {
        "desk": facts.desk_name[:LONGEST_NAME],
        "reference": spelled_reference(reference, language) if channel == VOICE else reference,
        "title": warning_title(facts.event, facts.hazard, facts.colour, language),
        "colour": facts.colour,
        "grave": facts.colour in _GRAVE,
        "place": _place(facts),
        "roles": _roles(facts, language),
        "until": until_words(facts.valid_to, language),
        "errands": _errands(facts, language, channel),
        "text": _GAP,
        "exercise": facts.exercise,
        "others": _others(facts, channel, language),
        "count": len(facts.others) + 1,
        "link": facts.link,
        "correction": facts.correction,
        "wrong_fact": facts.wrong_fact,
    }


def _others(facts: CallFacts, channel: str, language: str) -> str:
    """What is said of further warnings within the words of the gravest."""
    with speaking(language):
        told = (_other(other, channel, language) for other in facts.others)
        return say("; ").join(told)


def _other(facts: CallFacts, channel: str, language: str) -> str:
    title = warning_title(facts.event, facts.hazard, facts.colour, language)
    if channel == VOICE:
        return say(
            "{title}, reference {reference}",
            title=title,
            reference=spelled_reference(facts.reference, language),
        )
    until = until_words(facts.valid_to, language)
    return say("{reference} {title} (until {until})", reference=facts.reference, title=title, until=until)


def tells_all(wording: Wording, facts: CallFacts, channel: str, language: str) -> bool:
    """Whether a text or call for several warnings names every one of them within the parts there are.

    A wording of a county's own may speak of one only, and the plain sentence does.
    """
    language = best_language(language)
    references = (each.reference for each in (facts, *facts.others))
    names = (spelled_reference(one, language) if channel == VOICE else one for one in references)
    return (
        not wording.fallback
        and all(name in wording.text for name in names)
        and (channel == VOICE or wording.parts <= MOST_PARTS[language])
    )


def _place(facts: CallFacts) -> str:
    """Where the person answers for: the first word of their first role, else the warned area."""
    words = facts.roles[0].split() if facts.roles else []
    return (words[0] if words else facts.area_name)[:LONGEST_NAME]


def _errands(facts: CallFacts, language: str, channel: str) -> str:
    """Whom to wake: the first few, and how many more. A call names one; the text has the numbers."""
    most = MOST_ERRANDS if channel == SMS else 1
    texts = [f"{who} {number}".strip() if channel == SMS else who for who, number in facts.errands[:most]]
    named = ("；" if language == CHINESE else "; ").join(texts)
    more = len(facts.errands) - most
    if more <= 0:
        return named
    with speaking(language):
        return say("{named} and {count} doors more", named=named, count=more)


def _roles(facts: CallFacts, language: str) -> str:
    if not facts.roles:
        return ""
    first = facts.roles[0][:LONGEST_NAME]
    return first if len(facts.roles) == 1 else _with_others(first, len(facts.roles) - 1, language)


def _with_others(first: str, others: int, language: str) -> str:
    with speaking(language):
        return say("{role} and {count} more", role=first, count=others)


def _own_words(facts: CallFacts, language: str) -> str:
    """The issuer's text, for those who read its language; parts are dear to the others."""
    told = facts.text if not facts.instruction else f"{facts.text} {facts.instruction}"
    return " ".join(told.split()) if is_chinese(told) == (language == CHINESE) else ""


def _one_line(raw: str, language: str) -> str:
    """Files have lines for their editors; what goes out has none."""
    joint = "" if language == CHINESE else " "
    return joint.join(filter(None, map(str.strip, raw.splitlines())))


def _plain_call(facts: CallFacts, channel: str, language: str) -> str:
    """The built-in sentence: who calls, what for, what to answer."""
    with speaking(language):
        words: dict[str, object] = {
            "desk": facts.desk_name[:LONGEST_NAME],
            "reference": facts.reference,
            "title": warning_title(facts.event, facts.hazard, facts.colour, language),
            "place": _place(facts),
            "drill": say("[DRILL] ") if facts.exercise else "",
            "errands": _errands(facts, language, channel),
        }
        if facts.errands:
            return say("{drill}[{desk}] {reference} {title}. Go and wake: {errands}. Reply 1 going.", **words)
        if channel == VOICE:
            return say("{drill}{desk} calls. {place}: {title}, reference {reference}. Act now.", **words)
        return say(
            "{drill}[{desk}] {reference} {title}. {place}: act now."
            " Reply 1 got it, 2 cannot come, 3 ring me back.",
            **words,
        )


def reply_context(language: str, values: Mapping[str, object]) -> dict[str, object]:
    """What the wording of a reply may speak of, by name."""
    with speaking(language):
        references = _joined(values.get("references"), language)
        warning = str(values.get("warning") or "")[:LONGEST_HEADLINE]
        return {
            "desk": str(values.get("desk_name") or "")[:LONGEST_NAME],
            "warning": f"{values.get('reference') or ''} {warning}".strip(),
            "references": references,
            "first": references.replace("，", " ").replace(",", " ").replace("、", " ").split(" ")[0],
            "figures": say(", ").join(_report_words(*report) for report in _reports(values)),
            "stage": str(values.get("stage") or ""),
            "names": (names := _joined(values.get("names"), language)[:LONGEST_HEADLINE]),
            "first_name": names.replace("、", ",").split(",")[0],
            "tasks": str(values.get("tasks") or ""),
            "how": str(values.get("how") or ""),
            "restored": bool(values.get("restored")),
            "exercise": bool(values.get("exercise")),
        }


def _joined(references: object, language: str) -> str:
    if isinstance(references, Sequence) and not isinstance(references, str):
        names = cast("Sequence[object]", references)
        return ("、" if language == CHINESE else ", ").join(map(str, names))
    return str(references or "")


_Report = tuple[str, int | None, int | None]


def _reports(values: Mapping[str, object]) -> Sequence[_Report]:
    """Stage, households and people of each report."""
    return cast("Sequence[_Report]", values.get("reports") or ())


def _report_words(stage: str, households: int | None, people: int | None) -> str:
    """已转移12户35人."""
    if households is None and people is None:
        return {
            "patrol": say("on patrol"),
            "moving": say("moving people"),
            "moved": say("people moved"),
            "settled": say("people settled"),
            "ended": say("work ended"),
        }.get(stage, say("at your post"))
    figures = _figures(households, people)
    if stage == "moving":
        return say("to be moved: {figures}", figures=figures)
    if stage == "settled":
        return say("settled: {figures}", figures=figures)
    return say("moved {figures}", figures=figures)


def _figures(households: int | None, people: int | None) -> str:
    """12户35人, or the one that was said."""
    if people is None:
        return say("{households} households", households=households)
    if households is None:
        return say("{people} people", people=people)
    return say("{households} households, {people} people", households=households, people=people)
