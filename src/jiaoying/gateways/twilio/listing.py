"""Finding one hand-over in the carrier's own list. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, cast

from jiaoying.gateways.base import Channel, HandOver
from jiaoying.gateways.twilio.outcomes import read_object, reference_in

# The carrier stamps whole seconds with its own clock.
CLOCK_SLACK = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Listed:
    """One text or call as the carrier lists it."""

    ref: str
    created_at: datetime
    body: str | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page, and the path of the next."""

    items: tuple[Listed, ...]
    next_path: str | None


def read_page(body: bytes, channel: Channel) -> ListPage | None:
    """A page of texts or calls, or None when `body` is not one."""
    payload = read_object(body) or {}
    rows = payload.get("messages" if channel is Channel.SMS else "calls")
    if not isinstance(rows, list):
        return None
    items = [_listed(cast("Mapping[str, Any]", row)) for row in cast("list[object]", rows)]
    next_path = payload.get("next_page_uri")
    # Only a path on the same host: the answer must not send our credentials elsewhere.
    follow = isinstance(next_path, str) and next_path.startswith("/") and not next_path.startswith("//")
    return ListPage(tuple(item for item in items if item), next_path if follow else None)


def candidates(
    page: ListPage, item: HandOver, since: datetime, known_refs: Sequence[str]
) -> tuple[Listed, ...]:
    """What on the page may be `item`: new enough, not another attempt's, and with the same text."""
    return tuple(
        listed
        for listed in page.items
        if listed.created_at >= since - CLOCK_SLACK
        and listed.ref not in known_refs
        and (item.channel is Channel.VOICE or listed.body == item.text)
    )


def reaches_before(page: ListPage, since: datetime) -> bool:
    """Whether the page ends before `since`, so that the pages after it hold nothing for us."""
    return bool(page.items) and page.items[-1].created_at < since - CLOCK_SLACK


def _listed(row: Mapping[str, Any]) -> Listed | None:
    ref, created, body = reference_in(row), row.get("date_created"), row.get("body")
    if ref is None or not isinstance(created, str):
        return None
    try:
        moment = parsedate_to_datetime(created)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return Listed(ref, aware, body if isinstance(body, str) else None)
