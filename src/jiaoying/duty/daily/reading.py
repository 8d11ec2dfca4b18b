"""What a text says to the questions of a round. Pure.

`无`, `零报告`, `平安`: nothing happened. `12 35 0`: the questions in their order. `转移12户35人`: figures by
their names or units, as far as only one question can be meant. Nothing is guessed at: what is not certain is
kept as words, for the officer to fill in.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from jiaoying.duty.daily.model import MAX_FIGURE, MAX_WORDS, Answer, Form, Kind, Question


class Manner(StrEnum):
    """How a text answers."""

    ZERO = "zero"
    ORDERED = "ordered"  # 12 35 0
    NAMED = "named"  # 转移12户35人
    WORDS = "words"  # nothing of it could be read


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read. `whole`: it answers all that must be answered, and what it says beside has its place."""

    manner: Manner
    answers: Mapping[str, Answer] = field(default_factory=dict[str, Answer])
    whole: bool = False

    @property
    def is_zero(self) -> bool:
        """Whether nothing happened, in whatever way it was said."""
        return self.manner is Manner.ZERO or (self.whole and not any(self.answers.values()))


_ZERO = {
    *(
        "无",
        "没有",
        "零",
        "零报告",
        "0报告",
        "零报",
        "平安",
        "平安无事",
        "一切正常",
        "正常",
        "安全",
        "一切安全",
    ),
    *("无情况", "无异常", "无事", "没事", "没情况", "没有情况", "今日无", "今日无情况", "无险情", "无灾情"),
    *("无险情灾情", "无灾情险情", "无险情无灾情", "无突发事件", "无突发情况", "无特殊情况", "无变化", "全无"),
    *("nil", "none", "zero", "nothing", "nothingtoreport", "allquiet", "allwell"),
}
_YES = {"有", "是", "yes", "y"}
_NO = {"无", "否", "没有", "no", "n"}
_COURTESY = re.compile(r"^(?:收到了?|您好|你好|领导好|报告|报|汇报|上报|今日|今天|截至目前|目前|现)+")
_THANKS = re.compile(r"(?:谢谢|多谢|辛苦|完毕|报告完毕)(?:了|您)?$")
_NOISE = re.compile(r"[\s\W_]+", re.UNICODE)
_BREAK = re.compile(r"[\s,，、。;；]+")
_STOPS = re.compile(r"[\s,，、.。;；:：!！]+")
_FIGURE = re.compile(r"[0-9]{1,6}")
# Beside a figure: not so, not yet, not exactly, or more than before.
_DOUBTS = re.compile(r"没|未|不|别|吗|么|约|左右|大概|可能|多|余|几|又|再|另|新增|还|？|\?")
_LABEL_END = re.compile(r"(?:总|户|人|处|起|次|个)?数量?$|情况$")
_ASKS = re.compile(r"^(?:有无|是否有?|有没有)")
_FILLER = re.compile(r"共计|合计|累计|共|已|为|是|有|出现|发生")
_FEWEST_WITHOUT_NAME = 2  # figures by their units alone


def read_reply(text: str, form: Form, names: Sequence[str] = ()) -> Reading:
    """What a text says to the questions. Never raises.

    `names` are what may stand around the words and says nothing: of the sender, the desk, its place.
    """
    plain = unicodedata.normalize("NFKC", text[:MAX_WORDS]).strip().casefold()
    for name in sorted(
        (unicodedata.normalize("NFKC", one).casefold() for one in names if len(one) > 1),
        key=len,
        reverse=True,
    ):
        plain = plain.replace(name, " ")
    plain = plain.strip(" \t\r\n,，、.。;；:：")
    bare = _THANKS.sub("", _COURTESY.sub("", _NOISE.sub("", plain)))
    if bare in _ZERO:
        return Reading(Manner.ZERO, form.zero(), whole=True)
    return _in_order(plain, form) or _by_name(plain, form) or Reading(Manner.WORDS)


def without_noughts(text: str, form: Form) -> str:
    """A text without what it says there is none of: `转移2户6人，险情0处` → `转移2户6人，`."""
    plain = unicodedata.normalize("NFKC", text)
    for question in form.figures:
        for name in {question.label, _word_of(question)} - {""}:
            unit = f"(?:{re.escape(question.unit)})?" if question.unit else ""
            plain = re.sub(rf"{re.escape(name)}\s*0\s*{unit}(?!\s*[0-9])", "", plain, flags=re.IGNORECASE)
    return plain


def _in_order(plain: str, form: Form) -> Reading | None:
    """One answer for each question that must be answered, in their order, and nothing else.

    A single sign is no report: `1` says that somebody got the text.
    """
    tokens = [token for token in _BREAK.split(plain) if token]
    needed = form.needed
    if len(tokens) != len(needed) or (len(tokens) == 1 and len(plain) < 2):
        return None
    answers: dict[str, Answer] = {}
    for token, question in zip(tokens, needed, strict=True):
        answer = _token(token, question)
        if answer is None:
            return None
        answers[question.key] = answer
    return Reading(Manner.ORDERED, answers, whole=True)


def _token(token: str, question: Question) -> Answer | None:
    if question.kind is Kind.YES_NO:
        return True if token in _YES else False if token in _NO else None
    number = token.removesuffix(question.unit.casefold()) if question.unit else token
    if number in ("无", "零"):
        return 0
    return int(number) if _FIGURE.fullmatch(number) and int(number) <= MAX_FIGURE else None


def _by_name(plain: str, form: Form) -> Reading | None:
    """Answers by the names or units of their questions. Where anything beside a figure is not understood,
    none is taken: `3人失联` is not three people of whatever else is counted in people."""
    reader = _ClauseReader(form)
    clauses = [part for part in _STOPS.split(plain) if part]
    if not all(reader.take(clause) for clause in clauses) or not reader.answers:
        return None
    answers, left = reader.answers, " ".join(reader.left)
    # `还没转移，12户35人`: what is said beside may take it back.
    if _DOUBTS.search(left):
        return None
    if not reader.has_name and len(answers) < _FEWEST_WITHOUT_NAME:
        return None
    is_whole = form.is_whole(answers)
    remarks = [one for one in form.questions if one.kind is Kind.TEXT]
    if left and remarks:
        answers[remarks[0].key] = left
    return Reading(Manner.NAMED, answers, whole=is_whole and bool(remarks or not left))


@dataclass(slots=True)
class _ClauseReader:
    """Takes clause by clause what a text answers; `left` are clauses without figures that answer nothing."""

    form: Form
    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    left: list[str] = field(default_factory=list[str])
    has_name: bool = False
    _named: tuple[Question, ...] = ()

    def take(self, clause: str) -> bool:
        """False where a figure in it is in doubt, or answers what was answered before."""
        for question in self.form.needed:
            answer = _said_without_figure(clause, question)
            if answer is not None:
                self.has_name = True
                return self._keep(question, answer)
        if not _FIGURE.search(clause):
            self.left.append(clause)
            return True
        said = tuple(one for one in self.form.figures if _word_of(one) and _word_of(one) in clause)
        self.has_name = self.has_name or bool(said)
        # `转移12户，35人`: the name before goes on where a clause says none.
        self._named = said or self._named
        return all(self._take_figure(clause, match) for match in _FIGURE.finditer(clause)) and not _rest(
            clause, self.form
        )

    def _take_figure(self, clause: str, match: re.Match[str]) -> bool:
        question = self._meant(clause[: match.start()], clause[match.end() :])
        return question is not None and self._keep(question, int(match[0]))

    def _keep(self, question: Question, answer: Answer) -> bool:
        if question.key in self.answers or (answer > MAX_FIGURE if isinstance(answer, int) else False):
            return False
        self.answers[question.key] = answer
        return True

    def _meant(self, before: str, after: str) -> Question | None:
        """The one question that a figure can mean: by its unit, and of several by the name before it."""
        units = [one.unit.casefold() for one in self.form.figures if one.unit]
        unit = max((one for one in units if after.startswith(one)), key=len, default="")
        by_unit = [one for one in self.form.figures if unit and one.unit.casefold() == unit]
        by_name = [one for one in self.form.figures if _word_of(one) and before.endswith(_word_of(one))]
        tries: tuple[list[Question], ...] = (
            [one for one in by_name if one in by_unit] if unit else by_name,
            [one for one in by_unit if one in self._named],
            [] if self._named else by_unit,
        )
        found = [one for one in tries if one]
        return found[0][0] if found and len(found[0]) == 1 else None


def _said_without_figure(clause: str, question: Question) -> Answer | None:
    """`无险情`, `险情无`: nothing of it; of a question that asks whether, `有` too."""
    word = _ASKS.sub("", question.label.casefold()) if question.kind is Kind.YES_NO else _word_of(question)
    if not word:
        return None
    label = question.label.casefold()
    if clause in {before + word for before in ("无", "没有", "未发生")} | {
        name + after for name in (word, label) for after in ("无", "没有", "否", "零")
    }:
        return False if question.kind is Kind.YES_NO else 0
    if question.kind is Kind.YES_NO and clause in ("有" + word, word + "有", label + "有", label + "是"):
        return True
    return None


def _rest(clause: str, form: Form) -> str:
    """What a clause says beside its figures, their names and units."""
    left = _FIGURE.sub(" ", clause)
    known = {
        name for one in form.figures for name in (one.label.casefold(), _word_of(one), one.unit.casefold())
    }
    for name in sorted(known - {""}, key=len, reverse=True):
        left = left.replace(name, " ")
    return left if _DOUBTS.search(left) else _FILLER.sub("", left).strip()


def _word_of(question: Question) -> str:
    """What a text calls it: 转移户数 → 转移."""
    return _LABEL_END.sub("", question.label.casefold())
