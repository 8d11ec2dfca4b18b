"""The four colours of Chinese warnings (CMA order no. 16: 蓝 IV, 黄 III, 橙 II, 红 I)."""

from enum import StrEnum


class Colour(StrEnum):
    """Ordered from blue, the least, to red."""

    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"

    @property
    def rank(self) -> int:
        """1 for blue to 4 for red."""
        return _RANKS[self]


_RANKS = {colour: rank for rank, colour in enumerate(Colour, start=1)}
