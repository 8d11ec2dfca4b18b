"""What people say, and which call-out they mean by it. Pure.

The words are those of the contract with the people who answer (README, "Answers in words").
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from jiaoying.dispatch.door_words import DoorWord, hear_door
from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.dispatch.reports import Reported, is_addition, is_quiet, read_figures, read_report

# A message must have reached a number this long before an answer can mean it.
READING_S = 10
MAX_REPLY_LENGTH = 1000


class Meaning(StrEnum):
    ANSWERED = "answered"
    ON_POST = "on_post"
    DECLINED = "declined"
    RING_BACK = "ring_back"
    PATROL = "patrol"
    PLANNED = "planned"  # who is to be moved, with figures
    MOVED = "moved"  # with figures
    MOVING = "moving"  # without: figures are asked for once
    SETTLED = "settled"
    ENDED = "ended"
    ASK_TOTAL = "ask_total"  # some more were moved: how many in all?
    ASK_MOVE = "ask_move"  # a bare 转: move people, or pass on to the deputy?
    OPT_OUT = "opt_out"
    WRONG_PERSON = "wrong_person"  # whoever has this number is somebody else
    NOT_ME = "not_me"  # 9: only the check of a number asks that
    KNOCKED = "knocked"  # from a door: woken there
    NOBODY_HOME = "nobody_home"  # from a door: nobody found
    REPORTED = "reported"  # on a task of a response (dispatch.response.reports)
    DANGER = "danger"
    NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Understood:
    """A reply taken apart. `reference` is the warning that it names, if it names one."""

    meaning: Meaning
    reference: str | None = None
    households: int | None = None
    people: int | None = None
    also: tuple[Reported, ...] = ()  # what else it reports: 需转移12户35人，已转移3户8人

    @property
    def reports(self) -> tuple[Reported, ...]:
        """The stages that it reports, in the order of the work; none where it only answers."""
        stage = STAGES.get(self.meaning)
        return (*self.also, Reported(stage, self.households, self.people)) if stage else ()


# What of the meanings tells of work that was done.
STAGES = {
    Meaning.ON_POST: FeedbackStage.ON_POST,
    Meaning.PATROL: FeedbackStage.PATROL,
    Meaning.MOVING: FeedbackStage.MOVING,
    Meaning.PLANNED: FeedbackStage.MOVING,
    Meaning.MOVED: FeedbackStage.MOVED,
    Meaning.SETTLED: FeedbackStage.SETTLED,
    Meaning.ENDED: FeedbackStage.ENDED,
}

_ANSWERED = {
    *("1", "收到", "好的", "好", "知道了", "知道", "明白", "是", "已收到", "收到了", "收悉"),
    *("ok", "okay", "yes", "ack"),
    *("马上到岗", "马上到", "马上去", "这就去", "立即到岗", "马上落实", "立即落实"),
    *("马上巡查", "马上去巡查", "这就巡查", "立即巡查", "在路上", "正在赶往现场", "正在去的路上"),
}
_DECLINED = {"2", "不在", "不在岗", "转b角", "不能到岗"}
_RING_BACK = {"3", "回电", "请回电"}
_WRONG_PERSON = {
    *("打错了", "打错电话了", "打错电话", "你打错了", "您打错了", "你打错电话了", "您打错电话了", "打错人了"),
    *("发错了", "发错人了", "你发错了", "您发错了", "你发错人了", "您发错人了", "发错短信了"),
    *(
        "不是我",
        "我不是",
        "不是本人",
        "非本人",
        "我不是本人",
        "号码错了",
        "电话错了",
        "手机号错了",
        "找错人了",
    ),
    *("不认识", "不认识他", "不认识她", "我不认识他", "我不认识她", "不认识这个人", "我不认识这个人"),
    *("wrongnumber", "wrongperson", "notme", "itsnotme", "youhavethewrongnumber"),
}
# 我不是王强: a name follows, and nothing that is done or said.
_NOT_THAT_ONE = re.compile(r"我不是(?!不|在|已|刚|说|要|到|来|去|了|很|有|没)[一-鿿]{2,4}")
_OPT_OUT = {"stop", "退订", "td", "t", "unsubscribe"}
_DANGER = ("滑坡", "塌", "决口", "被困", "冲走", "失联", "险情", "救命")
_AT_DOOR = {
    DoorWord.GOING: Meaning.ANSWERED,
    DoorWord.KNOCKED: Meaning.KNOCKED,
    DoorWord.NOBODY_HOME: Meaning.NOBODY_HOME,
}
# What is never said to a duty call where there are warnings.
_OF_WARNINGS = (
    *(Meaning.PATROL, Meaning.MOVING, Meaning.PLANNED, Meaning.MOVED, Meaning.SETTLED, Meaning.ENDED),
    *(Meaning.REPORTED, Meaning.DANGER),
)
# What may stand together in one answer: the later ones say more.
_SAYS_YES = (
    *(Meaning.ANSWERED, Meaning.ON_POST, Meaning.PATROL),
    *(Meaning.MOVING, Meaning.SETTLED, Meaning.ENDED),
)
# Beside figures, what may tell of somebody who is still there.
_NOT_ALL = re.compile("[没未不还剩缺急快]")

_REFERENCE = re.compile(r"(?<![A-Z])([ABCDEFHJKLMNPRTUWXY][0-9]{1,2})(?![A-Z0-9])", re.IGNORECASE)
# Everything that a thumb puts around a word and that means nothing: blanks, stops, brackets, emoji.
_BREAK = re.compile(r"[\s,，、.。!！;；~]+")
_STOP = re.compile(r"[,，、.。!！;；~\n]+")
_NOISE = re.compile(r"[\s\W_]+", re.UNICODE)
_COURTESY = re.compile(r"(?:(?:谢谢|多谢|感谢|辛苦)(?:了|啦|您|你们?|领导|大家)*|请放心)+$")
_YES_BEFORE = re.compile(r"(?:收到了?|好的|明白了?|知道了)+(?=.)")
_DIGITS = "零一二三四五六七八九"
_SPELLED = re.compile(rf"[{_DIGITS}〇两十百]+(?=[户人口名])")


def understand(text: str, names: Sequence[str] = ()) -> Understood:
    """What a reply means. Never raises; what is not understood goes to the officer.

    `names` are those of whoever has the number: people sign what they send (`王强：收到`).
    """
    plain = _unsigned(unicodedata.normalize("NFKC", text[:MAX_REPLY_LENGTH]).strip(), names)
    reference = _reference_in(plain)
    if _tells_of_danger(plain):
        return Understood(Meaning.DANGER, reference)
    said = _REFERENCE.sub(" ", plain, count=1) if reference else plain
    if any(is_addition(_after_yes(_bare(part))) for part in (said, *_STOP.split(said))):
        return Understood(Meaning.ASK_TOTAL, reference)
    if figures := _figures_in(said):
        *also, last = figures
        return Understood(_meaning_of(last), reference, last.households, last.people, tuple(also))
    meaning = _word(_bare(said))
    if meaning is Meaning.NOT_UNDERSTOOD and (heard := hear_door(said)):
        return Understood(_AT_DOOR[heard], reference)
    return Understood(_several_words(said) if meaning is Meaning.NOT_UNDERSTOOD else meaning, reference)


def _unsigned(plain: str, names: Sequence[str]) -> str:
    """Without the sender's own name before or after the words; a name alone says nothing."""
    for name in (unicodedata.normalize("NFKC", name) for name in names if len(name) > 1):
        rest = plain.removeprefix(name).removesuffix(name)
        if rest != plain and rest:
            return rest
    return plain


def _tells_of_danger(plain: str) -> bool:
    """A danger word anywhere, but in a part that says no more than that there is none (ADR 0033)."""
    parts = (part for part in _BREAK.split(plain) if any(word in part for word in _DANGER))
    return any(not is_quiet(_after_yes(_bare(part))) for part in parts)


def _figures_in(said: str) -> list[Reported]:
    """What figures a text reports, in the order of the work; none where that is not certain.

    The text is one report, or its parts are: each with figures tells of a stage of its own, and the rest
    leaves no doubt. Without a word for the stage the rest must say yes: `还没转移，12户35人` is no report of
    success.
    """
    bare = _after_yes(_bare(said))
    whole = read_report(bare) or read_figures(bare)
    if whole:
        return [whole] if whole.has_figures else []
    for separator in (_STOP, _BREAK):
        if found := _figures_in_parts([bare for part in separator.split(said) if (bare := _bare(part))]):
            return found
    return []


def _figures_in_parts(parts: Sequence[str]) -> list[Reported]:
    numbered = [_after_yes(part) for part in parts if any(sign.isdigit() for sign in part)]
    others = [part for part in parts if not any(sign.isdigit() for sign in part)]
    found = [read_report(part) for part in numbered]
    if not numbered or any(_NOT_ALL.search(part) and _word(part) not in _SAYS_YES for part in others):
        return []
    if len(numbered) == 1 and found == [None] and all(_word(part) in _SAYS_YES for part in others):
        found = [read_figures(numbered[0])]
    told = [report for report in found if report and report.has_figures]
    if len(told) < len(numbered) or len({report.stage for report in told}) < len(told):
        return []
    return sorted(told, key=lambda report: list(FeedbackStage).index(report.stage))


def _meaning_of(report: Reported) -> Meaning:
    """The meaning of a text that reports this last."""
    if report.stage is FeedbackStage.MOVING:
        return Meaning.PLANNED if report.has_figures else Meaning.MOVING
    return next(meaning for meaning, stage in STAGES.items() if stage is report.stage)


def as_understood(report: Reported) -> Understood:
    """A report as if its giver had written it."""
    return Understood(_meaning_of(report), None, report.households, report.people)


def _several_words(plain: str) -> Meaning:
    """`收到，马上到岗`: several words that all say yes are one yes, and `打错了，不是我` is one word too;
    anything else is not guessed at."""
    said = {_word(bare) for part in _BREAK.split(plain) if (bare := _bare(part))}
    if said == {Meaning.WRONG_PERSON}:
        return Meaning.WRONG_PERSON
    return max(said, key=_SAYS_YES.index) if said and said <= set(_SAYS_YES) else Meaning.NOT_UNDERSTOOD


def _reference_in(plain: str) -> str | None:
    found = _REFERENCE.search(plain)
    return found[1].upper() if found else None


def _bare(plain: str) -> str:
    """Without what means nothing; Chinese numerals before 户 and 人 as digits, thanks left away."""
    joined = _NOISE.sub("", plain).casefold()
    return _COURTESY.sub("", _SPELLED.sub(_in_digits, joined))


def _after_yes(bare: str) -> str:
    """What comes after `收到` and its like, where anything does."""
    return _YES_BEFORE.sub("", bare, count=1) if _YES_BEFORE.match(bare) else bare


def _in_digits(spelled: re.Match[str]) -> str:
    """A numeral below a thousand as digits; another, as 三五 and 一百二, stays: it is not guessed at."""
    number = _NUMBERS.get(spelled[0].replace("两", "二").replace("〇", "零"))
    return spelled[0] if number is None else str(number)


def _spell(number: int) -> str:
    hundreds, tens, ones = number // 100, number // 10 % 10, number % 10
    high = f"{_DIGITS[hundreds]}百" if hundreds else ""
    middle = f"{_DIGITS[tens] if number >= 20 else ''}十" if tens else "零" if hundreds and ones else ""
    return high + middle + (_DIGITS[ones] if ones else "")


_NUMBERS = {_spell(number): number for number in range(1, 1000)}


def _word(bare: str) -> Meaning:
    meaning = _known_word(bare)
    if meaning is Meaning.NOT_UNDERSTOOD and (rest := _after_yes(bare)) != bare:
        after = _known_word(rest)
        return after if after in _SAYS_YES else Meaning.NOT_UNDERSTOOD
    return meaning


def _known_word(bare: str) -> Meaning:
    for words, meaning in (
        (_ANSWERED, Meaning.ANSWERED),
        (_DECLINED, Meaning.DECLINED),
        (_RING_BACK, Meaning.RING_BACK),
        ({"转"}, Meaning.ASK_MOVE),
        (_WRONG_PERSON, Meaning.WRONG_PERSON),
        ({"9"}, Meaning.NOT_ME),
        (_OPT_OUT, Meaning.OPT_OUT),
    ):
        if bare in words:
            return meaning
    report = read_report(bare)
    if report and not report.has_figures:
        return _meaning_of(report)
    return Meaning.WRONG_PERSON if _NOT_THAT_ONE.fullmatch(bare) else Meaning.NOT_UNDERSTOOD


def understand_key(digits: str) -> Understood:
    """What keys pressed during a call mean: 1 confirm, 2 cannot, 3 ring me back."""
    meanings = {"1": Meaning.ANSWERED, "2": Meaning.DECLINED, "3": Meaning.RING_BACK}
    return Understood(meanings.get(digits[-1:], Meaning.NOT_UNDERSTOOD))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call-out that the sender of a reply may mean.

    `reached` are the moments in which the carrier took on what named it for the sender's number, a text or a
    call that was picked up, the latest first; `raised` that the sender was told of it in a milder colour
    before; `over` that its warning was cancelled; `references_told` are those that its messages gave, also
    under earlier versions of the warning; `is_duty` that it is no warning but a duty call or a request;
    `is_reminder` that it reminds of a periodic duty.
    """

    call_out_id: UUID
    warning_id: UUID
    reference: str
    exercise: bool
    open: bool
    reached: tuple[datetime, ...]
    raised: bool = False
    over: bool = False
    references_told: frozenset[str] = frozenset()
    is_duty: bool = False
    is_reminder: bool = False

    @property
    def reached_at(self) -> datetime | None:
        """When the latest message that named it reached the number."""
        return self.reached[0] if self.reached else None

    def is_called(self, reference: str) -> bool:
        """Whether somebody who writes this reference may mean it."""
        return reference == self.reference or reference in self.references_told

    def last_read(self, at: datetime) -> datetime | None:
        """The latest message that lay there long enough to be what an answer at `at` means."""
        return next((moment for moment in self.reached if moment + timedelta(seconds=READING_S) <= at), None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """These call-outs are meant; `others` are references of further warnings that stay open."""

    call_out_ids: tuple[UUID, ...]
    others: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AskWhich:
    """It cannot be told: nothing is ticked, and the sender is asked for one of these references."""

    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NothingAsked:
    """Nobody asked this number anything, or not under the reference that was given."""

    reference: str | None


Choice = Chosen | AskWhich | NothingAsked


def about_work(candidates: Sequence[Candidate], understood: Understood) -> Sequence[Candidate]:
    """Of these, what the words may be about: danger and work done are told of warnings, as far as there are
    any, though the last message asked somebody to sign on. `到岗` answers that too."""
    if understood.reference is not None or understood.meaning not in _OF_WARNINGS:
        return candidates
    return [item for item in candidates if not item.is_duty] or candidates


def choose_call_outs(candidates: Sequence[Candidate], reference: str | None, received_at: datetime) -> Choice:
    """Which call-outs an answer from one number is for.

    A named reference decides. A plain answer counts for all warnings that the latest message names (or the
    latest together, taken on in one moment) which had reached the number at least `READING_S` before it, so
    that a late `1` for an earlier warning never ticks one that has only just arrived, nor is lost on one that
    is over; and never for a drill and a real warning together, since no message speaks of both. Of a warning
    only that is ticked which had been read.
    """
    if reference is not None:
        meant = [candidate for candidate in candidates if candidate.is_called(reference)]
        return _named(meant, candidates, received_at) if meant else _unknown_reference(reference, candidates)
    reached = [(item, moment) for item in candidates if (moment := item.last_read(received_at))]
    if not reached:
        return _only_warning(candidates)
    latest = max(moment for _, moment in reached)
    named = {item.warning_id for item, _ in reached if latest in item.reached}
    read = [item for item, _ in reached if item.warning_id in named]
    waiting = sorted({item.reference for item in candidates if item.open})
    # What was read is cancelled, and something waits that may have been meant: an answer to it must not be
    # lost on what nobody asks any more.
    if waiting and all(item.over for item in read):
        return AskWhich(tuple(waiting))
    return _chosen(read, candidates)


def _named(meant: Sequence[Candidate], candidates: Sequence[Candidate], received_at: datetime) -> Choice:
    """An update keeps the reference: what it adds is not answered by who has not read of it yet."""
    read = [item for item in meant if item.last_read(received_at)]
    if not read and any(item.raised for item in meant):
        return AskWhich(tuple(sorted({item.reference for item in meant})))
    return _chosen(read or meant, candidates)


def _unknown_reference(reference: str, candidates: Sequence[Candidate]) -> Choice:
    """A slip of the thumb: whoever still owes an answer is never told that nothing is asked."""
    waiting = sorted({item.reference for item in candidates if item.open})
    return AskWhich(tuple(waiting)) if waiting else NothingAsked(reference)


def is_about_drill(candidates: Sequence[Candidate]) -> bool:
    """Whether a word that ticks nothing was said under a drill: the latest message that reached the
    number was one, and no real warning waits for its owner."""
    if any(item.open and not item.exercise for item in candidates):
        return False
    reached = [(item.reached_at, item.exercise) for item in candidates if item.reached_at]
    return max(reached)[1] if reached else False


def _only_warning(candidates: Sequence[Candidate]) -> Choice:
    """Nothing had time to be read: an answer is plain only where one warning alone could be meant."""
    hopeful = [item for item in candidates if item.open] or list(candidates)
    warnings = {item.warning_id for item in hopeful}
    if not warnings:
        return NothingAsked(None)
    # A plain answer to the milder version must not pass for one to the graver that was not read yet.
    if len(warnings) == 1 and not any(item.raised for item in hopeful):
        return _chosen(hopeful, candidates)
    return AskWhich(tuple(sorted({item.reference for item in hopeful})))


def _chosen(meant: Sequence[Candidate], candidates: Sequence[Candidate]) -> Chosen:
    ids = tuple(item.call_out_id for item in meant)
    return Chosen(ids, still_open(candidates, ids))


def still_open(candidates: Sequence[Candidate], chosen: Collection[UUID]) -> tuple[str, ...]:
    """The references of what waits for an answer beside the warnings of these call-outs."""
    warnings = {item.warning_id for item in candidates if item.call_out_id in chosen}
    return tuple(
        sorted({item.reference for item in candidates if item.open and item.warning_id not in warnings})
    )
