"""A feed is asked politely, and whatever it does, nothing is lost and nothing counts twice."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from feed_town import KEY, NAME, NOW, Desk, Feed, a_poll, body, feed_server
from jiaoying.kernel.clock import ManualClock
from jiaoying.storage.database import Database
from jiaoying.warnings.feeds import client, polling, store
from jiaoying.warnings.feeds.client import Destination, Patience
from jiaoying.warnings.feeds.model import Credential, CredentialKind
from jiaoying.warnings.feeds.polling import MOST_LINKS, MOST_TRIES
from jiaoying.warnings.feeds.targets import RefusedTarget, read_address
from jiaoying.warnings.sources import locked_elsewhere
from unit.warnings.samples import alert

pytestmark = pytest.mark.usefixtures("no_sources")

SECRET = "quiet-as-a-mouse-7181"


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    async with feed_server() as running:
        yield running


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, ManualClock(NOW))


def atom(*links: str, updated: str = "2026-07-15T08:30:00Z") -> bytes:
    """An index with an entry for each link."""
    entries = "".join(
        f"<entry><id>urn:{link}</id><title>{link}</title><updated>{updated}</updated>"
        f'<link href="{link}"/></entry>'
        for link in links
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title>{entries}</feed>'.encode()


async def test_what_a_feed_sends_is_taken_in_under_its_name(desk: Desk, feed: Feed) -> None:
    feed.say("/cap.xml", body(alert()))
    await desk.add(a_poll(feed))
    collected = await desk.poll()
    assert collected.news
    [warning] = await desk.warnings()
    assert (warning.source, warning.state) == (NAME, "received")
    row = await desk.row()
    assert (row.failures, row.trouble, row.lease_id) == (0, None, None)
    assert row.next_poll_at == desk.wall + timedelta(seconds=300)


async def test_it_is_asked_with_what_it_gave_and_304_is_a_success(desk: Desk, feed: Feed) -> None:
    def tell(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"one"':
            return web.Response(status=304)
        told = {"ETag": '"one"', "Last-Modified": "Wed, 15 Jul 2026 08:00:00 GMT"}
        return web.Response(body=alert(), headers=told, content_type="application/cap+xml")

    feed.say("/cap.xml", tell)
    await desk.add(a_poll(feed))
    await desk.poll()
    await desk.poll()
    assert feed.headers(-1)["If-Modified-Since"] == "Wed, 15 Jul 2026 08:00:00 GMT"
    assert len(await desk.deliveries()) == 1
    row = await desk.row()
    assert (row.last_success_at, row.failures) == (desk.wall, 0)


async def test_the_same_body_without_a_mark_is_not_taken_twice(desk: Desk, feed: Feed) -> None:
    feed.say("/cap.xml", body(alert()))
    await desk.add(a_poll(feed))
    await desk.poll()
    await desk.poll()
    assert len(feed.asked) == 2
    assert len(await desk.deliveries()) == 1


async def test_a_crash_between_storing_and_noting_loses_and_doubles_nothing(
    desk: Desk, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed.say("/cap.xml", body(alert(), ETag='"one"'))
    await desk.add(a_poll(feed))
    with monkeypatch.context() as broken:

        async def crash(*_given: object, **_named: object) -> bool:
            raise SystemExit

        broken.setattr(store, "note_success", crash)
        with pytest.raises(SystemExit):
            await desk.poll()
    row = await desk.row()
    assert (row.etag, row.lease_id is not None) == (None, True)
    assert await desk.claim() is None  # the dead one's lease still runs
    desk.later(store.LEASE_S + 1)
    await desk.poll()
    assert "If-None-Match" not in feed.headers(-1)
    assert [one.disposition for one in await desk.deliveries()] == ["accepted", "duplicate"]
    assert len(await desk.warnings()) == 1
    assert (await desk.row()).etag == '"one"'


async def test_two_collectors_share_one_lease(desk: Desk, feed: Feed) -> None:
    await desk.add(a_poll(feed))
    claims = await asyncio.gather(*(desk.claim() for _ in range(8)))
    assert len([one for one in claims if one is not None]) == 1


async def test_a_claim_under_way_is_passed_over_and_not_waited_for(desk: Desk, feed: Feed) -> None:
    await desk.add(a_poll(feed))
    await desk.add(a_poll(feed, name="另一个"))
    async with desk.database.transaction() as first, desk.database.transaction() as second:
        [one] = await store.claim_due(first, wall=desk.wall, limit=1)
        async with asyncio.timeout(5):
            others = await store.claim_due(second, wall=desk.wall, limit=9)
    assert {one.source_id, *(other.source_id for other in others)} == await desk.ids()
    assert len(others) == 1


async def test_who_was_overtaken_writes_nothing(desk: Desk, feed: Feed) -> None:
    feed.say("/cap.xml", body(alert()))
    await desk.add(a_poll(feed))
    slow = await desk.claim()
    desk.later(store.LEASE_S + 1)
    quick = await desk.claim()
    assert slow is not None
    assert quick is not None
    await polling.poll(desk.collector, slow)
    assert (await desk.row()).lease_id == quick.lease_id
    assert (await desk.row()).last_success_at is None


async def test_a_server_that_asks_for_a_pause_gets_it(desk: Desk, feed: Feed) -> None:
    feed.say("/cap.xml", body(b"", 429, Retry_After="1800"), body(alert()))
    await desk.add(a_poll(feed))
    await desk.poll()
    row = await desk.row()
    assert row.next_poll_at == desk.wall + timedelta(seconds=1800)
    assert row.failures == 1
    assert "429" in row.trouble
    await desk.poll()
    row = await desk.row()
    assert (row.failures, row.failing_since, row.trouble) == (0, None, None)


async def test_errors_of_the_server_are_met_with_longer_and_longer_pauses(desk: Desk, feed: Feed) -> None:
    feed.say("/cap.xml", body(b"", 500))
    await desk.add(a_poll(feed, interval_s=60))
    pauses: list[float] = []
    for _ in range(6):
        await desk.poll()
        pauses.append(((await desk.row()).next_poll_at - desk.wall).total_seconds())
    assert pauses == [120, 240, 480, 900, 900, 900]
    row = await desk.row()
    assert row.failing_since == NOW
    assert "500" in row.trouble


async def test_a_slow_body_is_given_up(desk: Desk, feed: Feed) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "application/xml"})
        await answer.prepare(request)
        for _ in range(100):
            await answer.write(b" ")
            await asyncio.sleep(0.05)
        return answer

    feed.say("/cap.xml", drip)
    desk.patience = Patience(1, 1, 0.3)
    await desk.add(a_poll(feed))
    collected = await desk.poll()
    assert collected.trouble
    assert collected.trouble.code == "timeout"
    assert await desk.deliveries() == []


async def test_an_answer_that_breaks_off_is_not_taken_for_the_whole(desk: Desk, feed: Feed) -> None:
    async def break_off(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Length": "5000", "ETag": '"half"'})
        await answer.prepare(request)
        await answer.write(alert()[:200])
        assert request.transport
        request.transport.close()
        return answer

    feed.say("/cap.xml", break_off)
    await desk.add(a_poll(feed))
    collected = await desk.poll()
    assert collected.trouble
    assert collected.trouble.code == "damaged"
    assert (await desk.row()).etag is None


async def test_truncated_xml_is_kept_once_and_asked_for_whole_again(desk: Desk, feed: Feed) -> None:
    feed.say("/cap.xml", body(alert()[:-20], ETag='"broken"'), body(alert()[:-20]), body(alert()))
    await desk.add(a_poll(feed))
    first = await desk.poll()
    assert first.trouble
    assert first.trouble.code == "unreadable"
    await desk.poll()
    assert "If-None-Match" not in feed.headers(-1)
    [kept] = await desk.deliveries()
    assert (kept.disposition, kept.body) == ("rejected", alert()[:-20])
    assert (await desk.row()).failures == 2
    await desk.poll()
    assert [one.disposition for one in await desk.deliveries()] == ["rejected", "accepted"]
    assert (await desk.row()).failures == 0


async def test_nobody_is_sent_to_another_host(desk: Desk, feed: Feed) -> None:
    async with feed_server() as other:
        feed.say("/cap.xml", body(b"", 302, Location=f"{other.base}/cap.xml"))
        await desk.add(a_poll(feed))
        collected = await desk.poll()
        assert collected.trouble
        assert collected.trouble.code == "redirect"
        assert other.asked == []


async def test_a_move_on_the_same_host_is_followed_and_a_ring_of_moves_is_not(desk: Desk, feed: Feed) -> None:
    feed.say("/cap.xml", body(b"", 301, Location="/new.xml"))
    feed.say("/new.xml", body(alert()), body(b"", 302, Location="/cap.xml"))
    await desk.add(a_poll(feed))
    assert (await desk.poll()).news
    collected = await desk.poll()
    assert collected.trouble
    assert collected.trouble.code == "redirect"


async def test_a_packed_body_is_unpacked_and_a_bomb_is_not(desk: Desk, feed: Feed) -> None:
    bomb = gzip.compress(b" " * 60_000_000)
    assert len(bomb) < 100_000
    feed.say(
        "/cap.xml",
        body(gzip.compress(alert()), Content_Encoding="gzip"),
        body(bomb, Content_Encoding="gzip"),
        body(gzip.compress(alert())[:-6], Content_Encoding="gzip"),
    )
    await desk.add(a_poll(feed))
    assert (await desk.poll()).news
    bombed, halved = await desk.poll(), await desk.poll()
    assert bombed.trouble
    assert bombed.trouble.code == "too_large"
    assert halved.trouble
    assert halved.trouble.code == "damaged"
    assert len(await desk.deliveries()) == 1


async def test_more_than_a_message_may_have_is_not_read_to_its_end(desk: Desk, feed: Feed) -> None:
    sent = 0

    async def pour(request: web.Request) -> web.StreamResponse:
        nonlocal sent
        answer = web.StreamResponse()
        await answer.prepare(request)
        for _ in range(64):
            await answer.write(b" " * 1_000_000)
            sent += 1
        return answer

    feed.say("/cap.xml", pour)
    desk.patience = Patience(2, 10, 20)
    await desk.add(a_poll(feed))
    collected = await desk.poll()
    assert collected.trouble
    assert collected.trouble.code == "too_large"
    assert sent < 60


@pytest.mark.parametrize(
    ("credential", "shown"),
    [
        (Credential(CredentialKind.HEADER, "X-Key", SECRET), "X-Key"),
        (Credential(CredentialKind.BASIC, "county", SECRET), "Authorization"),
        (Credential(CredentialKind.QUERY, "key", SECRET), None),
    ],
)
async def test_a_secret_is_shown_to_the_feed_and_to_nobody_else(
    desk: Desk, feed: Feed, credential: Credential, shown: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    feed.say("/cap.xml", body(b"", 500), body(atom(f"{feed.base}/one.xml", "http://localhost:1/two.xml")))
    feed.say("/one.xml", body(alert()))
    await desk.add(a_poll(feed, credential=credential, headers={"Referer": "https://example.org/"}))
    await desk.poll()
    await desk.poll()
    if shown is None:
        assert feed.asked[0].query["key"] == SECRET
    else:
        assert shown in feed.headers(0)
    assert feed.headers(0)["Referer"] == "https://example.org/"
    row = await desk.row()
    assert SECRET.encode() not in row.credential_locked
    printed = capsys.readouterr()
    assert SECRET not in repr(row) + await desk.told() + printed.out + printed.err


async def test_a_secret_of_another_data_directory_is_told_and_nothing_is_asked(
    desk: Desk, feed: Feed
) -> None:
    await desk.add(a_poll(feed, credential=Credential(CredentialKind.HEADER, "X-Key", SECRET)))
    claim = await desk.claim()
    assert claim is not None
    collector = polling.Collector(desk.database, desk.clock, "140521000000", "another key", desk.clock.now)
    collected = await polling.poll(collector, claim)
    assert collected.trouble
    assert collected.trouble.code == "locked"
    assert feed.asked == []
    async with desk.database.transaction() as tx:
        assert await locked_elsewhere(tx, "another key") == [NAME]
        assert await locked_elsewhere(tx, KEY) == []


# --- indexes ---


async def test_what_an_index_names_is_fetched_once(desk: Desk, feed: Feed) -> None:
    feed.say("/atom", body(atom("/1.xml", "/2.xml")), body(atom("/1.xml", "/2.xml", "/3.xml")))
    for number in (1, 2, 3):
        feed.say(f"/{number}.xml", body(alert(identifier=f"id-{number}")))
    await desk.add(a_poll(feed, "/atom"))
    await desk.poll()
    await desk.poll()
    assert feed.paths() == ["/atom", "/1.xml", "/2.xml", "/atom", "/3.xml"]
    assert [one.identifier for one in await desk.warnings()] == ["id-1", "id-2", "id-3"]


async def test_an_entry_that_changed_is_fetched_again(desk: Desk, feed: Feed) -> None:
    feed.say("/atom", body(atom("/1.xml")), body(atom("/1.xml", updated="2026-07-15T09:00:00Z")))
    feed.say("/1.xml", body(alert()), body(alert(note="changed")))
    await desk.add(a_poll(feed, "/atom"))
    await desk.poll()
    await desk.poll()
    assert feed.paths().count("/1.xml") == 2


async def test_an_index_cannot_make_us_ask_anybody_else(desk: Desk, feed: Feed) -> None:
    async with feed_server() as inner:
        links = [
            f"{inner.base}/metadata",  # same host, another port
            inner.base.replace("127.0.0.1", "localhost") + "/a",
            "http://169.254.169.254/latest/meta-data",
            "http://[::1]/x",
            "http://2130706433/x",
            "file:///etc/passwd",
            "ftp://127.0.0.1/x",
            f"{feed.base.replace('http://', 'http://user:pass@')}/1.xml",
            f"{feed.base}\\@{inner.base[7:]}/x",
        ]
        feed.say("/atom", body(atom(*links)))
        await desk.add(a_poll(feed, "/atom"))
        await desk.poll()
        assert feed.paths() == ["/atom"]
        assert inner.asked == []
    assert "source.entry_lost" in await desk.told()
    assert (await desk.row()).failures == 0


async def test_a_link_that_fails_is_tried_again_and_the_index_is_not_taken_for_done(
    desk: Desk, feed: Feed
) -> None:
    feed.say("/atom", body(atom("/1.xml", "/2.xml"), ETag='"index"'))
    feed.say("/1.xml", body(alert(identifier="id-1")))
    feed.say("/2.xml", body(b"", 503), body(alert(identifier="id-2")))
    await desk.add(a_poll(feed, "/atom"))
    first = await desk.poll()
    assert first.trouble
    assert ((await desk.row()).etag, first.news) == (None, True)
    await desk.poll()
    assert feed.paths().count("/1.xml") == 1
    assert len(await desk.warnings()) == 2
    assert ((await desk.row()).etag, (await desk.row()).failures) == ('"index"', 0)


async def test_a_link_that_leads_nowhere_is_given_up_in_the_end_and_told(desk: Desk, feed: Feed) -> None:
    feed.say("/atom", body(atom("/gone.xml")))
    await desk.add(a_poll(feed, "/atom"))
    for _ in range(MOST_TRIES + 2):
        await desk.poll()
    assert feed.paths().count("/gone.xml") == MOST_TRIES
    assert (await desk.row()).failures == 0
    assert "given_up" in await desk.told()


async def test_a_long_index_is_worked_off_in_parts(desk: Desk, feed: Feed) -> None:
    links = [f"/{number}.xml" for number in range(MOST_LINKS + 5)]
    feed.say("/atom", body(atom(*links), ETag='"long"'))
    for link in links:
        feed.say(link, body(alert(identifier=f"id{link}")))
    await desk.add(a_poll(feed, "/atom"))
    await desk.poll()
    row = await desk.row()
    assert len(await desk.warnings()) == MOST_LINKS
    assert (row.etag, row.next_poll_at) == (None, desk.wall + timedelta(seconds=15))
    await desk.poll()
    assert len(await desk.warnings()) == MOST_LINKS + 5
    assert (await desk.row()).etag == '"long"'


async def test_an_empty_index_is_no_message_and_no_trouble(desk: Desk, feed: Feed) -> None:
    feed.say("/atom", body(atom()))
    await desk.add(a_poll(feed, "/atom"))
    await desk.poll()
    assert await desk.deliveries() == []
    assert (await desk.row()).failures == 0


@pytest.mark.parametrize(
    "empty",
    [
        b'{"code": "200", "warning": []}',
        b"""{"@context": [],
            "type": "FeatureCollection", "features": [], "title": "Current watches, warnings, and advisories",
            "updated": "2026-07-15T08:00:00+00:00"}""",
    ],
)
async def test_a_feed_without_a_warning_is_no_trouble(desk: Desk, feed: Feed, empty: bytes) -> None:
    feed.say("/cap.xml", body(empty, media_type="application/json"))
    await desk.add(a_poll(feed))
    collected = await desk.poll()
    assert collected.trouble is None
    assert [one.disposition for one in await desk.deliveries()] == ["ignored"]


# --- where names lead ---


@pytest.mark.parametrize("inside", [False, True])
async def test_a_name_that_leads_inside_needs_a_word_of_the_operator(feed: Feed, inside: bool) -> None:
    feed.say("/cap.xml", body(alert()))
    address = read_address(feed.base.replace("127.0.0.1", "localhost") + "/cap.xml")
    assert not isinstance(address, RefusedTarget)
    destination = Destination(address, inside=inside)
    async with client.open_session(destination, Patience(2, 2, 2)) as session:
        answer = await client.fetch(session, destination, address, NOW)
    if inside:
        assert isinstance(answer, client.Fetched)
    else:
        assert isinstance(answer, client.Failed)
        assert answer.code == "inner_address"
        assert feed.asked == []


async def test_waiting_for_a_feed_inside_a_transaction_is_a_loud_defect(desk: Desk, feed: Feed) -> None:
    address = read_address(feed.base)
    assert not isinstance(address, RefusedTarget)
    destination = Destination(address, inside=True)
    async with client.open_session(destination, Patience()) as session, desk.database.transaction():
        with pytest.raises(RuntimeError):
            await client.fetch(session, destination, address, NOW)
