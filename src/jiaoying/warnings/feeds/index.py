"""Indexes: Atom and RSS whose entries link to warnings instead of holding them. Pure."""

from dataclasses import dataclass
from hashlib import sha256

from jiaoying.kernel.errors import Complaint
from jiaoying.warnings.formats.containers import alerts_inside
from jiaoying.warnings.formats.feed_index import index_entries, is_index
from jiaoying.warnings.formats.guarded_xml import read_document


@dataclass(frozen=True, slots=True)
class IndexLink:
    """One entry that leads to a warning: what it is called, where it leads, when it was changed last."""

    id: str
    link: str
    updated: str | None
    title: str | None

    @property
    def digest(self) -> bytes:
        """The same as long as neither name, link nor date of the entry changes."""
        return sha256("\0".join((self.id, self.link, self.updated or "")).encode()).digest()


def read_index(body: bytes) -> tuple[IndexLink, ...] | None:
    """Where an index leads, in its order; None where `body` is none, or holds the warnings itself."""
    document = read_document(body)
    if isinstance(document, Complaint) or not is_index(document) or alerts_inside(document):
        return None
    return tuple(
        IndexLink(entry.id or entry.link, entry.link, entry.updated, entry.title)
        for entry in index_entries(document)
        if entry.link
    )
