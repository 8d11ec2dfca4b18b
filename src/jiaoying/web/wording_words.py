"""What each wording is for, in the reader's language."""

from jiaoying.kernel.language import CHINESE, say
from jiaoying.templates.files import DEFAULT, HAZARDS, WordingFile
from jiaoying.web.words import colour_word, hazard_name


def purpose_word(name: str) -> str:
    """When a wording is used."""
    if name in HAZARDS:
        return hazard_name(name)
    return {
        DEFAULT: say("every other hazard"),
        "stand_down": say("stood down or over"),
        "lowered": say("lowered to a milder colour"),
        "request": say("the leader is asked to decide"),
        "number_check": say("check of a number"),
        "reply.understood": say("reply: understood"),
        "reply.understood_feedback": say("reply: report understood"),
        "reply.ask_figures": say("reply: how many people are moved?"),
        "reply.ask_move": say("reply: moving people, or passing on?"),
        "reply.declined": say("reply: the next person is called"),
        "reply.ring_back": say("reply: the desk will ring back"),
        "reply.not_understood": say("reply: not understood"),
        "reply.danger": say("reply: danger reported"),
        "reply.ask_which": say("reply: which warning is meant?"),
        "reply.others_open": say("reply: other warnings still wait"),
        "reply.late": say("reply: too late, still noted"),
        "reply.checked": say("reply: the number is checked"),
        "reply.wrong_person": say("reply: wrong person"),
        "reply.ask_check": say("reply: warning or check of the number?"),
        "reply.nothing_asked": say("reply: nothing was asked"),
    }.get(name, name)


def channel_word(channel: str | None) -> str:
    """How it goes out; what has no channel is a text."""
    return say("Call") if channel == "voice" else say("Text")


def language_word(language: str) -> str:
    """The language of a wording, in itself."""
    return "中文" if language == CHINESE else "English"


def wording_title(file: WordingFile) -> str:
    """`山洪 · 红 · 短信`."""
    colour = (colour_word(file.colour),) if file.colour else ()
    return " · ".join((purpose_word(file.name), *colour, channel_word(file.channel)))
