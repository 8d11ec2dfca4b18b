"""Division codes of China among the geocodes of a message."""

import re
import unicodedata
from collections.abc import Iterable

from jiaoying.kernel.areas import complete_code
from jiaoying.warnings.hazard_words import folded_name
from jiaoying.warnings.model import WarnedArea

# Folded names of lists whose digits look like division codes and are none: FIPS and SAME (USA), DWD's
# WARNCELLID and keys of German districts, CAP-CP and CLC (Canada), EMMA_ID, NUTS, post codes, corners.
_FOREIGN_SCHEMES = re.compile(
    r"fips|same|ugc|warncell|capcp|clc$|emma|nuts|iso3166|zip|plz|post|polygon|aemet|state|land|kreis|gemeinde"
    r"|^ags|^ars$|areaid|shn|statcan|ecmsc|phone"
)
# Folded names that speak of Chinese divisions however they are spelt. `CPEAS Geographic Code` is the
# national feed's.
_OWN_SCHEMES = re.compile(
    r"cpeas|adcode|admincode|administrative|division|gbt?2260|2260|10114|areacode|regioncode|citycode|countycode"
    r"|geographiccode|geocode|行政|区划|區劃|地区|地區|区域|編碼|编码|china|^cn|中国"
)
# GB/T 2260: county, GB/T 10114: township and village; the first two digits name the province.
_DIVISION = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])(?:\d{4}|\d{7}|\d{10})", re.ASCII
)
# A point keeps a coordinate in one piece: 52.140521 holds no code.
_SEPARATORS = re.compile(r"[^0-9A-Za-z.]+")
# 12379: the issuing area, its organ and unit, and the time of entry (GB/T 35965.1 as its annexes have it).
_NATIONAL_IDENTIFIER = re.compile(r"(\d{6})\d{8}_\d{14}", re.ASCII)


def area_codes(areas: Iterable[WarnedArea], *, chinese: bool = True) -> tuple[str, ...]:
    """The 12-digit codes that the geocodes name, each once, in their order.

    The scheme's name is free text, so the value decides: 6, 9 or 12 digits that begin as a Chinese code;
    one value may hold several, with stray commas. Under a name that says nothing this holds only for a
    message that speaks Chinese (`chinese`): the digits of other countries look alike.
    """
    codes = (
        complete_code(value)
        for area in areas
        for scheme, values in area.geocodes
        if _may_hold_divisions(folded_name(unicodedata.normalize("NFKC", scheme)), chinese=chinese)
        for value in _SEPARATORS.split(unicodedata.normalize("NFKC", values))
        if _DIVISION.fullmatch(value)
    )
    return tuple(dict.fromkeys(code for code in codes if code is not None))


def issuing_area(identifier: str) -> str | None:
    """The 12-digit code of the territory whose organ gave a message its national identifier, or None."""
    found = _NATIONAL_IDENTIFIER.match(identifier)
    return complete_code(found[1]) if found and _DIVISION.fullmatch(found[1]) else None


def _may_hold_divisions(scheme: str, *, chinese: bool) -> bool:
    if _FOREIGN_SCHEMES.search(scheme):
        return False
    return chinese or _OWN_SCHEMES.search(scheme) is not None
