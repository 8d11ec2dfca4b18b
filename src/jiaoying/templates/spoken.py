"""Numbers as words, because what a voice makes of “24时” or “A7” is not ours to choose.

Only what the wordings of calls need: whole and decimal numbers, clock times, dates, ranges, percent.
"""

import re

from jiaoying.kernel.language import CHINESE, best_language

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
# 两 instead of 二 before what is counted, as people say it.
_COUNTED = "个户次处天条间位人小"
# Longer runs of digits are numbers of telephones and roads: said digit by digit.
_LONGEST_NUMBER = 8

_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?<!\d)(\d{4})(?=年)")
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:：](\d{2})(?!\d)")
_RANGE = re.compile(r"(?<=\d)\s*[-~～—–至]\s*(?=\d)")
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*[%％]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_LETTER_CODE = re.compile(r"(?<![A-Za-z])([A-Za-z])(\d+)")  # a reference, a road: A7, G342
_SIGNS = {"℃": "摄氏度", "°C": "摄氏度", "㎜": "毫米", "mm": "毫米", "km": "公里", "m/s": "米每秒"}

_SMALL = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
_TENS = ("zero", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def seconds_to_read(text: str, language: str) -> int:
    """About how long a voice takes for `text`: five Chinese signs or fifteen letters a second (our own
    measure of the carriers' voices; none promises a figure)."""
    per_s = 5 if best_language(language) == CHINESE else 15
    return max(1, round(len(text) / per_s))


def spoken(text: str, language: str) -> str:
    """`text` as a voice should say it: no digit is left."""
    if _DIGIT.search(text) is None:
        return text
    return _chinese(text) if best_language(language) == CHINESE else _english(text)


def spelled_reference(reference: str, language: str) -> str:
    """A short reference letter by letter and digit by digit: `A17` → `A，一，七`."""
    chinese = best_language(language) == CHINESE
    signs = [_digit(sign, chinese=chinese) if sign.isdecimal() else sign for sign in reference]
    return ("，" if chinese else ", ").join(signs)


def _digit(sign: str, *, chinese: bool) -> str:
    return _DIGITS[int(sign)] if chinese else _SMALL[int(sign)]


def _chinese(text: str) -> str:
    for sign, word in _SIGNS.items():
        text = text.replace(sign, word)
    text = _YEAR.sub(lambda found: _one_by_one(found[1]).replace("零", "〇"), text)
    text = _CLOCK.sub(lambda found: _chinese_clock(int(found[1]), int(found[2])), text)
    text = _PERCENT.sub(lambda found: "百分之" + _chinese_number(found[1]), text)
    text = _RANGE.sub("到", text)
    text = _LETTER_CODE.sub(lambda found: f"{found[1]} {_one_by_one(found[2])}", text)
    return _NUMBER.sub(lambda found: _counted(found[0], text[found.end() : found.end() + 1]), text)


def _counted(digits: str, following: str) -> str:
    return "两" if digits == "2" and following and following in _COUNTED else _chinese_number(digits)


def _chinese_clock(hour: int, minute: int) -> str:
    minutes = "整" if minute == 0 else ("零" if minute < 10 else "") + _chinese_number(str(minute)) + "分"
    return _chinese_number(str(hour)) + "点" + minutes


def _chinese_number(digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    if len(whole) > _LONGEST_NUMBER or (len(whole) > 1 and whole.startswith("0") and not _is_day(whole)):
        return _one_by_one(whole)
    words = _chinese_whole(int(whole))
    return f"{words}点{_one_by_one(fraction)}" if fraction else words


def _is_day(whole: str) -> bool:
    # 08时, 05日
    return len(whole) == 2


def _one_by_one(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _chinese_whole(number: int) -> str:
    high, low = divmod(number, 10_000)
    if high:
        gap = "零" if 0 < low < 1000 else ""
        return _chinese_whole(high) + "万" + gap + _chinese_thousands(low)
    words = _chinese_thousands(low) or _DIGITS[0]
    return words.removeprefix("一") if words.startswith("一十") else words


def _chinese_thousands(number: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
        gap = digit == 0
    return words


def _english(text: str) -> str:
    text = _CLOCK.sub(lambda found: _english_clock(int(found[1]), int(found[2])), text)
    text = _PERCENT.sub(lambda found: _english_number(found[1]) + " percent", text)
    text = _RANGE.sub(" to ", text)
    text = _LETTER_CODE.sub(lambda found: f"{found[1]} {_english_digits(found[2])}", text)
    return _NUMBER.sub(lambda found: _english_number(found[0]), text)


def _english_clock(hour: int, minute: int) -> str:
    return f"{_english_whole(hour)} {_english_whole(minute) if minute else 'hundred'}"


def _english_number(digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    if len(whole) > 6 or (len(whole) > 2 and whole.startswith("0")):
        return _english_digits(whole)
    words = _english_whole(int(whole))
    return f"{words} point {_english_digits(fraction)}" if fraction else words


def _english_digits(digits: str) -> str:
    return " ".join(_SMALL[int(digit)] for digit in digits)


def _english_whole(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens, ones = divmod(number, 10)
        return _TENS[tens] + (f"-{_SMALL[ones]}" if ones else "")
    unit, name = (1000, "thousand") if number >= 1000 else (100, "hundred")
    many, rest = divmod(number, unit)
    return f"{_english_whole(many)} {name}" + (f" {_english_whole(rest)}" if rest else "")
