"""What somebody with a browser meets: signing in, pages, refusals, what is done by hand."""

import re
from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text, update

from jiaoying.kernel.clock import wall_now
from jiaoying.storage.database import Database
from jiaoying.storage.schema import (
    alarms,
    answers,
    call_outs,
    contacts,
    issued_warnings,
    ledger_lines,
    user_sessions,
    users,
)
from jiaoying.web.middlewares import SECURITY_HEADERS
from jiaoying.web.sign_in import SESSION_COOKIE
from seeded_county import Seeded, seed_county
from web_town import NOW, PASSWORD, Browser, add_users, browser_on, parts_for_tests, settings_for_tests

HOSTILE = "<script>alert('x')</script>\"'&{{7*7}}"


@pytest.fixture
async def county(database: Database) -> Seeded:
    await add_users(database)
    async with database.transaction() as tx:
        return await seed_county(tx, NOW)


@pytest.fixture
async def browser(database: Database, county: Seeded) -> AsyncIterator[Browser]:
    async with browser_on(parts_for_tests(database)) as opened:
        yield opened


@pytest.fixture
async def officer(browser: Browser) -> Browser:
    await browser.sign_in("officer")
    return browser


def paths_of(county: Seeded) -> list[str]:
    """Every page and fragment that is read."""
    warning, person = f"/warnings/{county.warning_id}", f"/call-outs/{county.exhausted_id}"
    return [
        "/warnings",
        "/warnings/list",
        warning,
        f"{warning}/board",
        f"{warning}/people",
        f"{warning}/people?state=exhausted&area=140521100000",
        f"{warning}/stand-down",
        f"{warning}/broadcast",
        f"{warning}/decide",
        "/by-hand",
        "/by-hand/areas?q=龙港",
        f"/warnings/{county.drill_id}",
        person,
        f"{person}/history",
        f"{person}/card",
        f"/call-outs/{county.answered_id}",
        f"/call-outs/{county.open_id}",
        "/alarms",
        "/alarms/list",
        "/roster",
        "/roster?area=140521101000&q=防汛",
    ]


async def ledger_events(database: Database, **where: Any) -> list[str]:
    query = select(ledger_lines.c.event).order_by(ledger_lines.c.id)
    for name, value in where.items():
        query = query.where(ledger_lines.c[name] == value)
    async with database.transaction() as tx:
        return list((await tx.execute(query)).scalars())


# --- signing in ---------------------------------------------------------------------------------


async def test_pages_lead_to_the_form_and_back(browser: Browser, county: Seeded) -> None:
    wanted = f"/call-outs/{county.open_id}?x=1"
    answer = await browser.get(wanted)
    assert answer.status == 303
    form = await browser.get(answer.headers["Location"])
    page = await form.text()
    assert f'value="{wanted}"' in page
    browser.token = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    fields = {"name": "officer", "password": PASSWORD, "next": wanted}
    signed_in = await browser.post("/sign-in", fields)
    assert (signed_in.status, signed_in.headers["Location"]) == (303, wanted)


async def test_of_a_session_only_the_digest_is_stored(officer: Browser, database: Database) -> None:
    cookies = {cookie.key: cookie for cookie in officer.client.session.cookie_jar}
    cookie = cookies[SESSION_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    async with database.transaction() as tx:
        stored = (await tx.execute(select(user_sessions))).one()
    assert cookie.value.encode() not in stored.token_sha256
    assert 11.9 < (stored.expires_at - wall_now()).total_seconds() / 3600 <= 12


@pytest.mark.parametrize("name", ["officer", "nobody"])
async def test_a_wrong_password_and_a_wrong_name_sound_the_same(browser: Browser, name: str) -> None:
    answer = await browser.sign_in(name, "wrong password")
    assert answer.status == 403
    assert "用户名或密码不正确" in await answer.text()


async def test_after_five_failures_one_waits(browser: Browser) -> None:
    for _ in range(5):
        await browser.sign_in("officer", "wrong password")
    answer = await browser.sign_in("officer")
    assert answer.status == 429
    assert (await browser.sign_in("leader")).status == 303


async def test_a_disabled_user_is_out_at_once(officer: Browser, database: Database) -> None:
    await officer.page("/warnings")
    async with database.transaction() as tx:
        await tx.execute(update(users).where(users.c.name == "officer").values(disabled_at=NOW))
    assert (await officer.get("/warnings")).status == 303
    assert (await officer.sign_in("officer")).status == 403


async def test_an_expired_session_is_none(officer: Browser, database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(user_sessions).values(expires_at=wall_now()))
    assert (await officer.get("/warnings")).status == 303


async def test_signing_out_ends_the_session_in_the_database(officer: Browser, database: Database) -> None:
    assert (await officer.post("/sign-out")).status == 303
    async with database.transaction() as tx:
        assert await tx.scalar(select(func.count()).select_from(user_sessions)) == 0
    assert (await officer.get("/warnings")).status == 303


async def test_a_fragment_of_somebody_signed_out_leads_the_page_to_the_form(browser: Browser) -> None:
    answer = await browser.get("/warnings/list", {"HX-Request": "true"})
    assert (answer.status, answer.headers["HX-Redirect"]) == (401, "/sign-in")
    assert (await browser.get("/live")).status == 401


async def test_a_sign_in_form_of_another_site_is_not_ours(browser: Browser) -> None:
    answer = await browser.post("/sign-in", {"name": "officer", "password": PASSWORD})
    assert answer.status == 403


async def test_cookies_insist_on_https_where_people_use_it(database: Database, county: Seeded) -> None:
    parts = parts_for_tests(database, public_url="https://jiaoying.example")
    async with browser_on(parts) as browser:
        answer = await browser.get("/sign-in?lang=en")
        assert all(cookie["secure"] for cookie in answer.cookies.values())
        assert "max-age" in answer.headers["Strict-Transport-Security"]


# --- forms and roles ----------------------------------------------------------------------------


def forms_of(county: Seeded) -> Mapping[str, tuple[set[str], dict[str, str]]]:
    """Every address that changes something: who may, and with what."""
    desk = {"officer", "leader"}
    return {
        f"/call-outs/{county.exhausted_id}/answer": (desk | {"township"}, {"how": "hand", "note": ""}),
        f"/call-outs/{county.exhausted_id}/numbers": (desk | {"keeper"}, {}),
        f"/warnings/{county.warning_id}/stand-down": (desk, {"reason": "误发"}),
        f"/warnings/{county.warning_id}/start": (desk, {}),
        f"/alarms/{county.alarm_id}/clear": (desk | {"operator"}, {}),
        f"/messages/{county.message_id}/number": (desk | {"keeper"}, {}),
        "/demonstrations": (desk | {"operator"}, {"name": "nothing"}),
    }


async def test_a_form_without_the_token_changes_nothing(
    officer: Browser, county: Seeded, database: Database
) -> None:
    before = await ledger_events(database)
    for path, (_, fields) in forms_of(county).items():
        for token in ("", "x" * 32):
            officer.token = token
            assert (await officer.post(path, fields)).status == 403, path
    assert await ledger_events(database) == before


async def test_the_token_may_come_as_a_header(officer: Browser, county: Seeded) -> None:
    token, officer.token = officer.token, ""
    path = f"/call-outs/{county.exhausted_id}/numbers"
    assert (await officer.post(path, headers={"X-CSRF-Token": token})).status == 200


@pytest.mark.parametrize("role", ["leader", "keeper", "township", "inspector", "operator"])
async def test_a_role_may_what_its_line_says(browser: Browser, county: Seeded, role: str) -> None:
    await browser.sign_in(role)
    for path, (roles, fields) in forms_of(county).items():
        allowed = (await browser.post(path, fields)).status != 403
        assert allowed == (role in roles), path
    export = await browser.get(f"/warnings/{county.warning_id}/ledger.json")
    assert (export.status == 200) == (role in {"leader", "inspector"})
    assert (await browser.get("/roster")).status == 200


async def test_buttons_that_one_may_not_press_are_not_there(browser: Browser, county: Seeded) -> None:
    await browser.sign_in("inspector")
    page = await browser.page(f"/warnings/{county.warning_id}")
    assert "stand-down" not in page
    card = await browser.page(f"/call-outs/{county.exhausted_id}/card")
    assert "/numbers" not in card
    assert "/answer" not in card


# --- pages --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_stands_in_both_languages(browser: Browser, county: Seeded, language: str) -> None:
    await browser.get(f"/sign-in?lang={language}")
    await browser.sign_in("officer")
    for path in paths_of(county):
        page = await browser.page(path)
        assert "{" not in page.replace('hx-headers=\'{"X-CSRF-Token"', ""), path
        if "<html" in page:
            assert f'<html lang="{language}">' in page, path


async def test_every_answer_has_the_headers(officer: Browser, county: Seeded) -> None:
    script = re.findall(r'src="(/static/[^"]+\.js)"', await officer.page("/warnings"))[0]
    for path in ["/warnings", "/nowhere", script, "/static/nothing.js", "/api/v1/nothing", "/sign-in"]:
        answer = await officer.get(path)
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers[name] == value, (path, name)
    assert (await officer.get("/warnings")).headers["Cache-Control"] == "no-store"
    assert "immutable" in (await officer.get(script)).headers["Cache-Control"]


async def test_words_from_outside_are_text(officer: Browser, county: Seeded, database: Database) -> None:
    async with database.transaction() as tx:
        hostile = {"headline": HOSTILE, "text": HOSTILE, "area_names": HOSTILE, "sender_name": HOSTILE}
        await tx.execute(update(issued_warnings).values(**hostile))
        await tx.execute(update(contacts).values(name=HOSTILE, title=HOSTILE))
        await tx.execute(update(answers).values(said=HOSTILE))
        await tx.execute(update(alarms).values(text=HOSTILE))
    for path in [*paths_of(county), "/roster?q=" + "%3Cscript%3E"]:
        page = await officer.page(path)
        assert "<script>" not in page, path
        assert "49" not in re.findall(r"&amp;(.{1,8})", page), path


async def test_numbers_are_masked_on_every_page(officer: Browser, county: Seeded) -> None:
    for path in paths_of(county):
        page = await officer.page(path)
        assert not re.search(r"(?:\+86)?100\d{8}", page), path


async def test_a_look_at_a_number_is_a_line_in_the_ledger(
    officer: Browser, county: Seeded, database: Database
) -> None:
    answer = await officer.post(f"/call-outs/{county.exhausted_id}/numbers")
    shown = re.findall(r'href="tel:(\+86100\d{8})"', await answer.text())
    assert len(shown) == 2
    looks = await ledger_events(
        database, call_out_id=county.exhausted_id, event="contact.number_shown", actor="user:officer"
    )
    assert len(looks) == len(shown)


async def test_a_strangers_number_too(officer: Browser, county: Seeded, database: Database) -> None:
    answer = await officer.post(f"/messages/{county.message_id}/number", headers={"HX-Request": "true"})
    assert "tel:+8610099990000" in await answer.text()
    assert len(await ledger_events(database, event="contact.number_shown")) == 1


async def test_banners_say_what_is_not_real(database: Database, county: Seeded) -> None:
    parts = parts_for_tests(database, settings_for_tests(JIAOYING_CLOCK_RATE="10"))
    async with browser_on(parts) as browser:
        page = await (await browser.get("/sign-in")).text()
    assert "演示时钟：10 倍速" in page
    assert "未接入真实通道：所有呼叫只到模拟电话" in page


async def test_a_drill_is_marked_on_each_of_its_pages(officer: Browser, county: Seeded) -> None:
    for path in ("", "/people", "/stand-down"):
        page = await officer.page(f"/warnings/{county.drill_id}{path}")
        assert '<body class="drill"' in page
        assert page.count("【演练】") >= 1
    assert '<body class="drill"' not in await officer.page(f"/warnings/{county.warning_id}")


@pytest.mark.parametrize("path", ["/nowhere", f"/warnings/{UUID(int=7)}", f"/call-outs/{UUID(int=7)}"])
async def test_what_is_not_there_is_said_kindly(officer: Browser, path: str) -> None:
    answer = await officer.get(path)
    assert answer.status == 404
    assert "此地址没有内容" in await answer.text()
    fragment = await officer.get(path, {"HX-Request": "true"})
    assert "<html" not in await fragment.text()


async def test_programs_get_problems_not_pages(browser: Browser) -> None:
    answer = await browser.get("/api/v1/nothing")
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert (await answer.json())["status"] == 404


async def test_without_the_database_a_page_says_so(
    officer: Browser, database: Database, owner_url: str
) -> None:
    owner = Database(owner_url)
    async with owner.transaction() as tx:
        name = await tx.scalar(select(func.current_database()))
        await tx.execute(text(f'ALTER DATABASE "{name}" CONNECTION LIMIT 0'))
    await owner.close()
    await database.close()
    answer = await officer.get("/warnings")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "数据库暂时连不上" in await answer.text()


async def test_a_form_that_is_too_large_is_refused(officer: Browser, county: Seeded) -> None:
    answer = await officer.post(f"/call-outs/{county.exhausted_id}/answer", {"note": "长" * 100_000})
    assert answer.status == 413


# --- what is done by hand -----------------------------------------------------------------------


async def test_an_answer_is_logged_by_hand(officer: Browser, county: Seeded, database: Database) -> None:
    path = f"/call-outs/{county.exhausted_id}/answer"
    answer = await officer.post(
        path, {"how": "door", "note": "村主任上门，已叫醒"}, headers={"HX-Request": "true"}
    )
    assert (answer.status, answer.headers["HX-Trigger"]) == (200, "refresh")
    async with database.transaction() as tx:
        row = (await tx.execute(select(call_outs).where(call_outs.c.id == county.exhausted_id))).one()
        given = (await tx.execute(select(answers).where(answers.c.call_out_id == row.id))).one()
    assert (row.state, row.answered_how) == ("answered", "door")
    assert (given.by_user, given.said) == ("user:officer", "村主任上门，已叫醒")
    assert "村主任上门，已叫醒" in await officer.page(f"/call-outs/{county.exhausted_id}")


@pytest.mark.parametrize("fields", [{"how": "shouted"}, {"how": "hand", "note": "长" * 501}, {}])
async def test_a_refusal_is_a_sentence_in_the_card(
    officer: Browser, county: Seeded, fields: dict[str, str]
) -> None:
    path = f"/call-outs/{county.exhausted_id}/answer"
    answer = await officer.post(path, fields, headers={"HX-Request": "true"})
    assert answer.status == 422
    text = await answer.text()
    assert 'role="alert"' in text
    assert "<html" not in text


async def test_everybody_is_stood_down(officer: Browser, county: Seeded, database: Database) -> None:
    path = f"/warnings/{county.warning_id}/stand-down"
    assert (await officer.post(path, {"reason": " "})).status == 422
    assert (await officer.post(path, {"reason": "误发"})).status == 303
    page = await officer.page(f"/warnings/{county.warning_id}")
    assert "已解除" in page
    assert (await officer.post(path, {"reason": "误发"})).status == 422
    assert "warning.withdrawn" in await ledger_events(database, actor="user:officer")


async def test_an_alarm_is_seen_to_once(officer: Browser, county: Seeded) -> None:
    path = f"/alarms/{county.alarm_id}/clear"
    assert (await officer.post(path)).status == 303
    assert "当前没有待处理的告警" in await officer.page("/alarms")
    assert (await officer.post(path)).status == 422


async def test_an_alarm_leads_to_its_person_and_their_numbers(
    officer: Browser, county: Seeded, database: Database
) -> None:
    async with database.transaction() as tx:
        whose = select(call_outs.c.contact_id).where(call_outs.c.id == county.exhausted_id)
        await tx.execute(update(alarms).values(contact_id=whose.scalar_subquery(), warning_id=None))
    for path in ("/warnings", f"/warnings/{county.warning_id}", "/alarms"):
        page = await officer.page(path)
        alarm = page[page.index("报告险情") :][:2500]
        assert f'href="/call-outs/{county.exhausted_id}">查看此人叫应情况' in alarm, path
        assert f'hx-get="/call-outs/{county.exhausted_id}/card"' in alarm, path
        assert "<span>中村镇 镇长</span>" in alarm, path


async def test_what_ended_with_posts_left_for_the_hand_is_not_told_calmly(
    officer: Browser, county: Seeded, database: Database
) -> None:
    async with database.transaction() as tx:
        ended = {"state": "closed", "reason": "all_done", "closed_at": NOW}
        await tx.execute(update(issued_warnings).values(**ended))
    for path in ("/warnings", f"/warnings/{county.warning_id}"):
        told = re.search(
            r'<strong class="overdue">自动叫应已停，(\d+)个岗位无人应答', await officer.page(path)
        )
        assert told, path
    listed = await officer.page("/warnings")
    assert f"<b>{told[1]}</b> 待人工处置" in listed
    assert "叫应完成" in listed  # the drill, for which nobody was called


async def test_a_held_warning_is_started(officer: Browser, county: Seeded, database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(
            update(issued_warnings)
            .where(issued_warnings.c.id == county.warning_id)
            .values(state="held", hold_reason="policy", hold_until=NOW, hold_next_at=NOW)
        )
    path = f"/warnings/{county.warning_id}"
    assert f'href="{path}/decide"' in await officer.page(path)
    assert f'action="{path}/start"' in await officer.page(f"{path}/decide")
    assert (await officer.post(f"{path}/start")).status == 303
    assert "warning.started" in await ledger_events(database, actor="user:officer")


async def test_a_gong_is_logged_on_the_page_with_the_time_that_the_officer_says(
    officer: Browser, county: Seeded, database: Database
) -> None:
    """At 03:12 somebody notes what was done at 23:41: yesterday's 23:41, not tonight's."""
    path = f"/warnings/{county.warning_id}/broadcast"
    page = await officer.page(path)
    assert "不算本人应答" in page
    area = re.findall(r'<option value="(\d{12})"', page)[0]
    for fields, words in (
        ({"how": "hand", "area": area}, "请选择告知方式"),
        ({"how": "gong", "area": area, "at": "now"}, "时间请填时和分"),
        ({"how": "gong", "area": "110000000000"}, "没有叫应任何人"),
    ):
        refused = await officer.post(path, fields)
        assert refused.status == 422
        assert words in await refused.text()
    done = await officer.post(path, {"how": "gong", "area": area, "at": "23:41", "note": "村主任"})
    assert done.status == 303
    async with database.transaction() as tx:
        rows = (await tx.execute(select(answers).where(answers.c.how == "gong"))).all()
    assert rows
    assert {row.at for row in rows} == {NOW.replace(hour=15, minute=41, second=0)}
    assert "已广播告知" in await officer.page(f"/warnings/{county.warning_id}")


async def test_a_demonstration_warning_comes_in_by_the_door_of_all(
    officer: Browser, county: Seeded, database: Database
) -> None:
    assert "推送演示预警" in await officer.page("/warnings")
    assert (await officer.post("/demonstrations", {"name": "rain_yellow"})).status == 303
    assert (await officer.post("/demonstrations", {"name": "../secrets"})).status == 404
    async with database.transaction() as tx:
        stored = select(issued_warnings.c.colour).where(issued_warnings.c.source == "demonstration")
        assert (await tx.execute(stored)).scalars().all() == ["yellow"]


async def test_no_demonstration_where_people_are_real(officer: Browser, database: Database) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(contacts).values(demonstration=False))
    assert "推送演示预警" not in await officer.page("/warnings")
    assert (await officer.post("/demonstrations", {"name": "rain_yellow"})).status == 404


@pytest.mark.parametrize(("kind", "magic"), [("xlsx", b"PK"), ("docx", b"PK"), ("json", b"{")])
async def test_the_ledger_is_one_click(officer: Browser, county: Seeded, kind: str, magic: bytes) -> None:
    answer = await officer.get(f"/warnings/{county.warning_id}/ledger.{kind}")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].endswith(f'.{kind}"')
    body = await answer.read()
    assert body.startswith(magic)
    assert (await officer.get(f"/warnings/{county.warning_id}/ledger.exe")).status == 404


async def test_long_lists_come_page_by_page(officer: Browser, database: Database) -> None:
    async with database.transaction() as tx:
        template = (await tx.execute(select(issued_warnings).limit(1))).mappings().one()
        rows = [
            {**template, "id": UUID(int=number), "identifier": f"old-{number}", "state": "closed"}
            for number in range(1, 41)
        ]
        await tx.execute(insert(issued_warnings), rows)
    first = await officer.page("/warnings")
    older = re.findall(r'href="(/warnings\?after=[^"]+)"', first)
    assert len(older) == 1
    second = await officer.page(older[0])
    assert str(UUID(int=1)) in second
    assert str(UUID(int=1)) not in first
