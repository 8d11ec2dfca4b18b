"""Indexes: Atom and RSS whose entries link to warnings instead of holding them. Pure."""

from dataclasses import dataclass
from hashlib import sha256

from lxml import etree
from lxml.etree import _Element as Element  # pyright: ignore[reportPrivateUsage]

from jiaoying.kernel.errors import Complaint
from jiaoying.warnings.formats.guarded_xml import read_document

MOST_ENTRIES = 5000
_ROOTS = ("feed", "rss", "RDF")
_CAP_TYPES = (
    "application/cap+xml",
    "application/common-alerting-protocol+xml",
    "application/xml",
    "text/xml",
)


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """One entry: what it is called, where it leads, and when it was changed last, as written."""

    id: str
    link: str
    updated: str | None
    title: str | None

    @property
    def digest(self) -> bytes:
        """The same as long as neither name, link nor date of the entry changes."""
        return sha256("\0".join((self.id, self.link, self.updated or "")).encode()).digest()


def read_index(body: bytes) -> tuple[IndexEntry, ...] | None:
    """The entries of an index, in its order; None where `body` is none, or holds the warnings itself."""
    if isinstance(read_document(body), Complaint):
        return None
    # The guards have looked: there is no DOCTYPE, and size, depth and number of elements are bounded.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    root = etree.fromstring(body.lstrip(b"\xef\xbb\xbf \t\r\n"), parser)
    if _name(root) not in _ROOTS or _holds_alerts(root):
        return None
    found = [_entry(node) for node in _entries(root)[:MOST_ENTRIES]]
    return tuple(entry for entry in found if entry is not None)


def _name(node: Element) -> str:
    return str(node.tag).rpartition("}")[2]


def _entries(root: Element) -> list[Element]:
    # RSS 1.0 has its items beside the channel, RSS 2.0 inside it.
    return [node for node in root.iter() if _name(node) in ("entry", "item")]


def _holds_alerts(root: Element) -> bool:
    return any(
        _name(node) == "alert" and "cap" in str(node.tag).rpartition("}")[0].lower() for node in root.iter()
    )


def _entry(node: Element) -> IndexEntry | None:
    link = _link(node)
    if not link:
        return None
    name = _text(node, "id", "guid") or link
    return IndexEntry(
        name, link, _text(node, "updated", "pubDate", "date", "published"), _text(node, "title")
    )


def _link(node: Element) -> str:
    """The link to the warning itself: of several the one that says it is CAP, else the first alternate."""
    links = [child for child in node if _name(child) == "link"]
    said = [link for link in links if link.get("type") in _CAP_TYPES]
    usual = [link for link in links if link.get("rel", "alternate") == "alternate"]
    addresses = [(link.get("href") or link.text or "").strip() for link in (*said, *usual)]
    return next(filter(None, addresses), "")


def _text(node: Element, *names: str) -> str | None:
    """The text of the first of `names` that the entry has."""
    for name in names:
        for child in node:
            if _name(child) == name and child.text and child.text.strip():
                return child.text.strip()
    return None
