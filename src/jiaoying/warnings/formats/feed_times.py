"""Moments as feeds write them: local without a zone, with slashes, without seconds, as epoch seconds.

`2026/08/07 16:57` (NMC), `2026-05-20 22:35:00` (Shenzhen), `2026-07-02 17:08:00  GMT+8` (Macau),
`2020-02-05 10:45:00+08:00` (12379), `2025-10-24T11:19+08:00` (QWeather), `20260807181838` (identifiers),
1753583100 (Caiyun).
"""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from jiaoying.warnings.formats.cap_values import MomentReading, read_moment

CHINA_TIME = timezone(timedelta(hours=8))  # without summer time since 1991; Hong Kong and Macau too

_WRITTEN = re.compile(
    r"(?P<year>\d{4})[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})日?[Tt ]{0,3}"
    r"(?P<hour>\d{1,2})[:时時](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2}))?(?:[.,]\d{1,9})?[分秒]? {0,3}"
    r"(?:(?P<utc>[Zz])|(?:GMT|UTC)?(?P<sign>[+-])(?P<zone_hours>\d{1,2})(?::?(?P<zone_minutes>\d\d))?)?",
    re.ASCII,
)
_COMPACT = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)?", re.ASCII)
_EPOCH = re.compile(r"\d{10}(?:\d{3})?", re.ASCII)
_EPOCH_MILLISECONDS = 13  # digits


def read_feed_time(text: str, fallback_zone: tzinfo | None = CHINA_TIME) -> MomentReading:
    """A moment in UTC. Remarks: `no-zone` where `fallback_zone` was needed, `unreadable-time`."""
    text = text.strip()
    if _EPOCH.fullmatch(text):
        seconds = int(text) // 1000 if len(text) == _EPOCH_MILLISECONDS else int(text)
        return MomentReading(datetime.fromtimestamp(seconds, UTC), (), UTC)
    reading = read_moment(_as_standard(text), fallback_zone)
    telling = tuple(code for code in reading.remarks if code in ("no-zone", "unreadable-time"))
    return MomentReading(reading.moment, telling, reading.zone)


def _as_standard(text: str) -> str:
    """`text` in the form of ISO 8601, as far as it can be recognised."""
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        year, month, day, hour, minute, second = compact.groups()
        return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}"
    written = _WRITTEN.fullmatch(text)
    if written is None:
        return text
    date = f"{written['year']}-{written['month']:0>2}-{written['day']:0>2}"
    time = f"{written['hour']:0>2}:{written['minute']:0>2}:{written['second'] or '00':0>2}"
    zone = "Z" if written["utc"] else ""
    if written["sign"]:
        zone = f"{written['sign']}{written['zone_hours']:0>2}:{written['zone_minutes'] or '00'}"
    return f"{date}T{time}{zone}"
