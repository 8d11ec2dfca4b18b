"""What people say, and which call-out they mean by it. Pure.

The words are those of the contract with the people who answer (README, "Answers in words").
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

# A message must have reached a number this long before an answer can mean it.
READING_S = 10
MAX_REPLY_LENGTH = 1000
MAX_FIGURE = 99_999


class Meaning(StrEnum):
    ANSWERED = "answered"
    ON_POST = "on_post"
    DECLINED = "declined"
    RING_BACK = "ring_back"
    MOVED = "moved"  # with figures
    MOVING = "moving"  # without: figures are asked for once
    ASK_MOVE = "ask_move"  # a bare 转: move people, or pass on to the deputy?
    OPT_OUT = "opt_out"
    WRONG_PERSON = "wrong_person"  # whoever has this number is somebody else
    NOT_ME = "not_me"  # 9: only the check of a number asks that
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


_ANSWERED = {
    *("1", "收到", "好的", "好", "知道了", "知道", "明白", "是", "已收到", "收到了", "收悉"),
    *("ok", "okay", "yes", "ack"),
    *("马上到岗", "马上到", "马上去", "这就去", "立即到岗", "马上落实", "立即落实"),
}
_ON_POST = {"到岗", "已到岗", "到岗了", "已经到岗"}
_DECLINED = {"2", "不在", "不在岗", "转b角", "不能到岗"}
_RING_BACK = {"3", "回电", "请回电"}
_MOVING = {
    *("转移", "正在转移", "已转移", "转移了", "转移中", "马上转移", "立即转移", "开始转移"),
    *("组织转移", "马上组织转移", "立即组织转移", "正在组织转移", "已组织转移", "这就组织转移"),
}
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
# What may stand together in one answer: the later ones say more.
_SAYS_YES = (Meaning.ANSWERED, Meaning.ON_POST, Meaning.MOVING)

_REFERENCE = re.compile(r"(?<![A-Z])([ABCDEFHJKLMNPRTUWXY][0-9]{1,2})(?![A-Z0-9])", re.IGNORECASE)
_NUMERAL = "[0-9]+"
_MOVED = re.compile(rf"(?:已?经?转移?了?|转移)(?=[0-9])(?:({_NUMERAL})户)?(?:({_NUMERAL})人)?")
_FIGURES_ALONE = re.compile(rf"({_NUMERAL})户({_NUMERAL})人(?:已?全部转移|已转移)?(?:了|完毕|完成|到位)?")
# Everything that a thumb puts around a word and that means nothing: blanks, stops, brackets, emoji.
_BREAK = re.compile(r"[\s,，、.。!！;；~]+")
_STOP = re.compile(r"[,，、.。!！;；~\n]+")
_NOISE = re.compile(r"[\s\W_]+", re.UNICODE)
_COURTESY = re.compile(r"(?:(?:谢谢|多谢|感谢|辛苦)(?:了|啦|您|你们?|领导|大家)*|请放心)+$")
_YES_BEFORE = re.compile(r"(?:收到了?|好的|明白了?|知道了)+(?=.)")
_DIGITS = "零一二三四五六七八九"
_SPELLED = re.compile(rf"[{_DIGITS}〇两十百]+(?=[户人])")


def understand(text: str) -> Understood:
    """What a reply means. Never raises; what is not understood goes to the officer."""
    plain = unicodedata.normalize("NFKC", text[:MAX_REPLY_LENGTH]).strip()
    if any(word in plain for word in _DANGER):
        return Understood(Meaning.DANGER, _reference_in(plain))
    reference = _reference_in(plain)
    said = _REFERENCE.sub(" ", plain, count=1) if reference else plain
    bare = _bare(said)
    moved = _moved(bare) or _FIGURES_ALONE.fullmatch(_after_yes(bare)) or _moved_in_one_part(said)
    if moved:
        return _figures(moved, reference)
    meaning = _word(bare)
    return Understood(_several_words(said) if meaning is Meaning.NOT_UNDERSTOOD else meaning, reference)


def _moved(bare: str) -> re.Match[str] | None:
    return _MOVED.fullmatch(_after_yes(bare))


def _moved_in_one_part(said: str) -> re.Match[str] | None:
    """`已转移12户35人，都安置在村小学`: figures in one part, and no number in any other.

    Without the word 转移 the other parts must all say yes: `还没转移，12户35人` is no report of success.
    """
    parts = [bare for part in _STOP.split(said) if (bare := _bare(part))]
    with_digits = [part for part in parts if any(sign.isdigit() for sign in part)]
    if len(with_digits) != 1:
        return None
    others = [part for part in parts if part != with_digits[0]]
    agreed = all(_word(part) in _SAYS_YES for part in others)
    return _moved(with_digits[0]) or (
        _FIGURES_ALONE.fullmatch(_after_yes(with_digits[0])) if agreed else None
    )


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


def _figures(moved: re.Match[str], reference: str | None) -> Understood:
    households, people = (int(group) if group else None for group in moved.groups())
    if max(households or 0, people or 0) > MAX_FIGURE:
        return Understood(Meaning.NOT_UNDERSTOOD, reference)
    return Understood(Meaning.MOVED, reference, households, people)


def _word(bare: str) -> Meaning:
    meaning = _known_word(bare)
    if meaning is Meaning.NOT_UNDERSTOOD and (rest := _after_yes(bare)) != bare:
        after = _known_word(rest)
        return after if after in _SAYS_YES else Meaning.NOT_UNDERSTOOD
    return meaning


def _known_word(bare: str) -> Meaning:
    for words, meaning in (
        (_ANSWERED, Meaning.ANSWERED),
        (_ON_POST, Meaning.ON_POST),
        (_DECLINED, Meaning.DECLINED),
        (_RING_BACK, Meaning.RING_BACK),
        (_MOVING, Meaning.MOVING),
        ({"转"}, Meaning.ASK_MOVE),
        (_WRONG_PERSON, Meaning.WRONG_PERSON),
        ({"9"}, Meaning.NOT_ME),
        (_OPT_OUT, Meaning.OPT_OUT),
    ):
        if bare in words:
            return meaning
    return Meaning.WRONG_PERSON if _NOT_THAT_ONE.fullmatch(bare) else Meaning.NOT_UNDERSTOOD


def understand_key(digits: str) -> Understood:
    """What keys pressed during a call mean: 1 confirm, 2 cannot, 3 ring me back."""
    meanings = {"1": Meaning.ANSWERED, "2": Meaning.DECLINED, "3": Meaning.RING_BACK}
    return Understood(meanings.get(digits[-1:], Meaning.NOT_UNDERSTOOD))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call-out that the sender of a reply may mean.

    `reached_at` is when its latest message was taken on by the carrier for the sender's number;
    `raised` that the sender was told of it in a milder colour before; `over` that its warning was cancelled;
    `references_told` are those that its messages gave, also under earlier versions of the warning.
    """

    call_out_id: UUID
    warning_id: UUID
    reference: str
    exercise: bool
    open: bool
    reached_at: datetime | None
    raised: bool = False
    over: bool = False
    references_told: frozenset[str] = frozenset()

    def is_called(self, reference: str) -> bool:
        """Whether somebody who writes this reference may mean it."""
        return reference == self.reference or reference in self.references_told

    def was_read(self, at: datetime) -> bool:
        """Whether its latest message lay there long enough to be what an answer at `at` means."""
        return self.reached_at is not None and self.reached_at + timedelta(seconds=READING_S) <= at


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


def choose_call_outs(candidates: Sequence[Candidate], reference: str | None, received_at: datetime) -> Choice:
    """Which call-outs an answer from one number is for.

    A named reference decides. A plain answer counts for the warning of the latest message that had
    reached the number at least `READING_S` before it, so that a late `1` for an earlier warning never
    ticks one that has only just arrived, nor is lost on one that is over; and never for a drill and a real
    warning together, since one message speaks of one warning. Of one warning only that is ticked which had
    been read.
    """
    if reference is not None:
        meant = [candidate for candidate in candidates if candidate.is_called(reference)]
        return _named(meant, candidates, received_at) if meant else _unknown_reference(reference, candidates)
    reached = [item for item in candidates if item.was_read(received_at)]
    if not reached:
        return _only_warning(candidates)
    latest = max(reached, key=lambda item: item.reached_at or received_at)
    read = [item for item in reached if item.warning_id == latest.warning_id]
    waiting = sorted({item.reference for item in candidates if item.open})
    # What was read is cancelled, and something waits that may have been meant: an answer to it must not be
    # lost on what nobody asks any more.
    if waiting and latest.over:
        return AskWhich(tuple(waiting))
    return _chosen(read, candidates)


def _named(meant: Sequence[Candidate], candidates: Sequence[Candidate], received_at: datetime) -> Choice:
    """An update keeps the reference: what it adds is not answered by who has not read of it yet."""
    read = [item for item in meant if item.was_read(received_at)]
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
    warnings = {item.warning_id for item in meant}
    others = {item.reference for item in candidates if item.open and item.warning_id not in warnings}
    return Chosen(tuple(item.call_out_id for item in meant), tuple(sorted(others)))
