"""Atom (RFC 4287) and RSS feeds as an index of warnings: what lies where. Nothing is fetched here.

An entry may hold its warning (formats/containers.py reads those), link to it, or carry some of its
fields (`cap:event`, `cap:expires` …, as the USA's service does), which are less than the warning.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap_schema import VERSIONS
from jiaoying.warnings.formats.containers import is_bundle
from jiaoying.warnings.formats.guarded_xml import Document, Element, namespace_and_name, text_of
from jiaoying.warnings.formats.notes import verdict_on
from jiaoying.warnings.model import ParsedMessage

MAX_ENTRIES = 10_000  # the USA's feed of everything has some 500
# The outermost element → our name of the format. RSS 0.9x and 2.0 have no namespace, 1.0 is RDF.
_ROOTS = {
    ("http://www.w3.org/2005/Atom", "feed"): "feed-atom",
    ("http://purl.org/atom/ns#", "feed"): "feed-atom",  # Atom 0.3
    ("", "rss"): "feed-rss",
    ("http://www.w3.org/1999/02/22-rdf-syntax-ns#", "RDF"): "feed-rss",
}
_CAP_MEDIA_TYPES = ("application/cap+xml", "application/common-alerting-protocol+xml")
_XML_MEDIA_TYPES = ("application/xml", "text/xml", "application/atom+xml")


@dataclass(frozen=True, slots=True)
class Link:
    """Where an entry points. `href` is as written: it may be relative to the feed's own address."""

    href: str
    media_type: str | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """An entry of a feed, as written; a moment is not yet read (Atom and RSS write it differently).

    `link` is the one that leads to the warning; None where there is none. `cap` has the entry's own
    fields of CAP by element name, and `cap_codes` those that pair names with values (geocode, parameter).
    An `embedded` entry holds its warning: nothing is to be fetched.
    """

    id: str | None
    link: str | None
    updated: str | None
    title: str | None
    cap: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    cap_codes: dict[str, tuple[tuple[str, str], ...]] = field(
        default_factory=dict[str, tuple[tuple[str, str], ...]]
    )
    links: tuple[Link, ...] = ()
    embedded: bool = False


def is_index(document: Document) -> bool:
    """Whether the document is an Atom or RSS feed."""
    return namespace_and_name(document.root.element) in _ROOTS


def index_entries(document: Document) -> tuple[IndexEntry, ...]:
    """The first MAX_ENTRIES entries of a feed in its order; none when the document is no feed."""
    if not is_index(document):
        return ()
    elements = document.root.element.iter("{*}entry", "{*}item")
    return tuple(_entry(element) for element in islice(elements, MAX_ENTRIES))


def read_index(document: Document, now: datetime) -> list[ParsedMessage]:
    """One result without a message, which says that this is an index and how its warnings are had."""
    del now
    if is_bundle(document):
        return [_without_message("bundle", "no-warnings", say("the bundle holds no warning"))]
    entries, form = index_entries(document), _ROOTS[namespace_and_name(document.root.element)]
    if not entries:
        return [_without_message(form, "no-warnings", say("the feed holds no warning at the moment"))]
    waiting = [entry for entry in entries if not entry.embedded]
    text = say(
        "this is an index of {count} entries and holds no warning itself:"
        " set it up as a source, which fetches what the entries link to",
        count=len(waiting),
    )
    return [_without_message(form, "index", text)] if waiting else []


def _without_message(form: str, code: str, text: str) -> ParsedMessage:
    complaints = (Complaint(code, "document", text),)
    return ParsedMessage(0, form, verdict_on(complaints, rejected=False), complaints)


def _entry(element: Element) -> IndexEntry:
    links = tuple(_links(element))
    texts: dict[str, list[str]] = {}
    codes: dict[str, list[tuple[str, str]]] = {}
    for child in element:
        namespace, name = namespace_and_name(child)
        if namespace not in VERSIONS or name == "alert":
            continue
        if child.find("{*}valueName") is not None:
            codes.setdefault(name, []).extend(_code_pairs(child))
        else:
            texts.setdefault(name, []).append(text_of(child))
    return IndexEntry(
        id=_first(element, "id", "guid", "identifier"),
        link=_leading(links),
        updated=_first(element, "updated", "published", "pubDate", "date"),
        title=_first(element, "title"),
        cap={name: tuple(found) for name, found in texts.items()},
        cap_codes={name: tuple(found) for name, found in codes.items()},
        links=links,
        embedded=element.find(".//{*}alert/{*}identifier") is not None,
    )


def _code_pairs(element: Element) -> Iterator[tuple[str, str]]:
    """The USA's service puts several names and values, in turn, into one element."""
    name = ""
    for child in element:
        match namespace_and_name(child)[1]:
            case "valueName":
                name = text_of(child)
            case "value":
                yield name, text_of(child)
            case _:
                pass


def _first(element: Element, *names: str) -> str | None:
    """The text of the first child of one of these names, outside CAP's namespaces."""
    for name in names:
        for child in element.iterchildren(f"{{*}}{name}"):
            if namespace_and_name(child)[0] not in VERSIONS:
                return text_of(child) or None
    return None


def _links(element: Element) -> Iterator[Link]:
    for child in element.iterchildren("{*}link", "{*}enclosure"):
        href = (child.get("href") or child.get("url") or text_of(child)).strip()
        if href:
            yield Link(href, child.get("type"), child.get("rel"))


def _leading(links: tuple[Link, ...]) -> str | None:
    """The link to the warning: one that says so by its type, else the entry's own, else the first."""
    for wanted in (_CAP_MEDIA_TYPES, _XML_MEDIA_TYPES):
        for link in links:
            if (link.media_type or "").partition(";")[0].strip().casefold() in wanted:
                return link.href
    own = (link for link in links if link.relation in (None, "alternate"))
    chosen = next(own, links[0] if links else None)
    return None if chosen is None else chosen.href
