"""What an HTTP answer to a hand-over means. Pure."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from jiaoying.gateways.base import Accepted, Ambiguous, Outcome, Refused, Scope, Throttled
from jiaoying.gateways.twilio.codes import meaning_of
from jiaoying.kernel.language import say

# Where a 429 does not say how long: Twilio's own advice is to begin with a second or two.
DEFAULT_RETRY_AFTER_S = 2.0
LONGEST_RETRY_AFTER_S = 3600.0
# Twilio's have 34 signs; what speaks like it may have longer ones.
LONGEST_REFERENCE = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole HTTP answer."""

    status: int
    body: bytes
    retry_after: str | None = None


def read_object(body: bytes) -> Mapping[str, Any] | None:
    """The JSON object that `body` holds, or None when it holds anything else."""
    try:
        value: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else None


def reference_in(payload: Mapping[str, Any]) -> str | None:
    """The carrier's reference (`sid`), or None where there is none that can be kept and looked up by."""
    sid = payload.get("sid")
    is_one = (
        isinstance(sid, str) and 0 < len(sid) <= LONGEST_REFERENCE and sid.isascii() and sid.isprintable()
    )
    return sid if is_one else None


def outcome_of(answer: Answer) -> Outcome:
    """What became of a hand-over that was answered with `answer`.

    5xx, and a success that names no sid, may have been sent; every other refusal surely was not.
    """
    payload = read_object(answer.body)
    if 200 <= answer.status < 300:
        return _success(answer, payload)
    if answer.status >= 500 or answer.status == 408 or answer.status < 200:
        return Ambiguous(say("the carrier answered with HTTP {status}", status=answer.status))
    return _refusal(answer, payload or {})


def _success(answer: Answer, payload: Mapping[str, Any] | None) -> Outcome:
    sid = reference_in(payload) if payload else None
    if sid is None:
        text = say("the carrier answered with HTTP {status} and no reference", status=answer.status)
        return Ambiguous(text)
    return Accepted(sid)


def _refusal(answer: Answer, payload: Mapping[str, Any]) -> Outcome:
    code = payload.get("code")
    meaning = meaning_of(code) if isinstance(code, int | str) else None
    word = str(code) if meaning else f"http-{answer.status}"
    wait_s = meaning.wait_s if meaning else None
    if answer.status == 429 or wait_s is not None:
        return Throttled(word, _seconds(answer.retry_after, wait_s or DEFAULT_RETRY_AFTER_S))
    if meaning and meaning.scope:
        return Refused(meaning.scope, word, say(meaning.text), meaning.sign)
    return Refused(_scope_of_class(answer.status), _unknown_word(code, answer), _unknown_text(answer))


def _scope_of_class(status: int) -> Scope:
    """Whom a refusal without a known code is about.

    400 and its kin are taken for this number's trouble, so that a code we never saw stops one person's
    number and not the county; the person's next number and channel are tried.
    """
    if status == 413:
        return Scope.CONTENT
    return Scope.RECIPIENT if status in (400, 409, 410, 422) else Scope.ACCOUNT


def _unknown_word(code: object, answer: Answer) -> str:
    known_shape = isinstance(code, int) and not isinstance(code, bool) and 0 < code < 10**9
    return str(code) if known_shape else f"http-{answer.status}"


def _unknown_text(answer: Answer) -> str:
    return say("the carrier refused with HTTP {status}", status=answer.status)


def _seconds(retry_after: str | None, default: float) -> float:
    """Seconds of a Retry-After header; the default where it is absent, a date or nonsense."""
    try:
        seconds = float(retry_after or "")
    except ValueError:
        return default
    return min(max(seconds, 0.1), LONGEST_RETRY_AFTER_S) if math.isfinite(seconds) else default
