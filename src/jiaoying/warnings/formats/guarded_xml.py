"""XML from strangers, read without giving them anything to play with.

Nothing is fetched, no entity is expanded, a DOCTYPE ends the reading before its declarations are
looked at, and depth, number of elements and size are bounded before a tree is built, not after.

Most documents show by their bytes that they are harmless: an encoding in which `<!DOCTYPE` can be
written in one way only, no such bytes, few `<`. Those are parsed once. The others are first read by a
parser that builds nothing and stops at the first sign of malice.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from threading import local
from typing import Protocol, cast

from lxml import etree

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say

MAX_BYTES = 20 * 1024 * 1024  # as the API: 413 over 20 MiB
MAX_DEPTH = 64  # alert/info/area/geocode/value is 5; an enveloped signature about 10
MAX_ELEMENTS = 200_000  # the largest national warning seen has about 25,000
BLANKS = b" \t\r\n"

# Up to this size libxml2's own limits (10 MB for one text, a depth of 256) stand as well.
_SMALL_BYTES = 10_000_000
# Encodings in which every byte below 0x40 means what it means in ASCII: no mark-up hides in them.
_PLAIN_ENCODING = re.compile(
    rb"utf-?8|us-ascii|iso-?8859-\d{1,2}|windows-125\d|gb2312|gbk|gb18030|big5|euc-(?:jp|kr|tw)|koi8-[ru]",
    re.IGNORECASE,
)
_DECLARATION = re.compile(
    rb"""<\?xml\s+version\s*=\s*["']1\.\d["'](?:\s+encoding\s*=\s*["']([\w.-]{1,40})["'])?"""
    rb"""(?:\s+standalone\s*=\s*["'](?:yes|no)["'])?\s*\?>"""
)
_DEEPER = etree.XPath(f"boolean({'/*' * (MAX_DEPTH + 1)})")
# Where one document of a stream ends and the next begins (Canada's NAAD sends them so over TCP).
_SEAM = re.compile(
    rb"</(?:[\w.-]{1,60}:)?alert\s{0,100}>[\s\x00]{0,1000}(?=<(?:\?xml|(?:[\w.-]{1,60}:)?alert)\s)"
)


class Element(Protocol):
    """What we use of lxml's elements, whose own type has no public name."""

    @property
    def tag(self) -> str: ...
    @property
    def text(self) -> str | None: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator["Element"]: ...
    def get(self, key: str) -> str | None: ...
    def keys(self) -> list[str]: ...
    def items(self) -> list[tuple[str, str]]: ...
    def itertext(self) -> Iterator[str]: ...
    def iter(self, *tags: str) -> Iterator["Element"]: ...
    def iterchildren(self, *tags: str) -> Iterator["Element"]: ...
    def iterancestors(self, *tags: str) -> Iterator["Element"]: ...
    def find(self, path: str) -> "Element | None": ...


@dataclass(frozen=True, slots=True)
class Node:
    """An element of a document. What it gives is read anew at each call."""

    element: Element

    @property
    def namespace(self) -> str:
        return namespace_and_name(self.element)[0]

    @property
    def name(self) -> str:
        return namespace_and_name(self.element)[1]

    @property
    def attributes(self) -> dict[str, str]:
        """By name, in James Clark's form where they have a namespace: `{urn:x}name`."""
        return dict(self.element.items())

    @property
    def children(self) -> list["Node"]:
        return [Node(child) for child in self.element]

    @property
    def text(self) -> str:
        """All text inside, outer blanks off, each line end a line feed."""
        return text_of(self.element)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read, and what was forgiven before its first element."""

    root: Node
    remarks: tuple[Complaint, ...]


def namespace_and_name(element: Element) -> tuple[str, str]:
    """The two parts of an element's tag; "" where it has no namespace."""
    namespace, _, name = element.tag.rpartition("}")
    return namespace.removeprefix("{"), name


def text_of(element: Element) -> str:
    """All text inside an element, outer blanks off, each line end a line feed."""
    text = "".join(element.itertext()) if len(element) else element.text
    if not text:
        return ""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def read_document(body: bytes) -> Document | Complaint:
    """The document in `body`, or why it is refused."""
    if len(body) > MAX_BYTES:
        text = say("the document is larger than {size} MiB", size=MAX_BYTES // 1024 // 1024)
        return Complaint("too-large", "document", text)
    body, remarks = _without_leading_noise(body)
    if not body:
        return Complaint("empty", "document", say("the document is empty"))
    try:
        root = _parse(body)
    except _HostileError as refusal:
        return refusal.complaint
    except (etree.LxmlError, UnicodeError, LookupError) as error:
        return _not_well_formed(str(error))
    return Document(Node(root), remarks)


def read_documents(body: bytes) -> Iterator[Document | Complaint]:
    """The documents in `body`: one, or as many as were written one after the other.

    A damaged one costs itself only. They are read one by one, as the caller asks for them.
    """
    whole = read_document(body)
    if isinstance(whole, Document) or len(body) > MAX_BYTES or _SEAM.search(body) is None:
        yield whole
        return
    seams = (seam.end() for seam in _SEAM.finditer(body))
    for start, end in pairwise(chain([0], seams, [len(body)])):
        yield read_document(body[start:end].strip(BLANKS + b"\0"))


# --- parsing ---


def _parse(body: bytes) -> Element:
    if not _is_plainly_harmless(body):
        _scan(body)
    root = etree.fromstring(body, _parsers.small if len(body) <= _SMALL_BYTES else _parsers.large)
    if _DEEPER(root):
        _stop_too_deep()
    return cast("Element", root)


def _is_plainly_harmless(body: bytes) -> bool:
    if len(body) > _SMALL_BYTES or body.count(b"<") > MAX_ELEMENTS or b"<!DOCTYPE" in body:
        return False
    if body[:5] != b"<?xml":
        return body[:1] == b"<" and b"\0" not in body[:4]
    declaration = _DECLARATION.match(body)
    return declaration is not None and (
        declaration[1] is None or _PLAIN_ENCODING.fullmatch(declaration[1]) is not None
    )


def _new_parser(*, huge: bool) -> etree.XMLParser:
    # Comments and instructions say nothing to us, and without them a text is one piece.
    # huge_tree lifts libxml2's limit of 10 MB for one text, which a recording in base64 may exceed;
    # by then the scan has set our limits in place of its own.
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
        huge_tree=huge,
    )


class _Parsers(local):
    """Kept from document to document; each thread has its own, since a parser serves one at a time."""

    def __init__(self) -> None:
        self.small = _new_parser(huge=False)
        self.large = _new_parser(huge=True)


_parsers = _Parsers()


class _HostileError(Exception):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.text)
        self.complaint = complaint


class _Watch:
    """A parser's target that builds nothing and stops at the first sign of malice."""

    def __init__(self) -> None:
        self._count = 0
        self._depth = 0

    def doctype(self, name: str | None, public_id: str | None, system: str | None) -> None:
        del name, public_id, system
        _stop(
            "doctype",
            say(
                "the document declares a DOCTYPE; warnings have none, and entities are never read (CAP 3.3.3)"
            ),
        )

    def start(self, tag: str, attributes: object) -> None:
        del tag, attributes
        self._count += 1
        self._depth += 1
        if self._count > MAX_ELEMENTS:
            _stop("too-many-elements", say("the document has more than {count} elements", count=MAX_ELEMENTS))
        if self._depth > MAX_DEPTH:
            _stop_too_deep()

    def end(self, tag: str) -> None:
        del tag
        self._depth -= 1

    def close(self) -> None:
        return None


def _scan(body: bytes) -> None:
    watch = etree.XMLParser(
        target=cast("etree.ParserTarget", _Watch()),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    )
    etree.fromstring(body, watch)


def _stop_too_deep() -> None:
    _stop("too-deep", say("elements lie in each other more than {depth} deep", depth=MAX_DEPTH))


def _stop(code: str, text: str) -> None:
    raise _HostileError(Complaint(code, "document", text))


def _not_well_formed(reason: str) -> Complaint:
    text = say("the document is not well-formed XML: {reason}", reason=reason.strip())
    return Complaint("not-well-formed", "document", text)


def _without_leading_noise(body: bytes) -> tuple[bytes, tuple[Complaint, ...]]:
    """The document without a byte order mark of UTF-8 and without blanks before its declaration."""
    if body[:1] == b"<":
        return body, ()
    remarks: list[Complaint] = []
    if body.startswith(codecs.BOM_UTF8):
        body = body[len(codecs.BOM_UTF8) :]
        text = say("the document begins with a byte order mark, which was skipped")
        remarks.append(Complaint("byte-order-mark", "document", text))
    if body != body.lstrip(BLANKS):
        body = body.lstrip(BLANKS)
        text = say("the document begins with blanks, which were skipped")
        remarks.append(Complaint("leading-blanks", "document", text))
    return body, tuple(remarks)
