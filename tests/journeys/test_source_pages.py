"""The pages of sources: seen by everybody who watches, changed by those who may, secrets by nobody."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from jiaoying.dispatch.checking import complaints_of
from jiaoying.kernel.clock import wall_now
from jiaoying.storage.database import Database
from jiaoying.storage.schema import ledger_lines, warning_sources
from jiaoying.warnings.feeds.model import Credential, CredentialKind, Proof, SourceConfig, SourceKind
from jiaoying.warnings.feeds.presets import presets
from jiaoying.warnings.intake import take_in
from jiaoying.warnings.sources import find_source, save_source
from unit.warnings.samples import alert
from web_town import NOW, Browser, add_users, browser_on, parts_for_tests

KEY = "a key of the tests"
SECRET = "swordfish-7181"
POLL = SourceConfig(
    "省台",
    SourceKind.POLL,
    address="https://cap.example.gov.cn/rss.xml",
    credential=Credential(CredentialKind.HEADER, "X-Key", SECRET),
    headers={"Referer": "https://example.gov.cn/"},
    silence_s=86400,
    hold_s={"red": 300},
    notes="静默时打电话",
)
PUSH = SourceConfig("县气象局", SourceKind.PUSH, proof=Proof.BOTH, signing_secret=SECRET * 2)


@pytest.fixture
async def browser(database: Database) -> AsyncIterator[Browser]:
    await add_users(database)
    async with browser_on(parts_for_tests(database)) as opened:
        await opened.sign_in("operator")
        yield opened


async def become(browser: Browser, role: str) -> None:
    await browser.post("/sign-out")
    await browser.sign_in(role)


async def add(database: Database, config: SourceConfig) -> Any:
    async with database.transaction() as tx:
        source_id, _ = await save_source(tx, config, key=KEY, by="operator", now=NOW, wall=wall_now())
    return source_id


async def row_of(database: Database, name: str) -> Any:
    async with database.transaction() as tx:
        return (await tx.execute(select(warning_sources).where(warning_sources.c.name == name))).one()


async def deliver(database: Database, source: str, *bodies: bytes) -> None:
    for body in bodies:
        await take_in(
            database,
            body,
            media_type="application/xml",
            source=source,
            now=NOW - timedelta(minutes=5),
            wall=NOW,
            home_area="140521000000",
        )


def fields_in(page: str) -> dict[str, str]:
    """What the form of a source would send as it stands."""
    form = page[page.index("source-form") :]
    found: dict[str, str] = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="(\w+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            found[name[1]] = value[1] if value else "on"
    found |= dict(re.findall(r'<textarea name="(\w+)"[^>]*>([^<]*)</textarea>', form))
    for name, content in re.findall(r'<select name="(\w+)">(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="(\w*)" selected', content)
        found[name] = chosen[1] if chosen else ""
    return found


async def test_everybody_who_watches_sees_how_sources_do(browser: Browser, database: Database) -> None:
    await add(database, POLL)
    await add(database, PUSH)
    await deliver(database, PUSH.name, alert(), alert(), b"<html/>")
    async with database.transaction() as tx:
        wall = wall_now()
        values = {"failures": 7, "failing_since": wall - timedelta(hours=1), "trouble": "连不上"}
        await tx.execute(update(warning_sources).where(warning_sources.c.kind == "poll").values(values))
    for role in ("officer", "leader", "keeper", "township", "inspector", "operator"):
        await become(browser, role)
        page = await browser.page("/sources")
        assert page.index("省台") < page.index("县气象局"), "trouble stands first"
        assert "⚠" in page
        assert "连续失败7次" in page
        assert "收到3次" in page
        assert "拒收 1" in page
        assert ("/sources/new" in page) is (role in ("officer", "leader", "operator"))


@pytest.mark.parametrize("role", ["keeper", "township", "inspector"])
async def test_who_may_not_change_sources_cannot(browser: Browser, database: Database, role: str) -> None:
    source_id = await add(database, POLL)
    await become(browser, role)
    page = await browser.page(f"/sources/{source_id}")
    assert "source-form" not in page
    assert "rss.xml" not in page
    for path in (
        "/sources",
        f"/sources/{source_id}",
        *(f"/sources/{source_id}/{one}" for one in ("switch", "ask")),
    ):
        assert (await browser.post(path, {"name": "x", "kind": "push"})).status == 403, path
    assert (await browser.get("/sources/new")).status == 403


async def test_no_page_shows_a_secret(browser: Browser, database: Database) -> None:
    for config in (POLL, PUSH):
        source_id = await add(database, config)
        for path in ("/sources", f"/sources/{source_id}", f"/sources/{source_id}/state"):
            assert SECRET not in await browser.page(path)


async def test_a_source_is_added_by_its_form_and_stored_as_it_stands(
    browser: Browser, database: Database
) -> None:
    page = await browser.page("/sources/new?kind=poll")
    fields = fields_in(page) | {
        "name": "省台",
        "address": "https://cap.example.gov.cn/rss.xml",
        "allowed_hosts": "mirror.example.gov.cn\nb.example.gov.cn",
        "headers": "Referer: https://example.gov.cn/\nX-A: b:c",
        "interval_s": "120",
        "silence_h": "1.5",
        "credential_kind": "basic",
        "credential_name": "county",
        "credential_secret": SECRET,
        "hold_red": "5",
        "hold_none": "0.5",
        "notes": "静默时打电话",
        "inside_network": "on",
    }
    answer = await browser.post("/sources", fields)
    assert answer.status == 303, await answer.text()
    row = await row_of(database, "省台")
    assert (row.interval_s, row.silence_s, row.hold_s) == (120, 5400, {"red": 300, "none": 30})
    assert row.headers == {"Referer": "https://example.gov.cn/", "X-A": "b:c"}
    assert row.allowed_hosts == ["mirror.example.gov.cn", "b.example.gov.cn"]
    assert (row.credential_kind, row.credential_name, row.inside_network) == ("basic", "county", True)
    assert (row.enabled, row.created_by) == (True, "user:operator")
    # Stored again as the form shows it, nothing changes; not even the secret.
    page = await browser.page(answer.headers["Location"])
    assert (await browser.post(answer.headers["Location"], fields_in(page))).status == 303
    assert await row_of(database, "省台") == row


async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    browser: Browser, database: Database
) -> None:
    fields = fields_in(await browser.page("/sources/new?kind=poll")) | {
        "name": "省台",
        "address": "ftp://cap.example.gov.cn/",
        "interval_s": "soon",
        "credential_kind": "header",
        "notes": "<b>打电话</b>",
    }
    answer = await browser.post("/sources", fields)
    page = await answer.text()
    assert answer.status == 422
    assert page.count("what-is-wrong") >= 4
    for typed in ("ftp://cap.example.gov.cn/", "省台", "&lt;b&gt;打电话"):
        assert typed in page
    async with database.transaction() as tx:
        assert await find_source(tx, name="省台") is None


async def test_the_same_name_is_not_taken_twice(browser: Browser, database: Database) -> None:
    await add(database, PUSH)
    fields = fields_in(await browser.page("/sources/new?kind=push")) | {"name": PUSH.name}
    answer = await browser.post("/sources", fields)
    assert answer.status == 422
    assert "已有同名来源" in await answer.text()


async def test_each_preset_fills_the_form_and_asks_nobody(browser: Browser) -> None:
    choice = await browser.page("/sources/new")
    for preset in presets():
        assert preset.name in choice
        page = await browser.page(f"/sources/new?preset={preset.id}")
        fields = fields_in(page)
        assert fields["kind"] == preset.data["kind"]
        assert fields["name"] == preset.name
        if "{" in preset.data.get("address", ""):
            answer = await browser.post("/sources", fields)
            assert answer.status == 422, "braces are to be replaced"


async def test_it_is_switched_off_and_on_and_each_is_a_line(browser: Browser, database: Database) -> None:
    source_id = await add(database, POLL)
    await browser.post(f"/sources/{source_id}/switch", {"enabled": "no"})
    assert not (await row_of(database, POLL.name)).enabled
    assert "已停用" in await browser.page("/sources")
    assert (await browser.post(f"/sources/{source_id}/ask")).status == 422
    await browser.post(f"/sources/{source_id}/switch", {"enabled": "yes"})
    async with database.transaction() as tx:
        query = select(ledger_lines.c.event).where(ledger_lines.c.actor == "user:operator")
        events = [event for event in await tx.scalars(query) if event.startswith("source.")]
    assert events == ["source.disabled", "source.enabled"]
    assert (await browser.post(f"/sources/{source_id}/ask")).status == 303


async def test_a_new_secret_is_shown_once(browser: Browser, database: Database) -> None:
    source_id = await add(database, replace(PUSH, signing_secret=None))
    page = await (await browser.post(f"/sources/{source_id}/secret")).text()
    found = re.search(r'id="secret">([\w-]{32})<', page)
    assert found
    assert found[1] not in await browser.page(f"/sources/{source_id}")
    assert (await row_of(database, PUSH.name)).signing_locked


async def test_what_was_refused_can_be_read_as_it_came_and_does_nothing(
    browser: Browser, database: Database
) -> None:
    source_id = await add(database, PUSH)
    await deliver(database, PUSH.name, b"<html><script>alert(1)</script>\x00\xff</html>", alert())
    page = await browser.page(f"/sources/{source_id}")
    link = re.search(r"/received/[0-9a-f-]{36}", page)
    assert link
    message = await browser.page(link[0])
    assert "<script>alert" not in message
    assert "&lt;script&gt;alert(1)" in message
    assert "not-an-alert" in message or "not-well-formed" in message
    answer = await browser.get(f"{link[0]}/bytes")
    assert await answer.read() == b"<html><script>alert(1)</script>\x00\xff</html>"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.content_type == "application/octet-stream"
    everything = await browser.page(f"/sources/{source_id}/received")
    assert everything.count("/received/") >= 2
    assert (await browser.page(f"/sources/{source_id}/received?refused")).count('<td class="row-head">') == 1
    await deliver(database, "api:a program without a source", b"<p/>")
    refused = await browser.page("/received?refused")
    assert refused.count('<td class="row-head">') == 2
    assert "api:a program without a source" in refused
    assert (await browser.page("/received")).count('<td class="row-head">') == 3
    await become(browser, "township")
    for path in (link[0], f"{link[0]}/bytes", "/received", f"/sources/{source_id}/received"):
        assert (await browser.get(path)).status == 403, path


async def test_the_figures_of_sources_are_there_for_machines(browser: Browser, database: Database) -> None:
    await add(database, POLL)
    await add(database, PUSH)
    await deliver(database, PUSH.name, alert(), b"<html/>")
    async with database.transaction() as tx:
        await tx.execute(update(warning_sources).values(last_success_at=wall_now() - timedelta(seconds=100)))
    text = await (await browser.get("/metrics")).text()
    assert 'jiaoying_source_state{source="县气象局",state="well"} 1.0' in text
    assert 'jiaoying_source_deliveries_last_day{disposition="rejected",source="县气象局"} 1.0' in text
    assert 'jiaoying_source_last_message_age_seconds{source="县气象局"} 300.0' in text
    age = re.search(r'jiaoying_source_last_success_age_seconds{source="省台"} ([\d.]+)', text)
    assert age
    assert 100 <= float(age[1]) < 200


async def test_check_finds_sources_that_cannot_work(database: Database) -> None:
    await add(database, replace(PUSH, signing_secret=None))
    await add(database, SourceConfig("目录", SourceKind.FOLDER, address="/nonexistent/12379"))
    await add(database, POLL)
    await add(database, SourceConfig("关掉的", SourceKind.FOLDER, enabled=False, address="/nonexistent"))
    async with database.transaction() as tx:
        await tx.execute(
            update(warning_sources)
            .where(warning_sources.c.name == POLL.name)
            .values(trouble="对方应答 HTTP 500")
        )
    found = {
        (one.code, one.field) for one in await complaints_of(database, "140521000000", NOW, "another key")
    }
    assert {
        ("source_no_token", PUSH.name),
        ("source_no_secret", PUSH.name),
        ("source_no_folder", "目录"),
        ("source_locked", POLL.name),
        ("source_failing", POLL.name),
    } <= found
    assert not [one for one in found if one[1] == "关掉的"]
