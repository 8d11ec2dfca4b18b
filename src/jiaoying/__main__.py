"""`jiaoying`: the command line."""

import importlib

import click

from jiaoying import __version__

# Command → the module and the name that it lies under. Loaded when it is asked for: most need little of what
# `serve` needs, and to load all of it takes seconds on a county's machine.
PARTS = {
    "demo": "service:demo",
    "serve": "service:serve_command",
    "simulator": "service:simulator",
    "migrate": "service:migrate_command",
    "check": "service:check",
    "warnings": "warnings:warnings",
    "sources": "sources:sources",
    "stations": "stations:stations",
    "areas": "areas:areas",
    "contacts": "contacts:contacts",
    "duty": "duty:duty",
    "ladders": "ladders:ladders",
    "plans": "plans:plans",
    "users": "accounts:users",
    "tokens": "accounts:tokens",
    "ledger": "ledger:ledger",
    "bench": "bench:bench",
}


class _Loading(click.Group):
    """A group whose commands are loaded one by one."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        return sorted(PARTS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in PARTS:
            return None
        module, name = PARTS[cmd_name].split(":")
        return getattr(importlib.import_module(f"jiaoying.commands.{module}"), name)


@click.group(cls=_Loading)
@click.version_option(__version__)
def main() -> None:
    """叫应 · call and be answered: emergency dispatch and early warning for a county."""


if __name__ == "__main__":
    main()
