"""When the rungs of a ladder begin, as long as nobody answers and no line is short. Pure."""

from collections.abc import Iterator

from jiaoying.dispatch.ladders.model import Ladder


def rung_begins(ladder: Ladder) -> Iterator[int]:
    """Seconds from the match to the beginning of each rung; a stepped ladder at its longest wait."""
    begins = ladder.after.wait_s if ladder.after else 0
    for rung in ladder.rungs:
        yield begins
        begins += rung.wait_s


def last_rung_begins_s(ladder: Ladder) -> int:
    """Seconds from the match to the beginning of the last rung."""
    return list(rung_begins(ladder))[-1]
