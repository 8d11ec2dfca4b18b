"""From when to when a warning holds. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from jiaoying.warnings.formats.cap_values import read_moment
from jiaoying.warnings.hazard_words import folded_name
from jiaoying.warnings.model import Info, Message

# Our policy where the sender gives no end; CAP 1.2, 3.2.2 (expires) leaves it to the recipient.
DEFAULT_VALIDITY = timedelta(hours=24)
# Thailand dates by the Buddhist era. A moment so many years ahead is converted only where it then lies
# near `sent`; a `sent` of that kind is refused when it is read, since nothing else dates the message.
_BUDDHIST_YEARS = 543
_NEAR = timedelta(days=400)
# The National Weather Service of the USA: `expires` ends the message, one of these the hazard.
_HAZARD_ENDS = ("eventendingtime", "ends")
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Period:
    """Where `begin` is before `end`, always. `remarks` are codes of what was mended."""

    begin: datetime
    end: datetime
    remarks: tuple[str, ...] = ()

    def meets(self, other: "Period") -> bool:
        """Whether both hold at some moment, or one follows the other without a gap."""
        return self.begin <= other.end and other.begin <= self.end


REMARKS = {
    "buddhist-year": "a moment is dated by the Buddhist era: 543 years were taken off",
    "expires-before-onset": "the message expires before the event begins and does not say when that ends:"
    " it is taken to hold for 24 hours from its beginning",
    "effective-after-end": "the warning would begin after its own end: it holds from “sent” on",
}


def period_of(message: Message, info: Info) -> Period:
    """From `effective` (absent: sent, CAP 1.2, 3.2.2) to the end of the hazard.

    An end that is not after `sent` is a slip of the pen (six of 500 warnings of one service), or says of
    a Cancel what is known anyway; our own policy takes its place.
    """
    moments = _Moments(message.sent)
    sent = message.sent
    begin = moments.western(info.effective) or sent
    onset = moments.western(info.onset)
    expires = moments.western(info.expires)
    hazard_end = moments.western(_hazard_end(info))
    start = max(moment for moment in (sent, begin, onset) if moment is not None)
    if hazard_end is not None and hazard_end > sent:
        end = hazard_end
    elif expires is None or expires <= sent:
        end = _later(start)
    elif onset is not None and expires <= onset:
        moments.remark("expires-before-onset")
        end = _later(start)
    else:
        end = expires
    if begin >= end:
        moments.remark("effective-after-end")
        begin = sent
    return Period(begin, end, tuple(moments.remarks))


def default_period(message: Message) -> Period:
    """Of a message that says nothing of its validity."""
    return Period(message.sent, _later(message.sent))


def together(periods: list[Period]) -> Period:
    """From the first beginning to the last end."""
    remarks = dict.fromkeys(code for period in periods for code in period.remarks)
    begin, end = min(period.begin for period in periods), max(period.end for period in periods)
    return Period(begin, end, tuple(remarks))


class _Moments:
    """Reads moments of one message and notes what it mended."""

    def __init__(self, sent: datetime) -> None:
        self._sent = sent
        self.remarks: dict[str, None] = {}

    def remark(self, code: str) -> None:
        self.remarks[code] = None

    def western(self, moment: datetime | None) -> datetime | None:
        """The moment in the years of everybody else, where it is surely dated by the Buddhist era."""
        if moment is None or moment.year - self._sent.year < _BUDDHIST_YEARS - 2:
            return moment
        # 2568 has a 29 February as our calendar counts, and 2025 has none.
        day = min(moment.day, 28) if moment.month == 2 else moment.day
        converted = moment.replace(year=moment.year - _BUDDHIST_YEARS, day=day)
        if abs(converted - self._sent) > _NEAR:
            return moment
        self.remark("buddhist-year")
        return converted


def _hazard_end(info: Info) -> datetime | None:
    values = (value for name, value in info.parameter if folded_name(name) in _HAZARD_ENDS)
    return next((moment for value in values if (moment := read_moment(value).moment) is not None), None)


def _later(moment: datetime) -> datetime:
    return moment + DEFAULT_VALIDITY if moment < _LAST - DEFAULT_VALIDITY else _LAST
