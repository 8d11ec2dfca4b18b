"""XML from strangers, read without giving them anything to play with.

Nothing is fetched, no entity is expanded, a DOCTYPE ends the reading before its declarations are
looked at, and depth, number of elements and size are bounded while the parser runs, not after.
"""

import codecs
from dataclasses import dataclass, field
from typing import cast

from lxml import etree

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say

MAX_BYTES = 20 * 1024 * 1024  # as the API: 413 over 20 MiB
MAX_DEPTH = 64  # alert/info/area/geocode/value is 5; an enveloped signature about 10
MAX_ELEMENTS = 200_000  # the largest national warning seen has about 25,000
BLANKS = b" \t\r\n"


@dataclass(slots=True)
class Node:
    """An element: its children and texts in the order of the document."""

    namespace: str
    name: str
    attributes: tuple[str, ...]
    parts: list["str | Node"] = field(default_factory=list["str | Node"])

    @property
    def children(self) -> list["Node"]:
        return [part for part in self.parts if isinstance(part, Node)]

    @property
    def text(self) -> str:
        """All text inside, outer blanks off, each line end a line feed."""
        return self._all_text().replace("\r\n", "\n").replace("\r", "\n").strip()

    def _all_text(self) -> str:
        return "".join(part if isinstance(part, str) else part._all_text() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read, and what was forgiven before its first element."""

    root: Node
    remarks: tuple[Complaint, ...]


class _HostileError(Exception):
    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.text)
        self.complaint = complaint


class _Builder:
    """The parser's target: builds nodes and stops at the first sign of malice."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._count = 0

    def doctype(self, name: str | None, public_id: str | None, system: str | None) -> None:
        del name, public_id, system
        _stop(
            "doctype",
            say(
                "the document declares a DOCTYPE; warnings have none, and entities are never read (CAP 3.3.3)"
            ),
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS:
            _stop("too-many-elements", say("the document has more than {count} elements", count=MAX_ELEMENTS))
        if len(self._open) >= MAX_DEPTH:
            _stop("too-deep", say("elements lie in each other more than {depth} deep", depth=MAX_DEPTH))
        namespace, _, name = tag.rpartition("}")
        node = Node(namespace.removeprefix("{"), name, tuple(attributes))
        if self._open:
            self._open[-1].parts.append(node)
        else:
            self.root = node
        self._open.append(node)

    def end(self, tag: str) -> None:
        del tag
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].parts.append(text)

    def close(self) -> Node | None:
        return self.root


def _stop(code: str, text: str) -> None:
    raise _HostileError(Complaint(code, "document", text))


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
    return Document(root, remarks)


def _parse(body: bytes) -> Node:
    # huge_tree lifts libxml2's limit of 10 MB for one text, which a recording in base64 may exceed;
    # its other limits are replaced by those of the builder, and entities cannot be declared at all.
    parser = etree.XMLParser(
        target=cast("etree.ParserTarget", _Builder()),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    )
    root: object = etree.fromstring(body, parser)
    # Parsing into a target passes over undeclared prefixes; the log does not.
    flaws = [entry for entry in parser.error_log if entry.type_name.startswith("NS_ERR")]
    if flaws or not isinstance(root, Node):
        raise _HostileError(_not_well_formed(flaws[0].message if flaws else ""))
    return root


def _not_well_formed(reason: str) -> Complaint:
    text = say("the document is not well-formed XML: {reason}", reason=reason.strip())
    return Complaint("not-well-formed", "document", text)


def _without_leading_noise(body: bytes) -> tuple[bytes, tuple[Complaint, ...]]:
    """The document without a byte order mark of UTF-8 and without blanks before its declaration."""
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
