"""How long a warning waits for the officer before it calls anybody, and what ends the wait. Pure.

Three things hold a warning: its source's policy for the colour, questions that its text leaves open, and
a rule that wants a second person. A policy's wait ends by its clock: red and orange then start by
themselves, since silence must not stop them; anything milder, and whatever still lacks an answer or a
second person, has the leader on duty called and stays held.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shapely import union_all

from jiaoying.kernel.areas import covers
from jiaoying.kernel.colours import Colour
from jiaoying.warnings.home import shapes_of
from jiaoying.warnings.model import Circle, IssuedWarning, Kind

ENDING = (Kind.CANCEL, Kind.ALL_CLEAR)
STARTS_BY_ITSELF = (Colour.ORANGE, Colour.RED)
# Until the leader is called for a second person or an open question: time for whoever sits beside.
DECISION_WAIT_S = 120
# From one call of the leader to the next, while nothing is decided: nobody answered, or somebody did.
ASK_AGAIN_S = 900
REMIND_S = 1800
# By hand, so many people are one person's to call.
MOST_BY_ONE_PERSON = 1000
# How many times the largest warning by hand so far one person may call.
GROWTH_BY_ONE_PERSON = 2
# A drill on real telephones is for those who are told of it beforehand: a township or some, not a county.
MOST_ON_REAL_PHONES = 500
# Degrees, some hundred metres: two drawings of one outline differ by as much.
_SAME_OUTLINE = 0.001


class HoldReason(StrEnum):
    """Why a warning is held."""

    POLICY = "policy"
    QUESTIONS = "questions"
    SECOND_PERSON = "second_person"
    BROKE = "broke"  # the program could not match it
    POSSIBLE_DUPLICATE = "possible_duplicate"  # another source may have sent the same already


class Leader(StrEnum):
    """How it stands with the leader on duty, who was asked to decide."""

    NOT_ASKED = "not_asked"
    RINGING = "ringing"
    ANSWERED = "answered"
    SILENT = "silent"


class SecondPerson(StrEnum):
    """Which rule wants a second person."""

    MANY_PEOPLE = "many_people"
    LARGER_THAN_BEFORE = "larger_than_before"
    COLOUR = "colour"
    REAL_PHONES = "real_phones"  # a drill that rings real telephones


@dataclass(frozen=True, slots=True)
class HoldPolicy:
    """Of one source: seconds for each colour (`red` …, `none` for a warning without one).

    A colour that is not named starts at once, which is the default for a source that has proved who it is.
    """

    hold_s: Mapping[str, int] = field(default_factory=dict[str, int])

    def wait_s(self, colour: Colour | None) -> int:
        """Seconds for this colour; what is unknown waits like yellow unless `none` says otherwise."""
        if colour is not None:
            return self.hold_s.get(colour, 0)
        return self.hold_s.get("none", self.hold_s.get(Colour.YELLOW, 0))


START_AT_ONCE = HoldPolicy()


@dataclass(frozen=True, slots=True)
class Hold:
    """A warning waits, and until when; what happens then is `next_move`'s to say."""

    reason: HoldReason
    until: datetime


@dataclass(frozen=True, slots=True)
class Running:
    """A warning whose people are being called, or will be in a moment, and that a new one changes."""

    colour: Colour | None
    area_codes: tuple[str, ...]
    polygons: tuple[tuple[tuple[float, float], ...], ...]
    circles: tuple[Circle, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held warning that a new one takes the place of."""

    colour: Colour | None
    until: datetime


def hold_on_arrival(
    issued: IssuedWarning,
    *,
    policy: HoldPolicy,
    has_questions: bool,
    second_person: bool,
    running: Running | None,
    waiting: Waiting | None,
    now: datetime,
) -> Hold | None:
    """The hold of a warning that has just come in, or None where it may start.

    What ends a warning is never held. What changes a running one is held only where it is graver or
    reaches further: holding back the rest would leave people with the older word.
    """
    if issued.kind in ENDING:
        return None
    if second_person:
        return Hold(HoldReason.SECOND_PERSON, _clock(issued, DECISION_WAIT_S, now))
    if has_questions:
        return Hold(HoldReason.QUESTIONS, _clock(issued, DECISION_WAIT_S, now))
    if running is not None and not _is_more(issued, running):
        return None
    wait_s = policy.wait_s(issued.colour)
    if wait_s <= 0:
        return None
    until = _clock(issued, wait_s, now)
    # A message that repeats itself must not push its own clock before it for ever.
    if waiting is not None and rank_of(issued.colour) <= rank_of(waiting.colour):
        until = min(until, waiting.until)
    return Hold(HoldReason.POLICY, until)


def rank_of(colour: Colour | None) -> int:
    """1 for blue to 4 for red; what is unknown counts as yellow."""
    return (colour or Colour.YELLOW).rank


def _clock(issued: IssuedWarning, wait_s: int, now: datetime) -> datetime:
    """A wait never takes more than half of the time that the warning is good for."""
    return now + min(timedelta(seconds=wait_s), max(issued.valid_to - now, timedelta()) / 2)


def _is_more(issued: IssuedWarning, running: Running) -> bool:
    return rank_of(issued.colour) > rank_of(running.colour) or is_wider(issued, running)


def is_wider(issued: IssuedWarning, running: Running) -> bool:
    """Whether it reaches places that the warning before did not; codes decide where it has any."""
    if issued.area_codes:
        return any(not any(covers(known, code) for known in running.area_codes) for code in issued.area_codes)
    shapes = shapes_of(issued)
    if not shapes:
        return False
    known = shapes_of(replace(issued, polygons=running.polygons, circles=running.circles))
    return not (known and union_all(known).buffer(_SAME_OUTLINE).covers(union_all(shapes)))


# --- what ends the wait ---


@dataclass(frozen=True, slots=True)
class Held:
    """A held warning as the decision sees it. `asked_at` is when the leader was called last."""

    reason: HoldReason
    colour: Colour | None
    until: datetime
    superseded: bool  # a newer version has come in
    leader: Leader = Leader.NOT_ASKED
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeepHolding:
    """Nothing happens before `until`."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Start:
    """It begins to call, by itself."""

    reason: str


@dataclass(frozen=True, slots=True)
class CallLeader:
    """The leader on duty is called for a decision; it stays held."""

    reason: str


@dataclass(frozen=True, slots=True)
class GiveWay:
    """A newer version stands in its place."""

    reason: str


Move = KeepHolding | Start | CallLeader | GiveWay


def next_move(held: Held, now: datetime) -> Move:
    """What becomes of a held warning at `now`. Starting and vetoing by hand are not its business: they
    move the row out of *held*, and what is not held is never asked about."""
    if held.superseded:
        return GiveWay("replaced")
    if now < held.until:
        return KeepHolding(held.until, "clock_runs")
    if starts_by_itself(held.reason, held.colour):
        return Start("clock")
    return _ask_leader(held, now)


def starts_by_itself(reason: HoldReason, colour: Colour | None) -> bool:
    """Whether silence starts it: a policy's hold of red or orange, and nothing else."""
    return reason is HoldReason.POLICY and colour in STARTS_BY_ITSELF


def _ask_leader(held: Held, now: datetime) -> Move:
    if held.leader is Leader.NOT_ASKED or held.asked_at is None:
        return CallLeader("clock")
    wait_s = REMIND_S if held.leader is Leader.ANSWERED else ASK_AGAIN_S
    again = held.asked_at + timedelta(seconds=wait_s)
    if now < again:
        return KeepHolding(again, f"leader_{held.leader}")
    if held.leader is Leader.RINGING:
        return KeepHolding(now + timedelta(seconds=DECISION_WAIT_S), "leader_ringing")
    return CallLeader(f"leader_{held.leader}")


def second_person_needed(
    *,
    kind: Kind,
    people: int,
    largest: int | None,
    colour: Colour | None,
    two_persons_for: Collection[Colour],
    real_phones: bool = False,
) -> SecondPerson | None:
    """Which rule wants a second person for a warning by hand that calls `people`; None where one may.

    `largest` is the largest warning by hand that was ever started, None before the first. Standing
    somebody down takes one person: it wakes nobody.
    """
    if kind in ENDING:
        return None
    if real_phones:
        return SecondPerson.REAL_PHONES
    if people > MOST_BY_ONE_PERSON:
        return SecondPerson.MANY_PEOPLE
    if largest is not None and people > GROWTH_BY_ONE_PERSON * largest:
        return SecondPerson.LARGER_THAN_BEFORE
    return SecondPerson.COLOUR if colour in two_persons_for else None


def open_questions(count: int, settled: Sequence[int]) -> list[int]:
    """The questions, by their place, that nobody has settled."""
    return [index for index in range(count) if index not in set(settled)]
