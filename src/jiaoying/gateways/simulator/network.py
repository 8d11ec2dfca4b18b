"""What texts and calls share: the clock's heap, the records, the rules of the town, the reports."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache, partial

from jiaoying.gateways.simulator.faults import FaultKind, Faults
from jiaoying.gateways.simulator.habits import Habit
from jiaoying.gateways.simulator.records import Phone, Records
from jiaoying.gateways.simulator.scheduler import Scheduler
from jiaoying.gateways.simulator.town import Town
from jiaoying.gateways.simulator.webhooks import Post, WebhookPool
from jiaoying.kernel.clock import Clock

API_VERSION = "2010-04-01"
WEBHOOK_FAILED, DOCUMENT_INVALID, TYPE_INVALID, NO_WEBHOOK = 11200, 12100, 12300, 21606


@dataclass(slots=True)
class Webhooks:
    """Where an incoming text and an incoming call are told; empty for nowhere."""

    message_url: str = ""
    voice_url: str = ""


@dataclass(slots=True)
class Network:
    """The carrier's own state."""

    clock: Clock
    scheduler: Scheduler
    pool: WebhookPool
    records: Records
    faults: Faults
    town: Town
    webhooks: Webhooks
    account_sid: str
    from_numbers: Sequence[str]

    def habit_of(self, phone: Phone) -> Habit:
        """The habit of a telephone: its own, or the town's."""
        if phone.habit is not None or not self.town.mixed:
            return self.town.habit_of(phone.number, phone.habit)
        if phone.drawn is None:
            phone.drawn = self.town.habit_of(phone.number, None)
        return phone.drawn

    def our_number_for(self, phone: Phone) -> str:
        """The number of ours that a person would answer: the one they last heard from."""
        return phone.last.ours if phone.last is not None else self.from_numbers[0]

    def report(self, channel: str, post: Post) -> None:
        """Send a report, with the trouble that has been ordered for reports."""
        fault = self.faults.on_callback(channel)
        if fault is None:
            self.pool.submit(post)
        elif fault.kind is FaultKind.REORDER_CALLBACKS:
            self.scheduler.after(post.moment, fault.seconds, partial(self._send_late, post))
        else:
            self.pool.submit(post)
            self._repeat(post, fault.seconds)

    def _repeat(self, post: Post, seconds: float) -> None:
        if seconds > 0:
            self.scheduler.after(post.moment, seconds, partial(self._send_late, post))
        else:
            self.pool.submit(post, beside=1)

    def _send_late(self, post: Post, moment: datetime) -> None:
        self.pool.submit(replace(post, moment=moment))


@lru_cache(maxsize=1024)
def _mail_date(moment: datetime) -> str:
    return format_datetime(moment)


def mail_date(moment: datetime) -> str:
    """RFC 2822, as in every date of this API: `Wed, 15 Jul 2026 16:30:00 +0000`."""
    return _mail_date(moment.astimezone(UTC).replace(microsecond=0))
