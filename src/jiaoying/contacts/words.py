"""How county lists call columns, hazards and levels, and what we call them."""

import re
from collections.abc import Mapping

from jiaoying.contacts.model import PostLevel
from jiaoying.kernel.hazards import Hazard

# Our column → the headings it goes by in lists (contracts: roster sheet).
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("姓名", "责任人", "联系人", "责任人姓名", "name"),
    "mobile": ("手机", "电话", "手机号码", "联系电话", "手机号", "电话号码", "联系方式", "mobile", "phone"),
    "landline": ("办公电话", "座机", "固话", "固定电话", "landline"),
    "area": ("责任区域", "行政区划", "所在地", "区域", "area"),
    "county": ("县", "县区", "county"),
    "township": ("乡镇", "镇", "乡", "乡镇街道", "township"),
    "village": ("村", "行政村", "村社区", "village"),
    "area_code": ("区划代码", "行政区划代码", "行政区划编码", "区划编码", "area_code"),
    "post": ("岗位", "责任类型", "责任人类型", "职责", "责任岗位", "post"),
    "level": ("级别", "责任人级别", "level"),
    "hazards": ("灾种", "灾害类型", "hazards", "hazard"),
    "unit": ("单位", "部门", "工作单位", "unit"),
    "title": ("职务", "title"),
    "deputy": ("b角", "备用联系人", "deputy"),
    "deputy_mobile": ("b角手机", "b角电话", "备用联系人手机", "备用联系人电话", "deputy_mobile"),
    "superior": ("上级", "上级责任人", "superior"),
    "valid_from": ("有效期起", "valid_from"),
    "valid_to": ("有效期止", "valid_to"),
    "language": ("语言", "language"),
    "note": ("备注", "note"),
}
# Particulars of danger points: until those have a table of their own, they go into the note.
DANGER_POINT_COLUMNS = (
    "隐患点编号",
    "隐患点名称",
    "类型",
    "经度",
    "纬度",
    "威胁户数",
    "威胁人数",
    "报警方式",
    "避灾地点",
    "撤离路线",
)
SYNONYMS: Mapping[str, str] = {
    **{heading: column for column, headings in COLUMNS.items() for heading in headings},
    **{heading: heading for heading in DANGER_POINT_COLUMNS},
}
# Headings that say nothing about the roster.
IDLE_HEADINGS = frozenset({"序号", "编号", "no", "no.", "#", "责任人编码", "审核状态"})

_LEVELS: tuple[tuple[str, PostLevel], ...] = (
    (r"village|村级?|社区级?|组级?|户级?", PostLevel.VILLAGE),
    (r"township|乡镇?级?|镇级?|街道级?|乡\(镇\)级?", PostLevel.TOWNSHIP),
    (r"county|city|县级?|市级?|区级?|旗级?|县\(市、区\)级?", PostLevel.COUNTY),
)

_WATER = (Hazard.RAIN, Hazard.FLOOD, Hazard.FLASH_FLOOD, Hazard.WATERLOGGING, Hazard.DAM)
_HAZARDS: Mapping[str, tuple[Hazard, ...]] = {
    "防汛": _WATER,
    "防汛抗旱": (*_WATER, Hazard.DROUGHT),
    "水旱": (*_WATER, Hazard.DROUGHT),
    "水旱灾害": (*_WATER, Hazard.DROUGHT),
    "洪涝": (Hazard.RAIN, Hazard.FLOOD, Hazard.FLASH_FLOOD, Hazard.WATERLOGGING),
    "暴雨": (Hazard.RAIN,),
    "强降雨": (Hazard.RAIN,),
    "降雨": (Hazard.RAIN,),
    "洪水": (Hazard.FLOOD,),
    "山洪": (Hazard.FLASH_FLOOD,),
    "内涝": (Hazard.WATERLOGGING,),
    "水库": (Hazard.DAM,),
    "淤地坝": (Hazard.DAM,),
    "大坝": (Hazard.DAM,),
    "地质": (Hazard.GEOHAZARD,),
    "地灾": (Hazard.GEOHAZARD,),
    "滑坡": (Hazard.GEOHAZARD,),
    "崩塌": (Hazard.GEOHAZARD,),
    "泥石流": (Hazard.GEOHAZARD,),
    "地面塌陷": (Hazard.GEOHAZARD,),
    "台风": (Hazard.TYPHOON,),
    "强对流": (Hazard.CONVECTIVE,),
    "雷电": (Hazard.CONVECTIVE,),
    "冰雹": (Hazard.CONVECTIVE,),
    "雷雨大风": (Hazard.CONVECTIVE, Hazard.WIND),
    "雪": (Hazard.SNOW_ICE,),
    "暴雪": (Hazard.SNOW_ICE,),
    "低温雨雪冰冻": (Hazard.SNOW_ICE, Hazard.COLD),
    "雨雪冰冻": (Hazard.SNOW_ICE, Hazard.COLD),
    "道路结冰": (Hazard.SNOW_ICE,),
    "寒潮": (Hazard.COLD,),
    "霜冻": (Hazard.COLD,),
    "低温": (Hazard.COLD,),
    "高温": (Hazard.HEAT,),
    "大风": (Hazard.WIND,),
    "大雾": (Hazard.VISIBILITY,),
    "沙尘": (Hazard.VISIBILITY,),
    "沙尘暴": (Hazard.VISIBILITY,),
    "霾": (Hazard.AIR,),
    "重污染天气": (Hazard.AIR,),
    "干旱": (Hazard.DROUGHT,),
    "抗旱": (Hazard.DROUGHT,),
    "森林火险": (Hazard.WILDFIRE,),
    "森林火": (Hazard.WILDFIRE,),
    "森林草原火": (Hazard.WILDFIRE,),
    "森林": (Hazard.WILDFIRE,),
    "森林草原": (Hazard.WILDFIRE,),
    "地震": (Hazard.EARTHQUAKE,),
    "矿山": (Hazard.MINE,),
    "煤矿": (Hazard.MINE,),
    "非煤矿山": (Hazard.MINE,),
    "危化": (Hazard.HAZCHEM,),
    "危化品": (Hazard.HAZCHEM,),
    "危险化学品": (Hazard.HAZCHEM,),
    "交通": (Hazard.TRAFFIC,),
    "道路交通": (Hazard.TRAFFIC,),
    "环境": (Hazard.ENVIRONMENT,),
    "突发环境事件": (Hazard.ENVIRONMENT,),
    "海洋": (Hazard.MARINE,),
    "停工停产": (Hazard.CLOSURE_ORDER,),
    "关停": (Hazard.CLOSURE_ORDER,),
    "其他": (Hazard.OTHER,),
}
_EVERY_HAZARD = frozenset({"所有", "全部", "综合", "各类", "全灾种", "all", "*"})
_HAZARD_SEPARATOR = re.compile(r"[、,，;；/|\s]+|和|及")
_HAZARD_ENDING = re.compile(r"(?:灾害?|防御|预警|防火|防治|火灾|安全|天气|气象风险)+$")


def level_named(text: str) -> PostLevel | None:
    """The level that `县级`, `乡镇`, `村级`, `village` … mean; None for anything else."""
    wanted = re.sub(r"\s", "", text).lower()
    return next((level for pattern, level in _LEVELS if re.fullmatch(pattern, wanted)), None)


def hazards_named(text: str) -> tuple[tuple[Hazard, ...], tuple[str, ...]]:
    """The families that a list of hazards names, and the words that nobody knows.

    No families is all of them: nothing was said, or that every hazard is meant.
    """
    families: dict[Hazard, None] = {}
    unknown: list[str] = []
    for word in filter(None, _HAZARD_SEPARATOR.split(text.strip().lower())):
        if word in _EVERY_HAZARD:
            return (), tuple(unknown)
        found = _families_of(word)
        families.update(dict.fromkeys(found))
        if not found:
            unknown.append(word)
    return tuple(families), tuple(unknown)


def _families_of(word: str) -> tuple[Hazard, ...]:
    if word in set(Hazard):
        return (Hazard(word),)
    return _HAZARDS.get(word) or _HAZARDS.get(_HAZARD_ENDING.sub("", word)) or ()
