"""What Twilio posts: signatures and meaning."""

from urllib.parse import urlencode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import MultiDict

from jiaoying.gateways.base import (
    IncomingCall,
    KeyPress,
    NumberSign,
    PickedUp,
    Reply,
    Report,
    ReportState,
    Scope,
)
from jiaoying.gateways.twilio.speech import Turn
from jiaoying.gateways.twilio.webhooks import (
    MalformedCallback,
    is_signed,
    parse_call_status,
    parse_gather,
    parse_message,
    parse_message_status,
    parse_picked_up,
    parse_voice,
    read_form,
)

ATTEMPT = UUID("0198f0aa-0000-7000-8000-000000000001")
TOKEN = "a" * 32
SID = "SM" + "1" * 32

# Made by Twilio's own signer (npm twilio 6.2.0, getExpectedTwilioSignature).
REPLY_URL = "https://yujing.example.cn/callbacks/twilio/message"
REPLY = {
    "AccountSid": "AC" + "0" * 32,
    "MessageSid": SID,
    "From": "+8610012345678",
    "To": "+8610000000000",
    "Body": "转移 12户35人🌧️",
    "FromCity": "",
}
REPLY_SIGNATURE = "Bp6iiROBYnaKP6Rgv+NHxwTY5t0="
STATUS_URL = (
    "https://yujing.example.cn:8443/callbacks/twilio/message-status"
    "?attempt=0198f0aa-0000-7000-8000-000000000001&token=00ff"
)
STATUS = {
    "AccountSid": "AC" + "0" * 32,
    "MessageSid": SID,
    "MessageStatus": "delivered",
    "ErrorCode": "",
}
STATUS_SIGNATURE = "FGjzREOorNSJYAkyjpZ5o1uh17A="


def signed(url: str, form: dict[str, str], signature: str, tokens: tuple[str, ...] = (TOKEN,)) -> bool:
    posted = read_form(urlencode(form).encode())
    return is_signed(url, posted, {"X-Twilio-Signature": signature}, tokens)


def test_twilios_own_signatures_verify() -> None:
    assert signed(REPLY_URL, REPLY, REPLY_SIGNATURE)
    assert signed(STATUS_URL, STATUS, STATUS_SIGNATURE)


def test_the_token_before_the_change_verifies_too() -> None:
    assert signed(REPLY_URL, REPLY, REPLY_SIGNATURE, ("b" * 32, TOKEN))


@pytest.mark.parametrize(
    ("url", "form", "signature"),
    [
        (REPLY_URL, REPLY, ""),
        (REPLY_URL, REPLY, STATUS_SIGNATURE),
        (REPLY_URL, REPLY | {"Body": "1"}, REPLY_SIGNATURE),
        (REPLY_URL, REPLY | {"New": ""}, REPLY_SIGNATURE),
        (REPLY_URL, {name: value for name, value in REPLY.items() if value}, REPLY_SIGNATURE),
        (REPLY_URL.replace("https", "http"), REPLY, REPLY_SIGNATURE),
        (STATUS_URL.replace("token=00ff", "token=00fe"), STATUS, STATUS_SIGNATURE),
    ],
)
def test_whatever_differs_does_not_verify(url: str, form: dict[str, str], signature: str) -> None:
    assert not signed(url, form, signature)


def test_a_missing_signature_is_a_no_and_no_crash() -> None:
    assert not is_signed(REPLY_URL, MultiDict(REPLY), {}, [TOKEN])


def test_an_algorithm_that_nobody_knows_does_not_verify(caplog: pytest.LogCaptureFixture) -> None:
    headers = {
        "X-Twilio-Signature": REPLY_SIGNATURE,
        "X-Twilio-Webhooks-Signature-Settings": "key=k,algorithm=ROT13",
    }
    assert not is_signed(REPLY_URL, MultiDict(REPLY), headers, [TOKEN])


def test_a_form_keeps_blanks_and_repeats() -> None:
    form = read_form(b"A=&B=1&B=2&C=%E8%BD%AC+%F0%9F%8C%A7")
    assert form["A"] == ""
    assert form.getall("B") == ["1", "2"]
    assert form["C"] == "转 🌧"


def test_a_form_is_bounded() -> None:
    with pytest.raises(MalformedCallback):
        read_form(b"&".join(b"a=1" for _ in range(201)))


def test_a_reply_is_kept_word_for_word() -> None:
    key, reply = parse_message(REPLY)
    assert reply == Reply(SID, "+8610012345678", "+8610000000000", "转移 12户35人🌧️")
    assert key == f"text:{SID}"


def test_a_character_that_the_database_cannot_keep_is_left_out() -> None:
    _, reply = parse_message(REPLY | {"Body": "收\x00到"})
    assert reply.text == "收到"


@pytest.mark.parametrize(
    ("status", "error", "state", "code", "scope"),
    [
        ("queued", "", ReportState.UNDER_WAY, "queued", None),
        ("sent", "", ReportState.UNDER_WAY, "sent", None),
        ("delivered", "", ReportState.DELIVERED, "delivered", None),
        ("read", "", ReportState.DELIVERED, "read", None),
        ("undelivered", "30003", ReportState.FAILED, "30003", None),
        ("undelivered", "30005", ReportState.FAILED, "30005", Scope.RECIPIENT),
        ("failed", "30007", ReportState.FAILED, "30007", Scope.CONTENT),
        ("failed", "", ReportState.FAILED, "failed", None),
        ("canceled", "", ReportState.FAILED, "canceled", None),
        ("teleported", "", ReportState.UNDER_WAY, "teleported", None),
    ],
)
def test_statuses_of_texts(
    status: str, error: str, state: ReportState, code: str, scope: Scope | None
) -> None:
    form = {"MessageSid": SID, "MessageStatus": status, "ErrorCode": error}
    key, report = parse_message_status(form, ATTEMPT)
    assert (report.ref, report.state, report.code, report.scope) == (SID, state, code, scope)
    assert report.attempt_id == ATTEMPT
    assert key == f"message:{SID}:{status}:{error}"


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("initiated", ReportState.UNDER_WAY),
        ("ringing", ReportState.UNDER_WAY),
        ("in-progress", ReportState.UNDER_WAY),
        ("completed", ReportState.DELIVERED),
        ("busy", ReportState.FAILED),
        ("no-answer", ReportState.FAILED),
        ("failed", ReportState.FAILED),
        ("canceled", ReportState.FAILED),
        ("levitating", ReportState.UNDER_WAY),
    ],
)
def test_statuses_of_calls(status: str, state: ReportState) -> None:
    form = {"CallSid": "CA1", "CallStatus": status, "SequenceNumber": "3", "CallDuration": "21"}
    key, report = parse_call_status(form, None)
    sign = NumberSign.NOBODY if status in ("busy", "no-answer") else None
    assert report == Report("CA1", state, status, None, seconds=21, sign=sign)
    assert key == f"call:CA1:3:{status}"


@pytest.mark.parametrize(
    ("status", "sip_code", "sign"),
    [
        ("failed", "404", NumberSign.NOT_IN_USE),
        ("failed", "502", NumberSign.SUSPENDED),
        ("failed", "480", NumberSign.OFF),
        ("failed", "500", None),
        ("failed", "", None),
        ("busy", "486", NumberSign.NOBODY),
        ("no-answer", "487", NumberSign.NOBODY),
        ("canceled", "487", None),
        ("completed", "200", None),
    ],
)
def test_what_the_end_of_a_call_says_of_the_number(
    status: str, sip_code: str, sign: NumberSign | None
) -> None:
    _, report = parse_call_status({"CallSid": "CA1", "CallStatus": status, "SipResponseCode": sip_code}, None)
    assert report.sign is sign


def test_a_call_picked_up_and_a_call_to_us() -> None:
    ours = {"CallSid": "CA1", "Direction": "outbound-api", "From": "+8610000000000", "To": "+8610012345678"}
    theirs = {"CallSid": "CA2", "Direction": "inbound", "From": "+8610012345678", "To": "+8610000000000"}
    assert parse_voice(ours, ATTEMPT) == (
        "voice:CA1",
        Report("CA1", ReportState.UNDER_WAY, "in-progress", ATTEMPT),
    )
    assert parse_voice(theirs, None) == ("ring:CA2", IncomingCall("CA2", "+8610012345678"))


def test_a_key_belongs_to_the_person_whoever_rang() -> None:
    ours = {"CallSid": "CA1", "Digits": "1", "Direction": "outbound-api", "From": "+861", "To": "+862"}
    theirs = ours | {"Direction": "inbound", "From": "+862", "To": "+861"}
    assert parse_gather(ours, ATTEMPT, Turn()) == ("key:CA1:0.0.0:1", KeyPress("CA1", "1", "+862", ATTEMPT))
    assert parse_gather(theirs, ATTEMPT, Turn(1)) == (
        "key:CA1:1.0.0:1",
        KeyPress("CA1", "1", "+862", ATTEMPT),
    )


def test_no_key_after_a_whole_reading_is_the_carriers_word_that_it_was_heard() -> None:
    silence = {"CallSid": "CA1", "Digits": "", "Direction": "outbound-api", "To": "+862"}
    heard = Report("CA1", ReportState.UNDER_WAY, "heard", ATTEMPT, heard_whole=True)
    assert parse_gather(silence, ATTEMPT, Turn()) == ("heard:CA1:0.0.0", heard)
    assert parse_gather(silence, ATTEMPT, Turn(0, 0, 1)) == ("heard:CA1:0.0.1", heard)


def test_no_key_after_the_menu_alone_or_in_a_call_of_theirs_proves_nothing() -> None:
    """A wrong key had broken the message off; and who rings us says nothing of a call of ours."""
    silence = {"CallSid": "CA1", "Digits": "", "Direction": "outbound-api", "From": "+861", "To": "+862"}
    assert parse_gather(silence, ATTEMPT, Turn(0, 1)) == (
        "key:CA1:0.1.0:",
        KeyPress("CA1", "", "+862", ATTEMPT),
    )
    theirs = silence | {"Direction": "inbound"}
    assert parse_gather(theirs, ATTEMPT, Turn())[1] == KeyPress("CA1", "", "+861", ATTEMPT)


@pytest.mark.parametrize(
    ("answered_by", "who"),
    [
        ("human", PickedUp.HUMAN),
        ("machine_start", PickedUp.MACHINE),
        ("machine_end_beep", PickedUp.MACHINE),
        ("machine_end_silence", PickedUp.MACHINE),
        ("machine_end_other", PickedUp.MACHINE),
        ("fax", PickedUp.FAX),
        ("unknown", PickedUp.UNKNOWN),
        ("a parrot", PickedUp.UNKNOWN),
    ],
)
def test_who_picked_up(answered_by: str, who: PickedUp) -> None:
    key, report = parse_picked_up({"CallSid": "CA1", "AnsweredBy": answered_by}, ATTEMPT)
    assert key == f"who:CA1:{answered_by}"
    assert report == Report("CA1", ReportState.UNDER_WAY, answered_by, ATTEMPT, picked_up_by=who)
    ended = {"CallSid": "CA1", "CallStatus": "completed", "AnsweredBy": answered_by, "CallDuration": "9"}
    assert parse_call_status(ended, ATTEMPT)[1].picked_up_by is who


def test_a_carrier_that_does_not_say_who_picked_up_is_not_guessed_for() -> None:
    assert parse_call_status({"CallSid": "CA1", "CallStatus": "completed"}, ATTEMPT)[1].picked_up_by is None
    with pytest.raises(MalformedCallback, match="AnsweredBy"):
        parse_picked_up({"CallSid": "CA1"}, ATTEMPT)


@pytest.mark.parametrize("form", [{}, {"MessageSid": SID}, {"MessageStatus": "sent"}])
def test_what_lacks_a_field_is_named(form: dict[str, str]) -> None:
    with pytest.raises(MalformedCallback, match="Message"):
        parse_message_status(form, None)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_form_or_a_complaint(body: bytes) -> None:
    try:
        form = read_form(body)
    except MalformedCallback:
        return
    assert not is_signed(REPLY_URL, form, {"X-Twilio-Signature": REPLY_SIGNATURE}, [TOKEN])
