"""Messages as a bureau sends them, handed in at the door of a town."""

from datetime import datetime
from zoneinfo import ZoneInfo

from jiaoying.warnings.intake import Receipt, take_in
from town import COUNTY, Town
from unit.warnings.samples import SENDER, alert, area, geocode, info

_BEIJING = ZoneInfo("Asia/Shanghai")
SEVERITY = {"blue": "Minor", "yellow": "Moderate", "orange": "Severe", "red": "Extreme"}
_NAMES = {"blue": "蓝色", "yellow": "黄色", "orange": "橙色", "red": "红色"}


def moment(at: datetime) -> str:
    """As CAP writes it."""
    return at.astimezone(_BEIJING).isoformat(timespec="seconds")


def about(town: Town, colour: str, *areas: str, verb: str = "发布", **changes: str | None) -> str:
    """An info of this colour for these places, in force from now for twelve hours."""
    now = town.clock.now()
    fields: dict[str, str | None] = {
        "severity": SEVERITY[colour],
        "headline": f"沁水县气象台{verb}暴雨{_NAMES[colour]}预警",
        "effective": moment(now),
        "expires": moment(now.replace(hour=14)),
    }
    return info(area(*(geocode(code) for code in areas or (COUNTY,))), **(fields | changes))


async def send(
    town: Town,
    identifier: str,
    *infos: str,
    kind: str = "Alert",
    names: tuple[str, ...] = (),
    source: str = "bureau",
    sender: str = SENDER,
    sent: datetime | None = None,
    settles: bool = True,
) -> Receipt:
    """Hand in one message, and let what is due at once happen."""
    now = town.clock.now()
    stamped = moment(sent or now)
    references = " ".join(f"{sender},{name},{stamped}" for name in names)
    body = alert(
        *infos,
        identifier=identifier,
        sender=sender,
        sent=stamped,
        msgType=kind,
        references=references or None,
    )
    [receipt] = await take_in(
        town.database,
        body,
        media_type="application/cap+xml",
        source=source,
        now=now,
        wall=now,
        home_area=COUNTY,
    )
    if settles:
        await town.settle()
    return receipt
