"""Finding one hand-over in the carrier's list."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from uuid import UUID

import pytest

from jiaoying.gateways.base import Channel, HandOver
from jiaoying.gateways.twilio.listing import candidates, reaches_before, read_page

SINCE = datetime(2026, 7, 15, 16, 30, 2, tzinfo=UTC)
TEXT = HandOver(UUID(int=1), Channel.SMS, "+8610012345678", "暴雨红色 A7", "zh-CN", 3600, True)
CALL = HandOver(UUID(int=2), Channel.VOICE, "+8610012345678", "暴雨红色", "zh-CN", 3600, True)


def row(ref: str, seconds: float, body: str = "暴雨红色 A7") -> dict[str, object]:
    created = format_datetime(SINCE + timedelta(seconds=seconds))
    return {"sid": ref, "body": body, "date_created": created, "status": "queued"}


def page_of(*rows: object, channel: Channel = Channel.SMS, next_path: object = None) -> bytes:
    key = "messages" if channel is Channel.SMS else "calls"
    return json.dumps({key: rows, "next_page_uri": next_path}).encode()


def found(body: bytes, item: HandOver, known: tuple[str, ...] = ()) -> list[str]:
    page = read_page(body, item.channel)
    assert page is not None
    return [listed.ref for listed in candidates(page, item, SINCE, known)]


def test_the_same_words_since_the_hand_over() -> None:
    body = page_of(row("SM4", 1), row("SM3", 0, "别的"), row("SM2", -4), row("SM1", -6))
    assert found(body, TEXT) == ["SM4", "SM2"]
    assert found(body, TEXT, ("SM4",)) == ["SM2"]


def test_calls_have_no_words() -> None:
    assert found(page_of(row("CA2", 1), row("CA1", -60), channel=Channel.VOICE), CALL) == ["CA2"]


def test_what_cannot_be_read_is_passed_over() -> None:
    beyond = [{"sid": "SM3", "date_created": f"Thu, 01 Jan {'9' * 11} 00:00:00 +0000"}, row("SM\0", 1)]
    body = page_of({"sid": "SM1"}, {"date_created": "x"}, {"sid": "SM2", "date_created": "nonsense"}, *beyond)
    assert found(body, TEXT) == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"messages": 3}', b'{"calls": []}'])
def test_what_is_no_list_is_none(body: bytes) -> None:
    assert read_page(body, Channel.SMS) is None


@pytest.mark.parametrize(
    ("said", "followed"),
    [
        ("/2010-04-01/Accounts/AC1/Messages.json?Page=1", True),
        ("https://evil.example/x", False),
        ("//evil.example/x", False),
        (None, False),
        (3, False),
    ],
)
def test_only_a_path_on_the_same_host_is_followed(said: object, followed: bool) -> None:
    page = read_page(page_of(next_path=said), Channel.SMS)
    assert page is not None
    assert page.next_path == (said if followed else None)


def test_old_pages_end_the_search() -> None:
    new, old = read_page(page_of(row("SM1", 0)), Channel.SMS), read_page(page_of(row("SM1", -9)), Channel.SMS)
    assert new is not None
    assert old is not None
    assert not reaches_before(new, SINCE)
    assert reaches_before(old, SINCE)
