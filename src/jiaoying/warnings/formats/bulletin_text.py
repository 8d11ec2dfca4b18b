"""A pasted text made plain for reading, with the way back to what was pasted."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from jiaoying.warnings.model import Evidence

# Official texts copied out of documents hold radicals in place of characters: ⼈ U+2F08 looks like 人.
# NFKC mends the Kangxi radicals (U+2F00 to U+2FD5) but, of the radicals of the supplement (U+2E80 to
# U+2EF3), only two. These are the ones that are characters of their own in running text.
_LIKE = (
    "⺁⺄⺅⺈⺊⺌⺍⺎⺏⺐⺒⺓⺔⺖⺗⺘⺙⺛⺜⺝⺞⺟⺠⺡⺢⺣⺤⺥⺦⺧⺨⺩⺪⺫⺬⺭⺮⺯⺰⺱"
    "⺲⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙"
    "⻚⻛⻜⻝⻞⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻫⻬⻭⻮⻯⻰⻱⻲⻳"
)
_MEANT = (
    "厂乙亻刀卜小小兀尣尢巳幺彑忄心扌攵旡日月歹母民氵水灬爪爫丬牛犭王疋目示礻竹糹纟罒"
    "罒网网网羊羊羊老聿聿肉臼艹艹艹虎衤西西见角角讠贝足车辶辶辶阝钅長镸长门阜阝雨青韦"
    "页风飞食食飠饣首马骨鬼鱼鸟卤麦黄黾斉齐歯齿竜龙龜亀龟"
)
_RADICALS = dict(zip(_LIKE, _MEANT, strict=True))
_LOOK_ALIKE = re.compile("[\u2e80-\u2fd5]")
_ALNUM = re.compile(r"[0-9a-z]")


@dataclass(frozen=True, slots=True)
class PlainText:
    """`plain` is folded: half width, lower case, no blanks but between Latin letters or digits.

    `origins` leads from each of its characters to the one in `source` that it came from, `breaks` are
    the places in `plain` where a new line began.
    """

    source: str
    plain: str
    origins: tuple[int, ...]
    breaks: frozenset[int]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the source from which `plain[start:end]` came."""
        if start >= end:
            return (0, 0)
        return self.origins[start], self.origins[end - 1] + 1

    def words(self, start: int, end: int) -> str:
        """`plain[start:end]` as it was pasted."""
        first, last = self.original(start, end)
        return self.source[first:last]

    def evidence(self, field: str, span: tuple[int, int], value: str, *, sure: bool = True) -> Evidence:
        """That the words of `span` led to `value`."""
        first, last = self.original(*span)
        return Evidence(field, self.source[first:last], first, last, value, sure)


def make_plain(source: str) -> PlainText:
    """`source` folded for reading. Linear in its length."""
    plain: list[str] = []
    origins: list[int] = []
    breaks: set[int] = set()
    gap: int | None = None  # where blanks began that may have to stay
    for position, character in _folded(source):
        if character.isspace() or unicodedata.category(character) in ("Cf", "Cc", "Zs"):
            gap = position if gap is None else gap
            if character in "\r\n\u2028\u2029":
                breaks.add(len(plain))
            continue
        if gap is not None and plain and _ALNUM.match(plain[-1]) and _ALNUM.match(character):
            plain.append(" ")
            origins.append(gap)
            if len(plain) - 1 in breaks:
                breaks.add(len(plain))
        gap = None
        plain.append(character)
        origins.append(position)
    return PlainText(source, "".join(plain), tuple(origins), frozenset(breaks))


def _folded(source: str) -> Iterator[tuple[int, str]]:
    """Every character with its place, look-alikes mended, compatibility forms taken apart, lower case."""
    for position, character in enumerate(source):
        if character.isascii():
            yield position, character.lower()
            continue
        mended = unicodedata.normalize("NFKC", _RADICALS.get(character, character))
        for one in _RADICALS.get(mended, mended).casefold():
            yield position, one


def has_look_alikes(text: str) -> bool:
    """Whether radicals stand in place of characters."""
    return _LOOK_ALIKE.search(text) is not None


def mend_look_alikes(text: str) -> str:
    """`text` with characters in place of radicals, and nothing else changed: for voices and eyes."""
    return _LOOK_ALIKE.sub(
        lambda found: _RADICALS.get(found.group(), unicodedata.normalize("NFKC", found.group())), text
    )
