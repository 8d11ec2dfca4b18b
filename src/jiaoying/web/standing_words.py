"""How numbers, and walks to doors, stand: in words."""

from jiaoying.kernel.language import say


def standing_word(standing: str) -> str:
    """What is known of a number."""
    return {
        "works": say("works"),
        "silent": say("nobody answers"),
        "off": say("switched off or without signal"),
        "suspended": say("suspended"),
        "dead": say("dead number"),
        "wrong_person": say("somebody else has it"),
    }.get(standing, say("nothing known yet"))


def standing_remedy(standing: str) -> str:
    """What the keeper does about a number that stands so."""
    return {
        "off": say("Off several times in a row: ask the village whether they have another number."),
        "suspended": say("Ask them to pay the bill or to give another number."),
        "dead": say("Ask their village or unit for the new number and correct the roster."),
        "wrong_person": say("Do not ring it any more by hand: ask their village or unit for their number."),
    }.get(standing, "")


def door_state_word(state: str) -> str:
    """How far a walk to somebody's door is."""
    return {
        "open": say("asked to go"),
        "taken": say("on the way"),
        "done": say("woken at the door"),
        "failed": say("came to nothing"),
        "withdrawn": say("not needed any more"),
    }.get(state, state)
