"""What a service answers instead of its list: that the key is wrong, the quota used up, the server ill.

QWeather: `{"code": "401"}`, `{"error": {"status": 403, "title": …}}`. Caiyun: `{"status": "failed",
"error": …}`. NMC, weather.cma.cn: `{"msg": …, "code": 1, "data": null}`. api.weather.gov: problem details
(RFC 9457) with `status`, `title`.
"""

from datetime import datetime

from jiaoying.kernel.language import say
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.formats.records import Record, as_object, as_text
from jiaoying.warnings.model import UNKNOWN, ParsedMessage

_WELL = frozenset({"0", "200", "ok", "success"})
_MOST_FIELDS = 12  # an answer of a few words; a document that we do not know may have a code too


def is_error_answer(document: JsonDocument) -> bool:
    """Whether the value tells of an error and holds nothing else that could be read."""
    value = as_object(document.value) or {}
    if not value or len(value) > _MOST_FIELDS:
        return False
    if value.get("error"):
        return True
    code = (as_text(value.get("code")) or as_text(value.get("status")) or "").casefold()
    told = "title" in value or "msg" in value or "message" in value or len(value) == 1
    return bool(code) and code not in _WELL and told


def read_error_answer(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """One rejection that says what the service said."""
    del now
    notes = Notes()
    record = Record(as_object(document.value) or {}, "", notes)
    error = record.record("error")
    words = (
        error.text("title", "detail", "message")
        or record.text("error", "title", "message", "msg", "detail")
        or record.text("code", "status")
        or ""
    )
    told = say("the service answered with an error: {words}", words=words[:200])
    notes.reject("service-error", "document", told)
    return [ParsedMessage(0, UNKNOWN, notes.verdict, notes.complaints)]
