"""Files that hang on an entry of the duty log (附件): what they are, what they are called, how many. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from jiaoying.kernel.errors import Complaint, Refusal
from jiaoying.kernel.file_types import ENDINGS, document_type, picture_type
from jiaoying.kernel.language import say

MAX_LOG_FILE_BYTES = 8 * 1024 * 1024
MOST_LOG_FILES = 8  # that stand at one entry; those that were struck do not count
_LONGEST_NAME = 80
# What steers a terminal, turns the reading direction round, or means something in a path.
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ud800-\udfff<>:"|?*]')


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file as somebody chose it; the name is theirs and says nothing about the content."""

    name: str
    body: bytes


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that is taken: what it is by its content, and a name that ends accordingly."""

    name: str
    media_type: str
    sha256: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class LogFile:
    """A file of an entry, without its content; `size` in bytes.

    `added_with` and `struck_with` name the versions of the entry that brought it and that struck it.
    """

    id: UUID
    first_id: UUID
    added_with: UUID
    struck_with: UUID | None
    name: str
    media_type: str
    size: int
    sha256: bytes
    erased: bool
    added_by: str


def checked_file(given: GivenFile) -> CheckedFile:
    """The file as it is kept. Raises Refusal for what is empty, too large, or of no kind that is taken."""
    if not given.body:
        raise _refusal(say("“{name}” is empty", name=safe_stem(given.name)))
    if len(given.body) > MAX_LOG_FILE_BYTES:
        most = MAX_LOG_FILE_BYTES // (1024 * 1024)
        raise _refusal(say("“{name}” is too large: at most {most} MB", name=safe_stem(given.name), most=most))
    media_type = picture_type(given.body) or document_type(given.body)
    if media_type is None:
        raise _refusal(
            say(
                "“{name}” is neither a photo (JPEG, PNG, WebP) nor a document (PDF, Word, Excel, OFD)"
                " without macros, whatever it is called",
                name=safe_stem(given.name),
            )
        )
    sha256 = hashlib.sha256(given.body).digest()
    return CheckedFile(kept_name(given.name, media_type), media_type, sha256, given.body)


def taken_files(files: Iterable[CheckedFile], standing: Iterable[LogFile]) -> list[CheckedFile]:
    """Those that are new to an entry beside the files that stand there, each once. Raises Refusal."""
    there = [one.sha256 for one in standing]
    new = list({one.sha256: one for one in files if one.sha256 not in there}.values())
    if len(there) + len(new) > MOST_LOG_FILES:
        raise _refusal(say("At most {count} files belong to one entry", count=MOST_LOG_FILES))
    return new


def kept_name(name: str, media_type: str) -> str:
    """The name that a file goes by: its own, with an ending that says what it is."""
    stem, endings = safe_stem(name), ENDINGS[media_type]
    before, _, ending = stem.rpartition(".")
    if before and ending.lower() in endings:
        return f"{before[:_LONGEST_NAME]}.{ending.lower()}"
    return f"{stem[:_LONGEST_NAME]}.{endings[0]}"


def safe_stem(name: str) -> str:
    """A name without folders and without signs that mean something to a computer or hide what it is."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    return _UNFIT.sub("", last).strip(" .")[: _LONGEST_NAME * 2] or say("file")


def _refusal(text: str) -> Refusal:
    return Refusal(text, (Complaint("log", "files", text),))
