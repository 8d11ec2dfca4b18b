"""What is different between two versions of the ladders, line by line. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from jiaoying.dispatch.ladders.describing import lines_of
from jiaoying.dispatch.ladders.model import LadderBook


@dataclass(frozen=True, slots=True)
class ChangedLine:
    """A line that one version has and the other has not."""

    turn: Literal["added", "removed"]
    text: str


def difference(before: LadderBook, after: LadderBook) -> list[ChangedLine]:
    """Lines that went and lines that came, in the order of the file; empty where both say the same."""
    old, new = lines_of(before), lines_of(after)
    return list(_changes(old, new))


def _changes(old: list[str], new: list[str]) -> Iterator[ChangedLine]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            yield from (ChangedLine("removed", line) for line in old[i1:i2])
            yield from (ChangedLine("added", line) for line in new[j1:j2])
