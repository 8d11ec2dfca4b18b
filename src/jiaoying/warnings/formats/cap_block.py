"""One element of a CAP message with its children by name, whatever their order (CAP 1.2, 3.4: the schema)."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, cast

from lxml import etree

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap_schema import MAY_BE_EMPTY, REPEATABLE, Version, Word
from jiaoying.warnings.formats.cap_values import REMARKS, read_moment
from jiaoying.warnings.formats.guarded_xml import Element, namespace_and_name, text_of
from jiaoying.warnings.formats.notes import Notes

SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}Signature"
_SCHEMA_INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
# Room for a thousand references or division codes; the most seen is 21.
MAX_CODED_CHARACTERS = 100_000
# Of any element but the outermost and the signatures, which have their own.
_HAS_ATTRIBUTES = etree.XPath(
    "boolean(*[not(self::d:Signature)]/descendant-or-self::*/@*)",
    namespaces={"d": "http://www.w3.org/2000/09/xmldsig#"},
)


@dataclass(slots=True)
class Reading:
    """One message being read: its version of CAP and what is noticed about it."""

    version: Version
    notes: Notes
    with_attributes: bool  # hardly any has, so that nobody looks at each element for nothing


def alert_block(element: Element, version: Version, notes: Notes) -> "Block":
    """The outermost element of a message."""
    reading = Reading(version, notes, bool(_HAS_ATTRIBUTES(cast("Any", element))))
    note_attributes(element, "alert", notes)
    return Block(element, "alert", "", reading)


class Block:
    """An element, the path to it (`info[1]/area[2]`), and what is noticed about it."""

    __slots__ = ("_blocks", "_kind", "_later", "_reading", "_texts", "notes", "path")

    def __init__(self, element: Element, kind: str, path: str, reading: Reading) -> None:
        self.path = path
        self.notes = reading.notes
        self._kind = kind
        self._reading = reading
        self._texts: dict[str, str] = {}  # of the first child of each name
        self._later: dict[str, list[str]] = {}  # of those after it
        self._blocks: dict[str, list[Element]] = {}
        self._sort(element)

    @property
    def version(self) -> Version:
        return self._reading.version

    @property
    def with_attributes(self) -> bool:
        """Whether anything in this message has any."""
        return self._reading.with_attributes

    def __contains__(self, name: str) -> bool:
        return name in self._texts or name in self._blocks

    def field(self, name: str, position: int | None = None) -> str:
        """The path of a child, as complaints name it."""
        own = f"{self.path}/{name}" if self.path else name
        return own if position is None else f"{own}[{position}]"

    def elements(self, name: str) -> list[Element]:
        """The children of that name that have children of their own."""
        return self._blocks.get(name, [])

    def block(self, name: str, element: Element, position: int) -> "Block":
        """A child of that name, as a block."""
        return Block(element, name, self.field(name, position), self._reading)

    def blocks(self, name: str) -> list["Block"]:
        """The children of that name, as blocks."""
        return [
            self.block(name, element, position)
            for position, element in enumerate(self.elements(name), start=1)
        ]

    def texts(self, name: str) -> list[str]:
        """The texts of a child that may be repeated, the empty ones too."""
        first = self._texts.get(name)
        return [] if first is None else [first, *self._later.get(name, ())]

    def filled(self, name: str) -> list[str]:
        """The texts of a child that may be repeated, without the empty ones."""
        texts = self.texts(name)
        if "" in texts:
            for position, text in enumerate(texts, start=1):
                if not text:
                    self._note_empty(name, self.field(name, position))
        return [text for text in texts if text]

    def text(self, name: str) -> str | None:
        """The text of a child that stands once. Absent and empty are None; of several the first counts."""
        text = self._texts.get(name)
        if text is None:
            return None
        if name in self._later:
            count = len(self._later[name]) + 1
            self.notes.tolerate(
                "repeated", self.field(name), say("stands {count} times; the first counts", count=count)
            )
        if not text:
            self._note_empty(name, self.field(name))
            return None
        return text

    def coded(self, name: str) -> str:
        """The text of a child that is taken apart further: "" when absent, and of bounded length."""
        text = self.text(name) or ""
        if len(text) > MAX_CODED_CHARACTERS:
            self.note_too_long(self.field(name))
        return text[:MAX_CODED_CHARACTERS]

    def moment(self, name: str, fallback_zone: tzinfo | None) -> datetime | None:
        """The moment that a child holds, in UTC."""
        text = self.text(name)
        if text is None:
            return None
        reading = read_moment(text, fallback_zone)
        self.remark(reading.remarks, name, text)
        return reading.moment

    def remark(self, codes: tuple[str, ...], name: str, value: str, position: int | None = None) -> None:
        """Note what the reading of a single value forgave."""
        for code in codes:
            if code not in self._reading.version.free:
                self.notes.tolerate(code, self.field(name, position), say(REMARKS[code], value=value[:60]))

    def note_too_long(self, field: str) -> None:
        """Only the first MAX_CODED_CHARACTERS were read."""
        remark = say(
            "is longer than {count} characters: only the beginning was read", count=MAX_CODED_CHARACTERS
        )
        self.notes.tolerate("too-long", field, remark)

    # --- sorting the children ---

    def _sort(self, element: Element) -> None:
        """Texts and blocks by name. This loop sees each element of a message: it is kept tight."""
        words, texts, before, ordered = self._reading.version.words[self._kind], self._texts, 0, True
        for child in element:
            word = words.get(child.tag) or self._word_of_stranger(child)
            if word is None:
                continue
            name, place, is_block = word
            if place < before:
                ordered = False
            before = place
            if is_block:
                self._blocks.setdefault(name, []).append(child)
            elif name not in texts:
                texts[name] = text_of(child)
            else:
                self._later.setdefault(name, []).append(text_of(child))
            if self._reading.with_attributes:
                self._note_attributes_of(child, name)
        if not ordered:
            text = say("the elements inside are not in the order of the schema: read all the same")
            self.notes.tolerate("element-order", self.path or self._kind, text)

    def _note_attributes_of(self, child: Element, name: str) -> None:
        position = None
        if name in REPEATABLE:
            position = len(self._blocks.get(name, ())) or len(self._later.get(name, ())) + 1
        note_attributes(child, self.field(name, position), self.notes)

    def _word_of_stranger(self, child: Element) -> Word | None:
        """A child that is not in the namespace of its message: is it one of CAP all the same?"""
        if child.tag == SIGNATURE:
            # CAP 1.2, 3.3.4: not to be rejected because we cannot verify it, and to be said.
            text = say("the message is signed; the signature was not verified")
            self.notes.tolerate("signature-not-verified", self.field("Signature"), text)
            return None
        version = self._reading.version
        namespace, name = namespace_and_name(child)
        word = None if namespace else version.words[self._kind].get(f"{{{version.namespace}}}{name}")
        if word is None:
            text = say("does not belong here in CAP and was passed over")
            self.notes.tolerate("unknown-element", self.field(name[:60]), text)
        else:
            text = say("has no namespace; it was read as an element of CAP")
            self.notes.tolerate("other-namespace", self.field(name), text)
        return word

    def _note_empty(self, name: str, field: str) -> None:
        if name not in MAY_BE_EMPTY:
            self.notes.tolerate("empty", field, say("is empty: read as absent"))


def note_attributes(element: Element, field: str, notes: Notes) -> None:
    """CAP has no attributes, but for those that say where its schema lies."""
    for name in element.keys():  # noqa: SIM118 - an element is a list of its children
        if not name.startswith(_SCHEMA_INSTANCE):
            text = say("CAP has no attributes; it was passed over")
            notes.tolerate("unknown-attribute", f"{field}/@{name[:60]}", text)
