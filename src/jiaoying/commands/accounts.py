"""`users add`, `tokens create`."""

import secrets
import sys

import click

from jiaoying.commands.running import Base, command, print_json, with_base
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.language import say
from jiaoying.web.accounts import add_token, add_user
from jiaoying.web.roles import Role


@click.group()
def users() -> None:
    """People who sign in."""


@users.command()
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--json", "as_json", is_flag=True)
@command
async def add(name: str, role: str, as_json: bool) -> None:
    """Add somebody; the password is read from standard input, or made and printed once."""
    given = None if sys.stdin.isatty() else sys.stdin.readline().strip()
    password = given or secrets.token_urlsafe(9)

    async def work(base: Base) -> None:
        async with base.database.transaction() as tx:
            await add_user(tx, name, role, password, wall_now())

    await with_base(work)
    if as_json:
        print_json({"name": name, "role": role, "password": None if given else password})
    elif given:
        click.echo(say("{name} may sign in", name=name))
    else:
        click.echo(say("Sign in: {name} / {password}", name=name, password=password))


@click.group()
def tokens() -> None:
    """Programs that call the API."""


@tokens.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True)
@click.option("--source", help="the source of warnings that it pushes for")
@click.option("--json", "as_json", is_flag=True)
@command
async def create(name: str, scopes: tuple[str, ...], source: str | None, as_json: bool) -> None:
    """Make a token; it is printed once and kept nowhere."""

    async def work(base: Base) -> str:
        async with base.database.transaction() as tx:
            return await add_token(tx, name, scopes, wall_now(), source=source)

    token = await with_base(work)
    if as_json:
        print_json({"name": name, "token": token})
    else:
        click.echo(token)
