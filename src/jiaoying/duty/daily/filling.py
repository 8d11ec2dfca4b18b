"""A form of the daily dispatch as it is filled in on a page. Pure."""

from collections.abc import Mapping

from jiaoying.duty.daily.model import MAX_FIGURE, MAX_WORDS, Answer, Form, Kind, Question
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

YES, NO = "yes", "no"


def answers_in(form: Form, typed: Mapping[str, str]) -> dict[str, Answer]:
    """What was typed, by the key of each question. Raises Refusal naming each field that is wrong."""
    answers: dict[str, Answer] = {}
    complaints: list[Complaint] = []
    for question in form.questions:
        text = typed.get(question.key, "").strip()
        trouble = _trouble(question, text)
        if trouble:
            complaints.append(Complaint("daily", question.key, trouble))
        elif text:
            answers[question.key] = _answer(question, text)
    if complaints:
        raise Refusal("; ".join(complaint.text for complaint in complaints), tuple(complaints))
    return answers


def typed_from(form: Form, answers: Mapping[str, Answer]) -> dict[str, str]:
    """Answers as they stand in the fields of the form."""
    found: dict[str, str] = {}
    for question in form.questions:
        answer = answers.get(question.key)
        if answer is not None:
            found[question.key] = (YES if answer else NO) if question.kind is Kind.YES_NO else str(answer)
    return found


def is_quiet(form: Form, answers: Mapping[str, Answer]) -> bool:
    """Whether nothing happened: a zero report, also where the noughts were typed one by one."""
    return form.is_whole(answers) and not any(answers.values())


def _trouble(question: Question, text: str) -> str | None:
    match question.kind:
        case Kind.FIGURE:
            if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_FIGURE))):
                return say("{label}: write a whole number, 0 where there is none", label=question.label)
        case Kind.YES_NO:
            if text not in (YES, NO):
                return say("{label}: choose", label=question.label)
        case Kind.TEXT:
            if len(text) > MAX_WORDS:
                return say("{label}: at most {count} signs", label=question.label, count=MAX_WORDS)
    return None


def _answer(question: Question, text: str) -> Answer:
    match question.kind:
        case Kind.FIGURE:
            return int(text)
        case Kind.YES_NO:
            return text == YES
        case Kind.TEXT:
            return text
