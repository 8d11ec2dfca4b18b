"""`jiaoying`: the command line."""

import click

from jiaoying import __version__
from jiaoying.commands.accounts import tokens, users
from jiaoying.commands.areas import areas
from jiaoying.commands.bench import bench
from jiaoying.commands.contacts import contacts
from jiaoying.commands.duty import duty
from jiaoying.commands.ladders import ladders
from jiaoying.commands.ledger import ledger
from jiaoying.commands.service import check, demo, migrate_command, serve_command, simulator
from jiaoying.commands.sources import sources
from jiaoying.commands.stations import stations
from jiaoying.commands.warnings import warnings


@click.group()
@click.version_option(__version__)
def main() -> None:
    """叫应 · call and be answered: emergency dispatch and early warning for a county."""


for part in (
    *(demo, serve_command, simulator, migrate_command, check),
    *(warnings, sources, stations, areas, contacts, duty, ladders, users, tokens, ledger, bench),
):
    main.add_command(part)


if __name__ == "__main__":
    main()
