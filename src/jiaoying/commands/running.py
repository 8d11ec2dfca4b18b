"""How every command runs: settings read, errors told as sentences, one event loop."""

import gc
import json
import os
import pwd
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import asdict, is_dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click
import structlog
import uvloop
from sqlalchemy.exc import SQLAlchemyError

from jiaoying.base import Base, open_base
from jiaoying.kernel.errors import JiaoyingError, Refusal
from jiaoying.kernel.language import CHINESE, say, speaking
from jiaoying.kernel.locality import Locality
from jiaoying.kernel.sheets import SheetComplaint
from jiaoying.settings import Settings, read_settings

P = ParamSpec("P")
T = TypeVar("T")

# A list of twenty thousand people is a million objects that stay. Looking through them for circles at
# Python's own intervals (700, 10, 10) takes a third of an import.
GARBAGE_INTERVALS = (50_000, 20, 20)


def set_up_logging(settings: Settings) -> None:
    """Lines for people on a terminal, JSON elsewhere; always on stderr."""
    on_terminal = sys.stderr.isatty() if settings.log_format is None else settings.log_format == "console"
    renderer: Any = structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def command(work: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """Run a coroutine as a command: 0 when it is done, 1 and a sentence on stderr when it is refused."""

    @wraps(work)
    def run(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            # Even a bad setting is told in the language that is set.
            with speaking(os.environ.get("JIAOYING_LANGUAGE", CHINESE)):
                settings = read_settings()
            set_up_logging(settings)
            gc.set_threshold(*GARBAGE_INTERVALS)
            with speaking(settings.language):
                uvloop.run(work(*args, **kwargs))
        except JiaoyingError as error:
            refuse(error)
        except (SQLAlchemyError, OSError) as error:
            # A wrong address, a full disk, a database that is away: the operator's business, in one line.
            click.echo(f"{type(error).__name__}: {str(error).splitlines()[0]}", err=True)
            sys.exit(1)

    return run


def refuse(error: JiaoyingError) -> None:
    """Tell why, and every complaint on its own line, and leave with 1."""
    click.echo(str(error), err=True)
    if isinstance(error, Refusal):
        for complaint in error.complaints:
            click.echo(f"  {complaint.field}: {complaint.text}", err=True)
    sys.exit(1)


async def with_base(work: Callable[[Base], Awaitable[T]]) -> T:
    """Do `work` on the installation that the settings name, joining its servers."""
    async with open_base(read_settings()) as base:
        return await work(base)


def system_user() -> str:
    """Who gives a command, for the ledger: the account of the machine, not a word that anybody may set."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # an account of a container that has no name
        name = str(os.getuid())
    return say("{name} (command line)", name=name)


def print_json(value: object) -> None:
    """One JSON value on one line."""
    click.echo(json.dumps(value, ensure_ascii=False, default=_plain))


def print_complaints(complaints: Iterable[SheetComplaint]) -> None:
    """What is wrong with a sheet, a line for each complaint, on stderr."""
    for complaint in complaints:
        place = " ".join(filter(None, (complaint.sheet, str(complaint.row or ""), complaint.column)))
        click.echo(f"{place}: {complaint.text}", err=True)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return str(value)


def locality_of(settings: Settings) -> Locality:
    """Where this installation stands, as sheets are read."""
    return Locality(settings.home_area, settings.landline_area_code, settings.timezone)
