"""What counts as an answer, in words: by what means, how good a proof it is, how a call was heard."""

from jiaoying.dispatch.board import CallMade
from jiaoying.dispatch.call_endings import CallEnding
from jiaoying.kernel.language import say


def how_word(how: str | None) -> str:
    """By what means somebody answered."""
    return {
        "text": say("by text"),
        "key": say("by key press"),
        "hand": say("by a call from the desk"),
        "link": say("by the link"),
        "door": say("woken at the door"),
        "radio": say("by radio"),
        "gong": say("by a gong"),
        "loudspeaker": say("by the loudspeakers"),
        "group_chat": say("in a group chat"),
    }.get(how or "", how or "")


def grade_word(grade: str | None) -> str:
    """How good the proof is that somebody knows."""
    return {
        "own_word": say("their own word"),
        "witnessed": say("witnessed"),
        "broadcast": say("broadcast: no answer"),
    }.get(grade or "", grade or "")


def call_made_words(call: CallMade | None) -> str:
    """How a call was heard that got no key: 听完未按键; 第4秒挂断，全文约20秒."""
    if call is None:
        return ""
    seconds = call.seconds or 0
    if call.ending is CallEnding.HEARD:
        return say("heard to its end, no key pressed")
    if call.ending is CallEnding.MACHINE:
        who = machine_word(call.picked_up_by)
        return say("{who} picked up, {seconds} s", who=who, seconds=seconds) if seconds else who
    if seconds < call.message_s:
        return say("hung up after {seconds} s of about {whole} s", seconds=seconds, whole=call.message_s)
    return say("listened for {seconds} s, no key pressed", seconds=seconds)


def machine_word(picked_up_by: str | None) -> str:
    """What took a call, as far as the carrier can tell."""
    return {
        "human": say("a person"),
        "machine": say("an answering machine"),
        "fax": say("a fax machine"),
        "unknown": say("perhaps a call assistant"),
    }.get(picked_up_by or "", picked_up_by or "")


def seconds_word(seconds: str) -> str:
    """How long a call was connected."""
    return say("{seconds} s", seconds=seconds)
