"""What is promised about sources: feeds reach phones, folders are acknowledged, silence is told once."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy import select, update

from feed_town import NAME, Feed, a_poll, body, feed_server
from jiaoying.dispatch.actions import clear_alarm
from jiaoying.dispatch.stages.collect import CollectStage
from jiaoying.dispatch.stages.silence import LOOK_EVERY_S, SilenceStage
from jiaoying.kernel.clock import wall_now
from jiaoying.storage.database import Database
from jiaoying.storage.schema import alarms, issued_warnings, ledger_lines, received_messages, warning_sources
from jiaoying.warnings.feeds import folder as folders
from jiaoying.warnings.feeds import polling
from jiaoying.warnings.feeds.folder import DONE, RECEIPTS, REFUSED, FolderLooks
from jiaoying.warnings.feeds.model import SourceConfig, SourceKind
from jiaoying.warnings.intake import take_in
from jiaoying.warnings.sources import lives_of, poll_now, save_source, switch_source
from town import COUNTY, START, VILLAGE, Town, open_town
from unit.warnings.samples import alert, area, geocode, info

pytestmark = pytest.mark.usefixtures("no_sources")

DELIVERED = "14052141600000_20260715100000_11B03_RED_Alert"


@pytest.fixture
async def town(database: Database, redis_url: str) -> AsyncIterator[Town]:
    async with open_town(database, redis_url) as opened:
        yield opened


@pytest.fixture
async def feed() -> AsyncIterator[Feed]:
    async with feed_server() as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # A file must stand still for seconds by the wall; the wall cannot be moved here.
    monkeypatch.setattr(folders, "SETTLE_S", 0.0)
    return tmp_path


def red_rain(identifier: str = "14052141600000_20260715100000") -> bytes:
    """A red warning for one village, issued when the town's day begins."""
    local = (START + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%S+08:00")
    until = (START + timedelta(hours=14)).strftime("%Y-%m-%dT%H:%M:%S+08:00")
    return alert(
        info(
            area(geocode(VILLAGE), description="梁庄村"),
            severity="Extreme",
            headline="沁水县气象台发布暴雨红色预警",
            effective=local,
            expires=until,
        ),
        identifier=identifier,
        sent=local,
    )


async def add(town: Town, config: SourceConfig) -> Any:
    async with town.database.transaction() as tx:
        await save_source(
            tx, config, key=town.engine.source_key, by="operator", now=town.clock.now(), wall=wall_now()
        )
    return await source(town)


async def source(town: Town) -> Any:
    async with town.database.transaction() as tx:
        return (await tx.execute(select(warning_sources))).one()


async def change(town: Town, **values: object) -> None:
    async with town.database.transaction() as tx:
        await tx.execute(update(warning_sources).values(values))


async def collect(town: Town) -> None:
    """Every source once more, although it is not due, and what follows from it."""
    async with town.database.transaction() as tx:
        for row in await tx.execute(select(warning_sources.c.id)):
            await poll_now(tx, row.id, wall_now())
    await town.settle()


async def dispositions(town: Town) -> list[str]:
    async with town.database.transaction() as tx:
        query = select(received_messages.c.disposition).order_by(received_messages.c.id)
        return list((await tx.scalars(query)).all())


async def open_alarms(town: Town) -> list[tuple[str, str]]:
    async with town.database.transaction() as tx:
        query = select(alarms.c.kind, alarms.c.text).where(alarms.c.cleared_at.is_(None))
        rows = await tx.execute(query.order_by(alarms.c.raised_at))
        return [(row.kind, row.text) for row in rows if row.kind.startswith("source_")]


async def events(town: Town) -> Sequence[str]:
    async with town.database.transaction() as tx:
        query = select(ledger_lines.c.event).order_by(ledger_lines.c.id)
        return [event for event in await tx.scalars(query) if event.startswith("source.")]


async def say_something(town: Town, content: bytes) -> None:
    """What a pushing program sends."""
    await take_in(
        town.database,
        content,
        media_type="application/xml",
        source=NAME,
        now=town.clock.now(),
        wall=town.clock.now(),
        home_area=COUNTY,
    )


async def a_moment_later(town: Town, **span: float) -> None:
    town.clock.advance_to(town.clock.now() + timedelta(**span) + timedelta(seconds=LOOK_EVERY_S))
    await town.cycle.run_through(town.clock.now())


# --- feeds ---


async def test_what_a_feed_publishes_rings_the_phone(town: Town, feed: Feed) -> None:
    holder = await town.person("赵演示", "answers")
    await town.post(VILLAGE, "防汛责任人", holder)
    feed.say("/rss", body(b"<rss><channel><item><link>/red.xml</link></item></channel></rss>"))
    feed.say("/red.xml", body(red_rain()))
    await add(town, a_poll(feed, "/rss"))
    await town.settle()
    await town.jump(minutes=2)
    assert await holder.calls() == 1
    async with town.database.transaction() as tx:
        [warning] = (await tx.execute(select(issued_warnings))).all()
    assert warning.source == NAME
    assert await town.state_of(holder, warning.id) == "answered"
    await collect(town)
    await town.jump(minutes=5)
    assert await holder.calls() == 1


async def test_a_feed_that_hangs_holds_up_no_other(town: Town, feed: Feed) -> None:
    released = asyncio.Event()

    async def hang(_request: object) -> Any:
        await released.wait()
        return body(b"")(_request)  # pyright: ignore[reportArgumentType]

    feed.say("/hangs.xml", hang)
    feed.say("/well.xml", body(red_rain()))
    await add(town, a_poll(feed, "/hangs.xml", name="慢的"))
    async with town.database.transaction() as tx:
        await save_source(
            tx,
            a_poll(feed, "/well.xml"),
            key=town.engine.source_key,
            by="operator",
            now=town.clock.now(),
            wall=wall_now(),
        )
    async with asyncio.TaskGroup() as group:
        stage = CollectStage(group)
        assert await stage.run_once(town.engine, town.clock.now()) == 2
        async with asyncio.timeout(20):
            while await dispositions(town) != ["accepted"]:  # noqa: ASYNC110 - nobody rings a test
                await asyncio.sleep(0.02)
        released.set()
        await stage.wait_until_quiet()


async def test_a_worker_that_stops_gives_its_sources_back_at_once(town: Town, feed: Feed) -> None:
    async def hang(_request: object) -> Any:
        await asyncio.sleep(60)

    feed.say("/cap.xml", hang)
    await add(town, a_poll(feed))
    async with asyncio.TaskGroup() as group:
        stage = CollectStage(group)
        await stage.run_once(town.engine, town.clock.now())
        while not feed.asked:  # noqa: ASYNC110 - nobody rings a test
            await asyncio.sleep(0.02)
        await stage.stop(town.engine)
    row = await source(town)
    assert (row.lease_id, row.leased_until, row.failures) == (None, None, 0)


async def test_an_error_of_the_program_stops_no_other_source_and_counts_as_a_failure(
    town: Town, feed: Feed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_body: bytes) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(polling, "read_index", break_down)
    feed.say("/cap.xml", body(red_rain()))
    await add(town, a_poll(feed))
    await town.settle()
    row = await source(town)
    assert (row.failures, row.lease_id) == (1, None)
    assert row.trouble


# --- the desk hears of it ---


async def test_a_feed_that_cannot_be_reached_is_told_once_and_again_when_it_is_back(
    town: Town, feed: Feed
) -> None:
    feed.say("/cap.xml", body(b"", 500))
    await add(town, a_poll(feed))
    for _ in range(3):
        await collect(town)
    await a_moment_later(town)
    assert await open_alarms(town) == []  # not for long enough
    await change(town, failing_since=wall_now() - timedelta(minutes=20))
    await a_moment_later(town)
    [(kind, text)] = await open_alarms(town)
    assert kind == f"source_failing:{NAME}"
    assert "500" in text
    assert "手工录入" in text
    await _see_to(town)
    await a_moment_later(town, hours=3)
    assert await open_alarms(town) == []  # told once
    feed.say("/cap.xml", body(red_rain()))
    await collect(town)
    await a_moment_later(town)
    assert (await events(town))[-1] == "source.recovered"
    assert (await source(town)).troubled_as is None


async def test_silence_beyond_its_rhythm_is_told_and_the_alarm_goes_when_something_comes(town: Town) -> None:
    await add(town, SourceConfig(NAME, SourceKind.PUSH, silence_s=3600))
    await say_something(town, red_rain())
    await a_moment_later(town, minutes=50)
    assert await open_alarms(town) == []
    await a_moment_later(town, minutes=20)
    [(kind, text)] = await open_alarms(town)
    assert kind == f"source_silent:{NAME}"
    assert "07-15 10:00" in text
    await a_moment_later(town, minutes=20)
    assert len(await open_alarms(town)) == 1
    await say_something(town, red_rain())
    await a_moment_later(town)
    assert await open_alarms(town) == []
    assert (await events(town))[-1] == "source.recovered"


async def test_rubbish_in_a_row_is_told_and_one_good_message_ends_it(town: Town) -> None:
    await add(town, SourceConfig(NAME, SourceKind.PUSH))
    for number in range(3):
        await a_moment_later(town)
        assert await open_alarms(town) == []
        await say_something(town, b"<html>%d</html>" % number)
    await a_moment_later(town)
    assert [kind for kind, _ in await open_alarms(town)] == [f"source_refused:{NAME}"]
    await say_something(town, red_rain())
    await a_moment_later(town)
    assert await open_alarms(town) == []


async def test_a_warning_that_could_not_be_fetched_stays_on_the_desk_although_the_feed_is_well(
    town: Town, feed: Feed
) -> None:
    feed.say(
        "/rss", body(b"<rss><channel><item><link>https://elsewhere.example/x</link></item></channel></rss>")
    )
    await add(town, a_poll(feed, "/rss"))
    await town.settle()
    await a_moment_later(town)
    assert [kind for kind, _ in await open_alarms(town)] == [f"source_lost:{NAME}"]
    feed.say("/rss", body(b"<rss><channel/></rss>"))
    await collect(town)
    await a_moment_later(town)
    assert len(await open_alarms(town)) == 1


async def test_two_workers_tell_it_once(town: Town) -> None:
    await add(town, SourceConfig(NAME, SourceKind.PUSH, silence_s=60))
    town.clock.advance_to(START + timedelta(hours=1))

    async def four_workers_look() -> None:
        stages = [SilenceStage() for _ in range(4)]
        await asyncio.gather(*(stage.run_once(town.engine, town.clock.now()) for stage in stages))

    await four_workers_look()
    assert len(await open_alarms(town)) == 1
    await say_something(town, red_rain())
    await four_workers_look()
    assert await events(town) == ["source.added", "source.recovered"]


async def test_switched_off_is_no_longer_watched(town: Town) -> None:
    row = await add(town, SourceConfig(NAME, SourceKind.PUSH, silence_s=60))
    await a_moment_later(town, minutes=5)
    assert len(await open_alarms(town)) == 1
    async with town.database.transaction() as tx:
        now = town.clock.now()
        await switch_source(tx, row.id, enabled=False, by="user:officer", now=now, wall=wall_now())
    await a_moment_later(town)
    assert await open_alarms(town) == []
    assert (await events(town))[-1] == "source.watch_ended"


async def _see_to(town: Town) -> None:
    async with town.database.transaction() as tx:
        for alarm_id in (await tx.scalars(select(alarms.c.id).where(alarms.c.cleared_at.is_(None)))).all():
            await clear_alarm(tx, alarm_id, by="user:officer", now=town.clock.now())


# --- folders ---


@dataclass(frozen=True, slots=True)
class Receipt:
    status: str
    note: str


def receipt_in(folder: Path, name: str) -> Receipt:
    rows = etree.fromstring((folder / RECEIPTS / f"{name}_AI-1_0.xml").read_bytes()).find("data/rows")
    assert rows is not None
    return Receipt(rows.findtext("status") or "", rows.findtext("note") or "")


async def watch(town: Town, folder: Path) -> Any:
    return await add(town, SourceConfig("12379", SourceKind.FOLDER, address=str(folder), interval_s=5))


async def test_a_delivery_is_taken_acknowledged_and_moved(town: Town, folder: Path) -> None:
    (folder / f"{DELIVERED}.xml").write_bytes(red_rain())
    await watch(town, folder)
    await collect(town)
    assert await dispositions(town) == ["accepted"]
    assert not (folder / f"{DELIVERED}.xml").exists()
    assert (folder / DONE / f"{DELIVERED}.xml").read_bytes() == red_rain()
    assert receipt_in(folder, DELIVERED) == Receipt("0", "")
    assert list((folder / RECEIPTS).glob(".*")) == []


async def test_what_cannot_be_read_is_set_apart_with_the_reason(town: Town, folder: Path) -> None:
    (folder / "broken.xml").write_bytes(red_rain()[:-30])
    await watch(town, folder)
    await collect(town)
    assert await dispositions(town) == ["rejected"]
    assert (folder / REFUSED / "broken.xml").exists()
    told = receipt_in(folder, "broken")
    assert told.status == "1"
    assert told.note


async def test_an_archive_is_acknowledged_file_by_file(town: Town, folder: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(f"../../outside/{DELIVERED}.xml", red_rain())
        archive.writestr("second.xml", red_rain("14052141600000_20260715100100"))
        archive.writestr("picture.png", b"...")
    (folder / "delivery.zip").write_bytes(packed.getvalue())
    await watch(town, folder)
    await collect(town)
    assert await dispositions(town) == ["accepted", "accepted"]
    assert receipt_in(folder, DELIVERED).status == receipt_in(folder, "second").status == "0"
    assert not (folder.parent / "outside").exists()
    assert (folder / DONE / "delivery.zip").exists()


async def test_a_bomb_in_an_archive_is_refused(town: Town, folder: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb.xml", b" " * 60_000_000)
    (folder / "bomb.zip").write_bytes(packed.getvalue())
    await watch(town, folder)
    await collect(town)
    assert await dispositions(town) == ["rejected"]
    assert (folder / REFUSED / "bomb.zip").exists()


async def test_what_is_still_being_written_is_left_alone(tmp_path: Path) -> None:
    looks, at = FolderLooks(), START

    def settled(size: int, changed: int, seconds: float) -> list[str]:
        return looks.settled([("a.xml", size, changed)], at + timedelta(seconds=seconds))

    assert settled(100, 1, 0) == []
    assert settled(200, 2, 5) == []
    assert settled(200, 2, 8) == []
    assert settled(200, 2, 9) == ["a.xml"]
    assert looks.settled([], at) == []
    assert settled(200, 2, 60) == []


async def test_only_plain_files_are_looked_at(town: Town, folder: Path, tmp_path_factory: Any) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret.xml"
    outside.write_bytes(red_rain())
    (folder / "link.xml").symlink_to(outside)
    (folder / ".hidden.xml").write_bytes(red_rain())
    (folder / "upload.xml.part").write_bytes(red_rain())
    (folder / "x_AI-1_0.xml").write_bytes(b"<msg/>")
    (folder / "directory.xml").mkdir()
    await watch(town, folder)
    await collect(town)
    assert await dispositions(town) == []
    assert outside.exists()


@pytest.mark.parametrize("step", ["_acknowledge", "_move"])
async def test_a_crash_after_it_was_stored_takes_it_again_and_calls_nobody_twice(
    town: Town, folder: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / f"{DELIVERED}.xml").write_bytes(red_rain())
    await watch(town, folder)
    with monkeypatch.context() as broken:

        def crash(*_given: object) -> None:
            raise OSError("power cut")

        broken.setattr(folders, step, crash)
        await collect(town)
    assert await dispositions(town) == ["accepted"]
    assert (folder / f"{DELIVERED}.xml").exists()
    assert (await source(town)).failures == 1
    await collect(town)
    assert sorted(await dispositions(town)) == ["accepted", "duplicate"]
    assert receipt_in(folder, DELIVERED).status == "0"
    assert (folder / DONE / f"{DELIVERED}.xml").exists()
    async with town.database.transaction() as tx:
        assert len((await tx.execute(select(issued_warnings.c.id))).all()) == 1


async def test_the_same_name_delivered_twice_keeps_both(town: Town, folder: Path) -> None:
    await watch(town, folder)
    for identifier in ("one", "two"):
        (folder / "same.xml").write_bytes(red_rain(identifier))
        await collect(town)
    assert len(list((folder / DONE).iterdir())) == 2


async def test_a_folder_that_is_not_there_is_a_failure_with_a_sentence(town: Town, folder: Path) -> None:
    await watch(town, folder / "missing")
    await collect(town)
    row = await source(town)
    assert row.failures == 1
    assert "missing" in row.trouble


async def test_what_a_folder_brought_counts_as_heard(town: Town, folder: Path) -> None:
    config = SourceConfig("12379", SourceKind.FOLDER, address=str(folder), interval_s=5, silence_s=3600)
    await add(town, replace(config))
    (folder / "a.xml").write_bytes(red_rain())
    await collect(town)
    now: datetime = town.clock.now()
    async with town.database.transaction() as tx:
        life = (await lives_of(tx, now, wall_now()))["12379"]
    assert life.last_good_at == now
