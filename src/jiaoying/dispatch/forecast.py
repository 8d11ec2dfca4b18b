"""How long it takes with today's lines: the queue played through beforehand. Pure.

Counties reckon people x 45 s / lines. That leaves out that offices wait for villages, that warnings share
lines, that a carrier begins only so many calls a second, and that whoever does not answer is rung again.
So the queue is played: the order of the lanes (store/lanes.py), a line for each call, and lengths as the
last calls of this gateway had them. Nothing is drawn by chance: outcomes come in their shares.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from heapq import heapify, heappop, heappush
from itertools import count
from math import ceil
from uuid import UUID

# A queue of more is played in steps of several calls each: a page must not wait for a province.
MOST_STEPS = 3000
# One second's worth may begin at once, and never less than this (stages/send.py).
LEAST_BURST = 10.0
# A lane binds where the first pass would be shorter by a tenth without it.
BINDS_FROM = 0.9
CURVE_POINTS = 30


class Binding(StrEnum):
    """What the first pass waits for."""

    LINES = "lines"
    CALLS_PER_S = "calls_per_s"
    PARTS_PER_S = "parts_per_s"
    NONE = "none"  # as long as one call takes


@dataclass(frozen=True, slots=True)
class Ending:
    """One way in which calls end: how many of them (share of one), how long the line is held, and whether
    the person is rung again."""

    share: float
    seconds: float
    again: bool


@dataclass(frozen=True, slots=True)
class Pace:
    """How calls go: the first ring of a person, and later ones, whom the first did not wake.

    `measured` is of how many calls that is known; 0 where it is assumed.
    """

    first: tuple[Ending, ...]
    later: tuple[Ending, ...]
    measured: int = 0

    @property
    def call_s(self) -> float:
        """A first ring on the average, in seconds."""
        return sum(ending.share * ending.seconds for ending in self.first)


# Used until enough calls were made through a gateway. Lengths: ten seconds of ringing, a message of 20 s that
# is heard to its end (as 勉县 has it) and a key; 45 s of ringing and the carrier's five more; message and
# menu read twice to somebody, or a machine, that presses nothing; a network that refuses at once (busy, off).
# Shares are our own choice, nobody has published any: two of three answer the first ring, some of the
# others answer by text before the second, and one in four is rung again.
ASSUMED = Pace(
    first=(
        Ending(0.65, 35.0, again=False),
        Ending(0.08, 50.0, again=False),
        Ending(0.13, 50.0, again=True),
        Ending(0.04, 80.0, again=True),
        Ending(0.10, 5.0, again=True),
    ),
    later=(
        Ending(0.25, 35.0, again=False),
        Ending(0.15, 50.0, again=False),
        Ending(0.30, 50.0, again=True),
        Ending(0.05, 80.0, again=True),
        Ending(0.25, 5.0, again=True),
    ),
)
# A text holds no line, and is repeated where it is all that a ladder asks for.
TEXTED = Pace(first=(Ending(1.0, 0.0, again=True),), later=(Ending(1.0, 0.0, again=True),))


@dataclass(frozen=True, slots=True)
class Lane:
    """What one channel of a gateway takes: hand-overs at once and a second; 0 is unlimited."""

    at_once: int
    per_s: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """People of one warning who wait alike. `size` is what one costs of the lane's rate: a call 1, a text its
    parts. `more` rounds follow, `gap_s` after each, while there is no answer. `ready_s` from now."""

    warning: UUID | None
    priority: int
    people: int
    round: int = 1
    size: float = 1.0
    more: int = 0
    gap_s: float = 0.0
    ready_s: float = 0.0
    under_way: bool = False  # ringing now


@dataclass(slots=True)
class Course:
    """What becomes of one warning in a lane, in seconds from now."""

    first_pass_s: float = 0.0
    all_rounds_s: float = 0.0
    handed_over: float = 0.0
    first_ends: list[tuple[float, float]] = field(default_factory=list[tuple[float, float]])


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is expected of one warning, in seconds from now. The first pass is over when everybody has been
    rung once, and each text is with the carrier. `curve` is (seconds, people not yet rung once)."""

    people: int
    calls: int
    parts: int
    first_pass_s: float
    all_rounds_s: float
    binding: Binding
    curve: tuple[tuple[float, int], ...]


def forecast(
    warning: UUID | None,
    calls: Sequence[Waiting],
    texts: Sequence[Waiting],
    voice: Lane,
    sms: Lane,
    pace: Pace,
) -> Forecast:
    """What is expected of `warning` beside all others that wait in the same lanes."""
    rung = play(calls, voice, pace).get(warning, Course())
    texted = play(texts, sms, TEXTED).get(warning, Course())
    return Forecast(
        people=max(_people(calls, warning), _people(texts, warning)),
        calls=round(rung.handed_over),
        parts=round(sum(group.people * group.size for group in texts if group.warning == warning)),
        first_pass_s=max(rung.first_pass_s, texted.first_pass_s),
        all_rounds_s=max(rung.all_rounds_s, texted.all_rounds_s),
        binding=_binding(warning, calls, voice, pace, rung.first_pass_s, texted.first_pass_s),
        curve=_curve(rung.first_ends, texted.first_ends),
    )


def lines_needed(
    warning: UUID | None, calls: Sequence[Waiting], voice: Lane, pace: Pace, within_s: float
) -> int | None:
    """With how many lines the first pass ends in time; None where no number of lines is enough."""
    once = [replace(group, more=0) for group in calls]

    def is_enough(lines: int) -> bool:
        course = play(once, replace(voice, at_once=lines), pace).get(warning, Course())
        return course.first_pass_s <= within_s

    too_few, enough = 0, max(1, sum(group.people for group in once))
    if not is_enough(enough):
        return None
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if is_enough(middle) else (middle, enough)
    return enough


@dataclass(frozen=True, slots=True, order=True)
class _Step:
    """One hand-over, or several of the same kind; in the order in which lanes give them."""

    priority: int
    round: int
    turn: int
    number: int
    group: Waiting = field(compare=False)
    weight: float = field(compare=False)
    more: int = field(compare=False)


def play(waiting: Sequence[Waiting], lane: Lane, pace: Pace) -> Mapping[UUID | None, Course]:
    """Play a lane to its end; returns what becomes of each warning."""
    per_step = max(1, ceil(sum(group.people for group in waiting) / MOST_STEPS))
    steps = _steps(waiting, per_step)
    if not steps:
        return {}
    lines = max(1, round(lane.at_once / per_step)) if lane.at_once else len(steps)
    # Where a step stands for several calls, a line stands for several lines.
    stretch = lines / lane.at_once if lane.at_once else 1.0
    free = [0.0] * lines
    queue = [step for step in steps if not step.group.ready_s]
    later = [(step.group.ready_s, step) for step in steps if step.group.ready_s]
    heapify(queue)
    heapify(later)
    numbers = count(len(steps))
    mixes = {True: _Mix(pace.first), False: _Mix(pace.later)}
    pacing = _Pacing(lane.per_s)
    courses: defaultdict[UUID | None, Course] = defaultdict(Course)
    while queue or later:
        at = free[0] if queue else max(free[0], later[0][0])
        while later and later[0][0] <= at:
            heappush(queue, heappop(later)[1])
        step = heappop(queue)
        ending = mixes[step.round <= 1].take()
        seconds = ending.seconds * (step.weight * stretch if lane.at_once else 1.0)
        begins = at if step.group.under_way else pacing.begin(at, step.group.size * step.weight)
        ends = begins + (seconds / 2 if step.group.under_way else seconds)
        heappop(free)
        heappush(free, ends)
        _note(courses[step.group.warning], step, ends)
        if ending.again and step.more:
            heappush(later, (ends + step.group.gap_s, _next_round(step, next(numbers))))
    return courses


def _steps(waiting: Sequence[Waiting], per_step: int) -> list[_Step]:
    """Everybody who waits, in turn between warnings as store/turns.py has it."""
    turns: defaultdict[tuple[UUID | None, int, int], count[int]] = defaultdict(count)
    numbers = count()
    steps: list[_Step] = []
    for group in waiting:
        many = ceil(group.people / per_step)
        turn = turns[group.warning, group.priority, group.round]
        # Who is rung already holds a line before anybody else.
        priority = -1 if group.under_way else group.priority
        steps += [
            _Step(priority, group.round, next(turn), next(numbers), group, group.people / many, group.more)
            for _ in range(many)
        ]
    return steps


def _next_round(step: _Step, number: int) -> _Step:
    group = replace(step.group, under_way=False)
    return _Step(group.priority, step.round + 1, number, number, group, step.weight, step.more - 1)


def _note(course: Course, step: _Step, ends: float) -> None:
    course.all_rounds_s = max(course.all_rounds_s, ends)
    course.handed_over += step.weight
    if step.round <= 1:
        course.first_pass_s = max(course.first_pass_s, ends)
        course.first_ends.append((ends, step.weight))


@dataclass(slots=True)
class _Pacing:
    """A token bucket by its theoretical arrival time (GCRA)."""

    per_s: float
    _due: float = 0.0

    def begin(self, at: float, size: float) -> float:
        """When something of this size may begin, if it comes at `at`."""
        if not self.per_s:
            return at
        spare_s = max(self.per_s, LEAST_BURST) / self.per_s
        begins = max(at, self._due + size / self.per_s - spare_s)
        self._due = max(self._due, begins) + size / self.per_s
        return begins


class _Mix:
    """Endings one after the other, so that each has its share of any stretch."""

    def __init__(self, endings: Sequence[Ending]) -> None:
        self._owed = [0.0] * len(endings)
        self._endings = endings

    def take(self) -> Ending:
        """The ending that is most behind its share."""
        for place, ending in enumerate(self._endings):
            self._owed[place] += ending.share
        behind = max(range(len(self._owed)), key=self._owed.__getitem__)
        self._owed[behind] -= 1.0
        return self._endings[behind]


def _binding(
    warning: UUID | None,
    calls: Sequence[Waiting],
    voice: Lane,
    pace: Pace,
    voice_s: float,
    sms_s: float,
) -> Binding:
    if sms_s > voice_s:
        return Binding.PARTS_PER_S
    for binding, freed in (
        (Binding.LINES, replace(voice, at_once=0)),
        (Binding.CALLS_PER_S, replace(voice, per_s=0.0)),
    ):
        course = play(calls, freed, pace).get(warning, Course())
        if course.first_pass_s < voice_s * BINDS_FROM:
            return binding
    return Binding.NONE


def _people(waiting: Iterable[Waiting], warning: UUID | None) -> int:
    return sum(group.people for group in waiting if group.warning == warning)


def _curve(*lanes: Sequence[tuple[float, float]]) -> tuple[tuple[float, int], ...]:
    """How many are left at some moments, from all to none, in the lane where more are left."""
    last = max((ends for lane in lanes for ends, _ in lane), default=None)
    if last is None:
        return ()
    moments = [last * point / CURVE_POINTS for point in range(CURVE_POINTS)]
    left = [
        max(sum(weight for ends, weight in lane if ends > moment) for lane in lanes) for moment in moments
    ]
    return (*zip(moments, map(round, left), strict=True), (last, 0))
