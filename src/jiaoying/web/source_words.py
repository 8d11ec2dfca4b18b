"""What sources of warnings, and what they send, are called on the pages."""

from jiaoying.kernel.language import say
from jiaoying.ledger.words import colour_words


def source_kind_word(kind: str) -> str:
    """How warnings reach us from a source."""
    return {
        "push": say("a program pushes"),
        "poll": say("a feed is asked"),
        "folder": say("a folder is watched"),
        "hand": say("entered by hand"),
    }.get(kind, kind)


def source_state_word(state: str) -> str:
    """How a source stands."""
    return {
        "off": say("not in use"),
        "unheard": say("nothing heard yet"),
        "well": say("well"),
        "failing": say("cannot be reached"),
        "refused": say("sends what cannot be read"),
        "silent": say("has fallen silent"),
        "lost": say("warnings could not be fetched"),
    }.get(state, state)


def source_state_sign(state: str) -> str:
    """A sign beside the word, so that colour alone tells nothing."""
    return {"off": "○", "unheard": "…", "well": "✓"}.get(state, "⚠")


def credential_kind_word(kind: str) -> str:
    """Where a feed wants to see our secret."""
    return {
        "header": say("in a header"),
        "query": say("in the address"),
        "basic": say("as user and password"),
    }.get(kind, kind)


def proof_word(proof: str) -> str:
    """How a program that pushes proves who it is."""
    return {
        "token": say("a token"),
        "signature": say("a signature"),
        "both": say("a token and a signature"),
    }.get(proof, proof)


def hold_word(colour: str) -> str:
    """The colour whose warnings wait for the officer."""
    return say("without a colour") if colour == "none" else colour_words(colour)


def fate_word(disposition: str) -> str:
    """What became of a message that came in."""
    return {
        "accepted": say("taken in"),
        "duplicate": say("was here before"),
        "updated": say("changes a warning"),
        "cancelled": say("ends a warning"),
        "held": say("held for approval"),
        "ignored": say("set aside"),
        "rejected": say("refused"),
    }.get(disposition, disposition)
