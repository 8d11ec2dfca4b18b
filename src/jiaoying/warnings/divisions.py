"""Division codes of China among the geocodes of a message."""

import re
import unicodedata
from collections.abc import Iterable

from jiaoying.kernel.areas import complete_code
from jiaoying.warnings.model import WarnedArea

# Digits of these schemes look like division codes and are none (FIPS, SAME, DWD's WARNCELLID, CAP-CP …).
_FOREIGN_SCHEMES = re.compile(r"fips|same|ugc|warncell|cap-cp|emma|nuts|iso3166|zip|plz")
# GB/T 2260: county, GB/T 10114: township and village; the first two digits name the province.
_DIVISION = re.compile(
    r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])(?:\d{4}|\d{7}|\d{10})", re.ASCII
)
_SEPARATORS = re.compile(r"[,;、\s]+")


def area_codes(areas: Iterable[WarnedArea]) -> tuple[str, ...]:
    """The 12-digit codes that the geocodes name, each once, in their order.

    The scheme's name is free text (`CPEAS Geographic Code` in the Chinese feed), so the value decides:
    6, 9 or 12 digits that begin as a Chinese code. A value may hold several, with stray commas.
    """
    codes = (
        complete_code(value)
        for area in areas
        for scheme, values in area.geocodes
        if not _FOREIGN_SCHEMES.search(scheme.casefold().replace(" ", ""))
        for value in _SEPARATORS.split(unicodedata.normalize("NFKC", values))
        if _DIVISION.fullmatch(value)
    )
    return tuple(dict.fromkeys(code for code in codes if code is not None))
