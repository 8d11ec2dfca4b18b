"""How a call was heard, as far as the carrier's reports say, in whatever order they come. Pure.

A call that was put through proves nothing: an answering machine, a call assistant and a sleeper who cuts it
off are "completed" too. What the carrier can show is that the whole message was played and no key came, for
how long somebody was connected, and whether it takes them for a human.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from jiaoying.gateways.base import PickedUp, Report, ReportState


class CallEnding(StrEnum):
    """How a call that was put through ended without a key."""

    HEARD = "heard"  # 听完未按键
    MACHINE = "machine"  # an answering machine, a call assistant, a fax, or nobody can say what
    CUT_OFF = "cut_off"  # hung up before the message was over


@dataclass(frozen=True, slots=True)
class CallHeard:
    """What is known of one call, or what one report adds to it."""

    whole_at: datetime | None = None
    seconds: int | None = None
    picked_up_by: PickedUp | None = None

    @property
    def by_human(self) -> bool:
        """Heard to its end by somebody whom the carrier takes for a human."""
        return self.whole_at is not None and self.picked_up_by is PickedUp.HUMAN

    @property
    def ending(self) -> CallEnding | None:
        """None while nothing is known of its end."""
        if self.picked_up_by not in (None, PickedUp.HUMAN):
            return CallEnding.MACHINE
        if self.whole_at is not None:
            return CallEnding.HEARD
        return None if self.seconds is None else CallEnding.CUT_OFF


NOTHING_HEARD = CallHeard()


def heard_in(reports: Iterable[tuple[UUID, Report, datetime]]) -> Mapping[UUID, CallHeard]:
    """What reports, each with its attempt and its moment, say together of the calls they speak of."""
    found: dict[UUID, CallHeard] = {}
    for attempt_id, report, at in reports:
        said = _said_by(report, at)
        if said != NOTHING_HEARD:
            found[attempt_id] = together(found.get(attempt_id, NOTHING_HEARD), said)
    return found


def together(known: CallHeard, more: CallHeard) -> CallHeard:
    """Both: what was known first stands."""
    return CallHeard(
        known.whole_at or more.whole_at,
        more.seconds if known.seconds is None else known.seconds,
        known.picked_up_by or more.picked_up_by,
    )


def _said_by(report: Report, at: datetime) -> CallHeard:
    ended = report.state is ReportState.DELIVERED
    return CallHeard(
        at if report.heard_whole else None, report.seconds if ended else None, report.picked_up_by
    )
