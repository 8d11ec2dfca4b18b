"""`TTLL`: two digits of type, two of level (`0902`: yellow lightning), as weather.com.cn and Caiyun have it.

The types are those that public software carries; neither site documents them. The level counts
upwards, other than in the names of 12379: 01 is blue.
"""

from jiaoying.warnings.formats.levels import Level, level_of

# Type → name, code of the national table where one has the same name.
TYPES: dict[str, tuple[str, str | None]] = {
    "01": ("台风", "11B01"), "02": ("暴雨", "11B03"), "03": ("暴雪", "11B04"), "04": ("寒潮", "11B05"),
    "05": ("大风", "11B06"), "06": ("沙尘暴", "11B07"), "07": ("高温", "11B09"), "08": ("干旱", "11B22"),
    "09": ("雷电", "11B14"), "10": ("冰雹", "11B15"), "11": ("霜冻", "11B16"), "12": ("大雾", "11B17"),
    "13": ("霾", "11B19"), "14": ("道路结冰", "11B21"),
}  # fmt: skip
# Above 14 the two sites differ.
WEATHERCN_TYPES: dict[str, tuple[str, str | None]] = TYPES | {
    "52": ("雷暴大风", None), "58": ("低温雨雪冰冻", "11B30"), "59": ("强对流", "11B31"),
    "62": ("强降雨", "11B38"), "63": ("强降温", "11B39"), "65": ("森林(草原)火险", "11B41"),
    "91": ("寒冷", "11B34"), "92": ("灰霾", "11B19"), "93": ("雷雨大风", "11B20"),
    "94": ("森林火险", "11B25"), "95": ("降温", "11B48"), "96": ("道路冰雪", None),
    "97": ("干热风", "11B11"), "98": ("低温", None), "99": ("空气重污染", "11B29"),
}  # fmt: skip
CAIYUN_TYPES: dict[str, tuple[str, str | None]] = TYPES | {
    "15": ("森林火险", "11B25"), "16": ("雷雨大风", "11B20"), "17": ("春季沙尘天气", "11B47"),
    "18": ("沙尘", None),
}  # fmt: skip
_LEVELS = {"01": "blue", "02": "yellow", "03": "orange", "04": "red", "00": "white", "91": "white"}


def level_of_code(code: str) -> Level | None:
    """The level in the last two digits of `TTLL`."""
    return level_of(_LEVELS.get(code[2:4]))
