"""The names of wordings: `zh-CN/flash_flood.red.sms.txt` is language, what it is for, colour, channel."""

import re
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import LANGUAGES

SMS, VOICE = "sms", "voice"
DEFAULT = "default"  # of calls about a hazard that has no wording of its own

HAZARDS = frozenset(map(str, Hazard))

_NAME = re.compile(
    rf"(?P<language>{'|'.join(LANGUAGES)})/(?P<name>[a-z_]+(?:\.[a-z_]+)??)"
    rf"(?:\.(?P<colour>{'|'.join(Colour)}))?(?:\.(?P<channel>{SMS}|{VOICE}))?\.txt"
)


@dataclass(frozen=True, slots=True)
class WordingFile:
    """One wording. Replies have no channel; only calls, those about a hazard, may have a colour."""

    language: str
    name: str
    channel: str | None = None
    colour: Colour | None = None

    @property
    def path(self) -> str:
        """How it is named among the others, as `{% extends %}` names it too."""
        ends = (self.colour, self.channel, "txt")
        return f"{self.language}/{'.'.join((self.name, *filter(None, ends)))}"

    @property
    def is_call(self) -> bool:
        """Whether it calls somebody because of a hazard."""
        return self.name == DEFAULT or self.name in HAZARDS

    @property
    def is_reply(self) -> bool:
        """Whether it tells the sender of an answer what was understood."""
        return self.name.startswith("reply.")

    def falls_back_to(self) -> "tuple[WordingFile, ...]":
        """Itself, and then what is used where nobody wrote it, in this order."""
        if self.channel is None:
            return (self,)
        plain = replace(self, colour=None)
        shared = replace(self, name=DEFAULT), replace(plain, name=DEFAULT)
        return tuple(dict.fromkeys((self, plain, *shared)))


def read_name(path: str) -> WordingFile | None:
    """The wording that a path names; None for what cannot be one."""
    found = _NAME.fullmatch(path)
    if found is None:
        return None
    colour = found["colour"]
    file = WordingFile(found["language"], found["name"], found["channel"], Colour(colour) if colour else None)
    return file if _may_be(file) else None


def _may_be(file: WordingFile) -> bool:
    if file.is_call:
        return file.channel is not None
    return file.colour is None and file in built_in_files()


@cache
def built_in_files() -> tuple[WordingFile, ...]:
    """The wordings that come along, by language and name."""
    found: list[WordingFile] = []
    for language in LANGUAGES:
        for item in sorted(_folder().joinpath(language).iterdir(), key=lambda one: one.name):
            named = _NAME.fullmatch(f"{language}/{item.name}")
            if named:
                found.append(WordingFile(language, named["name"], named["channel"]))
    return tuple(found)


@cache
def built_in_text(path: str) -> str | None:
    """What comes along under this name; None where nothing does."""
    file = _folder().joinpath(path)
    return file.read_text(encoding="utf-8") if file.is_file() else None


def _folder() -> Traversable:
    return resources.files("jiaoying.templates").joinpath("wordings")
