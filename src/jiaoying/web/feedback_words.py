"""The words of feedback: stages, figures, and what somebody still owes."""

from jiaoying.dispatch.board import Feedback
from jiaoying.dispatch.corrections import ReportOfPlace
from jiaoying.dispatch.feedback import FeedbackStage
from jiaoying.kernel.language import say

# What the officer may log: danger comes as an alarm, in words of its own.
REPORTED_STAGES = tuple(stage for stage in FeedbackStage if stage is not FeedbackStage.DANGER)


def stage_word(stage: str) -> str:
    """How far somebody's work is."""
    return {
        "on_post": say("on post"),
        "patrol": say("on patrol"),
        "moving": say("moving people"),
        "moved": say("people moved"),
        "settled": say("people settled"),
        "danger": say("reports danger"),
        "ended": say("work ended"),
    }.get(stage, stage)


def reported_word(stage: str) -> str:
    """What the officer chooses when somebody reports on the telephone."""
    return say("to be moved") if stage == "moving" else stage_word(stage)


def owed_word(stage: str) -> str:
    """What somebody has not reported: 到岗."""
    return {
        "on_post": say("at the post"),
        "patrol": say("patrol"),
        "moving": say("moving people: how many"),
        "moved": say("moved: how many"),
        "settled": say("settled: how many"),
        "ended": say("that it is over"),
    }.get(stage, stage)


def count_words(households: int | None, people: int | None) -> str:
    """12户35人, or the one of them that was said."""
    if households is None:
        return say("{people} people", people=people or 0)
    if people is None:
        return say("{households} households", households=households)
    return say("{households} households, {people} people", households=households, people=people)


def feedback_words(report: Feedback | ReportOfPlace) -> str:
    """What somebody reported: 已转移 12户35人."""
    if report.households is None and report.people is None:
        return stage_word(report.stage)
    figures = count_words(report.households, report.people)
    if report.stage == "moving":
        return say("to be moved: {figures}", figures=figures)
    if report.stage == "settled":
        return say("settled: {figures}", figures=figures)
    return say("moved {figures}", figures=figures)
