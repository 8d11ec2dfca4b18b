"""From event codes and event words to hazard families.

The codes are the event types of the national warning platform (12379; form of GB/T 35561-2017, whose text we
have not seen), as public software carries them. Grouping them into families is ours.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from jiaoying.kernel.hazards import Hazard

# Code and name, by the family of people who must be called.
EVENT_TYPES: dict[Hazard, dict[str, str]] = {
    # 水旱灾害 without a nearer word goes to the flood people: they are the ones who lose lives by minutes.
    Hazard.FLOOD: {
        "11A00": "水旱灾害", "11A01": "洪水", "11A05": "凌汛灾害", "11A99": "其它水旱灾害",
    },
    Hazard.WATERLOGGING: {"11A02": "内涝", "11B36": "渍涝风险"},
    Hazard.DAM: {"11A03": "水库重大险情", "11A04": "堤防重大险情"},
    Hazard.FLASH_FLOOD: {"11A51": "山洪灾害事件"},
    Hazard.DROUGHT: {
        "11A10": "农村人畜饮水困难", "11A52": "农业干旱", "11A53": "城镇缺水", "11A54": "生态干旱",
        "11B22": "干旱",
    },
    Hazard.TYPHOON: {"11B01": "台风"},
    Hazard.RAIN: {"11B03": "暴雨", "11B35": "连阴雨", "11B38": "强降雨"},
    Hazard.CONVECTIVE: {
        "11B02": "龙卷风", "11B12": "下击暴流", "11B14": "雷电", "11B15": "冰雹", "11B20": "雷雨大风",
        "11B31": "强对流", "11B43": "雷暴",
    },
    Hazard.SNOW_ICE: {
        "11B04": "暴雪", "11B08": "低温冻害", "11B13": "雪崩", "11B21": "道路结冰", "11B27": "冰冻",
        "11B30": "低温雨雪冰冻", "11B33": "大雪", "11B40": "雪灾",
    },
    Hazard.COLD: {"11B05": "寒潮", "11B16": "霜冻", "11B34": "寒冷", "11B39": "强降温", "11B48": "降温"},
    Hazard.HEAT: {"11B09": "高温", "11B10": "热浪", "11B11": "干热风", "11B24": "高温中暑"},
    Hazard.WIND: {"11B06": "大风", "11B18": "低空风切变", "11B23": "海上大风", "11B46": "海上风险"},
    Hazard.VISIBILITY: {"11B07": "沙尘暴", "11B17": "大雾", "11B19": "霾", "11B47": "春季沙尘天气"},
    Hazard.AIR: {"11B29": "重污染", "11B32": "臭氧"},
    Hazard.CLOSURE_ORDER: {"11B44": "停课信号", "11B45": "停工信号"},
    Hazard.EARTHQUAKE: {"11C01": "人工地震", "11C02": "天然地震", "11C99": "其它地震"},
    Hazard.GEOHAZARD: {
        "11B37": "地质灾害气象风险", "11D00": "地质灾害", "11D01": "滑坡事件", "11D02": "泥石流事件",
        "11D03": "山体崩塌事件", "11D04": "地面塌陷事件", "11D05": "地裂缝事件", "11D06": "地面沉降事件",
        "11D07": "火山喷发事件", "11D99": "其它地质灾害",
    },
    Hazard.MARINE: {
        "11E01": "海啸", "11E02": "风暴潮", "11E03": "海冰", "11E04": "巨浪", "11E05": "赤潮",
        "11E06": "海浪", "11E99": "其它海洋灾害",
    },
    Hazard.WILDFIRE: {
        "11B25": "森林火险", "11B26": "草原火险", "11B41": "森林(草原)火险", "11G00": "森林草原火灾",
        "11G01": "境内森林火灾", "11G02": "跨境森林火灾", "11G03": "境外威胁我国境内的森林火灾",
        "11G04": "其他森林火灾", "11G05": "境内草原火灾", "11G06": "跨境草原火灾",
        "11G07": "境外威胁我国境内的草原火灾", "11G08": "其他草原火灾",
    },
    Hazard.MINE: {
        "12A01": "瓦斯事故", "12A02": "顶板事故", "12A03": "运输事故", "12A04": "水害事故",
        "12A05": "机电事故", "12A06": "放炮事故", "12A07": "火灾事故", "12A99": "其它煤矿事故",
        "12B01": "顶板事故",
        "12B02": "水害事故", "12B03": "中毒窒息事故", "12B04": "尾矿库垮坝事故", "12B05": "火灾事故",
        "12B06": "机电事故", "12B07": "运输事故", "12B08": "放炮事故", "12B09": "火药爆炸事故",
        "12B99": "其它",
    },
    Hazard.HAZCHEM: {
        "12D01": "爆炸事故", "12D02": "泄漏事故", "12D03": "火灾事故", "12D04": "中毒窒息事故",
        "12D05": "灼烫事故", "12D99": "其它",
    },
    Hazard.TRAFFIC: {
        "12H01": "翻车事件", "12H02": "撞车事件", "12H03": "车辆坠水坠沟事件", "12H04": "车辆起火事件",
        "12H05": "校车事件", "12H99": "其它",
    },
    Hazard.ENVIRONMENT: {"12Q01": "水域污染", "12Q02": "空气污染", "12Q03": "土壤污染"},
    Hazard.OTHER: {
        "11B00": "气象灾害", "11B28": "空间天气", "11B42": "医疗气象", "11B99": "其它气象灾害",
        "11Y00": "其他自然灾害",
    },
}  # fmt: skip

# A code of a known group that we do not know (`11B49` on): the family of its group.
_GROUPS = {
    "11A": Hazard.FLOOD, "11C": Hazard.EARTHQUAKE, "11D": Hazard.GEOHAZARD, "11E": Hazard.MARINE,
    "11G": Hazard.WILDFIRE, "12A": Hazard.MINE, "12B": Hazard.MINE, "12D": Hazard.HAZCHEM,
    "12H": Hazard.TRAFFIC, "12Q": Hazard.ENVIRONMENT,
}  # fmt: skip

# Words of headlines and bulletins that are no official name; the code where they mean exactly one.
_OTHER_WORDS: dict[Hazard, dict[str, str | None]] = {
    Hazard.FLASH_FLOOD: {
        "山洪": "11A51", "山洪灾害": "11A51", "山洪灾害气象风险": "11A51", "flash flood": "11A51",
        "mountain torrent": "11A51",
    },
    Hazard.FLOOD: {
        "凌汛": "11A05", "江河洪水": "11A01", "中小河流洪水": "11A01", "洪涝": None, "flood": "11A01",
        "flooding": "11A01",
    },
    Hazard.WATERLOGGING: {"渍涝": None, "积涝": None, "城市内涝": "11A02", "waterlogging": "11A02"},
    Hazard.DAM: {"水库": None, "堤防": None, "淤地坝": None, "溃坝": None, "决口": None, "dam": None},
    Hazard.GEOHAZARD: {
        "地灾": "11D00", "滑坡": "11D01", "泥石流": "11D02", "崩塌": "11D03", "地面塌陷": "11D04",
        "地裂缝": "11D05", "地质灾害风险": "11B37", "landslide": "11D01", "debris flow": "11D02",
        "mudslide": "11D02", "mudflow": "11D02", "geological disaster": "11D00", "geological hazard": "11D00",
        "meteorological risk of geological disaster": "11B37",
    },
    Hazard.RAIN: {
        "大暴雨": "11B03", "特大暴雨": "11B03", "短时强降水": None, "短时强降雨": None, "强降水": None,
        "豪雨": None, "rainstorm": "11B03", "torrential rain": "11B03", "heavy rain": None,
        "heavy rainfall": None, "severe rainfall": None, "rainfall": None, "rain": None,
    },
    Hazard.TYPHOON: {
        "热带风暴": None, "typhoon": "11B01", "hurricane": None, "tropical cyclone": None,
        "tropical storm": None,
    },
    Hazard.CONVECTIVE: {
        "雷暴大风": None, "龙卷": "11B02", "飑线": None, "thunderstorm": None, "thunder": "11B14",
        "lightning": "11B14", "hail": "11B15", "tornado": "11B02", "severe convection": "11B31",
        "severe convective weather": "11B31", "strong convection": "11B31", "thunderstorm gale": "11B20",
        "thunderstorm and gale": "11B20",
    },
    Hazard.SNOW_ICE: {
        "雨雪冰冻": None, "结冰": None, "积雪": None, "snowstorm": "11B04", "blizzard": "11B04",
        "heavy snow": None, "snow": None, "ice": None, "icing": None, "road icing": "11B21",
        "icy road": "11B21", "avalanche": "11B13",
    },
    Hazard.COLD: {
        "低温": None, "cold wave": "11B05", "frost": "11B16", "low temperature": None, "cold": None,
    },
    Hazard.HEAT: {"heat wave": "11B10", "heatwave": "11B10", "high temperature": "11B09", "heat": None},
    Hazard.WIND: {"阵风": None, "gale": "11B06", "strong wind": None, "high wind": None, "wind": None},
    Hazard.VISIBILITY: {
        "沙尘": None, "扬沙": None, "浓雾": "11B17", "团雾": None, "雾": None, "heavy fog": "11B17",
        "fog": None, "haze": "11B19", "sandstorm": "11B07", "dust storm": "11B07", "sand and dust": None,
    },
    Hazard.DROUGHT: {"drought": "11B22"},
    Hazard.WILDFIRE: {
        "火险": None, "森林草原火险": "11B41", "森林火灾": None, "草原火灾": None, "山火": None,
        "雷击火": None, "forest fire": None, "wildfire": None, "bushfire": None, "grass fire": None,
        "fire weather": None, "forest fire danger": "11B25",
    },
    Hazard.EARTHQUAKE: {"地震": None, "earthquake": None},
    Hazard.MINE: {"煤矿": None, "矿山": None, "尾矿库": None, "瓦斯": None},
    Hazard.HAZCHEM: {"危化品": None, "危险化学品": None, "chemical": None, "hazardous material": None},
    Hazard.TRAFFIC: {"交通事故": None, "traffic": None, "road closure": None},
    Hazard.AIR: {"重污染天气": "11B29", "空气重污染": "11B29", "air pollution": None, "ozone": "11B32"},
    Hazard.MARINE: {"tsunami": "11E01", "storm surge": "11E02", "high surf": None, "rip current": None},
    Hazard.CLOSURE_ORDER: {"停课": "11B44", "停工": "11B45", "停业": None, "停产": None, "停运": None},
}  # fmt: skip

_CODE = re.compile(r"1[1-9][A-Z]\d{2}", re.ASCII)
MAX_SEARCHED_CHARACTERS = 500  # of a headline; the longest seen has some 200
_TOO_GENERAL = ("其它", "其他")


@dataclass(frozen=True, slots=True)
class EventKind:
    """What kind of event a code or a word means: its family, and its code where that is sure."""

    hazard: Hazard
    code: str | None


def kind_of_code(value: str) -> EventKind | None:
    """The kind that a value of `eventCode` means, or None when it is not a code of the national table."""
    code = value.strip().upper()
    if _CODE.fullmatch(code) is None:
        return None
    hazard = _families_by_code().get(code, _GROUPS.get(code[:3], Hazard.OTHER))
    return EventKind(hazard, code)


def kind_in_words(text: str) -> EventKind | None:
    """The kind that a text names, or None.

    The longest name wins (雷雨大风 is not 大风), among equals the one that stands first.
    """
    words = unicodedata.normalize("NFKC", text[:MAX_SEARCHED_CHARACTERS]).casefold()
    found = list(_words_pattern().finditer(words))
    if not found:
        return None
    longest = max(found, key=lambda match: (len(match.group("word")), -match.start()))
    return _kinds_by_word()[longest.group("word")]


@dataclass(frozen=True, slots=True)
class NamedKind:
    """A kind that is named in a text, and where."""

    kind: EventKind
    start: int
    end: int


def kinds_named(words: str) -> list[NamedKind]:
    """Every kind that `words` (folded already) names, in their order; where names overlap, the longer."""
    return [
        NamedKind(_kinds_by_word()[found.group("word")], *found.span())
        for found in _words_pattern().finditer(words)
    ]


@cache
def _families_by_code() -> dict[str, Hazard]:
    return {code: hazard for hazard, names in EVENT_TYPES.items() for code in names}


@cache
def _kinds_by_word() -> dict[str, EventKind]:
    """Every searchable word, folded, with its kind.

    A name of several families (火灾事故) is no help and left out; one of several codes has no code.
    """
    kinds: dict[str, EventKind | None] = {}
    for word, kind in _named_kinds():
        before = kinds.get(word, kind)
        if before is not None and before.hazard != kind.hazard:
            kinds[word] = None
        elif before is not None:
            kinds[word] = kind if before == kind else EventKind(kind.hazard, None)
    return {word: kind for word, kind in kinds.items() if kind is not None}


def _named_kinds() -> Iterable[tuple[str, EventKind]]:
    for hazard, names in EVENT_TYPES.items():
        for code, name in names.items():
            if not name.startswith(_TOO_GENERAL) and hazard is not Hazard.OTHER:
                yield unicodedata.normalize("NFKC", name).casefold(), EventKind(hazard, code)
    for hazard, words in _OTHER_WORDS.items():
        for word, code in words.items():
            yield word, EventKind(hazard, code)


@cache
def _words_pattern() -> re.Pattern[str]:
    """All words, the longest first; Latin ones whole (`rain` is not in `train`), their plurals too."""
    words = sorted(_kinds_by_word(), key=len, reverse=True)
    latin = "|".join(re.escape(word) for word in words if word.isascii())
    other = "|".join(re.escape(word) for word in words if not word.isascii())
    return re.compile(rf"(?P<word>(?:{other})|\b(?:{latin})(?=s?\b))")
