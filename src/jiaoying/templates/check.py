"""Every wording tried out by daylight, so that a slip of the pen is not found at three in the morning."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import CHINESE, ENGLISH, LANGUAGES, say
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.render import (
    MOST_PARTS,
    REPLY_KINDS,
    SMS,
    VOICE,
    Wording,
    render_call,
    render_number_check,
    render_reply,
    word_call,
    word_lowered,
    word_request,
    word_stand_down,
    word_task,
)

# About 20 seconds: five Chinese signs or fifteen English letters a second. Our own choice after what
# counties ask for; the menu of keys comes on top.
LONGEST_SPOKEN = {CHINESE: 100, ENGLISH: 300}
# Carriers take these for themselves when somebody sends them back.
_RESERVED = re.compile(r"\b(YES|END|CANCEL|STOP|STOPALL|QUIT|UNSUBSCRIBE|START|HELP|INFO)\b")
_DRILL = {CHINESE: "演练", ENGLISH: "drill"}
_DRILL_MARK = {CHINESE: "【演练】", ENGLISH: "[DRILL]"}
_ANSWERS = {CHINESE: ("收到回复1", "不在岗回复2", "需回电回复3"), ENGLISH: ("Reply 1", "2 cannot", "3 ring")}
# What is not a call: worded by a file of its own.
_WORDERS = {
    "stand_down": word_stand_down,
    "lowered": word_lowered,
    "request": word_request,
    "task": word_task,
}
# Of these, what needs no answer.
_NOTICES = ("stand_down", "lowered")


def check_wordings() -> tuple[str, ...]:
    """What is wrong with the wordings, a sentence each; empty when all can go out."""
    complaints = [*_call_complaints(), *_reply_complaints(), *_number_check_complaints()]
    return tuple(dict.fromkeys(complaints))


def sample_facts(hazard: str, colour: str | None, *, exercise: bool = False) -> CallFacts:
    """A made-up warning with names as long as they come."""
    issued = datetime(2026, 7, 15, 16, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    return CallFacts(
        desk_name="沁水县防汛抗旱指挥部办公室",
        reference="W98",
        colour=colour,
        hazard=hazard,
        event="",
        headline="",
        area_name="沁水县龙港镇、中村镇、郑庄镇",
        roles=("龙港镇上木亭村 地质灾害群测群防员", "龙港镇 防汛责任人"),
        text="预计未来3小时降雨量将达100毫米以上，山洪、地质灾害风险极高。" * 10,
        instruction=None,
        sender_name=None,
        valid_to=issued + timedelta(hours=17, minutes=15),
        issued_at=issued,
        exercise=exercise,
    )


def _call_complaints() -> Iterator[str]:
    for language, hazard, colour, exercise in product(LANGUAGES, Hazard, (None, *Colour), (False, True)):
        facts = sample_facts(hazard, colour, exercise=exercise)
        for name, channel in product((hazard, *_WORDERS), (SMS, VOICE)):
            file = f"{language}/{name}.{channel}.txt"
            try:
                render_call(facts, name, channel, language)
            except Exception as error:
                yield say("The wording {file} cannot be filled: {error}", file=file, error=error)
                continue
            wording = _WORDERS.get(name, word_call)(facts, channel, language)
            problems = _spoken_problems if channel == VOICE else _written_problems
            for problem in problems(wording, facts, name, language):
                yield say("The wording {file} {problem}", file=file, problem=problem)


def _written_problems(wording: Wording, facts: CallFacts, name: str, language: str) -> Iterator[str]:
    if wording.parts > MOST_PARTS[language]:
        yield say("has {parts} parts, more than {most}", parts=wording.parts, most=MOST_PARTS[language])
    if facts.reference not in wording.text:
        yield say("does not name the reference")
    if facts.exercise and not wording.text.startswith(_DRILL_MARK[language]):
        yield say("does not begin with {mark} in a drill", mark=_DRILL_MARK[language])
    if name not in _NOTICES and not all(answer in wording.text for answer in _ANSWERS[language]):
        yield say("does not say what to answer")
    if reserved := _RESERVED.search(wording.text):
        yield say("uses {word}, which carriers take for themselves", word=reserved[0])


def _spoken_problems(wording: Wording, facts: CallFacts, name: str, language: str) -> Iterator[str]:
    if len(wording.text) > LONGEST_SPOKEN[language] + (
        LONGEST_SPOKEN[language] // 5 if facts.exercise else 0
    ):
        yield say("takes more than 20 seconds to say")
    if re.search(r"\d", wording.text):
        yield say("has digits that are not spelled out")
    if facts.exercise and wording.text.casefold().count(_DRILL[language]) < 2:
        yield say("does not say first and last that it is a drill")
    place = facts.roles[0].split()[0]
    if name not in _NOTICES and wording.text.count(place) < 2:
        yield say("does not say the place twice")


def _reply_complaints() -> Iterator[str]:
    values: dict[str, object] = {
        "desk_name": "沁水县防汛抗旱指挥部办公室",
        "reference": "W98",
        "warning": "暴雨红色预警",
        "references": ("B3", "C5"),
        "households": 12,
        "people": 35,
        "tasks": "封闭漫水路面和涉水景区",
        "how": "已封闭 2处",
    }
    for language, kind in product(LANGUAGES, REPLY_KINDS):
        file = f"{language}/reply.{kind}.txt"
        try:
            text = render_reply(kind, language, values)
        except Exception as error:
            yield say("The wording {file} cannot be filled: {error}", file=file, error=error)
            continue
        if reserved := _RESERVED.search(text):
            word = say("uses {word}, which carriers take for themselves", word=reserved[0])
            yield say("The wording {file} {problem}", file=file, problem=word)


def _number_check_complaints() -> Iterator[str]:
    for language in LANGUAGES:
        file = f"{language}/number_check.txt"
        try:
            text = render_number_check(language, "沁水县防汛抗旱指挥部办公室", "王小明")
        except Exception as error:
            yield say("The wording {file} cannot be filled: {error}", file=file, error=error)
            continue
        if "1" not in text or "9" not in text:
            yield say("The wording {file} {problem}", file=file, problem=say("does not say what to answer"))
