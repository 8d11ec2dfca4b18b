"""What numbers have borne of late, and when they can be called again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from jiaoying.dispatch.budget import Need, Usage
from jiaoying.dispatch.store.usage import borne_by
from jiaoying.gateways.base import Channel, Gateway
from jiaoying.storage.database import Tx

_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class NumberUse:
    """Calls and texts of the last 24 hours through one gateway; `calls_again_at` while it bears no more."""

    calls: int
    texts: int
    calls_again_at: datetime | None


async def use_of_numbers(
    tx: Tx, numbers: Collection[str], gateway: Gateway, now: datetime
) -> Mapping[str, NumberUse]:
    """How far the budget of each of these numbers is used up."""
    if not numbers:
        return {}
    budgets = {gateway.name: gateway.limits.number_budget}
    usage = (await borne_by(tx, numbers, budgets, now)).usage
    return {number: _use_of(usage, gateway.name, number, now) for number in numbers}


def _use_of(usage: Usage, gateway: str, number: str, now: datetime) -> NumberUse:
    def of_day(channel: Channel) -> int:
        return sum(at > now - _DAY for at in usage.used.get((gateway, channel, number), {}).values())

    again = usage.room([gateway], Channel.VOICE, number, Need.CALL, now).at
    return NumberUse(of_day(Channel.VOICE), of_day(Channel.SMS), again if again > now else None)
