"""Every wording tried out by daylight, so that a slip of the pen is not found at three in the morning."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from zoneinfo import ZoneInfo

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import CHINESE, ENGLISH, LANGUAGES, say
from jiaoying.templates.facts import CallFacts
from jiaoying.templates.files import HAZARDS, SMS, VOICE, WordingFile
from jiaoying.templates.names import DUTY_CALLS
from jiaoying.templates.render import (
    MOST_PARTS,
    REPLY_KINDS,
    Wording,
    render_call,
    render_number_check,
    render_reply,
    word_call,
    word_correction,
    word_door,
    word_for,
    word_lowered,
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
_DOOR_ANSWERS = {
    CHINESE: ("回复1", "回复2", "已上门", "家中无人"),
    ENGLISH: ("Reply 1", "2 cannot", "KNOCKED", "NOBODY HOME"),
}
# What is not a call: worded by a file of its own.
_WORDERS = {
    "stand_down": word_stand_down,
    "lowered": word_lowered,
    "door": word_door,
    "correction": word_correction,
    "task": word_task,
    **{purpose: word_for(purpose) for purpose in ("request", *DUTY_CALLS)},
}
# Of these, what needs no answer.
_NOTICES = ("stand_down", "lowered", "correction")


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
        errands=(("龙港镇上木亭村 群测群防员 欧阳建国", "10012345678"),),
        correction="转移到中心小学，不是文化站",
    )


def _call_complaints() -> Iterator[str]:
    for language, hazard, channel in product(LANGUAGES, Hazard, (SMS, VOICE)):
        yield from complaints_of_call(WordingFile(language, hazard, channel))
    for language, name, channel in product(LANGUAGES, _WORDERS, (SMS, VOICE)):
        yield from complaints_of_call(WordingFile(language, name, channel))


def complaints_of_call(file: WordingFile) -> Iterator[str]:
    """What is wrong with one wording of a call or a notice, in each colour that it may have to speak of."""
    for facts in samples_for(file):
        wording = worded(file, facts)
        if isinstance(wording, Unfillable):
            yield say("The wording {file} cannot be filled: {error}", file=file.path, error=wording.why)
            continue
        problems = _spoken_problems if file.channel == VOICE else _written_problems
        for problem in problems(wording, facts, file.name, file.language):
            yield say("The wording {file} {problem}", file=file.path, problem=problem)


def samples_for(file: WordingFile) -> Iterator[CallFacts]:
    """Made-up warnings that a wording may have to speak of: its colours, in earnest and as a drill."""
    colours = (None, *Colour) if file.colour is None else (file.colour,)
    for exercise, colour in product((False, True), colours):
        yield sample_facts(_hazard_of(file), colour, exercise=exercise)


def _hazard_of(file: WordingFile) -> str:
    """A notice is the same for every hazard; one with a long name stands for all."""
    return file.name if file.name in HAZARDS else Hazard.FLASH_FLOOD


@dataclass(frozen=True, slots=True)
class Unfillable:
    """A wording that breaks, and why."""

    why: str


def worded(file: WordingFile, facts: CallFacts) -> Wording | Unfillable:
    """A call or notice as it would go out."""
    channel = file.channel or SMS
    try:
        render_call(facts, file.name, channel, file.language)
    except Exception as error:
        return Unfillable(str(error))
    return _WORDERS.get(file.name, word_call)(facts, channel, file.language)


def _written_problems(wording: Wording, facts: CallFacts, name: str, language: str) -> Iterator[str]:
    if wording.parts > MOST_PARTS[language]:
        yield say("has {parts} parts, more than {most}", parts=wording.parts, most=MOST_PARTS[language])
    if facts.reference not in wording.text:
        yield say("does not name the reference")
    if facts.exercise and not wording.text.startswith(_DRILL_MARK[language]):
        yield say("does not begin with {mark} in a drill", mark=_DRILL_MARK[language])
    answers = _DOOR_ANSWERS if name == "door" else _ANSWERS
    if name not in _NOTICES and not all(answer in wording.text for answer in answers[language]):
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


SAMPLE_REPLY: dict[str, object] = {
    "desk_name": "沁水县防汛抗旱指挥部办公室",
    "reference": "W98",
    "warning": "暴雨红色预警",
    "references": ("B3", "C5"),
    "reports": (("moving", 12, 35), ("moved", 3, 8)),
    "stage": "moved",
    "names": ("欧阳建国", "赵某"),
    "tasks": "封闭漫水路面和涉水景区",
    "how": "已封闭 2处",
}


def _reply_complaints() -> Iterator[str]:
    for language, kind in product(LANGUAGES, REPLY_KINDS):
        yield from complaints_of_reply(WordingFile(language, f"reply.{kind}"))


def complaints_of_reply(file: WordingFile) -> Iterator[str]:
    """What is wrong with one wording of a reply, or of the check of numbers."""
    text = worded_reply(file)
    if isinstance(text, Unfillable):
        yield say("The wording {file} cannot be filled: {error}", file=file.path, error=text.why)
    elif reserved := _RESERVED.search(text):
        word = say("uses {word}, which carriers take for themselves", word=reserved[0])
        yield say("The wording {file} {problem}", file=file.path, problem=word)
    elif not file.is_reply and ("1" not in text or "9" not in text):
        problem = say("does not say what to answer")
        yield say("The wording {file} {problem}", file=file.path, problem=problem)


def worded_reply(file: WordingFile) -> str | Unfillable:
    """A reply, or the check of a number, as it would go out."""
    try:
        if file.is_reply:
            return render_reply(file.name.removeprefix("reply."), file.language, SAMPLE_REPLY)
        return render_number_check(file.language, "沁水县防汛抗旱指挥部办公室", "王小明")
    except Exception as error:
        return Unfillable(str(error))


def _number_check_complaints() -> Iterator[str]:
    for language in LANGUAGES:
        yield from complaints_of_reply(WordingFile(language, "number_check"))
