"""How often something may happen for one key, in the memory of this process."""

from collections import OrderedDict, deque

_REMEMBERED_KEYS = 10_000


class Limit:
    """At most `most` times within `window_s` seconds for each key; the oldest keys are forgotten."""

    def __init__(self, most: int, window_s: float) -> None:
        self._most, self._window_s = most, window_s
        self._moments: OrderedDict[str, deque[float]] = OrderedDict()

    def is_reached(self, key: str, at: float) -> bool:
        """Whether it may not happen again now. `at` is in seconds of any clock that never jumps."""
        recent = [moment for moment in self._moments.get(key, ()) if at - moment < self._window_s]
        return len(recent) >= self._most

    def note(self, key: str, at: float) -> None:
        """It happened."""
        self._moments.setdefault(key, deque(maxlen=self._most)).append(at)
        self._moments.move_to_end(key)
        while len(self._moments) > _REMEMBERED_KEYS:
            self._moments.popitem(last=False)
