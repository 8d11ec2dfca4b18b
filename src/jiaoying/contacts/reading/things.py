"""What a list is about, by its words: point kind, hazards, what goes before a post."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from jiaoying.contacts.model import HAZARDS_AT, PointKind
from jiaoying.contacts.reading.headings import GENERIC_ROLES, is_person
from jiaoying.contacts.reading.words import hazards_named
from jiaoying.kernel.hazards import Hazard

_WATER = hazards_named("防汛")[0]


@dataclass(frozen=True, slots=True)
class Thing:
    """`word` goes before a post that says too little alone; `kind` where it is a danger point."""

    word: str
    hazards: tuple[Hazard, ...]
    kind: PointKind | None = None


def _point(word: str, kind: PointKind) -> Thing:
    return Thing(word, HAZARDS_AT[kind], kind)


# Narrow words before wide ones: a 尾矿库 is no 水库, a 水库 stands in many a flood list.
_THINGS: tuple[tuple[re.Pattern[str], Thing], ...] = tuple(
    (re.compile(pattern), thing)
    for pattern, thing in (
        (r"尾矿库?", _point("尾矿库", PointKind.TAILINGS)),
        (r"淤地坝|骨干坝", _point("淤地坝", PointKind.CHECK_DAM)),
        (r"山塘|塘坝", _point("山塘", PointKind.CHECK_DAM)),
        (r"水库|水利枢纽|水电站", _point("水库", PointKind.RESERVOIR)),
        (r"漫水(?:桥|路|路面|路段)?|过水路面", _point("漫水路段", PointKind.FORD)),
        (r"景区|景点", _point("涉河景区", PointKind.SCENIC)),
        (r"山洪", _point("山洪", PointKind.FLASH_FLOOD)),
        (r"地质|地灾|隐患点|滑坡|崩塌|泥石流|塌陷|群测群防|斜坡", _point("地质灾害", PointKind.GEOHAZARD)),
        (r"非煤矿山|露天矿|采石场", _point("非煤矿山", PointKind.MINE)),
        (r"煤矿|煤业", _point("煤矿", PointKind.MINE)),
        (r"矿山|矿井|.矿$|铁矿", _point("矿山", PointKind.MINE)),
        (r"堤防|堤段|险工", _point("堤防", PointKind.EMBANKMENT)),
        (r"森林|草原|林草|护林|林长|防火|火险", Thing("森林防火", (Hazard.WILDFIRE,))),
        (r"防汛抗旱", Thing("防汛抗旱", hazards_named("防汛抗旱")[0])),
        (r"防汛|洪涝|度汛|汛期", Thing("防汛", _WATER)),
        (r"河长|河湖", Thing("河湖", (Hazard.FLOOD, Hazard.FLASH_FLOOD))),
        (r"内涝", Thing("内涝", (Hazard.WATERLOGGING,))),
        (r"危化|危险化学", Thing("危化品", (Hazard.HAZCHEM,))),
        (r"抗旱", Thing("抗旱", (Hazard.DROUGHT,))),
        (r"地震", Thing("地震", (Hazard.EARTHQUAKE,))),
    )
)  # fmt: skip
# Words of a group that already say what its people are for, or which office they hold.
_SAYS_ENOUGH = re.compile(
    r"水库|[坝堤塘矿林河湖桥库]|洪|汛|旱|地质|地灾|灾害|隐患|群测|森林|草原|防火|景区|学校|校|医|院|网格|气象|消防|书记|支书"
    r"|主任|[县乡镇村区组队局站所厂经](?:长|领导|干部|支书|主任|理)|包[保村点片]|驻|调度|值班室|指挥"
)
_TITLE_ENDING = re.compile(
    r"(?:名单|名册|花名册|通讯录|一览表|统计表|明细表|汇总表|登记表|信息表|情况表|公示表|联系表|联络表|基本情况|基本信息|台账|公示|表|册"
    r"|的通知|[(].*?[)]|信息|情况|联系方式|电话|明细|[“”\"'《》])+$"
)
_ROLE_IN_TITLE = re.compile(
    r"[\u4e00-\u9fff、]*(?:责任人|责任人员|网格员|护林员|信息员|监测员|安全员|管理员|联络员|值班员|负责人|联系人|河长|林长|群测群防员"
    r"|领导|成员|工作人员|队员|盯守员|巡查员)"
)


def thing_in(texts: Iterable[str]) -> Thing | None:
    """What the first of these texts that names anything is about."""
    for text in texts:
        found = thing_named(text)
        if found is not None:
            return found
    return None


def thing_named(text: str) -> Thing | None:
    """What a text is about: 小(2)型水库, 山洪灾害危险区; None where it names nothing that is known.

    防汛防火 are two things: the narrower one gives the word, and the hazards are those of both.
    """
    found = [thing for pattern, thing in _THINGS if pattern.search(text)]
    if not found:
        return None
    hazards = dict.fromkeys(hazard for thing in found for hazard in thing.hazards)
    return replace(found[0], hazards=tuple(hazards))


def duty_in_title(titles: Iterable[str], places: Iterable[str]) -> str | None:
    """The post that a title names for everybody in its list: 沁水县2026年防汛责任人名单 → 防汛责任人."""
    places = [place for place in places if place]
    for title in titles:
        text = re.sub(r"\s|附件?\d*[:：]?|关于(?:公布|印发|调整)?|\d{4}年?度?|全(?=[县乡镇村])", "", title)
        for place in sorted(places, key=len, reverse=True):
            text = text.replace(place, "")
        text = re.sub(r"^各[县乡镇村](?:[、和及]?[县乡镇村社区])*", "", text)
        text = re.sub(r"^[全各]?[县市区]?(?:级|乡村|、乡、村|乡村三级|三级)?", "", text) or text
        text = _TITLE_ENDING.sub("", text)
        if is_person(text) and len(text) <= 20:
            return text
        found = _ROLE_IN_TITLE.search(text)
        if found is not None:
            return found[0][-20:]
    return None


def post_of_group(words: str, thing: Thing | None) -> str:
    """The post of the people in columns that a list heads with `words`.

    The words as they are; `责任人` is added to what names no person (主管部门), and what the list is
    about goes before words that say too little alone (行政责任人 of a reservoir: 水库行政责任人).
    """
    post = words if is_person(words) or words.endswith(("室", "角")) else f"{words}责任人"
    if thing is None or _SAYS_ENOUGH.search(re.sub(r"[县市区乡镇村组]级", "", post)):
        return post
    return thing.word + post


def desk_words(role: str) -> str:
    """What the desk behind a number is called: 值班电话 and 24小时值班电话 are those of the 值班室."""
    if role in GENERIC_ROLES or role.endswith("值班"):
        return "值班室"
    return role
