"""Settings from the environment or `.env`; a bad value stops the start with a sentence."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dotenv import dotenv_values

from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.budgets import UNLIMITED, USUAL_BUDGET, NumberBudget, read_budget
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.errors import SettingError
from jiaoying.kernel.language import LANGUAGES, say
from jiaoying.kernel.monthly import MonthlyMoment, read_monthly
from jiaoying.kernel.polygon_rule import TOUCH, PolygonRule, parse_rule

T = TypeVar("T")
LOOPBACK_HOSTS = ("127.0.0.1", "::1", "localhost")
SECRET_NAMES = ("TOKEN", "URL", "SECRET", "PASSWORD")


@dataclass(frozen=True, slots=True)
class GatewayLimits:
    """How much one gateway may be asked: calls at once, calls begun per second, text parts per second,
    and how often one number may be called or texted."""

    lines: int
    calls_per_s: float
    segments_per_s: float
    number_budget: NumberBudget = UNLIMITED


@dataclass(frozen=True, slots=True)
class TwilioSettings:
    """Where and as whom we speak Twilio's language."""

    account_sid: str
    auth_token: str
    auth_token_old: str | None
    from_number: str
    api_base: str


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as `jiaoying check` prints it: its value (secrets masked) and where it came from."""

    name: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that an operator may set; see docs and `contracts` for the meaning of each."""

    data_dir: Path
    database_url: str | None  # None: the embedded server
    database_owner_url: str | None
    redis_url: str | None  # None: the embedded server; "none": run without
    listen_host: str
    listen_port: int
    public_url: str | None  # None: from the address that was bound
    home_area: str
    landline_area_code: str
    timezone: ZoneInfo
    language: str
    gateways: tuple[str, ...]
    twilio: TwilioSettings | None
    simulator_base: str | None  # None: the one that this process starts itself
    limits: Mapping[str, GatewayLimits]
    # Colours for which a warning by hand needs two persons, whatever its size.
    two_persons_for: tuple[Colour, ...]
    # When a polygon counts for a village whose outline is known.
    polygon_rule: PolygonRule
    # Whether texts hold an address at which their reader may answer (dispatch.links).
    text_links: bool
    # When the numbers of the roster are checked every month; None: never by itself.
    number_check: MonthlyMoment | None
    clock_rate: float
    log_format: str | None
    lines: tuple[SettingLine, ...]


# The simulator bears what a carrier bears, so that a demonstration promises nothing else.
_DEFAULT_LIMITS = {
    "twilio": GatewayLimits(2, 1, 1, USUAL_BUDGET),
    "simulator": GatewayLimits(30, 10, 100, USUAL_BUDGET),
}


class _Reader:
    """Reads named values and remembers where each came from."""

    def __init__(self, environment: Mapping[str, str], dotenv: Mapping[str, str | None]) -> None:
        self._environment = environment
        self._dotenv = dotenv
        self.lines: list[SettingLine] = []

    def text(self, name: str) -> str | None:
        full = f"JIAOYING_{name}"
        value, source = self._environment.get(full), "environment"
        if value is None:
            value, source = self._dotenv.get(full), ".env"
        if value is None or not value.strip():
            self._note(full, "", "default")
            return None
        self._note(full, value.strip(), source)
        return value.strip()

    def parsed(self, name: str, default: T, parse: Callable[[str], T], remedy: str) -> T:
        value = self.text(name)
        if value is None:
            self.lines[-1] = SettingLine(f"JIAOYING_{name}", str(default), "default")
            return default
        try:
            return parse(value)
        except (ValueError, ZoneInfoNotFoundError, KeyError) as error:
            raise SettingError(
                say("JIAOYING_{name} is “{value}”: {remedy}", name=name, value=value, remedy=remedy)
            ) from error

    def _note(self, name: str, value: str, source: str) -> None:
        secret = any(word in name for word in SECRET_NAMES) and not name.endswith("PUBLIC_URL")
        self.lines.append(SettingLine(name, "••••" if secret and value else value, source))


def read_settings(environment: Mapping[str, str] | None = None, directory: Path | None = None) -> Settings:
    """The settings in force.

    Raises SettingError, with a sentence that names the setting and the remedy.
    """
    dotenv = dotenv_values((directory or Path.cwd()) / ".env")
    reader = _Reader(os.environ if environment is None else environment, dotenv)
    host, port = reader.parsed(
        "LISTEN", ("127.0.0.1", 8080), _address, say("write host:port, for example 127.0.0.1:8080")
    )
    gateways = reader.parsed(
        "GATEWAYS",
        ("simulator",),
        _gateways,
        say("name one or more of: {names}", names=", ".join(_DEFAULT_LIMITS)),
    )
    twilio = _twilio(reader) if "twilio" in gateways else None
    settings = Settings(
        data_dir=Path(reader.parsed("DATA_DIR", "./var", str, "")).resolve(),
        database_url=reader.parsed(
            "DATABASE_URL", None, _database_url, say("write postgresql://user:password@host:port/name")
        ),
        database_owner_url=reader.parsed(
            "DATABASE_OWNER_URL", None, _database_url, say("write postgresql://user:password@host:port/name")
        ),
        redis_url=reader.parsed("REDIS_URL", None, _redis_url, say("write redis://host:port/0, or none")),
        listen_host=host,
        listen_port=port,
        public_url=reader.parsed(
            "PUBLIC_URL", None, _web_url, say("write the address that carriers reach, https://…")
        ),
        home_area=reader.parsed("HOME_AREA", "140521000000", _area, say("write a 12-digit division code")),
        landline_area_code=reader.parsed(
            "LANDLINE_AREA_CODE", "0356", _dialling_code, say("write 3 or 4 digits beginning with 0")
        ),
        timezone=reader.parsed(
            "TIMEZONE",
            ZoneInfo("Asia/Shanghai"),
            ZoneInfo,
            say("write a zone of the IANA table, for example Asia/Shanghai"),
        ),
        language=reader.parsed("LANGUAGE", "zh-CN", _language, say("write zh-CN or en")),
        gateways=gateways,
        twilio=twilio,
        simulator_base=reader.parsed(
            "SIMULATOR_BASE", None, _web_url, say("write the address that `jiaoying simulator` printed")
        ),
        limits={name: _limits(reader, name, twilio) for name in gateways},
        two_persons_for=reader.parsed(
            "TWO_PERSONS_FOR", (), _colours, say("write colours, for example red or orange,red")
        ),
        polygon_rule=reader.parsed(
            "POLYGON_RULE", TOUCH, parse_rule, say("write touch, seat, or share: and a number, as share:0.3")
        ),
        text_links=reader.parsed("TEXT_LINKS", False, _switch, say("write on or off")),
        number_check=reader.parsed(
            "NUMBER_CHECK",
            None,
            _number_check,
            say("write off, or a day from 1 to 28 and a time from 9:00 to 17:59, for example 1 10:00"),
        ),
        clock_rate=reader.parsed("CLOCK_RATE", 1.0, _rate, say("write a number from 1 to 1000")),
        log_format=reader.parsed("LOG_FORMAT", None, _log_format, say("write console or json")),
        lines=tuple(reader.lines),
    )
    if settings.clock_rate != 1 and gateways != ("simulator",):
        raise SettingError(
            say("JIAOYING_CLOCK_RATE may differ from 1 only while the simulator is the only gateway")
        )
    if settings.text_links and settings.public_url is None and gateways != ("simulator",):
        raise SettingError(
            say(
                "JIAOYING_TEXT_LINKS needs JIAOYING_PUBLIC_URL: write the address at which telephones reach"
                " this service, https://…"
            )
        )
    return settings


def _switch(value: str) -> bool:
    return {"on": True, "off": False}[value.casefold()]


def _address(value: str) -> tuple[str, int]:
    host, _, port = value.rpartition(":")
    if not host or not 0 <= int(port) <= 65535:
        raise ValueError(value)
    return host.strip("[]"), int(port)


def _gateways(value: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(part.strip() for part in value.split(",") if part.strip()))
    if not names or any(name not in _DEFAULT_LIMITS for name in names):
        raise ValueError(value)
    return names


def _colours(value: str) -> tuple[Colour, ...]:
    return tuple(Colour(part.strip()) for part in value.split(",") if part.strip())


def _number_check(value: str) -> MonthlyMoment | None:
    if value.casefold() == "off":
        return None
    moment = read_monthly(value)
    if not 9 <= moment.hour < 18:
        raise ValueError(value)
    return moment


def _database_url(value: str) -> str:
    if urlsplit(value).scheme not in ("postgresql", "postgres"):
        raise ValueError(value)
    return value


def _redis_url(value: str) -> str:
    if value != "none" and urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise ValueError(value)
    return value


def _web_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(value)
    return value.rstrip("/")


def _area(value: str) -> str:
    if not is_area_code(value):
        raise ValueError(value)
    return value


def _dialling_code(value: str) -> str:
    if not (value.isdigit() and value.startswith("0") and len(value) in (3, 4)):
        raise ValueError(value)
    return value


def _language(value: str) -> str:
    if value not in LANGUAGES:
        raise ValueError(value)
    return value


def _rate(value: str) -> float:
    rate = float(value)
    if not 1 <= rate <= 1000:
        raise ValueError(value)
    return rate


def _log_format(value: str) -> str:
    if value not in ("console", "json"):
        raise ValueError(value)
    return value


def _twilio(reader: _Reader) -> TwilioSettings:
    values = {name: reader.text(f"TWILIO_{name}") for name in ("ACCOUNT_SID", "AUTH_TOKEN", "FROM")}
    missing = [f"JIAOYING_TWILIO_{name}" for name, value in values.items() if value is None]
    if missing:
        raise SettingError(
            say("The gateway twilio needs {names}: copy them from its console", names=", ".join(missing))
        )
    return TwilioSettings(
        account_sid=values["ACCOUNT_SID"] or "",
        auth_token=values["AUTH_TOKEN"] or "",
        auth_token_old=reader.text("TWILIO_AUTH_TOKEN_OLD"),
        from_number=values["FROM"] or "",
        api_base=reader.parsed(
            "TWILIO_API_BASE", "https://api.twilio.com", _web_url, say("write the address of the API")
        ),
    )


def _limits(reader: _Reader, gateway: str, twilio: TwilioSettings | None) -> GatewayLimits:
    default = _DEFAULT_LIMITS[gateway]
    upper = gateway.upper()
    remedy = say("write a number; 0 is unlimited")
    limits = GatewayLimits(
        lines=reader.parsed(f"{upper}_LINES", default.lines, _count, remedy),
        calls_per_s=reader.parsed(f"{upper}_CALLS_PER_S", default.calls_per_s, _amount, remedy),
        segments_per_s=reader.parsed(f"{upper}_SEGMENTS_PER_S", default.segments_per_s, _amount, remedy),
        number_budget=reader.parsed(
            f"{upper}_NUMBER_BUDGET",
            default.number_budget,
            read_budget,
            say("write for example voice 1/min 5/h 20/d; sms 10/h 50/d, or none"),
        ),
    )
    unlimited = 0 in (limits.lines, limits.calls_per_s, limits.segments_per_s)
    outside = twilio is not None and urlsplit(twilio.api_base).hostname not in LOOPBACK_HOSTS
    if unlimited and gateway == "twilio" and outside:
        raise SettingError(
            say(
                "JIAOYING_{gateway}_LINES, _CALLS_PER_S and _SEGMENTS_PER_S may be 0 (unlimited) only"
                " towards this machine: write what your contract with the carrier allows",
                gateway=upper,
            )
        )
    return limits


def _count(value: str) -> int:
    count = int(value)
    if count < 0:
        raise ValueError(value)
    return count


def _amount(value: str) -> float:
    amount = float(value)
    if amount < 0:
        raise ValueError(value)
    return amount
