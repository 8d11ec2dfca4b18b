"""The daily dispatch in words."""

from jiaoying.duty.daily.model import DeskReports, Form, How, Kind, Report, RoundState
from jiaoying.kernel.language import say


def kind_word(kind: Kind) -> str:
    """By what a question is answered."""
    return {
        Kind.FIGURE: say("a figure"),
        Kind.YES_NO: say("some or none"),
        Kind.TEXT: say("words"),
    }[kind]


def state_word(state: RoundState) -> str:
    return {
        RoundState.ASKING: say("asked for by text"),
        RoundState.CHASING: say("who is missing is being rung"),
        RoundState.CLOSED: say("over"),
    }[state]


def how_word(report: Report) -> str:
    """By what a report came."""
    return {
        How.TEXT: say("sent by text"),
        How.LINK: say("filed by the link"),
        How.HAND: say("filed by the officer"),
    }[report.how]


def desk_badge(desk: DeskReports) -> tuple[str, str]:
    """How it stands with a desk: the colour, by the states of call-outs, and the word."""
    report = desk.report
    if report is None:
        return ("failed", say("missing")) if desk.missed_at else ("open", say("not reported yet"))
    if not report.whole:
        return "held", say("to be filled in")
    return "answered", say("zero report") if report.zero else say("has reported")


def questions_words(form: Form) -> str:
    """What it asks, in a line."""
    return say(", ").join(f"{one.label} {one.unit}".strip() for one in form.questions)
