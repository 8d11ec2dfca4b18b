"""`demo`, `serve`, `simulator`, `migrate`, `check`."""

import asyncio
import secrets
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.engine import make_url

from jiaoying.app import Role, Running, serve
from jiaoying.base import Base, open_base
from jiaoying.commands.running import command, print_json
from jiaoying.demonstration.load import load_demonstration
from jiaoying.demonstration.town import demonstration_names, demonstration_town
from jiaoying.dispatch.checking import complaints_of
from jiaoying.gateways.registry import SIMULATOR_NUMBER, simulator_settings
from jiaoying.gateways.simulator.habits import habit_from_json
from jiaoying.gateways.simulator.service import Opened, run_simulator
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.settings import read_settings
from jiaoying.storage.embedded import start_servers
from jiaoying.storage.migrate import APP_ROLE, migrate
from jiaoying.storage.schema import users
from jiaoying.storage.secrets import load_secrets
from jiaoying.web.accounts import add_user

DEMONSTRATION_USER = "值班员"
# What one person may not start alone takes a second; both sign in with the same password.
DEMONSTRATION_LEADER = "带班领导"
SIGN_IN_NAME = "demonstration-sign-in"


@click.command()
@command
async def demo() -> None:
    """Everything at once, with the demonstration county and its simulated phones."""
    settings = read_settings()
    simulator_port = settings.listen_port + 1 if settings.listen_port else 0
    sign_in: list[str] = []

    async def prepare(base: Base) -> None:
        await load_demonstration(base.database, base.clock.now(), settings.timezone)
        sign_in.append(await _demonstration_password(base))

    def announce(running: Running) -> None:
        if running.simulator:
            _move_in(running)
        click.echo(say("Console: {url}", url=running.url))
        click.echo(say("Sign in: {name} / {password}", name=DEMONSTRATION_USER, password=sign_in[0]))
        click.echo(say("Second person: {name} / {password}", name=DEMONSTRATION_LEADER, password=sign_in[0]))
        click.echo(say("Phones: {url}", url=running.simulator_url))

    await serve(settings, Role.ALL, announce=announce, simulator_port=simulator_port, prepare=prepare)


async def _demonstration_password(base: Base) -> str:
    """The password of both accounts, made at the first start and kept beside the data, mode 0600."""
    path = base.settings.data_dir / SIGN_IN_NAME
    password = await asyncio.to_thread(_kept, path)
    async with base.database.transaction() as tx:
        for name, role in ((DEMONSTRATION_USER, "officer"), (DEMONSTRATION_LEADER, "leader")):
            if await tx.scalar(select(users.c.id).where(users.c.name == name)) is None:
                await add_user(tx, name, role, password, wall_now())
    return password


def _kept(path: Path) -> str:
    if path.exists():
        return path.read_text()
    password = secrets.token_hex(4)
    _keep(path, password)
    return password


def _keep(path: Path, password: str) -> None:
    path.touch(mode=0o600)
    path.write_text(password)


def _move_in(running: Running) -> None:
    """Give the simulated phones their owners and habits, and tell the town where we are."""
    if running.simulator is None:
        return
    names = demonstration_names()
    for number, habit in demonstration_town().items():
        running.simulator.folk.set_phone(number, habit_from_json(habit), names.get(number, ""))
    running.simulator.folk.set_webhooks(
        f"{running.url}/callbacks/twilio/message", f"{running.url}/callbacks/twilio/voice"
    )


@click.command(name="serve")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.ALL.value)
@command
async def serve_command(role: str) -> None:
    """The service. Several workers and webs may share one database."""

    def announce(running: Running) -> None:
        if running.simulator:
            _move_in(running)
        click.echo(running.url or say("Working"))

    await serve(read_settings(), Role(role), announce=announce)


@click.command()
@click.option("--listen", default="127.0.0.1:8081", help="host:port; port 0 takes a free one")
@click.option("--town", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@command
async def simulator(listen: str, town: Path | None) -> None:
    """The simulated carrier alone: Twilio's API and a town of scripted phones."""
    settings = read_settings()
    host, _, port = listen.rpartition(":")
    secret = await asyncio.to_thread(load_secrets, settings.data_dir)
    account = simulator_settings(secret.simulator, "")
    async with open_base(settings) as base:
        clock = base.clock

    def announce(opened: Opened) -> None:
        click.echo(opened.base_url)

    await run_simulator(
        host or "127.0.0.1",
        int(port),
        town,
        clock,
        account_sid=account.account_sid,
        auth_token=account.auth_token,
        secret=secret.simulator,
        from_numbers=[SIMULATOR_NUMBER],
        on_open=announce,
    )


@click.command(name="migrate")
@command
async def migrate_command() -> None:
    """Bring the database's schema up to this version, as the role that owns it."""
    settings = read_settings()
    if settings.database_url is None:
        with await asyncio.to_thread(start_servers, settings.data_dir, valkey=False) as servers:
            await asyncio.to_thread(migrate, servers.database_url("owner"))
    else:
        role = make_url(settings.database_url).username or APP_ROLE
        owner = settings.database_owner_url or settings.database_url
        await asyncio.to_thread(migrate, owner, role)
    click.echo(say("The schema is current"))


@click.command()
@click.option("--json", "as_json", is_flag=True)
@command
async def check(as_json: bool) -> None:
    """Settings, database, carriers, wordings, ladders: what is wrong, in sentences."""
    settings = read_settings()
    async with open_base(settings) as base:
        complaints = await complaints_of(
            base.database, settings.home_area, base.clock.now(), base.secrets.sources
        )
    if as_json:
        print_json({"settings": settings.lines, "complaints": complaints})
    else:
        for line in settings.lines:
            click.echo(f"{line.name}={line.value}  ({line.source})")
        for complaint in complaints:
            click.echo(f"✗ {complaint.field}: {complaint.text}", err=True)
    if complaints:
        raise Refusal(say("{count} things need attention", count=len(complaints)))
    click.echo(say("Everything is in order"), err=True)
