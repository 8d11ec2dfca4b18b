"""How long a warning waits for the officer before it calls anybody. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HoldPolicy:
    """Of one source: seconds for each colour (`red` …, `none` for a warning without one).

    A colour that is not named starts at once, which is the default for a source that has proved who it is.
    """

    hold_s: Mapping[str, int] = field(default_factory=dict[str, int])


START_AT_ONCE = HoldPolicy()
