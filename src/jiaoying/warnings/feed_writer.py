"""Published warnings as an Atom feed (RFC 4287) with the whole CAP message in each entry. Pure.

After the OASIS note «Example Practices: CAP Feeds» 1.0: one entry for each message, and an issued message is
never edited.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from jiaoying.warnings.formats.cap_writer import allowed_in_xml, cap_element
from jiaoying.warnings.publishing import PublishedWarning, as_message

ATOM = "http://www.w3.org/2005/Atom"
ATOM_MEDIA_TYPE = "application/atom+xml"
CAP_MEDIA_TYPE = "application/cap+xml"


@dataclass(frozen=True, slots=True)
class FeedFacts:
    """What the feed says of itself. `address` is its own; `message_address` holds `{id}`."""

    title: str
    author: str
    address: str
    message_address: str
    updated: datetime
    zone: tzinfo


def write_feed(facts: FeedFacts, warnings: Sequence[PublishedWarning]) -> bytes:
    """The document, in UTF-8; entries in the order that is given."""
    feed = Element("feed", xmlns=ATOM)
    _text(feed, "id", facts.address)
    _text(feed, "title", facts.title)
    _text(feed, "updated", _moment(facts.updated, facts.zone))
    _text(_child(feed, "author"), "name", facts.author)
    _child(feed, "link", rel="self", type=ATOM_MEDIA_TYPE, href=facts.address)
    for warning in warnings:
        _write_entry(feed, facts, warning)
    indent(feed)
    return tostring(feed, encoding="UTF-8", xml_declaration=True)


def _write_entry(feed: Element, facts: FeedFacts, warning: PublishedWarning) -> None:
    address = facts.message_address.format(id=warning.id)
    entry = _child(feed, "entry")
    _text(entry, "id", f"urn:uuid:{warning.id}")
    _text(entry, "title", warning.headline)
    _text(entry, "updated", _moment(warning.sent_at, facts.zone))
    _text(_child(entry, "author"), "name", warning.sender_name or warning.sender)
    _text(entry, "summary", warning.text or warning.headline)
    _child(entry, "link", rel="alternate", type=CAP_MEDIA_TYPE, href=address)
    content = _child(entry, "content", type=CAP_MEDIA_TYPE)
    content.append(cap_element(as_message(warning), facts.zone))


def _child(parent: Element, name: str, **attributes: str) -> Element:
    return SubElement(parent, name, attributes)


def _text(parent: Element, name: str, text: str) -> None:
    _child(parent, name).text = allowed_in_xml(text)


def _moment(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds")
