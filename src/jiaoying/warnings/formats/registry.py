"""Every format that is read, one line each, found by what a document looks like and never by its name.

A reader gets a document that was parsed within bounds already, so that no format guards itself. It is
pure: no network, no files. What holds several warnings is taken apart before (formats/containers.py).
The first reader that recognises a document reads it: narrow ones stand before wide ones.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from jiaoying.warnings.formats.cap import read_cap
from jiaoying.warnings.formats.cap_schema import VERSIONS
from jiaoying.warnings.formats.containers import is_bundle
from jiaoying.warnings.formats.feed_index import is_index, read_index
from jiaoying.warnings.formats.guarded_xml import Document
from jiaoying.warnings.model import ParsedMessage

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reader(Generic[T]):
    """A format. `read` gets `now` as the bound for how far ahead a message may be dated.

    `formats` are the names that its messages may bear, for whoever asks for one by name.
    """

    recognises: Callable[[T], bool]
    read: Callable[[T, datetime], list[ParsedMessage]]
    formats: tuple[str, ...] = ()


def _anything(_: object) -> bool:
    return True


# CAP stands last: it says best what is wrong with a document that is nothing that we know.
XML_READERS: tuple[Reader[Document], ...] = (
    Reader(lambda document: is_index(document) or is_bundle(document), read_index),
    Reader(_anything, read_cap, tuple(version.format for version in VERSIONS.values())),
)
# Of a parsed JSON value (formats/guarded_json.py).
JSON_READERS: tuple[Reader[object], ...] = ()
# Of plain text.
TEXT_READERS: tuple[Reader[str], ...] = ()


def format_names() -> tuple[str, ...]:
    """The name of every format whose messages are read, in the order of the readers."""
    readers = (*XML_READERS, *JSON_READERS, *TEXT_READERS)
    return tuple(dict.fromkeys(name for reader in readers for name in reader.formats))
