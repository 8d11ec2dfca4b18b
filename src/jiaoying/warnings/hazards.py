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
from jiaoying.warnings.hazard_words import FOREIGN_WORDS, OTHER_WORDS, hazard_of_scheme, words_of_value

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

_CODE = re.compile(r"1[1-9][A-Z]\d{2}", re.ASCII)
# Writings without blanks between words: Han, kana, Hangul, Thai.
_UNSPACED = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
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


def kind_of_scheme(name: str, value: str) -> EventKind | None:
    """The kind that a value of another country's list means: `SAME` TOR, `awareness_type` `10; Rain`, …"""
    hazard = hazard_of_scheme(name, value)
    if hazard is not None:
        return EventKind(hazard, None)
    words = words_of_value(name, value)
    return kind_in_words(words) if words else None


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
    for hazard, words in OTHER_WORDS.items():
        for word, code in words.items():
            yield word, EventKind(hazard, code)
    # Of a word that stands above already, the code is known better there.
    said = {word for words in OTHER_WORDS.values() for word in words}
    for hazard, listed in FOREIGN_WORDS.items():
        for word in {unicodedata.normalize("NFKC", one).casefold() for one in listed.split(";")} - said:
            yield word, EventKind(hazard, None)


@cache
def _words_pattern() -> re.Pattern[str]:
    """All words, the longest first; those with blanks between words whole (`rain` is not in `train`), their
    plurals too. Grouped by their first letter: with a thousand words that is ten times as fast.
    """
    words = sorted(_kinds_by_word(), key=len, reverse=True)
    unspaced = _any_of([word for word in words if _UNSPACED.search(word)])
    spaced = _any_of([word for word in words if not _UNSPACED.search(word)])
    return re.compile(rf"(?P<word>(?:{unspaced})|\b(?:{spaced})(?=(?:e?s)?\b))")


def _any_of(words: list[str]) -> str:
    """A pattern of the words, those that begin alike together, each group in the given order."""
    rests: dict[str, list[str]] = {}
    for word in words:
        rests.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(f"{re.escape(first)}(?:{'|'.join(group)})" for first, group in rests.items())
