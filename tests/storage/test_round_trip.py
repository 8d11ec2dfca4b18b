"""What is exported imports as the same roster: into an empty one, and over itself."""

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, text

from jiaoying.contacts.exporting.records import Wish, export_workbook
from jiaoying.contacts.importing.at_once import import_roster_file
from jiaoying.contacts.model import PointKind, PostLevel, tier_of
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import new_id
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetFile
from jiaoying.storage.database import Database, Tx
from jiaoying.storage.schema import (
    areas,
    contact_numbers,
    contacts,
    danger_points,
    posts,
    threatened_households,
)

NOW = datetime(2026, 7, 15, 2, 0, tzinfo=UTC)
TODAY = date(2026, 7, 15)
HOME = Locality("140521000000", "0356", ZoneInfo("Asia/Shanghai"))
AREAS = {
    "140521000000": ("沁水县", "county", None),
    "140521100000": ("龙港镇", "township", "140521000000"),
    "140521102000": ("郑庄镇", "township", "140521000000"),
    "140521100201": ("柳庄村", "village", "140521100000"),
    "140521102201": ("柳庄村", "village", "140521102000"),
}
_NAMES = ("王强", "李娜", "买买提·艾力", "欧阳修", "赵川（演示）")
_UNITS = ("龙港镇人民政府", "县水务局")
_POSTS = ("防汛责任人", "群测群防员", "网格员", "水库巡查责任人", "县级包保领导")


@dataclass(frozen=True)
class Someone:
    name: str
    mobiles: tuple[str, ...]
    landlines: tuple[str, ...] = ()
    unit: str | None = None
    title: str | None = None
    languages: tuple[str, ...] = ("zh-CN",)
    id: UUID = field(default_factory=lambda: new_id(NOW))

    @property
    def is_made_up(self) -> bool:
        """By their numbers; of who has none nobody can say."""
        return bool(self.mobiles or self.landlines)


@dataclass(frozen=True)
class Point:
    code: str | None
    name: str
    kind: PointKind
    area: str
    figures: tuple[int | None, int | None]
    position: tuple[float, float] | None
    words: tuple[str | None, ...]
    id: UUID = field(default_factory=lambda: new_id(NOW))


@dataclass(frozen=True)
class Duty:
    area: str
    kind: str
    level: PostLevel
    hazards: tuple[Hazard, ...]
    holder: Someone | None
    deputy: Someone | None
    superior: Someone | None
    days: tuple[date | None, date | None]
    note: str | None
    point: Point | None


@dataclass(frozen=True)
class House:
    point: Point
    head: str
    number: str | None
    people: int | None
    helper: Someone | None
    note: str | None


@dataclass(frozen=True)
class Roster:
    people: tuple[Someone, ...]
    points: tuple[Point, ...]
    duties: tuple[Duty, ...]
    houses: tuple[House, ...]


# --- rosters of every kind ------------------------------------------------------------------------


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    """Everybody in them has to do with something, and holds what they say of themselves."""
    holders = draw(st.lists(_someone(), min_size=1, max_size=5))
    seconds = draw(st.lists(_someone(plain=True), max_size=3))
    people = _numbered([*holders, *seconds], draw(st.booleans()))
    holders, seconds = people[: len(holders)], people[len(holders) :]
    points = draw(
        st.lists(_point(), max_size=3, unique_by=(lambda one: one.code or one.name, lambda one: one.name))
    )
    # Who has no number is known as a deputy by the bare name, if nobody else has it.
    names = Counter(one.name for one in people)
    seconds = [one for one in people if one.is_made_up or names[one.name] == 1]
    duties = draw(st.lists(_duty(holders, seconds, points), max_size=6, unique_by=_slot))
    # Whoever can hold something does, so that nobody falls out of the sheet.
    duties += [
        Duty(
            "140521000000",
            f"值守员{place}",
            PostLevel.COUNTY,
            (),
            holder,
            None,
            None,
            (None, None),
            None,
            None,
        )
        for place, holder in enumerate(holders)
    ]
    houses = [draw(_house(point, people)) for point in points for _ in range(draw(st.integers(0, 2)))]
    named = {one.id for duty in duties for one in (duty.deputy, duty.superior) if one}
    named |= {house.helper.id for house in houses if house.helper}
    kept = tuple(one for one in people if one in holders or one.id in named)
    return Roster(kept, tuple(points), tuple(duties), tuple(houses))


def _someone(*, plain: bool = False) -> st.SearchStrategy[Someone]:
    """`plain`: of whom a sheet says no more than name and numbers."""
    return st.builds(
        Someone,
        st.sampled_from(_NAMES),
        st.integers(1, 3).map(lambda count: ("?",) * count),
        st.integers(0, 1).map(lambda count: ("?",) * count),
        st.none() if plain else st.sampled_from([None, *_UNITS]),
        st.none() if plain else st.sampled_from([None, "主任", "县长"]),
        st.just(("zh-CN",)) if plain else st.sampled_from([("zh-CN",), ("en",), ("zh-CN", "en", "ug")]),
    )


def _numbered(people: Sequence[Someone], one_has_none: bool) -> list[Someone]:
    """Numbers of their own for each; the first may have none."""
    found = [
        replace(
            one,
            mobiles=tuple(f"+86100{place:04d}{count:04d}" for count in range(len(one.mobiles))),
            landlines=tuple(f"+86356000{place:04d};ext=8" for _ in one.landlines),
            id=new_id(NOW),
        )
        for place, one in enumerate(people)
    ]
    if one_has_none:
        found[0] = replace(found[0], mobiles=(), landlines=())
    return found


def _point() -> st.SearchStrategy[Point]:
    return st.builds(
        Point,
        st.sampled_from([None, "DZ1", "DZ2", "007"]),
        st.sampled_from(["后沟滑坡", "柳庄水库", "一号危险区", "东山"]),
        st.sampled_from(list(PointKind)),
        st.sampled_from(sorted(AREAS)),
        st.tuples(st.none() | st.integers(0, 300), st.none() | st.integers(0, 300)),
        st.none() | st.tuples(st.floats(35, 36), st.floats(112, 113)).map(_rounded),
        st.tuples(
            *[st.sampled_from([None, "小型"]), st.sampled_from([None, "鸣锣、广播"])],
            *[st.sampled_from([None, "沿路向东，过桥（慢）"]), st.sampled_from([None, "小学"])],
            st.sampled_from([None, "规模：小型；百人点"]),
        ),
        st.builds(lambda: new_id(NOW)),
    )


def _rounded(at: tuple[float, float]) -> tuple[float, float]:
    return round(at[0], 6), round(at[1], 6)


def _duty(
    holders: Sequence[Someone], seconds: Sequence[Someone], points: Sequence[Point]
) -> st.SearchStrategy[Duty]:
    somebody = st.none() | st.sampled_from(list(seconds) or [None])
    built = st.builds(
        Duty,
        st.sampled_from(sorted(AREAS)),
        st.sampled_from(_POSTS),
        st.sampled_from(list(PostLevel)),
        st.sets(st.sampled_from(list(Hazard)), max_size=3).map(
            lambda found: tuple(sorted(found, key=list(Hazard).index))
        ),
        st.none() | st.sampled_from(list(holders)),
        somebody,
        somebody,
        st.sampled_from([(None, None), (date(2026, 6, 1), date(2026, 9, 30)), (None, TODAY)]),
        st.sampled_from([None, "夜间在岗"]),
        st.none() | st.sampled_from(list(points)) if points else st.none(),
    )
    return built.map(_sensible)


def _sensible(duty: Duty) -> Duty:
    """Nobody is their own deputy or superior."""
    return replace(
        duty,
        deputy=None if duty.deputy is duty.holder else duty.deputy,
        superior=None if duty.superior is duty.holder else duty.superior,
    )


def _slot(duty: Duty) -> tuple[Any, ...]:
    return duty.area, duty.kind, duty.level, duty.point and duty.point.id


def _house(point: Point, people: Sequence[Someone]) -> st.SearchStrategy[House]:
    return st.builds(
        House,
        st.just(point),
        st.sampled_from(["周河", "吴月"]),
        st.sampled_from([None, "+8610088880001"]),
        st.none() | st.integers(0, 9),
        # A helper without a number is somebody of the place, so that no namesake from elsewhere is meant.
        st.none() | st.sampled_from([one for one in people if one.is_made_up] or [None]),
        st.sampled_from([None, "有老人"]),
    )


# --- written and read without the code that is tested ------------------------------------------------


async def store(tx: Tx, roster: Roster) -> None:
    await tx.execute(
        insert(contacts),
        [
            {
                "id": one.id,
                "name": one.name,
                "unit": one.unit,
                "title": one.title,
                "language": one.languages[0],
                "other_languages": list(one.languages[1:]),
                "demonstration": one.is_made_up,
                "created_at": NOW,
            }
            for one in roster.people
        ],
    )
    numbers = [
        {"id": new_id(NOW), "contact_id": one.id, "number": number, "preference": place, "kind": kind}
        for one in roster.people
        for place, (number, kind) in enumerate(
            [*((at, "mobile") for at in one.mobiles), *((at, "landline") for at in one.landlines)], start=1
        )
    ]
    if numbers:
        await tx.execute(insert(contact_numbers), numbers)
    for point in roster.points:
        names = ("grade", "signal", "route", "shelter", "note")
        await tx.execute(
            insert(danger_points).values(
                id=point.id,
                code=point.code,
                name=point.name,
                kind=point.kind,
                area_code=point.area,
                households=point.figures[0],
                people=point.figures[1],
                lat=point.position[0] if point.position else None,
                lon=point.position[1] if point.position else None,
                created_at=NOW,
                **dict(zip(names, point.words, strict=True)),
            )
        )
    for duty in roster.duties:
        await tx.execute(insert(posts).values(_post_row(duty)))
    positions: Counter[UUID] = Counter()
    for house in roster.houses:
        positions[house.point.id] += 1
        await tx.execute(
            insert(threatened_households).values(
                id=new_id(NOW),
                danger_point_id=house.point.id,
                position=positions[house.point.id],
                head=house.head,
                number=house.number,
                people=house.people,
                helper_id=house.helper and house.helper.id,
                note=house.note,
            )
        )


def _post_row(duty: Duty) -> dict[str, Any]:
    return {
        "id": new_id(NOW),
        "area_code": duty.area,
        "kind": duty.kind,
        "level": duty.level,
        "tier": tier_of(duty.level, duty.kind, duty.holder.title if duty.holder else None),
        "hazards": list(duty.hazards),
        "holder_id": duty.holder and duty.holder.id,
        "deputy_id": duty.deputy and duty.deputy.id,
        "superior_id": duty.superior and duty.superior.id,
        "danger_point_id": duty.point and duty.point.id,
        "valid_from": duty.days[0],
        "valid_to": duty.days[1],
        "note": duty.note,
        "demonstration": duty.holder is not None and duty.holder.is_made_up,
    }


_EVERYTHING = {
    "people": """
        SELECT name, unit, title, language, other_languages, demonstration, {numbers_of_contacts} AS numbers
        FROM contacts WHERE retired_at IS NULL
    """,
    "points": """
        SELECT code, name, kind, area_code, lat, lon, grade, households, people, signal, route, shelter, note
        FROM danger_points WHERE retired_at IS NULL
    """,
    "posts": """
        SELECT posts.area_code, posts.kind, level, tier, hazards, valid_from, valid_to, posts.note,
            posts.demonstration, concat(holder.name, {numbers_of_holder}) AS holder,
            concat(deputy.name, {numbers_of_deputy}) AS deputy,
            concat(superior.name, {numbers_of_superior}) AS superior,
            concat(danger_points.code, danger_points.name) AS point
        FROM posts LEFT JOIN contacts AS holder ON holder.id = holder_id
        LEFT JOIN contacts AS deputy ON deputy.id = deputy_id
        LEFT JOIN contacts AS superior ON superior.id = superior_id
        LEFT JOIN danger_points ON danger_points.id = danger_point_id
    """,
    "households": """
        SELECT concat(code, danger_points.name) AS point, head, number, threatened_households.people,
            threatened_households.note, concat(helper.name, {numbers_of_helper}) AS helper,
            row_number() OVER (PARTITION BY danger_point_id ORDER BY position) AS position
        FROM threatened_households JOIN danger_points ON danger_points.id = danger_point_id
        LEFT JOIN contacts AS helper ON helper.id = helper_id
    """,
}


async def everything(database: Database) -> dict[str, list[str]]:
    """The roster as texts, without ids."""
    numbers = {
        f"numbers_of_{whose}": f"(SELECT array_agg(number ORDER BY preference) FROM contact_numbers"
        f" WHERE contact_id = {whose}.id)"
        for whose in ("contacts", "holder", "deputy", "superior", "helper")
    }
    async with database.transaction() as tx:
        return {
            what: sorted(str(tuple(row)) for row in await tx.execute(text(statement.format(**numbers))))
            for what, statement in _EVERYTHING.items()
        }


async def exported(database: Database) -> SheetFile:
    file = io.BytesIO()
    wish = Wish(TODAY, vacant=True)
    await export_workbook(database, file, wish, reason="往返测试", actor="王静", now=NOW)
    return SheetFile("导出.xlsx", file.getvalue())


async def empty(database: Database) -> None:
    async with database.transaction() as tx:
        for table in (
            *("contact_doubts", "roster_changes", "roster_imports", "threatened_households", "posts"),
            *("contact_numbers", "contacts", "danger_points"),
        ):
            await tx.execute(text(f"DELETE FROM {table}"))


async def there_and_back(database: Database, roster: Roster) -> None:
    await empty(database)
    async with database.transaction() as tx:
        await store(tx, roster)
    before = await everything(database)
    file = await exported(database)
    over_itself = await import_roster_file(database, file, locality=HOME, now=NOW)
    assert [str(one) for one in over_itself.differences] == []
    assert await everything(database) == before
    await empty(database)
    result = await import_roster_file(database, file, locality=HOME, now=NOW)
    assert await everything(database) == before, [one.text for one in result.complaints]


@pytest.fixture
async def county(database: Database) -> Database:
    """The divisions, and nobody yet."""
    async with database.transaction() as tx:
        rows = [
            {"code": code, "name": name, "level": level, "parent_code": above}
            for code, (name, level, above) in AREAS.items()
        ]
        await tx.execute(insert(areas), rows)
    return database


@settings(
    max_examples=12,
    # Half a second each: what fails is told as it is, not made smaller for minutes.
    phases=[Phase.generate],
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(roster=rosters())
async def test_export_and_import_are_the_identity(county: Database, roster: Roster) -> None:
    await there_and_back(county, roster)
