"""What a service answers instead of its list: that the key is wrong, the quota used up, the server ill.

QWeather: `{"code": "401"}`, `{"error": {"status": 403, "title": …}}`. Caiyun: `{"status": "failed",
"error": …}`. NMC, weather.cma.cn: `{"msg": …, "code": 1, "data": null}`. api.weather.gov: problem details
(RFC 9457) with `status`, `title`.
"""

from datetime import datetime

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.formats.records import Record, a_list, as_object, as_text
from jiaoying.warnings.model import UNKNOWN, ParsedMessage

_CODES = ("code", "returnCode", "status")
_WELL = frozenset({"0", "200", "ok", "success"})
_EMPTY = "204"  # QWeather: the request was right, and there is nothing to tell
_MOST_FIELDS = 12  # an answer of a few words; a document that we do not know may have a code too
_WORDS = frozenset({"title", "msg", "message", "errMsg", "updateTime", "cdata"})


def is_error_answer(document: JsonDocument) -> bool:
    """Whether the value tells of an error and holds no rows that could be read all the same."""
    value = as_object(document.value) or {}
    if not value or len(value) > _MOST_FIELDS:
        return False
    if value.get("error"):
        return True
    code = next((text for name in _CODES if (text := as_text(value.get(name))) is not None), "").casefold()
    told = len(value) == 1 or not _WORDS.isdisjoint(value)
    return bool(code) and code not in _WELL and code != _EMPTY and told and not _holds_rows(value)


def _holds_rows(value: object) -> bool:
    """Whether a list with anything in it lies anywhere inside. Its depth is bounded by its document's."""
    listed, inside = a_list(value), as_object(value)
    return bool(listed) or (inside is not None and any(_holds_rows(inner) for inner in inside.values()))


def read_error_answer(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """One rejection that says what the service said."""
    del now
    notes = Notes()
    record = Record(as_object(document.value) or {}, "", notes)
    error = record.record("error")
    words = (
        error.text("title", "detail", "message")
        or record.text("error", "title", "message", "msg", "detail")
        or record.text(*_CODES)
        or ""
    )
    told = say("the service answered with an error: {words}", words=words[:200])
    notes.reject("service-error", "document", told)
    return [ParsedMessage(0, UNKNOWN, notes.verdict, notes.complaints)]
