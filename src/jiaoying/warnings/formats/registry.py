"""Every format that is read, one line each, found by what a document looks like and never by its name.

A reader gets a document that was parsed within bounds already, so that no format guards itself. It is
pure: no network, no files. The first reader that recognises a document reads it: narrow ones stand
before wide ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from jiaoying.warnings.formats.bulletin import is_bulletin, read_bulletins
from jiaoying.warnings.formats.cap import read_cap
from jiaoying.warnings.formats.guarded_xml import Document
from jiaoying.warnings.gazetteer import Gazetteer
from jiaoying.warnings.model import ParsedMessage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader(Generic[T]):
    """A format. `read` gets `now` as the bound for how far ahead a message may be dated."""

    recognises: Callable[[T], bool]
    read: Callable[[T, datetime], list[ParsedMessage]]


@dataclass(frozen=True, slots=True)
class TextReader:
    """A format of plain text, where places are named and not coded: it gets the places to look them up."""

    recognises: Callable[[str], bool]
    read: Callable[[str, datetime, Gazetteer], list[ParsedMessage]]


def _anything(_: object) -> bool:
    return True


# CAP stands last: it says best what is wrong with a document that is nothing that we know.
XML_READERS: tuple[Reader[Document], ...] = (Reader(_anything, read_cap),)
# Of a parsed JSON value (formats/guarded_json.py).
JSON_READERS: tuple[Reader[object], ...] = ()
# Of plain text.
TEXT_READERS: tuple[TextReader, ...] = (TextReader(is_bulletin, read_bulletins),)
