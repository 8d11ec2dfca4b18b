"""What people read and hear.

Each wording is a file, `wordings/<language>/<hazard or default>.<channel>.txt`, filled in a sandbox
where an unknown name is an error. Should one fail in the night, a plain sentence built here goes out
instead and the `Wording` says so. The menu of keys is not in the words of a call: the gateway that
gathers the keys speaks it, after the text and again after a wrong key.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

import structlog
from jinja2 import PackageLoader, StrictUndefined, Template
from jinja2.sandbox import SandboxedEnvironment

from jiaoying.kernel.language import CHINESE, ENGLISH, best_language, say, speaking
from jiaoying.templates.cutting import fit
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.names import is_chinese, until_words, warning_title
from jiaoying.templates.parts import count_parts
from jiaoying.templates.spoken import spelled_reference, spoken

SMS, VOICE = "sms", "voice"
REPLY_KINDS = (
    "understood",
    "understood_feedback",
    "ask_figures",  # people are being moved: how many?
    "ask_move",  # a bare 转: moving people, or passing on?
    "declined",
    "ring_back",
    "not_understood",
    "danger",
    "ask_which",  # several warnings are open
    "others_open",  # one is answered, others are not
    "late",
    "checked",  # the number
    "wrong_person",
    "ask_check",  # a warning, or the check of the number?
    "task_taken",  # an order: what to report when it is done
    "task_noted",  # a report on an order
    "task_which",  # several orders, and the report names none
    "task_late",  # nothing was reported in time
    "task_lifted",
    "task_over",  # the warning and the orders under it
)
# What a wording says by itself fits into two or three parts, in English with a Chinese name in it, where
# a part holds 67 signs, into five; the rest is for the warning's own text.
MOST_PARTS = {CHINESE: 3, ENGLISH: 5}
LONGEST_NAME = 24  # of a desk, a place or a role within a text
LONGEST_HEADLINE = 40  # of a warning within a reply

_GAP = "\ue000"  # stands for the warning's text until it is known how much of it fits
_GRAVE = ("orange", "red")

_log = structlog.get_logger()
# What is rendered is read or spoken, never a page: nothing is escaped.
_environment = SandboxedEnvironment(
    loader=PackageLoader("jiaoying.templates", "wordings"),
    undefined=StrictUndefined,
    autoescape=False,
    auto_reload=False,
)


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


def word_request(facts: CallFacts, channel: str, language: str, *, most_parts: int | None = None) -> Wording:
    """What the leader on duty is told when a held warning needs a decision; as `word_call`."""
    return _word(facts, "request", channel, best_language(language), most_parts)


def word_task(facts: CallFacts, channel: str, language: str, *, most_parts: int | None = None) -> Wording:
    """What one person is told who has orders under a warning and no other duty; as `word_call`."""
    return _word(facts, "task", channel, best_language(language), most_parts)


def word_lowered(facts: CallFacts, channel: str, language: str, *, most_parts: int | None = None) -> Wording:
    """What those who were reached are told when their warning is of a milder colour now; as `word_call`."""
    return _word(facts, "lowered", channel, best_language(language), most_parts)


def word_reply(kind: str, language: str, **values: object) -> str:
    """The text that tells the sender of an answer what was understood.

    Kinds are REPLY_KINDS, each with its file `reply.<kind>.txt`. Values, all optional:
    `desk_name`, `reference`, `warning` (its title), `references` (of warnings still open), `stage`
    (`on_post`, `moving`, `moved`), `households`, `people`, `exercise`; of orders `tasks`, `how`
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
    return _one_line(_template(language, "number_check").render(context), language)


def render_call(facts: CallFacts, name: str, channel: str, language: str) -> str:
    """The words of one file for `facts`, with the gap where the warning's own text goes.

    Raises what the wording raises.
    """
    raw = _template(language, name, channel).render(_call_context(facts, channel, language))
    return _one_line(raw, language)


def render_reply(kind: str, language: str, values: Mapping[str, object]) -> str:
    """The words of `reply.<kind>.txt`. Raises what the wording raises."""
    return _one_line(_template(language, f"reply.{kind}").render(_reply_context(language, values)), language)


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


@lru_cache(maxsize=512)
def _template(language: str, name: str, channel: str | None = None) -> Template:
    if channel is None:
        return _environment.get_template(f"{language}/{name}.txt")
    return _environment.select_template(
        [f"{language}/{name}.{channel}.txt", f"{language}/default.{channel}.txt"]
    )


def _call_context(facts: CallFacts, channel: str, language: str) -> dict[str, object]:
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
        "text": _GAP,
        "exercise": facts.exercise,
    }


def _place(facts: CallFacts) -> str:
    """Where the person answers for: the first word of their first role, else the warned area."""
    words = facts.roles[0].split() if facts.roles else []
    return (words[0] if words else facts.area_name)[:LONGEST_NAME]


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
        }
        if channel == VOICE:
            return say("{drill}{desk} calls. {place}: {title}, reference {reference}. Act now.", **words)
        return say(
            "{drill}[{desk}] {reference} {title}. {place}: act now."
            " Reply 1 got it, 2 cannot come, 3 ring me back.",
            **words,
        )


def _reply_context(language: str, values: Mapping[str, object]) -> dict[str, object]:
    with speaking(language):
        references = _joined(values.get("references"), language)
        warning = str(values.get("warning") or "")[:LONGEST_HEADLINE]
        return {
            "desk": str(values.get("desk_name") or "")[:LONGEST_NAME],
            "warning": f"{values.get('reference') or ''} {warning}".strip(),
            "references": references,
            "first": references.replace("，", " ").replace(",", " ").replace("、", " ").split(" ")[0],
            "figures": _figures(values),
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


def _figures(values: Mapping[str, object]) -> str:
    households, people = values.get("households"), values.get("people")
    if households is not None and people is not None:
        return say("moved {households} households, {people} people", households=households, people=people)
    if households is not None:
        return say("moved {households} households", households=households)
    if people is not None:
        return say("moved {people} people", people=people)
    return say("moving people") if values.get("stage") == "moving" else say("at your post")
