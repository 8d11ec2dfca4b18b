"""What Twilio posts to us: is it signed, and what does it say. Pure.

Callbacks come in any order, twice or at once, and texts' callbacks carry no time, so each is kept
under a key made of what it says; the same word twice is one item. `I-Twilio-Idempotency-Token` is not
used for that: it is not signed, and equal words under two tokens are still one word.
"""

# The library's validator carries no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from collections.abc import Mapping, Sequence
from typing import cast
from urllib.parse import parse_qsl
from uuid import UUID

from multidict import MultiDict
from twilio.request_validator import RequestValidator, get_signature_algorithm

from jiaoying.gateways.base import IncomingCall, KeyPress, PickedUp, Reply, Report, ReportState
from jiaoying.gateways.twilio.codes import meaning_of, sentence_of, sign_of_call
from jiaoying.gateways.twilio.speech import Turn

SIGNATURE = "X-Twilio-Signature"
SIGNATURE_SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
MOST_FIELDS = 200

_UNDER_WAY, _DELIVERED, _FAILED = ReportState.UNDER_WAY, ReportState.DELIVERED, ReportState.FAILED

# `sent` may be the last word where the network gives no report; `partially_delivered` is a text that
# nobody can read. https://www.twilio.com/docs/messaging/api/message-resource#message-status-values
MESSAGE_STATES: Mapping[str, ReportState] = {
    "accepted": _UNDER_WAY,
    "scheduled": _UNDER_WAY,
    "queued": _UNDER_WAY,
    "sending": _UNDER_WAY,
    "sent": _UNDER_WAY,
    "delivered": _DELIVERED,
    "read": _DELIVERED,
    "partially_delivered": _FAILED,
    "undelivered": _FAILED,
    "failed": _FAILED,
    "canceled": _FAILED,
}
# https://www.twilio.com/docs/voice/api/call-resource#call-status-values
CALL_STATES: Mapping[str, ReportState] = {
    "queued": _UNDER_WAY,
    "initiated": _UNDER_WAY,
    "ringing": _UNDER_WAY,
    "in-progress": _UNDER_WAY,
    "completed": _DELIVERED,
    "busy": _FAILED,
    "no-answer": _FAILED,
    "failed": _FAILED,
    "canceled": _FAILED,
}
# https://www.twilio.com/docs/voice/answering-machine-detection#detection-results
PICKED_UP: Mapping[str, PickedUp] = {
    "human": PickedUp.HUMAN,
    "machine_start": PickedUp.MACHINE,
    "machine_end_beep": PickedUp.MACHINE,
    "machine_end_silence": PickedUp.MACHINE,
    "machine_end_other": PickedUp.MACHINE,
    "fax": PickedUp.FAX,
    "unknown": PickedUp.UNKNOWN,
}


class MalformedCallback(ValueError):
    """A signed callback that lacks what its kind must have; names the field."""


def read_form(body: bytes) -> MultiDict[str]:
    """The fields of a posted form, blanks kept.

    Raises MalformedCallback for more than 200 fields.
    """
    try:
        fields = parse_qsl(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError as error:
        raise MalformedCallback("too many fields") from error
    return MultiDict(fields)


def is_signed(url: str, form: MultiDict[str], headers: Mapping[str, str], tokens: Sequence[str]) -> bool:
    """Whether one of `tokens` signed `form` as posted to `url`.

    `url` is the configured public address and the raw path and query: what a proxy made of them,
    or any re-encoding, does not verify.
    """
    signature = headers.get(SIGNATURE, "")
    algorithm = str(get_signature_algorithm(headers.get(SIGNATURE_SETTINGS, "")))
    return bool(signature) and any(
        cast("bool", RequestValidator(token).validate(url, form, signature, algorithm)) for token in tokens
    )


def parse_message(form: Mapping[str, str]) -> tuple[str, Reply]:
    """A text that somebody sent us, under its dedupe key, as for every kind below."""
    ref = _needed(form, "MessageSid", "SmsSid")
    reply = Reply(ref, _needed(form, "From"), _text(form, "To"), _text(form, "Body"))
    return f"text:{ref}", reply


def parse_message_status(form: Mapping[str, str], attempt_id: UUID | None) -> tuple[str, Report]:
    """The carrier's word about one of our texts. A status that we do not know changes nothing."""
    ref = _needed(form, "MessageSid", "SmsSid")
    status = _needed(form, "MessageStatus", "SmsStatus")
    code = _text(form, "ErrorCode")
    return f"message:{ref}:{status}:{code}", message_report(ref, status, code, attempt_id)


def parse_call_status(form: Mapping[str, str], attempt_id: UUID | None) -> tuple[str, Report]:
    """The carrier's word about one of our calls."""
    ref = _needed(form, "CallSid")
    status = _needed(form, "CallStatus")
    sequence = _text(form, "SequenceNumber")
    report = call_report(
        ref,
        status,
        _text(form, "CallDuration"),
        attempt_id,
        sip_code=_text(form, "SipResponseCode"),
        answered_by=_text(form, "AnsweredBy"),
    )
    return f"call:{ref}:{sequence}:{status}", report


def parse_picked_up(form: Mapping[str, str], attempt_id: UUID | None) -> tuple[str, Report]:
    """Who picked up, told while the call goes on. A word that we do not know counts as not known."""
    ref, answered_by = _needed(form, "CallSid"), _needed(form, "AnsweredBy")
    who = PICKED_UP.get(answered_by, PickedUp.UNKNOWN)
    return f"who:{ref}:{answered_by}", Report(ref, _UNDER_WAY, answered_by, attempt_id, picked_up_by=who)


def parse_voice(form: Mapping[str, str], attempt_id: UUID | None) -> tuple[str, IncomingCall | Report]:
    """Somebody picked up our call, or rings us."""
    ref = _needed(form, "CallSid")
    if is_incoming(form, attempt_id):
        return f"ring:{ref}", IncomingCall(ref, _needed(form, "From"))
    return f"voice:{ref}", Report(ref, _UNDER_WAY, "in-progress", attempt_id)


def parse_gather(
    form: Mapping[str, str], attempt_id: UUID | None, turn: Turn
) -> tuple[str, KeyPress | Report]:
    """A key, or none, after the menu was read; `turn` tells one reading of it from the next.

    None after a whole reading into our own call is a report of the carrier: the message was heard to its
    end. After a wrong key the message had been broken off, and only the menu was heard.
    """
    ref = _needed(form, "CallSid")
    digits = _text(form, "Digits")[:16]
    they_rang = is_incoming(form, attempt_id)
    if not digits and not turn.wrong and not they_rang:
        return f"heard:{ref}:{turn.mark}", Report(ref, _UNDER_WAY, "heard", attempt_id, heard_whole=True)
    number = _text(form, "From" if they_rang else "To")
    return f"key:{ref}:{turn.mark}:{digits}", KeyPress(ref, digits, number, attempt_id)


def is_incoming(form: Mapping[str, str], attempt_id: UUID | None) -> bool:
    """Whether they rang us; a call that says nothing of it is ours only if it names our attempt."""
    return _text(form, "Direction") == "inbound" or ("Direction" not in form and attempt_id is None)


def message_report(ref: str, status: str, error_code: str, attempt_id: UUID | None = None) -> Report:
    """A text's status in our words."""
    state = MESSAGE_STATES.get(status, _UNDER_WAY)
    if state is not _FAILED:
        return Report(ref, state, status, attempt_id)
    meaning = meaning_of(error_code)
    scope, sign = (meaning.scope, meaning.sign) if meaning else (None, None)
    return Report(ref, state, error_code or status, attempt_id, scope, sentence_of(error_code), sign=sign)


def call_report(
    ref: str,
    status: str,
    duration: str,
    attempt_id: UUID | None = None,
    *,
    sip_code: str = "",
    answered_by: str = "",
) -> Report:
    """A call's status in our words. `completed` may have been voicemail and proves nothing."""
    state = CALL_STATES.get(status, _UNDER_WAY)
    seconds = int(duration) if duration.isdecimal() and len(duration) < 7 else None
    sign = sign_of_call(status, sip_code) if state is _FAILED else None
    who = PICKED_UP.get(answered_by, PickedUp.UNKNOWN) if answered_by else None
    return Report(ref, state, status, attempt_id, seconds=seconds, sign=sign, picked_up_by=who)


def _needed(form: Mapping[str, str], *names: str) -> str:
    for name in names:
        if value := _text(form, name):
            return value
    raise MalformedCallback(names[0])


def _text(form: Mapping[str, str], name: str) -> str:
    # PostgreSQL keeps every character but this one.
    return form.get(name, "").replace("\x00", "")
