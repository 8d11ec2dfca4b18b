"""Words of what an officer does to calls under way, and of drills, in the reader's language."""

from jiaoying.kernel.language import say


def wrong_fact_word(fact: str) -> str:
    """What a correction puts right."""
    return {
        "place": say("the place"),
        "time": say("the time"),
        "colour": say("the colour"),
        "action": say("what to do"),
    }.get(fact, say("something else"))
