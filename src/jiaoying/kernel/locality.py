"""Where this installation stands, as far as readers of sheets need to know."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Locality:
    """`home_area` is a 12-digit code where names are looked up first, `dialling_code` completes
    landlines (`0356`), and `timezone` is what wall times in sheets mean.
    """

    home_area: str
    dialling_code: str
    timezone: ZoneInfo
