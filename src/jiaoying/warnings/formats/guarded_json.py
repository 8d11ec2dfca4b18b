"""JSON from strangers, read within bounds.

Size, depth and number of values are looked at before anything is built. What JSON itself leaves open
(a key that stands twice, NaN, half a surrogate pair) is settled here, so that no format has to.
"""

import codecs
import json
import re
from dataclasses import dataclass
from math import isfinite
from typing import NoReturn, cast

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.formats.guarded_xml import MAX_BYTES

MAX_DEPTH = 64  # a GeoJSON multipolygon in a collection lies 9 deep; Macau's feed 10
MAX_VALUES = 1_000_000  # a country's alerts with their polygons have some 200,000
MAX_KEY_REMARKS = 10

# A string is taken to its end even when that is missing, so that the scan stays linear.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{},]', re.DOTALL)
_OPENING = frozenset("[{")
# `name({…});` and `var name={…};`: data as a script, for pages of other hosts.
_WRAPPED = re.compile(
    r"(?:(?:var|let|const)\s{1,9})?(?P<name>[A-Za-z_$][\w$.]{0,99})\s{0,9}(?P<by>[=(])", re.ASCII
)
_BEGINS_LIKE_JSON = re.compile(
    rb'(?:(?:(?:var|let|const)\s{1,9})?[A-Za-z_$][\w$.]{0,99}\s{0,9}[=(]\s{0,9})?[\[{]\s*(?:["\[\]{}\-\dtfn]|\Z)'
)
# Escapes that may stand for something that no text should hold.
_DOUBTFUL_ESCAPE = re.compile(r"\\(?:u(?:[dD][89a-fA-F]|00[01])|[bf])")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True, slots=True)
class JsonDocument:
    """A value made of dict, list, str, int, float, bool and None, and what was forgiven on the way."""

    value: object
    remarks: tuple[Complaint, ...] = ()


class _RefusedError(Exception):
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.complaint = Complaint(code, "document", text)


def begins_like_json(body: bytes) -> bool:
    """Whether `body` begins as JSON does, perhaps wrapped in a script."""
    start = body[:400].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return _BEGINS_LIKE_JSON.match(start) is not None


def read_json(body: bytes) -> JsonDocument | Complaint:
    """The value in `body`, or why it is refused."""
    if len(body) > MAX_BYTES:
        text = say("the document is larger than {size} MiB", size=MAX_BYTES // 1024 // 1024)
        return Complaint("too-large", "document", text)
    remarks: list[Complaint] = []
    try:
        text = _unwrapped(_decoded(body, remarks).strip(), remarks)
        if not text:
            raise _RefusedError("empty", say("the document is empty"))
        _check_bounds(text)
        value = _parsed(text, remarks)
    except _RefusedError as refusal:
        return refusal.complaint
    if _DOUBTFUL_ESCAPE.search(text):
        value = _cleaned(value, remarks)
    return JsonDocument(value, tuple(remarks))


def _remark(remarks: list[Complaint], code: str, text: str, field: str = "document") -> None:
    if all(remark.code != code for remark in remarks) or code == "duplicate-key":
        remarks.append(Complaint(code, field, text))


# --- bytes → text ---


def _decoded(body: bytes, remarks: list[Complaint]) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            text = say("the document begins with a byte order mark, which was skipped")
            _remark(remarks, "byte-order-mark", text)
            return _decoded_as(encoding, body[len(mark) :])
    # RFC 4627, 3: the first two characters of JSON are ASCII, so zeros tell UTF-16.
    if body[:4:2] == b"\x00\x00":
        return _decoded_as("utf-16-be", body)
    if body[1:4:2] == b"\x00\x00":
        return _decoded_as("utf-16-le", body)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return _decoded_from_gbk(body, remarks)


def _decoded_as(encoding: str, body: bytes) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_json(str(error)) from None


def _decoded_from_gbk(body: bytes, remarks: list[Complaint]) -> str:
    # JSON is UTF-8 (RFC 8259, 8.1); older Chinese sites send GBK and do not say so inside.
    text = _decoded_as("gb18030", body)
    _remark(remarks, "encoding", say("the document is not UTF-8: it was read as GBK (GB 18030)"))
    return text


def _unwrapped(text: str, remarks: list[Complaint]) -> str:
    wrapped = _WRAPPED.match(text)
    if wrapped is None:
        return text
    inner = text[wrapped.end() :].rstrip("; \t\r\n")
    if wrapped["by"] == "(":
        inner = inner.removesuffix(")")
    told = say(
        "the document is wrapped in a script ({name}): the wrapping was taken off", name=wrapped["name"]
    )
    _remark(remarks, "jsonp", told)
    return inner.strip()


# --- text → value ---


def _check_bounds(text: str) -> None:
    """Depth and number of values, before the parser builds (and recurses into) any of them."""
    depth, count = 0, 1
    for token in _TOKEN.finditer(text):
        sign = text[token.start()]
        if sign in _OPENING:
            depth, count = depth + 1, count + 1
            if depth > MAX_DEPTH:
                told = say("values lie in each other more than {depth} deep", depth=MAX_DEPTH)
                raise _RefusedError("too-deep", told)
        elif sign == ",":
            count += 1
        elif sign != '"':
            depth -= 1
        if count > MAX_VALUES:
            told = say("the document has more than {count} values", count=MAX_VALUES)
            raise _RefusedError("too-many-values", told)


def _parsed(text: str, remarks: list[Complaint]) -> object:
    def as_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
        value = dict(pairs)
        if len(value) != len(pairs):
            _note_duplicates(pairs, value, remarks)
        return value

    try:
        return cast(
            "object",
            json.loads(
                text, object_pairs_hook=as_object, parse_constant=_refuse_constant, parse_float=_finite
            ),
        )
    except (ValueError, RecursionError) as error:  # also an integer of thousands of digits
        raise _not_json(str(error)) from None


def _note_duplicates(
    pairs: list[tuple[str, object]], value: dict[str, object], remarks: list[Complaint]
) -> None:
    """Every other reader of JSON takes the last as well; that it is ambiguous is said."""
    differing = {key for key, one in pairs if one != value[key]}
    for key in sorted(differing):
        if sum(remark.code == "duplicate-key" for remark in remarks) < MAX_KEY_REMARKS:
            told = say("stands several times with different values; the last counts")
            _remark(remarks, "duplicate-key", told, _printable(key)[:60])


def _refuse_constant(word: str) -> NoReturn:
    raise _RefusedError("not-a-number", say("“{value}” is not a number of JSON", value=word))


def _finite(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise _RefusedError("not-a-number", say("“{value}” is not a number of JSON", value=text[:60]))
    return number


def _not_json(reason: str) -> _RefusedError:
    told = say("the document is not JSON that can be read: {reason}", reason=_printable(reason)[:200])
    return _RefusedError("not-well-formed", told)


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", text)


def _cleaned(value: object, remarks: list[Complaint]) -> object:
    """Without control characters and halves of surrogate pairs, which no database and no XML can hold."""
    if isinstance(value, str):
        if _UNPRINTABLE.search(value):
            text = say("control characters or broken characters were left out of a text")
            _remark(remarks, "unprintable", text)
        return _printable(value)
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return {_printable(key): _cleaned(inner, remarks) for key, inner in items}
    if isinstance(value, list):
        return [_cleaned(inner, remarks) for inner in cast("list[object]", value)]
    return value
