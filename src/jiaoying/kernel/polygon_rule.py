"""When a warned polygon counts for a village whose outline is known: `touch`, `share:0.3` or `seat`."""

from dataclasses import dataclass
from enum import StrEnum


class RuleKind(StrEnum):
    """What must lie under the warning."""

    TOUCH = "touch"  # any ground
    SHARE = "share"  # at least a share of its ground
    SEAT = "seat"  # the place where its people live


@dataclass(frozen=True, slots=True)
class PolygonRule:
    """A rule; `share` (above 0, up to 1) only counts for RuleKind.SHARE."""

    kind: RuleKind = RuleKind.TOUCH
    share: float = 0.0

    def __str__(self) -> str:
        return f"{self.kind}:{self.share:g}" if self.kind is RuleKind.SHARE else str(self.kind)


TOUCH = PolygonRule()


def parse_rule(text: str) -> PolygonRule:
    """The rule as settings write it. Raises ValueError."""
    word, _, number = text.strip().lower().partition(":")
    kind = RuleKind(word)
    if (kind is RuleKind.SHARE) is not bool(number):
        raise ValueError(text)
    share = float(number or 0)
    if kind is RuleKind.SHARE and not 0 < share <= 1:
        raise ValueError(text)
    return PolygonRule(kind, share)
