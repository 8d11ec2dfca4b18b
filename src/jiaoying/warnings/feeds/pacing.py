"""When a feed is asked next: its interval with some jitter, later and later while it fails. Pure."""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

# A feed that fails is asked at least so often, or its return would go unnoticed.
LONGEST_BACK_OFF_S = 900
# A server may ask for any pause; a warning feed is not left alone for longer than this.
LONGEST_RETRY_AFTER_S = 6 * 3600
# Many installations that were started together must not all ask at once.
JITTER = 0.1


def next_poll(
    wall: datetime, interval_s: int, failures: int, retry_after_s: float | None, chance: float
) -> datetime:
    """The next moment by the wall. `failures` in a row, `chance` from 0 to 1.

    What the server asked for with Retry-After (RFC 9110, 10.2.3) is never undercut.
    """
    wait_s = float(interval_s)
    if failures:
        wait_s = min(interval_s * 2.0 ** min(failures, 10), max(interval_s, LONGEST_BACK_OFF_S))
    wait_s *= 1 + JITTER * (2 * chance - 1)
    if retry_after_s is not None:
        wait_s = max(wait_s, min(retry_after_s, LONGEST_RETRY_AFTER_S))
    return wall + timedelta(seconds=wait_s)


def read_retry_after(value: str | None, wall: datetime) -> float | None:
    """Seconds that a server asks us to wait, from seconds or a date; None where it says nothing readable."""
    if not value:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return float(value) if len(value) < 9 else float(LONGEST_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - wall).total_seconds())
