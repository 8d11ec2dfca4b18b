"""Which records a list of the API shows: filters of numbers, states and times, newest first."""

from collections.abc import Callable, Collection, Mapping, Reversible
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TypeVar

from jiaoying.gateways.simulator.answers import page_size
from jiaoying.gateways.simulator.records import Call, Message, Records

R = TypeVar("R", Message, Call)


class FilterError(ValueError):
    """A filter cannot be read; the message is its name."""


def list_messages(records: Records, query: Mapping[str, str], ours: Collection[str]) -> list[Message]:
    """Texts for `To`, `From`, `DateSent`, `DateSent<`, `DateSent>`: a page and one more.

    `ours` are the numbers of the account, which are nobody's in town. Raises FilterError.
    """
    ends = query.get("To", ""), query.get("From", "")
    number = _town_number(ends, ours)
    candidates = records.look_at(number).messages if number else records.messages.values()
    sent = _time_filter(query, "DateSent")
    return _page(candidates, query, lambda message: _has_ends(message, *ends) and sent(message.sent))


def list_calls(records: Records, query: Mapping[str, str], ours: Collection[str]) -> list[Call]:
    """Calls for `To`, `From`, `Status`, `StartTime` and `EndTime` with `<` and `>`: a page and one more.

    `ours` are the numbers of the account. Raises FilterError.
    """
    ends, status = (query.get("To", ""), query.get("From", "")), query.get("Status", "")
    number = _town_number(ends, ours)
    candidates = records.look_at(number).calls if number else records.calls.values()
    begun, over = _time_filter(query, "StartTime"), _time_filter(query, "EndTime")

    def matches(call: Call) -> bool:
        in_time = begun(call.started) and over(call.ended)
        return in_time and status in ("", call.status) and _has_ends(call, *ends)

    return [] if "ParentCallSid" in query else _page(candidates, query, matches)


def _town_number(ends: tuple[str, str], ours: Collection[str]) -> str | None:
    return next((number for number in ends if number and number not in ours), None)


def _has_ends(record: Message | Call, to: str, sender: str) -> bool:
    has_to, has_sender = (record.ours, record.number) if record.inbound else (record.number, record.ours)
    return to in ("", has_to) and sender in ("", has_sender)


def _page(candidates: Reversible[R], query: Mapping[str, str], matches: Callable[[R], bool]) -> list[R]:
    before = _seq_of_token(query.get("PageToken"))
    newest_first = (record for record in reversed(candidates) if before is None or record.seq < before)
    return list(islice(filter(matches, newest_first), page_size(query) + 1))


def _seq_of_token(token: str | None) -> int | None:
    """A page token is the id of the last record shown; ids end in their place in the order."""
    if not token:
        return None
    try:
        return int(token[-16:], 16)
    except ValueError:
        raise FilterError("PageToken") from None


def _time_filter(query: Mapping[str, str], name: str) -> Callable[[datetime | None], bool]:
    """`name` is a day or a moment; with `<` and `>` at or before, at or after it."""
    lower, upper = _moment(query, f"{name}>"), _moment(query, f"{name}<")
    exact = _moment(query, name)
    until = None if exact is None else exact + _width(query[name])
    bounds = [lower, upper, exact]

    def matches(moment: datetime | None) -> bool:
        if all(bound is None for bound in bounds):
            return True
        if moment is None or (lower is not None and moment < lower) or (upper is not None and moment > upper):
            return False
        return exact is None or until is None or exact <= moment < until

    return matches


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    if name not in query:
        return None
    try:
        moment = datetime.fromisoformat(query[name])
    except ValueError:
        raise FilterError(name) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _width(text: str) -> timedelta:
    return timedelta(days=1) if len(text) <= len("2026-07-15") else timedelta(seconds=1)
