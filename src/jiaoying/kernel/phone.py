"""Telephone numbers as people write them, and as carriers want them (E.164)."""

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say

MAX_LENGTH = 60  # characters of one number as written
_MOBILE_DIGITS = 11

_DEMONSTRATION = re.compile(r"\+86(100\d{8}|356000\d{4})")
# Tiantong and Inmarsat numbers of the Chinese satellite carriers; phonenumbers knows some as mobile.
_SATELLITE = re.compile(r"\+86(1349\d{7}|174\d{8})")
_CHINESE = re.compile(r"\+86[1-9]\d{7,10}")
_EXTENSION = re.compile(r"(?:;ext=|ext\.?|转|分机|[xX#]|(?<=\d{7})-)\s*(\d{1,6})\D*$", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\s\-‐‑‒–—―−_.·()\[\]]+")
_SEPARATORS = re.compile(r"[/、，,；|\n\r]|;(?!ext=)|或者?", re.IGNORECASE)
_EXPONENT = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,2}")


class NumberKind(StrEnum):
    """What answers at a number."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    SATELLITE = "satellite"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that can be dialled: E.164, with `;ext=` where there is an extension."""

    e164: str
    kind: NumberKind


def read_number(text: object, area_code: str) -> Number | Complaint:
    """One number from what a cell or a form holds.

    Full-width digits, blanks, dashes, spreadsheet floats, extensions and a leading 86 are understood;
    a landline without its dialling code gets `area_code` (`0356`).
    """
    written = unicodedata.normalize("NFKC", _as_text(text)).strip()
    if not written:
        return _complaint("number_missing", say("There is no number; write one that can be called"))
    if len(written) > MAX_LENGTH:
        return _complaint("number_unreadable", say("Too long for one number; write one number to a cell"))
    if "*" in written:
        return _complaint(
            "number_hidden",
            say("“{number}” has its digits hidden; export the list with whole numbers", number=written),
        )
    if _EXPONENT.fullmatch(written):
        expanded = _from_exponent(written)
        if expanded is None:
            return _complaint(
                "digits_lost",
                say("“{number}” has lost its last digits; format the column as text", number=written),
            )
        written = expanded
    main, extension = _split_extension(written.removeprefix("tel:"))
    digits = _PUNCTUATION.sub("", main)
    if not re.fullmatch(r"\+?\d{3,17}", digits):
        return _complaint("number_unreadable", say("“{number}” is not a telephone number", number=written))
    return _recognise(_completed(digits, area_code), extension, written)


def split_numbers(text: str) -> list[str]:
    """The numbers that one cell holds, as written: `138… / 0356-…` is two."""
    pieces: list[str] = []
    for piece in _SEPARATORS.split(unicodedata.normalize("NFKC", text)):
        words = piece.split()
        if len(words) > 1 and all(len(re.sub(r"\D", "", word)) >= 10 for word in words):
            pieces.extend(words)
        elif piece.strip():
            pieces.append(piece.strip())
    return pieces


def is_demonstration_number(e164: str) -> bool:
    """Whether a number is made up: no Chinese mobile begins with 100, no local number with 0."""
    return _DEMONSTRATION.fullmatch(e164.partition(";")[0]) is not None


def masked(e164: str) -> str:
    """A number for pages and logs: `138****0000`, `0356-***0000`."""
    number = e164.partition(";")[0]
    if not number.startswith("+86"):
        return f"{number[:4]}****{number[-4:]}" if len(number) > 9 else "****"
    national = number[3:]
    if national.startswith("1") and len(national) == _MOBILE_DIGITS:
        return f"{national[:3]}****{national[-4:]}"
    code_length = 2 if national[:1] in "12" else 3
    return f"0{national[:code_length]}-***{national[-4:]}"


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value).strip()
    return text[:-2] if re.fullmatch(r"\d+\.0", text) else text


def _from_exponent(written: str) -> str | None:
    """All digits of `1.3812345678E+10`; None where the spreadsheet has rounded them away."""
    try:
        value = Decimal(written)
    except InvalidOperation:
        return None
    shown = len(re.sub(r"\D", "", re.split(r"[eE]", written)[0]))
    whole = f"{value:f}"
    return whole if "." not in whole and shown >= len(whole) else None


def _split_extension(written: str) -> tuple[str, str | None]:
    found = _EXTENSION.search(written)
    # `0356-7022-234` has dashes for the eye; what follows the last one is no extension.
    if found is None or len(re.sub(r"\D", "", written[: found.start()])) < 7:
        return written, None
    return written[: found.start()], found.group(1)


def _completed(digits: str, area_code: str) -> str:
    if digits.startswith("+"):
        return digits
    if len(digits) in (7, 8):
        return "+86" + area_code.lstrip("0") + digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    if digits.startswith("86") and len(digits) in (12, 13):
        return "+" + digits
    return "+86" + digits.removeprefix("0")


def _recognise(number: str, extension: str | None, written: str) -> Number | Complaint:
    suffix = f";ext={extension}" if extension else ""
    if _DEMONSTRATION.fullmatch(number):
        kind = NumberKind.MOBILE if number.startswith("+86100") else NumberKind.LANDLINE
        return Number(number + suffix, kind)
    if _SATELLITE.fullmatch(number):
        return Number(number + suffix, NumberKind.SATELLITE)
    parsed = _parsed(number)
    # A number of no type is no valid number; to ask for both would look it up twice.
    found = PhoneNumberType.UNKNOWN if parsed is None else phonenumbers.number_type(parsed)
    if parsed is None or found == PhoneNumberType.UNKNOWN:
        return _complaint("number_invalid", _why_invalid(number, written))
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Number(e164 + suffix, _kind_of(found))


def _parsed(number: str) -> PhoneNumber | None:
    if _CHINESE.fullmatch(number):
        # Nothing is left to find out, and a county's list has thousands of them.
        return PhoneNumber(country_code=86, national_number=int(number[3:]))
    try:
        return phonenumbers.parse(number, None)
    except NumberParseException:
        return None


def _kind_of(found: int) -> NumberKind:
    mobile = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
    return NumberKind.MOBILE if found in mobile else NumberKind.LANDLINE


def _why_invalid(number: str, written: str) -> str:
    national = number.removeprefix("+86")
    if number.startswith("+861") and len(national) != _MOBILE_DIGITS and national[:2] != "10":
        return say(
            "“{number}” has {count} digits; a mobile number has 11", number=written, count=len(national)
        )
    return say("“{number}” is not a number that exists; check its digits", number=written)


def _complaint(code: str, text: str) -> Complaint:
    return Complaint(code, "number", text)
