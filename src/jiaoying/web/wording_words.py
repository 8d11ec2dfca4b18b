"""What each wording is for, in the reader's language."""

from collections.abc import Iterable

from jiaoying.kernel.language import CHINESE, say
from jiaoying.templates.files import DEFAULT, HAZARDS, SMS, WordingFile
from jiaoying.web.words import channel_words, colour_words, hazard_name


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


def language_word(language: str) -> str:
    """The language of a wording, in itself."""
    return "中文" if language == CHINESE else "English"


def wording_title(file: WordingFile) -> str:
    """`山洪 · 红 · 短信`."""
    colour = (colour_words(file.colour),) if file.colour else ()
    return " · ".join((purpose_word(file.name), *colour, channel_words(file.channel or SMS)))


def meanings(names: Iterable[str]) -> dict[str, str]:
    """What each name in braces stands for, in the order given."""
    known = {
        "desk": say("who calls: the duty desk"),
        "reference": say("the reference that an answer may name"),
        "title": say("the warning with its colour"),
        "colour": say("blue, yellow, orange or red, to be asked with if"),
        "grave": say("whether it is orange or red, to be asked with if"),
        "place": say("the place that the person answers for"),
        "roles": say("place and post that the person answers for"),
        "until": say("when the warning ends"),
        "text": say("the issuer's own words, cut to fit"),
        "exercise": say("whether it is a drill, to be asked with if"),
        "warning": say("reference and name of the warning that was answered"),
        "references": say("the references that still wait"),
        "first": say("the first of these references"),
        "figures": say("what was reported, in words"),
        "names": say("whose number it is"),
    }
    return {name: known[name] for name in names}
