"""Sources as they are stored: what an operator says, what is kept secret, how each does."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from feed_town import HOME, KEY, NAME, NOW, Desk
from jiaoying.kernel.clock import ManualClock
from jiaoying.kernel.errors import Refusal
from jiaoying.storage.database import Database
from jiaoying.storage.schema import warning_sources
from jiaoying.storage.secret_box import unlock
from jiaoying.warnings.feeds.config import data_of
from jiaoying.warnings.feeds.model import KEPT, Credential, CredentialKind, Proof, SourceConfig, SourceKind
from jiaoying.warnings.feeds.source_file import configs_in, text_of
from jiaoying.warnings.intake import take_in
from jiaoying.warnings.received import find_received, lags_of, list_received
from jiaoying.warnings.sources import (
    find_source,
    hold_policy_of,
    list_sources,
    lives_of,
    poll_now,
    renew_signing_secret,
    switch_source,
)
from unit.warnings.samples import alert

POLL = SourceConfig(
    NAME,
    SourceKind.POLL,
    address="https://cap.example.gov.cn/rss.xml?key=in-the-address",
    headers={"X-Part": "in-a-header"},
    credential=Credential(CredentialKind.QUERY, "key", "swordfish"),
    hold_s={"red": 300},
    silence_s=86400,
    notes="打电话给值班预报员",
)
PUSH = SourceConfig(
    "县气象局", SourceKind.PUSH, proof=Proof.SIGNATURE, signing_secret="a secret of the bureau"
)

pytestmark = pytest.mark.usefixtures("no_sources")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database, ManualClock(NOW))


async def configs(desk: Desk) -> list[SourceConfig]:
    async with desk.database.transaction() as tx:
        return [source.config for source in await list_sources(tx)]


async def push(desk: Desk, body: bytes, source: str = PUSH.name) -> None:
    await take_in(
        desk.database,
        body,
        media_type="application/xml",
        source=source,
        now=desk.clock.now(),
        wall=desk.wall,
        home_area=HOME,
    )


async def test_what_is_stored_comes_back_without_its_secrets(desk: Desk) -> None:
    await desk.add(POLL)
    await desk.add(PUSH)
    assert POLL.credential
    masked = replace(POLL.credential, secret=KEPT)
    assert await configs(desk) == [replace(PUSH, signing_secret=KEPT), replace(POLL, credential=masked)]
    async with desk.database.transaction() as tx:
        assert (await hold_policy_of(tx, NAME)).hold_s == {"red": 300}


async def test_no_secret_is_in_the_ledger_nor_readable_in_the_row(desk: Desk) -> None:
    await desk.add(POLL)
    await desk.add(PUSH)
    told = await desk.told()
    async with desk.database.transaction() as tx:
        rows = (await tx.execute(select(warning_sources))).all()
    assert "source.added" in told
    assert NAME in told
    for secret in ("swordfish", "a secret of the bureau", "in-the-address", "in-a-header"):
        assert secret not in told
    assert "swordfish" not in repr(rows)
    assert b"swordfish" not in rows[0].credential_locked
    assert unlock(KEY, rows[0].credential_locked) == "swordfish"


async def test_a_secret_that_is_kept_stays_and_one_that_is_written_counts(desk: Desk) -> None:
    await desk.add(POLL)
    assert POLL.credential
    kept = replace(POLL, interval_s=60, credential=replace(POLL.credential, secret=KEPT))
    await desk.add(kept)
    assert unlock(KEY, (await desk.row()).credential_locked) == "swordfish"
    await desk.add(replace(kept, credential=replace(POLL.credential, secret="trout")))
    assert unlock(KEY, (await desk.row()).credential_locked) == "trout"
    await desk.add(replace(kept, credential=None))
    assert (await desk.row()).credential_locked is None


async def test_each_change_is_a_line_and_no_change_is_none(desk: Desk) -> None:
    await desk.add(PUSH)
    await desk.add(replace(PUSH, signing_secret=KEPT))
    assert "source.changed" not in await desk.told()
    await desk.add(replace(PUSH, signing_secret=KEPT, silence_s=3600))
    assert "'changed': ['silence_s']" in await desk.told()


async def test_a_secret_cannot_be_kept_where_there_is_none(desk: Desk) -> None:
    with pytest.raises(Refusal):
        await desk.add(replace(PUSH, signing_secret=KEPT))
    with pytest.raises(Refusal):
        await desk.add(replace(POLL, credential=Credential(CredentialKind.HEADER, "X-Key", KEPT)))


async def test_a_name_keeps_its_kind(desk: Desk) -> None:
    await desk.add(PUSH)
    with pytest.raises(Refusal):
        await desk.add(replace(POLL, name=PUSH.name))


async def test_a_file_that_was_taken_out_changes_nothing_when_it_is_read(desk: Desk) -> None:
    await desk.add(POLL)
    await desk.add(PUSH)
    text = text_of(await configs(desk))
    assert "swordfish" not in text
    before = await desk.told()
    for config in configs_in(text):
        await desk.add(config)
    assert await desk.told() == before


async def test_another_address_is_asked_for_everything_and_at_once(desk: Desk) -> None:
    await desk.add(POLL)
    claim = await desk.claim()
    assert claim is not None
    desk.later(1000)
    await desk.add(replace(POLL, address="https://cap.example.gov.cn/atom.xml"))
    row = await desk.row()
    assert (row.next_poll_at, row.etag, row.body_sha256) == (desk.wall, None, None)


async def test_switched_off_is_not_collected_and_switched_on_begins_anew(desk: Desk) -> None:
    await desk.add(POLL)
    source_id = (await desk.row()).id
    for enabled in (False, False, True):
        desk.later(600)
        async with desk.database.transaction() as tx:
            await switch_source(
                tx, source_id, enabled=enabled, by="user:officer", now=desk.clock.now(), wall=desk.wall
            )
        assert (await desk.claim() is not None) is enabled
    told = await desk.told()
    assert told.count("source.disabled") == 1
    assert told.count("source.enabled") == 1
    assert (await desk.row()).watched_from == desk.clock.now()


async def test_collect_now_forgets_what_was_there(desk: Desk) -> None:
    await desk.add(POLL)
    await desk.add(PUSH)
    async with desk.database.transaction() as tx:
        polled, pushed = await find_source(tx, name=NAME), await find_source(tx, name=PUSH.name)
        assert polled is not None
        assert pushed is not None
        assert await poll_now(tx, polled.id, NOW)
        assert not await poll_now(tx, pushed.id, NOW)


async def test_a_new_signing_secret_is_for_pushing_sources_only(desk: Desk) -> None:
    await desk.add(POLL)
    await desk.add(PUSH)
    async with desk.database.transaction() as tx:
        polled, pushed = await find_source(tx, name=NAME), await find_source(tx, name=PUSH.name)
        assert polled is not None
        assert pushed is not None
        secret = await renew_signing_secret(tx, pushed.id, key=KEY, by="operator", now=NOW)
        assert len(secret) == 32
        with pytest.raises(Refusal):
            await renew_signing_secret(tx, polled.id, key=KEY, by="operator", now=NOW)
    assert secret not in await desk.told()


async def test_how_a_source_does_is_counted_from_what_came(desk: Desk) -> None:
    await desk.add(PUSH)
    await desk.add(POLL)
    await push(desk, alert(identifier="long ago"))
    desk.later(25 * 3600)
    good = {
        "sent": "2026-07-16T17:30:00+08:00",
        "expires": None,
    }
    await push(desk, alert(**good))
    desk.later(60)
    await push(desk, alert(**good))
    last_good = desk.clock.now()
    for _ in range(2):
        desk.later(60)
        await push(desk, b"<html/>")
    await push(desk, alert(), source="somebody else")
    async with desk.database.transaction() as tx:
        lives = await lives_of(tx, desk.clock.now(), desk.wall)
        lags = await lags_of(tx, desk.clock.now())
    life = lives[PUSH.name]
    assert life.last_good_at == last_good
    assert life.day == {"accepted": 1, "duplicate": 1, "rejected": 2}
    assert (life.deliveries, life.refused_in_row) == (4, 2)
    assert lives[NAME].last_good_at is None
    assert lags[PUSH.name] == timedelta(minutes=0)


async def test_what_came_can_be_read_again(desk: Desk) -> None:
    await desk.add(PUSH)
    await push(desk, alert())
    desk.later(1)
    await push(desk, b"<html>\x00\xff</html>" + b" " * 100_000)
    async with desk.database.transaction() as tx:
        newest, oldest = await list_received(tx, PUSH.name, limit=10)
        assert [one.id for one in await list_received(tx, PUSH.name, limit=10, only_refused=True)] == [
            newest.id
        ]
        assert [one.id for one in await list_received(tx, PUSH.name, after=newest.id, limit=10)] == [
            oldest.id
        ]
        message = await find_received(tx, newest.id)
    assert message is not None
    assert (message.is_whole, len(message.beginning)) == (False, 64 * 1024)
    assert "\0" not in message.text
    assert newest.complaints


def test_what_a_file_says_wrong_is_told_all_at_once() -> None:
    with pytest.raises(Refusal) as refused:
        configs_in(
            """
            sources:
              - {name: a, kind: poll, address: "http://x/{province}", interval_s: 1, colour: red}
              - {name: a, kind: radio}
              - {name: b, kind: folder, address: relative}
              - {name: c, kind: push, hold_s: {pink: 3}, silence_s: soon}
              - {name: d, kind: poll, address: "https://u:p@x/", headers: {Cookie: x},
                 credential: {kind: header}}
              - 7
            """
        )
    fields = {complaint.field for complaint in refused.value.complaints}
    assert fields == {
        *("sources[1].address", "sources[1].interval_s", "sources[1].colour", "sources[2].kind"),
        *("sources[3].address", "sources[4].hold_s", "sources[4].silence_s", "sources[5].address"),
        *("sources[5].headers", "sources[5].credential.name", "sources[5].credential.secret", "sources[6]"),
    }


@pytest.mark.parametrize(
    "text", ["", "- a", "sources: 7", "{", "a: &a [*a]", "sources: !!python/object:os.x {}"]
)
def test_what_is_no_list_of_sources_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        configs_in(text)


def test_data_of_leaves_out_what_stands_as_it_would() -> None:
    assert data_of(SourceConfig("手工", SourceKind.HAND)) == {"name": "手工", "kind": "hand", "enabled": True}
