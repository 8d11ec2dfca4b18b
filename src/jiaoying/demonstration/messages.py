"""The warnings of the demonstration: a made-up night of rain over 沁水县, and fresh copies of it.

They have the shape of what the national feed sends (two infos, `CPEAS Geographic Code`, the colour in
`severity` and in the headline). Texts and events are invented.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from importlib import resources

NAMES = (
    "rain_blue",
    "rain_yellow",
    "rain_orange",
    "rain_red",
    "flash_flood_red",
    "rain_update",  # continues rain_orange
    "rain_cancel",  # ends rain_red
    "exercise",
)

_BEIJING = timezone(timedelta(hours=8))
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip

_SENT = re.compile(r"<sent>([^<]+)</sent>")
_MOMENTS = re.compile(r"(?<=<)(sent|effective|onset|expires)>([^<]+)(?=<)")
_IDENTIFIER = re.compile(r"(?<=<identifier>)(\d{14})_\d{14}(_\d)")
_REFERENCE = re.compile(r"(?<=<references>)([^,<]+,\d{14})_\d{14}(_\d),[^<]+")
# The issuer's moment as the texts tell it.
_IN_CHINESE = re.compile(r"\d{4}年\d\d月\d\d日\d\d时\d\d分")
_IN_ENGLISH = re.compile(r"At \d\d:\d\d on [A-Z][a-z]+ \d{1,2}, \d{4}")


def template(name: str) -> bytes:
    """The message as it lies in the package, with its fixed times.

    Raises KeyError for a name that is not in `NAMES`.
    """
    if name not in NAMES:
        raise KeyError(name)
    return (resources.files("jiaoying.demonstration") / "warnings" / f"{name}.xml").read_bytes()


def fresh_copy(name: str, now: datetime, *, refers_to: datetime | None = None) -> bytes:
    """The message as if it were issued at `now`: a new identifier, all its moments moved along.

    `refers_to` is the `now` of the fresh copy that an update or a cancel speaks of; without it, that copy
    is taken to have been made at the same `now`. Raises KeyError for an unknown name.
    """
    text = template(name).decode()
    issued = _SENT.search(text)
    assert issued is not None
    ahead = now - datetime.fromisoformat(issued.group(1))
    local, named = now.astimezone(_BEIJING), (refers_to or now).astimezone(_BEIJING)
    rules: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
        (_MOMENTS, lambda found: f"{found[1]}>{_moved(found[2], ahead)}"),
        (_IDENTIFIER, lambda found: f"{found[1]}_{local:%Y%m%d%H%M%S}{found[2]}"),
        (_REFERENCE, lambda found: f"{found[1]}_{named:%Y%m%d%H%M%S}{found[2]},{_written(named)}"),
        (_IN_CHINESE, lambda _: f"{local:%Y年%m月%d日%H时%M分}"),
        (_IN_ENGLISH, lambda _: f"At {local:%H:%M} on {_MONTHS[local.month - 1]} {local.day}, {local.year}"),
    )
    for pattern, renewed in rules:
        text = pattern.sub(renewed, text)
    return text.encode()


def _moved(moment: str, ahead: timedelta) -> str:
    return _written((datetime.fromisoformat(moment) + ahead).astimezone(_BEIJING))


def _written(moment: datetime) -> str:
    """As CAP 1.2, 3.3.2 wants it: whole seconds, with zone."""
    return moment.isoformat(timespec="seconds")
