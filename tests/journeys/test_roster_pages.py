"""The keeper's pages: finding people, changing them by hand without overwriting anybody, masked numbers."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, func, insert, select, update

from jiaoying.kernel.ids import new_id
from jiaoying.storage.database import Database
from jiaoying.storage.schema import (
    areas,
    contact_numbers,
    contacts,
    danger_points,
    desks,
    ledger_lines,
    ledger_particulars,
    posts,
    shifts,
    threatened_households,
)
from web_town import NOW, Browser, add_users, browser_on, parts_for_tests

COUNTY, TOWN, VILLAGE = "140521000000", "140521100000", "140521100201"
HOSTILE = "<script>alert('x')</script>\"'&{{7*7}}"
_SHOWN = re.compile(r'name="shown" value="([0-9a-f]+)"')


@dataclass(frozen=True, slots=True)
class Town:
    """Two people, two posts and a danger point of a made-up township."""

    wang: UUID
    li: UUID
    post: UUID  # held by 王强
    vacant: UUID
    point: UUID
    household: UUID


@pytest.fixture
async def town(database: Database) -> Town:
    await add_users(database)
    made = Town(*(new_id(NOW) for _ in range(6)))
    places = ((COUNTY, "沁水县", "county", None), (TOWN, "龙港镇", "township", COUNTY))
    async with database.transaction() as tx:
        for code, name, level, parent in (*places, (VILLAGE, "杏园村", "village", TOWN)):
            await tx.execute(insert(areas).values(code=code, name=name, level=level, parent_code=parent))
        for contact_id, name, number in (
            (made.wang, "王强", "+8610012345678"),
            (made.li, "李梅", "+8610087654321"),
        ):
            await tx.execute(
                insert(contacts).values(id=contact_id, name=name, demonstration=True, created_at=NOW)
            )
            row = {"id": new_id(NOW), "contact_id": contact_id, "number": number, "kind": "mobile"}
            await tx.execute(insert(contact_numbers).values(row))
        await tx.execute(
            insert(danger_points).values(
                id=made.point, name="后沟滑坡", code="D-1", kind="geohazard", area_code=VILLAGE,
                households=2, people=7, created_at=NOW,
            )
        )  # fmt: skip
        common = {"level": "village", "tier": "village", "area_code": VILLAGE}
        await tx.execute(
            insert(posts).values(
                id=made.post, kind="防汛责任人", hazards=["flood"], holder_id=made.wang, **common
            )
        )
        await tx.execute(
            insert(posts).values(id=made.vacant, kind="群测群防员", danger_point_id=made.point, **common)
        )
        await tx.execute(
            insert(threatened_households).values(
                id=made.household, danger_point_id=made.point, position=1, head="赵大", people=4,
                helper_id=made.wang,
            )
        )  # fmt: skip
    return made


@pytest.fixture
async def browser(database: Database, town: Town) -> AsyncIterator[Browser]:
    async with browser_on(parts_for_tests(database)) as opened:
        yield opened


@pytest.fixture
async def keeper(browser: Browser) -> Browser:
    await browser.sign_in("keeper")
    return browser


async def stamp_on(browser: Browser, path: str) -> str:
    """What the forms of a page carry to say what they showed."""
    found = _SHOWN.search(await browser.page(path))
    assert found, path
    return found[1]


async def events(database: Database) -> list[str]:
    async with database.transaction() as tx:
        return list((await tx.execute(select(ledger_lines.c.event).order_by(ledger_lines.c.id))).scalars())


async def one(database: Database, query: object) -> object:
    async with database.transaction() as tx:
        return (await tx.execute(query)).scalar_one_or_none()  # type: ignore[call-overload]


def paths_of(town: Town) -> list[str]:
    return [
        *("/roster", "/roster?q=王强&hazard=flood&level=village&only=vacant", "/danger-points"),
        *(f"/contacts/{town.wang}", "/contacts/new", f"/posts/{town.post}", "/posts/new"),
        *(f"/posts/new?point={town.point}", f"/posts/{town.post}/appoint?seat=deputy&q=李"),
        *(f"/danger-points/{town.point}", "/danger-points/new", "/danger-points?q=后沟&kind=geohazard"),
    ]


# --- finding ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["王强", "强", "5678", "10012345678", "防汛", "杏园", "龙港 王强", "防汛 强"]
)
async def test_a_person_is_found_by_what_one_knows(keeper: Browser, typed: str) -> None:
    page = await keeper.page(f"/roster?q={typed}")
    assert "王强" in page
    assert "群测群防员" not in page or typed == "杏园"


@pytest.mark.parametrize("query", ["q=4321", "q=龙港 张", "hazard=wildfire", "level=county", "only=ended"])
async def test_who_does_not_match_is_not_shown(keeper: Browser, query: str) -> None:
    assert "王强" not in await keeper.page(f"/roster?{query}")


async def test_middle_digits_of_a_number_cannot_be_searched_for(keeper: Browser) -> None:
    assert "王强" in await keeper.page("/roster?q=99995678")
    assert "王强" not in await keeper.page("/roster?q=1234")


async def test_vacant_posts_are_counted_and_found(keeper: Browser) -> None:
    page = await keeper.page("/roster")
    assert "其中1个空缺" in page
    vacant = await keeper.page("/roster?only=vacant")
    assert "群测群防员" in vacant
    assert "防汛责任人" not in vacant


async def test_who_has_no_number_is_found(keeper: Browser, database: Database, town: Town) -> None:
    assert "王强" not in await keeper.page("/roster?only=no_number")
    async with database.transaction() as tx:
        await tx.execute(delete(contact_numbers).where(contact_numbers.c.contact_id == town.wang))
    assert "王强" in await keeper.page("/roster?only=no_number")


async def test_a_long_roster_is_read_to_its_end_without_gaps_or_repeats(
    keeper: Browser, database: Database, town: Town
) -> None:
    rows = [
        {"id": new_id(NOW), "kind": f"网格员{number % 7}", "level": "village", "tier": "village",
         "area_code": VILLAGE, "holder_id": town.li}
        for number in range(250)
    ]  # fmt: skip
    async with database.transaction() as tx:
        await tx.execute(insert(posts), rows)
    seen: list[str] = []
    path: str | None = "/roster"
    while path:
        page = await keeper.page(path)
        seen += re.findall(r'row-head"><a href="/posts/([^"]+)"', page)
        more = re.search(r'href="(/roster\?[^"]*after=[^"]+)"', page)
        path = more[1].replace("&amp;", "&") if more else None
    assert len(seen) == len(set(seen)) == 252


# --- privacy ------------------------------------------------------------------------------------


async def test_numbers_are_masked_on_every_page(keeper: Browser, town: Town) -> None:
    for path in paths_of(town):
        assert "10012345678" not in await keeper.page(path), path


async def test_a_number_is_shown_with_a_reason_and_the_ledger_says_so(
    keeper: Browser, database: Database, town: Town
) -> None:
    path = f"/contacts/{town.wang}/reveal"
    refused = await keeper.post(path, {"reason": "  "})
    assert refused.status == 422
    assert "10012345678" not in await refused.text()
    assert "contact.number_shown" not in await events(database)
    shown = await keeper.post(path, {"reason": "核对号码"})
    assert "10012345678" in await shown.text()
    assert (await events(database)).count("contact.number_shown") == 1
    why = ledger_particulars.c.body["reason"].astext
    assert await one(database, select(why).where(why.is_not(None))) == "核对号码"
    assert "核对号码" in await keeper.page(f"/contacts/{town.wang}")


async def test_what_is_written_is_never_taken_for_markup(
    keeper: Browser, database: Database, town: Town
) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(contacts).values(name=HOSTILE, unit=HOSTILE, note=HOSTILE))
        await tx.execute(update(posts).values(kind=HOSTILE, note=HOSTILE))
        await tx.execute(update(danger_points).values(name=HOSTILE, route=HOSTILE, code=HOSTILE))
        await tx.execute(update(threatened_households).values(head=HOSTILE))
    for path in paths_of(town):
        page = await keeper.page(path)
        assert "<script>alert" not in page, path
        assert "49" not in re.findall(r"&amp;(\d+)", page), path


# --- roles and tokens ---------------------------------------------------------------------------


def forms_of(town: Town) -> Mapping[str, dict[str, str]]:
    """Every address that changes the roster by hand."""
    return {
        "/contacts": {"name": "张三"},
        f"/contacts/{town.wang}": {"name": "张三"},
        f"/contacts/{town.wang}/numbers": {"number": "10011112222"},
        f"/contacts/{town.wang}/leave": {"sure": "yes"},
        f"/contacts/{town.wang}/erase": {"sure_name": "王强", "erase_reason": "本人要求", "vacate": "yes"},
        "/posts": {"kind": "网格员", "level": "village", "area": "杏园村"},
        f"/posts/{town.post}": {"kind": "网格员", "level": "village"},
        f"/posts/{town.post}/appoint": {"seat": "holder", "person": "nobody"},
        f"/posts/{town.post}/end": {"last_day": "2026-08-01"},
        "/danger-points": {"name": "前沟", "kind": "geohazard", "area": "杏园村"},
        f"/danger-points/{town.point}": {"name": "前沟", "kind": "geohazard"},
        f"/danger-points/{town.point}/households": {"head": "钱二"},
        f"/danger-points/{town.point}/retire": {"sure": "yes"},
        "/roster/imports": {},
        f"/roster/imports/{town.post}/apply": {},
        f"/roster/imports/{town.post}/undo": {},
        f"/roster/imports/{town.post}/discard": {},
        f"/roster/doubts/{town.post}": {"said": "same"},
    }


@pytest.mark.parametrize("role", ["township", "inspector"])
async def test_who_only_reads_changes_nothing(
    browser: Browser, database: Database, town: Town, role: str
) -> None:
    await browser.sign_in(role)
    before = await events(database)
    for path, fields in forms_of(town).items():
        assert (await browser.post(path, fields)).status == 403, path
    assert await events(database) == before
    assert (await browser.post(f"/contacts/{town.wang}/reveal", {"reason": "x"})).status == 403
    page = await browser.page(f"/contacts/{town.wang}")
    assert 'method="post" action="/contacts' not in page
    assert (await browser.get("/roster/imports")).status == 403


async def test_a_form_without_the_token_changes_nothing(
    keeper: Browser, database: Database, town: Town
) -> None:
    before = await events(database)
    keeper.token = "x" * 32
    for path, fields in forms_of(town).items():
        assert (await keeper.post(path, fields)).status == 403, path
    assert await events(database) == before


async def test_the_operator_keeps_the_roster_without_seeing_numbers(browser: Browser, town: Town) -> None:
    await browser.sign_in("operator")
    assert "修改" in await browser.page(f"/contacts/{town.wang}")
    assert (await browser.post(f"/contacts/{town.wang}/reveal", {"reason": "x"})).status == 403


# --- changing by hand ---------------------------------------------------------------------------


async def test_particulars_are_changed_and_told(keeper: Browser, database: Database, town: Town) -> None:
    path = f"/contacts/{town.wang}"
    fields = {
        "shown": await stamp_on(keeper, path),
        "name": "王 强",
        "unit": "杏园村委会",
        "language": "zh-CN",
    }
    fields |= {"other_languages": "晋语、英语"}
    assert (await keeper.post(path, fields)).status == 303
    page = await keeper.page(path)
    assert "杏园村委会" in page
    assert "晋语，英语" in page or "晋语、英语" in page
    assert (await events(database))[-1] == "contact.changed"


async def test_what_somebody_else_changed_in_between_is_not_overwritten(
    keeper: Browser, database: Database, town: Town
) -> None:
    path = f"/contacts/{town.wang}"
    stamp = await stamp_on(keeper, path)
    async with database.transaction() as tx:
        await tx.execute(update(contacts).where(contacts.c.id == town.wang).values(unit="新单位"))
    late = await keeper.post(path, {"shown": stamp, "name": "王强", "unit": "旧单位"})
    assert late.status == 409
    page = await late.text()
    assert "新单位" in page
    assert "旧单位" not in page
    assert await one(database, select(contacts.c.unit).where(contacts.c.id == town.wang)) == "新单位"


async def test_of_two_keepers_at_once_one_appoints_and_the_other_is_told(
    keeper: Browser, database: Database, town: Town
) -> None:
    path = f"/posts/{town.vacant}"
    stamp = await stamp_on(keeper, path)
    answers = await asyncio.gather(
        *(
            keeper.post(f"{path}/appoint", {"shown": stamp, "seat": "holder", "person": str(somebody)})
            for somebody in (town.wang, town.li)
        )
    )
    assert sorted(answer.status for answer in answers) == [303, 409]
    assert (await events(database)).count("post.changed") == 1


async def test_every_form_with_an_old_stamp_is_refused(
    keeper: Browser, database: Database, town: Town
) -> None:
    before = await events(database)
    for path, fields in forms_of(town).items():
        is_new = path in ("/contacts", "/posts", "/danger-points") or path.startswith("/roster")
        if not is_new and not path.endswith("/erase"):
            late = await keeper.post(path, {**fields, "shown": "0" * 24})
            assert late.status == 409, path
    assert await events(database) == before


async def test_a_number_is_added_preferred_vouched_for_and_removed(
    keeper: Browser, database: Database, town: Town
) -> None:
    path = f"/contacts/{town.wang}"

    async def send(**fields: str) -> int:
        stamp = await stamp_on(keeper, path)
        return (await keeper.post(f"{path}/numbers", {"shown": stamp, **fields})).status

    assert await send(number="0356-0001234") == 303
    assert await send(wish="prefer", place="1") == 303
    assert await send(wish="vouch", place="0") == 303
    async with database.transaction() as tx:
        rows = (
            await tx.execute(
                select(contact_numbers)
                .where(contact_numbers.c.contact_id == town.wang)
                .order_by(contact_numbers.c.preference)
            )
        ).all()
    assert [(row.number, row.verified_how) for row in rows] == [
        ("+863560001234", "hand"),
        ("+8610012345678", None),
    ]
    assert await send(wish="remove", place="1") == 303
    assert "10012345678" not in str(await one(database, select(func.array_agg(contact_numbers.c.number))))


@pytest.mark.parametrize(
    ("typed", "told"), [("123", "11 位"), ("", "请"), ("10011112222、10011113333", "一个号码")]
)
async def test_a_bad_number_is_told_beside_its_field(
    keeper: Browser, town: Town, typed: str, told: str
) -> None:
    path = f"/contacts/{town.wang}"
    answer = await keeper.post(f"{path}/numbers", {"shown": await stamp_on(keeper, path), "number": typed})
    assert answer.status == 422
    mistake = re.search(r'id="mistake-number" role="alert">([^<]+)<', await answer.text())
    assert mistake is not None
    assert told in mistake[1]


async def test_a_real_person_gets_no_made_up_number(keeper: Browser, database: Database, town: Town) -> None:
    async with database.transaction() as tx:
        await tx.execute(update(contacts).values(demonstration=False))
    path = f"/contacts/{town.wang}"
    fields = {"shown": await stamp_on(keeper, path), "number": "10011112222"}
    answer = await keeper.post(f"{path}/numbers", fields)
    assert answer.status == 422
    assert "演示" in await answer.text()


async def test_who_left_office_leaves_their_posts_vacant(
    keeper: Browser, database: Database, town: Town
) -> None:
    path = f"/contacts/{town.wang}"
    assert (await keeper.post(f"{path}/leave", {"shown": await stamp_on(keeper, path)})).status == 422
    fields = {"shown": await stamp_on(keeper, path), "sure": "yes"}
    assert (await keeper.post(f"{path}/leave", fields)).status == 303
    assert await one(database, select(posts.c.holder_id).where(posts.c.id == town.post)) is None
    assert await one(database, select(threatened_households.c.helper_id)) is None
    assert "其中2个空缺" in await keeper.page("/roster")
    assert sorted((await events(database))[-2:]) == ["contact.retired", "post.changed"]


async def test_who_stands_in_the_rota_cannot_leave_unseen(
    keeper: Browser, database: Database, town: Town
) -> None:
    desk = {"id": new_id(NOW), "area_code": TOWN, "name": "龙港镇值班室"}
    hours = {"starts_at": NOW, "ends_at": NOW + timedelta(hours=12)}
    async with database.transaction() as tx:
        await tx.execute(insert(desks).values(desk))
        await tx.execute(
            insert(shifts).values(id=new_id(NOW), desk_id=desk["id"], officer_id=town.wang, **hours)
        )
    path = f"/contacts/{town.wang}"
    fields = {"shown": await stamp_on(keeper, path), "sure": "yes"}
    refused = await keeper.post(f"{path}/leave", fields)
    assert refused.status == 422
    assert "先调整值班表" in await refused.text()
    assert await one(database, select(posts.c.holder_id).where(posts.c.id == town.post)) == town.wang


async def test_a_post_is_given_to_somebody_else_and_to_a_new_person(
    keeper: Browser, database: Database, town: Town
) -> None:
    path = f"/posts/{town.post}"
    stamp = await stamp_on(keeper, f"{path}/appoint?seat=holder&q=李")
    fields = {"shown": stamp, "seat": "holder", "person": str(town.li)}
    assert (await keeper.post(f"{path}/appoint", fields)).status == 303
    holder = select(posts.c.holder_id).where(posts.c.id == town.post)
    assert await one(database, holder) == town.li
    own_deputy = {"shown": await stamp_on(keeper, path), "seat": "deputy", "person": str(town.li)}
    refused = await keeper.post(f"{path}/appoint", own_deputy)
    assert refused.status == 422
    assert "B角" in await refused.text()
    new = {"shown": await stamp_on(keeper, path), "seat": "deputy", "person": "new"}
    assert (await keeper.post(f"{path}/appoint", new)).status == 422
    new |= {"name": "孙山", "number": "10011112222"}
    assert (await keeper.post(f"{path}/appoint", new)).status == 303
    assert "孙山" in await keeper.page(path)


async def test_a_refused_appointment_adds_nobody(keeper: Browser, database: Database, town: Town) -> None:
    fields = {"shown": "0" * 24, "seat": "holder", "person": "new", "name": "孙山", "number": "10011112222"}
    assert (await keeper.post(f"/posts/{town.post}/appoint", fields)).status == 409
    assert await one(database, select(contacts.c.id).where(contacts.c.name == "孙山")) is None


async def test_a_new_post_is_vacant_until_somebody_is_appointed(keeper: Browser, database: Database) -> None:
    fields = {"kind": "山洪转移责任人", "level": "village", "hazards": "flash_flood"}
    unknown = await keeper.post("/posts", {**fields, "area": "无此村"})
    assert unknown.status == 422
    made = await keeper.post("/posts", {**fields, "area": "龙港镇杏园村"})
    assert made.status == 303
    assert made.headers["Location"].endswith("/appoint?seat=holder")
    row = await one(database, select(posts.c.hazards).where(posts.c.kind == "山洪转移责任人"))
    assert row == ["flash_flood"]
    assert "山洪转移责任人" in await keeper.page("/roster?only=vacant")


async def test_an_ended_post_is_off_the_list_and_kept(keeper: Browser, town: Town) -> None:
    path = f"/posts/{town.post}"
    fields = {"shown": await stamp_on(keeper, path), "last_day": "2026-07-10"}
    assert (await keeper.post(f"{path}/end", fields)).status == 303
    assert "防汛责任人" not in await keeper.page("/roster")
    assert "防汛责任人" in await keeper.page("/roster?only=ended")
    assert "防汛责任人" in await keeper.page(f"/contacts/{town.wang}")


async def test_a_post_that_goes_on_again_does_not_go_on_with_somebody_who_left(
    keeper: Browser, database: Database, town: Town
) -> None:
    path = f"/posts/{town.post}"
    fields = {"shown": await stamp_on(keeper, path), "last_day": "2026-07-10"}
    assert (await keeper.post(f"{path}/end", fields)).status == 303
    person = f"/contacts/{town.wang}"
    leave = {"shown": await stamp_on(keeper, person), "sure": "yes"}
    assert (await keeper.post(f"{person}/leave", leave)).status == 303
    again = {"shown": await stamp_on(keeper, path), "kind": "防汛责任人", "level": "village"}
    assert (await keeper.post(path, again)).status == 303
    async with database.transaction() as tx:
        query = select(posts.c.valid_to, posts.c.holder_id).where(posts.c.id == town.post)
        assert tuple((await tx.execute(query)).one()) == (None, None)
    assert "防汛责任人" in await keeper.page("/roster?only=vacant")


async def test_a_danger_point_and_its_households_are_kept(
    keeper: Browser, database: Database, town: Town
) -> None:
    path = f"/danger-points/{town.point}"
    page = await keeper.page(path)
    assert all(word in page for word in ("赵大", "王强", "群测群防员"))
    household = {"head": "钱二", "household_people": "3", "helper": "李梅 4321"}
    for name, number in (("helper", "无此人"), ("household_people", "-3")):
        wrong = {"shown": await stamp_on(keeper, path), **household, name: number}
        answer = await keeper.post(f"{path}/households", wrong)
        assert answer.status == 422
        assert f'id="mistake-{name}"' in await answer.text()
    fields = {"shown": await stamp_on(keeper, path), **household}
    assert (await keeper.post(f"{path}/households", fields)).status == 303
    second = await one(
        database, select(threatened_households.c.id).where(threatened_households.c.head == "钱二")
    )
    first = {"shown": await stamp_on(keeper, path), "wish": "first", "household": str(second)}
    assert (await keeper.post(f"{path}/households", first)).status == 303
    page = await keeper.page(path)
    assert page.index("钱二") < page.index("赵大")
    taken = await keeper.post(
        "/danger-points", {"name": "前沟", "kind": "mine", "area": VILLAGE, "code": "D-1"}
    )
    assert taken.status == 422
    assert 'id="mistake-code"' in await taken.text()
    gone = {"shown": await stamp_on(keeper, path), "sure": "yes"}
    assert (await keeper.post(f"{path}/retire", gone)).status == 303
    assert "后沟滑坡" not in await keeper.page("/danger-points")


async def test_a_person_is_erased_only_with_the_name_and_a_reason(
    keeper: Browser, database: Database, town: Town
) -> None:
    path = f"/contacts/{town.wang}/erase"
    fields = {"erase_reason": "本人要求", "sure_name": "王五", "vacate": "yes"}
    assert (await keeper.post(path, fields)).status == 422
    refused = await keeper.post(path, fields | {"sure_name": "王强", "erase_reason": ""})
    assert refused.status == 422
    assert "未保存" in (await refused.text()).partition("<h2>")[0]  # the form lies far below the fold
    assert (await keeper.post(path, fields | {"sure_name": "王强"})).status == 303
    assert "王强" not in await keeper.page(f"/contacts/{town.wang}")
