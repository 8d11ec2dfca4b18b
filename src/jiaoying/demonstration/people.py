"""The made-up people of the demonstration county: about 600 in the posts that a real county fills.

The same seed gives the same people. Names end in （演示） and numbers lie in ranges that no carrier
assigns, so that nobody living is named or reached.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from typing import cast

from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level

SEED = 521
COUNTY = "140521000000"

_SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云"
_GIVEN = (
    "山川", "清泉", "松柏", "晨曦", "明月", "长河", "青松", "远山", "秋实", "春雨", "朝阳", "新竹",
    "白杨", "碧溪", "苍岭", "丹霞", "东篱", "古槐", "海棠", "禾苗", "红叶", "弘毅", "金穗", "静湖",
    "开石", "兰亭", "岚烟", "立夏", "凌霄", "流云", "麦田", "梅岭", "南坡", "平川", "千峰", "晴岚",
    "泉石", "瑞雪", "沙洲", "石桥", "水杉", "太行", "桐林", "万壑", "微澜", "望舒", "溪亭", "向阳",
    "小满", "星野", "雪松", "雁门", "野渡", "银杏", "映雪", "永泉", "玉峰", "云岭", "竹溪", "子午",
    "梓木",
)  # fmt: skip
_WATER = ("rain", "flood", "flash_flood", "waterlogging", "dam")
_GEO = ("geohazard",)
_FIRE = ("wildfire",)
_MINE = ("mine", "rain", "flood", "flash_flood", "geohazard", "closure_order")
_MEMBERS = ("人武部", "公安局", "交通运输局", "住建局", "教育局", "卫健局", "供电公司", "融媒体中心")
_RESERVOIR_VILLAGES = (
    "140521102219",
    "140521100221",
    "140521101216",
    "140521103205",
    "140521201210",
    "140521206213",
)
_MINE_VILLAGES = ("140521104200", "140521103209")


@dataclass(frozen=True, slots=True)
class MadeUp:
    """Somebody who does not exist."""

    name: str
    number: str  # E.164, of the demonstration ranges
    unit: str
    title: str


@dataclass(frozen=True, slots=True)
class MadeUpDesk:
    """A duty desk with its fixed number and the people who take turns."""

    name: str
    area_code: str
    number: str
    officers: tuple[MadeUp, ...]
    leaders: tuple[MadeUp, ...]


@dataclass(slots=True)
class County:
    """The whole cast; `posts` has the shape of `contacts export --json`."""

    posts: list[dict[str, object]] = field(default_factory=list[dict[str, object]])
    desks: list[MadeUpDesk] = field(default_factory=list[MadeUpDesk])

    def numbers(self) -> dict[str, str]:
        """Every number in the county with the name of who answers it."""
        found: dict[str, str] = {}
        for post in self.posts:
            own: Sequence[object] = [*_list(post["mobiles"]), *_list(post["landlines"])]
            found |= {str(number): str(post["name"]) for number in own}
            found |= {str(number): str(post["deputy"]) for number in _list(post["deputy_numbers"])}
        for desk in self.desks:
            found[desk.number] = desk.name
            found |= {person.number: person.name for person in (*desk.officers, *desk.leaders)}
        return found


def made_up_county(areas: Sequence[Area], seed: int = SEED) -> County:
    """Everybody in a county of these areas."""
    return _Casting(areas, seed).cast()


def chance(*parts: object) -> float:
    """A number from 0 up to 1 that depends on the arguments alone."""
    text = "/".join(map(str, parts)).encode()
    return int.from_bytes(blake2b(text, digest_size=7).digest(), "big") / 2**56


class _Casting:
    def __init__(self, areas: Sequence[Area], seed: int) -> None:
        self.areas = {area.code: area for area in areas}
        self.seed = seed
        self.county = County()
        self._people = self._everybody()
        self._landlines = (f"+8635600000{serial:02d}" for serial in count(1))

    def cast(self) -> County:
        officers = self._county_leaders()
        for area in self.areas.values():
            if area.level == Level.TOWNSHIP:
                self._township(area, officers)
        self._reservoirs()
        self._mines()
        return self.county

    # --- the county -------------------------------------------------------------------------------

    def _county_leaders(self) -> dict[str, MadeUp]:
        party, head = self._person("沁水县委", "县委书记"), self._person("沁水县政府", "县长")
        rescue, water, land = (self._person("沁水县政府", "副县长") for _ in range(3))
        self._post(party, COUNTY, "县委书记")
        self._post(head, COUNTY, "县长")
        self._post(rescue, COUNTY, "分管应急副县长", superior=head)
        self._post(water, COUNTY, "分管水利副县长", _WATER, superior=head, deputy=rescue)
        self._post(land, COUNTY, "分管自然资源副县长", (*_GEO, *_FIRE), superior=head, deputy=rescue)
        bureaus = (
            ("应急管理局", (), rescue),
            ("水务局", _WATER, water),
            ("自然资源局", _GEO, land),
            ("林业局", _FIRE, land),
            ("气象局", (), rescue),
        )
        chiefs: dict[str, MadeUp] = {}
        for bureau, hazards, superior in bureaus:
            chief, second = self._person(f"沁水县{bureau}", "局长"), self._person(f"沁水县{bureau}", "副局长")
            self._post(chief, COUNTY, f"{bureau}局长", hazards, superior=superior, deputy=second)
            chiefs[bureau] = chief
        for unit in _MEMBERS:
            member = self._person(f"沁水县{unit}", "负责人")
            self._post(member, COUNTY, "防汛抗旱指挥部成员", _WATER, superior=head)
            if unit in ("人武部", "公安局"):
                self._post(member, COUNTY, "森林防灭火指挥部成员", _FIRE, superior=head)
        self._post(chiefs["林业局"], COUNTY, "森林防灭火指挥部成员", _FIRE, superior=head)
        self._desk("沁水县应急值班室", COUNTY, "沁水县应急管理局", (rescue, chiefs["应急管理局"]))
        return {"rescue": rescue, "water": water, "land": land}

    # --- townships and villages -------------------------------------------------------------------

    def _township(self, area: Area, county: dict[str, MadeUp]) -> None:
        unit = f"{area.name}人民政府"
        head_title = "乡长" if area.name.endswith("乡") else "镇长"
        party, head = self._person(f"{area.name}党委", "党委书记"), self._person(unit, head_title)
        flood, spare = self._person(unit, f"副{head_title}"), self._person(unit, "武装部长")
        geo, fire = self._person(unit, "自然资源所所长"), self._person(unit, "林业站站长")
        self._post(party, area.code, "党委书记", superior=county["rescue"], deputy=head)
        self._post(head, area.code, head_title, superior=county["rescue"], deputy=flood)
        self._post(flood, area.code, "乡镇防汛责任人", _WATER, superior=head, deputy=spare)
        self._post(geo, area.code, "乡镇地质灾害防治责任人", _GEO, superior=head, deputy=flood)
        self._post(fire, area.code, "乡镇森林防火责任人", _FIRE, superior=head, deputy=spare)
        self._desk(f"{area.name}值班室", area.code, unit, (party, head, flood))
        for village in self.areas.values():
            if village.parent_code == area.code:
                self._village(village, head, geo, fire)

    def _village(self, area: Area, head: MadeUp, geo: MadeUp, fire: MadeUp) -> None:
        unit = area.name
        title = "党支部书记" if "社区" not in unit else "社区党支部书记"
        secretary, second = self._person(unit, title), self._person(unit, "两委委员")
        self._post(secretary, area.code, "防汛责任人", _WATER, superior=head, deputy=second)
        # About half of the villages have slopes and woods to watch; half of those who watch them are
        # people who hold another post already, as in real lists.
        if self._often(0.5, area.code, "geo"):
            is_second = self._often(0.5, area.code, "same watcher")
            watcher = second if is_second else self._person(unit, "群测群防员")
            self._post(watcher, area.code, "群测群防员", _GEO, superior=geo, deputy=secretary)
        if self._often(0.5, area.code, "fire"):
            is_secretary = self._often(0.5, area.code, "same warden")
            warden = secretary if is_secretary else self._person(unit, "护林员")
            deputy = second if is_secretary else secretary
            self._post(warden, area.code, "森林防火责任人", _FIRE, superior=fire, deputy=deputy)

    # --- sites ------------------------------------------------------------------------------------

    def _reservoirs(self) -> None:
        for serial, village in zip("一二三四五六", _RESERVOIR_VILLAGES, strict=True):
            name = f"演示{serial}水库"
            township = self.areas[village].parent_code or COUNTY
            answerable = self._holder(township, "乡镇防汛责任人")
            technical, watcher = self._person(name, "技术员"), self._person(name, "巡查员")
            superior = self._holder(township, "镇长", "乡长")
            self._post(answerable, village, "水库行政责任人", _WATER, superior=superior, note=name)
            self._post(technical, village, "水库技术责任人", _WATER, superior=answerable, note=name)
            self._post(
                watcher, village, "水库巡查责任人", _WATER, superior=answerable, deputy=technical, note=name
            )

    def _mines(self) -> None:
        for serial, village in zip("一二", _MINE_VILLAGES, strict=True):
            name = f"演示{serial}矿"
            township = self.areas[village].parent_code or COUNTY
            superior = self._holder(township, "镇长", "乡长")
            chief = self._person(name, "矿长")
            room = MadeUp(f"{name}调度室（演示）", next(self._landlines), name, "调度员")
            self._post(chief, village, "煤矿矿长", _MINE, superior=superior, note=name)
            self._post(room, village, "煤矿调度室", _MINE, superior=chief, deputy=chief, note=name)

    # --- how people and posts are made ------------------------------------------------------------

    def _everybody(self) -> Iterator[tuple[str, str]]:
        # 41 surnames and 61 given names: no two people share both before 2,501 of them.
        shift = self.seed % len(_GIVEN)
        for serial in count(1):
            surname = _SURNAMES[serial % len(_SURNAMES)]
            given = _GIVEN[(serial * 7 + shift) % len(_GIVEN)]
            yield f"{surname}{given}（演示）", f"+861000521{serial:04d}"

    def _person(self, unit: str, title: str) -> MadeUp:
        name, number = next(self._people)
        return MadeUp(name, number, unit, title)

    def _desk(self, name: str, area_code: str, unit: str, leaders: tuple[MadeUp, ...]) -> None:
        officers = tuple(self._person(unit, "值班员") for _ in range(3))
        self.county.desks.append(MadeUpDesk(name, area_code, next(self._landlines), officers, leaders))

    def _holder(self, area_code: str, *kinds: str) -> MadeUp:
        post = next(
            post for post in self.county.posts if post["area_code"] == area_code and post["post"] in kinds
        )
        mobiles = _list(post["mobiles"])
        return MadeUp(str(post["name"]), str(mobiles[0]), str(post["unit"]), str(post["title"]))

    def _post(
        self,
        holder: MadeUp,
        area_code: str,
        kind: str,
        hazards: Sequence[str] = (),
        *,
        superior: MadeUp | None = None,
        deputy: MadeUp | None = None,
        note: str | None = None,
    ) -> None:
        is_landline = holder.number.startswith("+86356")
        level = self.areas[area_code].level
        self.county.posts.append(
            {
                "name": holder.name,
                "mobiles": [] if is_landline else [holder.number],
                "landlines": [holder.number] if is_landline else [],
                "area": self._path(area_code),
                "area_code": area_code,
                "post": kind,
                "level": str(level),
                "hazards": list(hazards),
                "unit": holder.unit,
                "title": holder.title,
                "deputy": deputy.name if deputy else None,
                "deputy_numbers": [deputy.number] if deputy else [],
                "superior": superior.name if superior else None,
                "note": note,
            }
        )

    def _path(self, area_code: str) -> str:
        area = self.areas[area_code]
        if area.level != Level.VILLAGE or area.parent_code is None:
            return area.name
        return self.areas[area.parent_code].name + area.name

    def _often(self, share: float, *what: object) -> bool:
        return chance(self.seed, *what) < share


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []
