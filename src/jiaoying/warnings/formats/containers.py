"""What holds warnings inside: feeds, envelopes, bundles, archives. Unpacked within bounds, one level deep.

An Atom or RSS feed, an EDXL-DE distribution (OASIS EDXL-DE 1.0 and 2.0), an `alerts` bundle (SMHI, FEMA),
whatever else: where an element `alert` of CAP lies inside, it is read as if it stood alone. A zip holds
files, each read for itself.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.cap_schema import VERSIONS
from jiaoying.warnings.formats.guarded_xml import MAX_BYTES, Document, Element, Node, read_document, text_of

MAX_ENTRIES = 5_000  # the German service's archive of all communes has some 1,500
MAX_UNPACKED_BYTES = 200 * 1024 * 1024  # of all entries together
MAX_TEXTS = 1_000  # alerts that stand as texts in one document
MAX_RATIO = 200  # unpacked to packed; XML full of repetitions reaches about 40
_ALWAYS_ALLOWED_BYTES = 1024 * 1024  # below this the ratio says nothing
_CHUNK_BYTES = 64 * 1024
_ZIP_MARK = b"PK\x03\x04"
_EMPTY_ZIP_MARK = b"PK\x05\x06"
_DIRECTORY_MARK = b"PK\x01\x02"  # one for each entry, in the directory at the end
_READABLE_PACKING = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others unpack without bounds
# All that the library raises over bytes that are no archive, or not the one that they promise to be.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, ValueError, LookupError, OSError, EOFError, RuntimeError,
    OverflowError,
)  # fmt: skip
_CAP_TAGS = tuple(f"{{{namespace}}}alert" for namespace in VERSIONS)
# Elements of feeds and envelopes that may hold a message as text instead of as elements.
_TEXT_HOLDERS = ("content", "description", "encoded", "summary", "embeddedXMLContent", "contentData")
_DECLARATION = re.compile(r"<\?xml[^>]{0,200}\?>\s*")


# --- elements inside a document ---


def alerts_inside(document: Document) -> list[Document]:
    """The alerts inside a document that is none itself, in their order; none when it is one."""
    root = document.root.element
    if document.root.name == "alert":
        return []
    found = _outermost(root.iter(*_CAP_TAGS)) or _outermost(
        alert for alert in root.iter("{*}alert") if alert.find("{*}identifier") is not None
    )
    if found:
        return [Document(Node(alert), document.remarks) for alert in found]
    return list(_alerts_in_text(document))


def is_bundle(document: Document) -> bool:
    """Whether it is an envelope for warnings, be it empty."""
    return document.root.name in ("alerts", "EDXLDistribution", "edxlDistribution")


def _outermost(alerts: Iterator[Element]) -> list[Element]:
    return [alert for alert in alerts if next(alert.iterancestors("{*}alert"), None) is None]


def _alerts_in_text(document: Document) -> Iterator[Document]:
    """Alerts that stand escaped, or in CDATA, as the text of an element."""
    holders = document.root.element.iter(*(f"{{*}}{name}" for name in _TEXT_HOLDERS))
    for text in islice(filter(_may_be_alert, map(text_of, holders)), MAX_TEXTS):
        inner = read_document(_DECLARATION.sub("", text, count=1).encode())
        if isinstance(inner, Document) and inner.root.name == "alert":
            yield Document(inner.root, document.remarks)


def _may_be_alert(text: str) -> bool:
    return text.startswith("<") and any(namespace in text for namespace in VERSIONS)


# --- archives ---


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of an archive."""

    name: str
    body: bytes


class _BombError(Exception):
    """What unpacks to more than it may."""


def is_zip(body: bytes) -> bool:
    """Whether the bytes are an archive."""
    return body.startswith((_ZIP_MARK, _EMPTY_ZIP_MARK))


def unpack(body: bytes) -> Iterator[Entry | Complaint]:
    """The files of an archive in its order, and what is refused of it. Never raises.

    Folders and the notes that desktops leave (`__MACOSX`, hidden files) are passed over.
    """
    if len(body) > MAX_BYTES:
        text = say("the document is larger than {size} MiB", size=MAX_BYTES // 1024 // 1024)
        yield Complaint("too-large", "document", text)
        return
    # Counted before the directory is read: each of its lines costs more memory than bytes.
    if body.count(_DIRECTORY_MARK) > MAX_ENTRIES:
        text = say("the archive holds more than {count} files", count=MAX_ENTRIES)
        yield Complaint("too-many-entries", "document", text)
        return
    try:
        archive = zipfile.ZipFile(BytesIO(body))
    except _DAMAGE:
        yield Complaint("broken-archive", "document", say("the archive is damaged: send it again"))
        return
    with archive:
        yield from _files(archive)


def _files(archive: zipfile.ZipFile) -> Iterator[Entry | Complaint]:
    left = MAX_UNPACKED_BYTES
    for info in archive.infolist():
        if _is_beside_the_point(info):
            continue
        read = _unpack_one(archive, info, left)
        yield read
        if isinstance(read, Entry):
            left -= len(read.body)
        elif read.code == "archive-bomb":
            return


def _is_beside_the_point(info: zipfile.ZipInfo) -> bool:
    name = info.filename.rpartition("/")[2]
    return not name or name.startswith(".") or info.filename.startswith("__MACOSX/")


def _unpack_one(archive: zipfile.ZipFile, info: zipfile.ZipInfo, left: int) -> Entry | Complaint:
    name = info.filename[:200]
    if info.flag_bits & 1:
        return _refused("encrypted", name, say("is encrypted: send it without a password"))
    if info.compress_type not in _READABLE_PACKING:
        return _refused("unknown-packing", name, say("is packed in a way that is not read here: use deflate"))
    try:
        body = _bounded(archive, info, min(left, MAX_BYTES + 1))
    except _BombError:
        remedy = say("unpacks to far more than a warning can be: the rest of the archive was not read")
        return _refused("archive-bomb", name, remedy)
    except _DAMAGE:
        return _refused("broken-archive", name, say("is damaged: send it again"))
    if is_zip(body):
        return _refused("nested-archive", name, say("is an archive inside an archive: send it by itself"))
    return Entry(name, body)


def _bounded(archive: zipfile.ZipFile, info: zipfile.ZipInfo, most: int) -> bytes:
    """The bytes of an entry. What the directory says of its size is not trusted."""
    allowed = min(most, max(_ALWAYS_ALLOWED_BYTES, MAX_RATIO * max(1, info.compress_size)))
    pieces: list[bytes] = []
    with archive.open(info) as file:
        while piece := file.read(_CHUNK_BYTES):
            pieces.append(piece)
            allowed -= len(piece)
            if allowed < 0:
                raise _BombError
    return b"".join(pieces)


def _refused(code: str, name: str, text: str) -> Complaint:
    return Complaint(code, f"document/{name}", text)
