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
        "sign_on": say("officers are asked to sign on"),
        "roll_call": say("roll call of duty desks"),
        "daily": say("daily report is asked for"),
        "report": say("the time of an incident report runs out"),
        "routine": say("a periodic duty is due"),
        "letter": say("risk reminder letter"),
        "letter_body": say("risk reminder letter: its paragraphs"),
        "letter_withdrawn": say("risk reminder letter withdrawn"),
        "number_check": say("check of a number"),
        "correction": say("correction of what was sent"),
        "task": say("orders to somebody without another duty"),
        "door": say("somebody is asked to knock at a door"),
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
        "reply.ask_total": say("reply: how many are moved in all?"),
        "reply.ask_feedback": say("reply: the report is overdue"),
        "reply.cannot_after_all": say("reply: cannot come after all"),
        "reply.door_taken": say("reply: going to the door"),
        "reply.door_done": say("reply: woken at the door"),
        "reply.door_failed": say("reply: nobody at the door"),
        "reply.door_which": say("reply: which door is meant?"),
        "reply.door_off": say("reply: the door need not be knocked at any more"),
        "reply.door_ask": say("reply: what was found at the door?"),
        "reply.task_taken": say("reply: order taken"),
        "reply.task_noted": say("reply: report on an order noted"),
        "reply.task_which": say("reply: which order is meant?"),
        "reply.task_late": say("reply: the report on an order is overdue"),
        "reply.task_lifted": say("reply: order lifted"),
        "reply.task_over": say("reply: warning and orders are over"),
        "reply.daily_filed": say("reply: daily report filed"),
        "reply.daily_words": say("reply: daily report in words"),
        "reply.daily_received": say("reply: the daily report is still owed"),
        "reply.daily_which": say("reply: which desk is the daily report of?"),
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
        "issuer": say("who issued the warning"),
        "area": say("where the warning is for"),
        "issued": say("when the warning was issued"),
        "valid": say("from when until when the warning is in force"),
        "instruction": say("what the issuer says is to be done"),
        "risk": say("what risk the writer of the letter sees"),
        "requests": say("what the writer of the letter asks for"),
        "confirm": say("within what time the letter is to be confirmed"),
        "units": say("to whom the letter goes"),
        "figures": say("what was reported, in words"),
        "count": say("how many warnings it names"),
        "others": say("the further warnings, with reference"),
        "errands": say("whom to wake at the door"),
        "link": say("the page to answer on, where links are sent"),
        "correction": say("what is right"),
        "wrong_fact": say("what was wrong: place, time, colour or action"),
        "stage": say("the report that is asked for"),
        "names": say("names of people: whose number it is, whose door is meant"),
        "first_name": say("the first of these names"),
        "tasks": say("the orders"),
        "how": say("how to report on the orders"),
        "restored": say("whether something is to be taken up again, to be asked with if"),
    }
    return {name: known[name] for name in names}
