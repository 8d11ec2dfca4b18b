"""Twilio's error codes as data: whom each is about, and what it means in a sentence.

Each code is explained at https://www.twilio.com/docs/api/errors/<code>. Twilio itself says that codes
change and that nothing should hang on them alone (changelog of 2024-07-10), so a code that is not
here gets its meaning from the class of the HTTP answer (`outcomes`).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from jiaoying.gateways.base import NumberSign, Scope
from jiaoying.kernel.language import say

RECIPIENT, CONTENT, SENDER, ACCOUNT = Scope.RECIPIENT, Scope.CONTENT, Scope.SENDER, Scope.ACCOUNT
NOT_IN_USE = NumberSign.NOT_IN_USE


@dataclass(frozen=True, slots=True)
class CodeMeaning:
    """What one code says.

    `scope` is whom it is about; None is the road between, where another try may do better.
    `wait_s` is set where the hand-over surely did not happen and is welcome again after so long. `sign` is
    what it says of the person's number, where it says anything.
    """

    scope: Scope | None
    text: str
    wait_s: float | None = None
    sign: NumberSign | None = None


CODES: Mapping[int, CodeMeaning] = {
    # Create: the whole account.
    20003: CodeMeaning(ACCOUNT, "the carrier does not accept our account or its token"),
    20404: CodeMeaning(ACCOUNT, "the carrier does not know our account at this address"),
    21408: CodeMeaning(ACCOUNT, "our account may not send texts to this country"),
    21215: CodeMeaning(ACCOUNT, "our account may not call this country"),
    13227: CodeMeaning(ACCOUNT, "our account may not call this country"),
    30002: CodeMeaning(ACCOUNT, "the carrier has suspended our account"),
    # Create: too fast, surely not processed.
    20429: CodeMeaning(ACCOUNT, "the carrier asks us to slow down", wait_s=2),
    10004: CodeMeaning(ACCOUNT, "all our lines at the carrier are busy", wait_s=5),
    # The queue of our number holds ten hours of texts.
    21611: CodeMeaning(SENDER, "the carrier's queue for our number is full", wait_s=600),
    # Our own number.
    21606: CodeMeaning(SENDER, "our number at the carrier cannot send texts"),
    21659: CodeMeaning(SENDER, "our number is not one that the carrier gave us"),
    21660: CodeMeaning(SENDER, "our number does not belong to our account at the carrier"),
    21212: CodeMeaning(SENDER, "our number is not a telephone number"),
    21612: CodeMeaning(SENDER, "there is no road from our number to this one"),
    # This person's number.
    21211: CodeMeaning(
        RECIPIENT, "this is not a telephone number that the carrier knows", sign=NumberSign.NOT_IN_USE
    ),
    21217: CodeMeaning(
        RECIPIENT, "this is not a telephone number that the carrier knows", sign=NumberSign.NOT_IN_USE
    ),
    13223: CodeMeaning(
        RECIPIENT, "this is not a telephone number that the carrier knows", sign=NumberSign.NOT_IN_USE
    ),
    13224: CodeMeaning(RECIPIENT, "the carrier cannot call this number"),
    13225: CodeMeaning(RECIPIENT, "the carrier has blocked calls to this number"),
    13226: CodeMeaning(RECIPIENT, "the carrier does not call this country"),
    21614: CodeMeaning(RECIPIENT, "this number cannot take texts (a landline, perhaps)"),
    30006: CodeMeaning(RECIPIENT, "this number cannot take texts (a landline, perhaps)"),
    21610: CodeMeaning(RECIPIENT, "this number has told the carrier to stop our texts"),
    30004: CodeMeaning(RECIPIENT, "the network or the person has blocked our texts"),
    30005: CodeMeaning(RECIPIENT, "this number is not in use", sign=NOT_IN_USE),
    # This text.
    21602: CodeMeaning(CONTENT, "the text is empty"),
    21619: CodeMeaning(CONTENT, "the text is empty"),
    21617: CodeMeaning(CONTENT, "the text is longer than 1,600 characters"),
    30007: CodeMeaning(CONTENT, "the network has filtered this text out"),
    # On the way: may do better next time.
    30001: CodeMeaning(None, "the carrier's queue is full"),
    30003: CodeMeaning(None, "the phone is switched off or without signal", sign=NumberSign.OFF),
    30008: CodeMeaning(None, "not delivered, and the network does not say why"),
    30036: CodeMeaning(None, "not delivered before the text lost its validity"),
}

# What the end of a call says of the number: by Twilio's status, and of `failed` by the answer of the network
# (SipResponseCode). RFC 3398 7.2.4.1 has which cause of the telephone network becomes which answer: 1 and 22
# (no such number, number changed) 404 and 410, 28 (incomplete) 484, 27 (out of order) 502, 18 to 20
# (no answer of the subscriber, absent) 480; 604 is RFC 3261's "does not exist anywhere".
CALL_SIGNS: Mapping[str, NumberSign] = {"busy": NumberSign.NOBODY, "no-answer": NumberSign.NOBODY}
SIP_SIGNS: Mapping[str, NumberSign] = {
    "404": NumberSign.NOT_IN_USE,
    "410": NumberSign.NOT_IN_USE,
    "484": NumberSign.NOT_IN_USE,
    "604": NumberSign.NOT_IN_USE,
    "502": NumberSign.SUSPENDED,
    "480": NumberSign.OFF,
}


def sign_of_call(status: str, sip_code: str) -> NumberSign | None:
    """What the end of a call says of the number; None where it says nothing."""
    return SIP_SIGNS.get(sip_code) if status == "failed" else CALL_SIGNS.get(status)


def meaning_of(code: str | int | None) -> CodeMeaning | None:
    """The meaning of a code as the carrier writes it, or None where the table says nothing of it."""
    text = str(code)
    return CODES.get(int(text)) if text.isdecimal() else None


def sentence_of(code: str | int | None) -> str:
    """The meaning of a code in the reader's language; empty where the table says nothing of it."""
    meaning = meaning_of(code)
    return say(meaning.text) if meaning else ""
