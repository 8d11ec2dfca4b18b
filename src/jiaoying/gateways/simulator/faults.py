"""Trouble on demand: what the carrier is to do wrong, to which share or number of requests."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, cast

from jiaoying.gateways.simulator.town import chance
from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.language import say

MOST_FAULTS = 100


class FaultKind(StrEnum):
    """What goes wrong."""

    TIMEOUT = "timeout"  # nothing is processed, no answer for `seconds`, then the connection is cut
    ERROR_500 = "error_500"  # nothing is processed
    THROTTLE_429 = "throttle_429"  # nothing is processed; Retry-After is `seconds`
    DROP_BEFORE_REQUEST = "drop_before_request"  # nothing is processed, connection cut
    DROP_AFTER_REQUEST = "drop_after_request"  # processed, connection cut before the answer
    ERROR_AFTER_REQUEST = "error_after_request"  # processed, answered with 500
    SLOW = "slow"  # processed, answered after `seconds`
    ACCEPT_THEN_SILENCE = "accept_then_silence"  # 201, and then nothing ever happens
    DUPLICATE_CALLBACKS = "duplicate_callbacks"  # each report twice; the second `seconds` later
    REORDER_CALLBACKS = "reorder_callbacks"  # a report is held back `seconds`, later ones overtake it


CALLBACK_KINDS = frozenset({FaultKind.DUPLICATE_CALLBACKS, FaultKind.REORDER_CALLBACKS})
REQUEST_KINDS = frozenset(FaultKind) - CALLBACK_KINDS
_USUAL_SECONDS = {
    FaultKind.TIMEOUT: 60.0,
    FaultKind.THROTTLE_429: 1.0,
    FaultKind.SLOW: 1.0,
    FaultKind.REORDER_CALLBACKS: 5.0,
}
CHANNELS = ("sms", "voice")
REQUESTS = ("create", "read", "any")


@dataclass(frozen=True, slots=True)
class Fault:
    """One order for trouble.

    `share` of the requests are hit (1 is all), at most `count` of them (None: without end). `channel`
    None is both. `requests` says whether creating, reading (lists, single records) or any request is
    hit. `seconds` are the wall's for a request that hangs and business seconds for reports.
    """

    kind: FaultKind
    share: float = 1.0
    count: int | None = None
    channel: str | None = None
    seconds: float = 0.0
    requests: str = "create"

    def concerns(self, channel: str, request: str) -> bool:
        """Whether this kind of request may be hit."""
        return self.channel in (None, channel) and self.requests in ("any", request)


class Faults:
    """The orders in force; the first that hits is the one."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._draws = 0
        self._orders: list[Fault] = []

    @property
    def orders(self) -> tuple[Fault, ...]:
        return tuple(self._orders)

    def add(self, faults: Iterable[Fault]) -> None:
        """Put more orders in force, behind the others."""
        added = list(faults)
        if len(self._orders) + len(added) > MOST_FAULTS:
            text = say("faults: at most {most} at once", most=MOST_FAULTS)
            raise Refusal(text, (Complaint("faults", "faults", text),))
        self._orders += added

    def clear(self) -> None:
        """No more trouble."""
        self._orders = []

    def on_request(self, channel: str, request: str) -> Fault | None:
        """The trouble for one request, if any; counts it."""
        return self._draw(REQUEST_KINDS, channel, request) if self._orders else None

    def on_callback(self, channel: str) -> Fault | None:
        """The trouble for one report, if any; counts it."""
        return self._draw(CALLBACK_KINDS, channel, "create") if self._orders else None

    def _draw(self, kinds: frozenset[FaultKind], channel: str, request: str) -> Fault | None:
        for place, fault in enumerate(self._orders):
            if fault.kind in kinds and fault.concerns(channel, request) and self._hits(fault):
                if fault.count is not None:
                    self._use_up(place, fault, fault.count - 1)
                return fault
        return None

    def _hits(self, fault: Fault) -> bool:
        self._draws += 1
        return fault.share >= 1 or chance(self._seed, "fault", self._draws) < fault.share

    def _use_up(self, place: int, fault: Fault, left: int) -> None:
        if left > 0:
            self._orders[place] = replace(fault, count=left)
        else:
            del self._orders[place]


def faults_from_json(value: object) -> list[Fault]:
    """Orders from a list of objects, one object, or an object with `faults`.

    Raises Refusal, naming the field and the remedy.
    """
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        value = fields.get("faults", [fields])
    if not isinstance(value, list):
        raise _refusal("faults", say("write a list of objects with kind"))
    return [_fault(item, f"faults[{place}]") for place, item in enumerate(cast("list[object]", value))]


def _fault(value: object, where: str) -> Fault:
    if not isinstance(value, dict):
        raise _refusal(where, say("write an object"))
    fields = cast("dict[str, Any]", value)
    try:
        kind = FaultKind(str(fields.get("kind")))
    except ValueError:
        raise _refusal(f"{where}.kind", say("write one of: {names}", names=", ".join(FaultKind))) from None
    count = fields.get("count")
    if count is not None and (not isinstance(count, int) or not 0 < count <= 1_000_000):
        raise _refusal(f"{where}.count", say("write a whole number from 1 to 1000000"))
    return Fault(
        kind=kind,
        share=_number(fields.get("share", 1.0), f"{where}.share", 1.0),
        count=count,
        channel=_one_of(fields.get("channel"), f"{where}.channel", CHANNELS),
        seconds=_number(fields.get("seconds", _USUAL_SECONDS.get(kind, 0.0)), f"{where}.seconds", 3600.0),
        requests=_one_of(fields.get("requests", "create"), f"{where}.requests", REQUESTS) or "create",
    )


def _number(value: object, where: str, most: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise _refusal(where, say("write a number from 0 to {most}", most=most))
    return float(value)


def _one_of(value: object, where: str, known: tuple[str, ...]) -> str | None:
    if value is not None and value not in known:
        raise _refusal(where, say("write one of: {names}", names=", ".join(known)))
    return cast("str | None", value)


def _refusal(where: str, remedy: str) -> Refusal:
    text = f"{where}: {remedy}"
    return Refusal(text, (Complaint("faults", where, text),))
