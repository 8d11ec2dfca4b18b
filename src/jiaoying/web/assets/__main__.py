"""`python -m jiaoying.web.assets build`: what `make setup` calls."""

import click

from jiaoying.web.assets.bundle import BUILT, build_assets


@click.group()
def main() -> None:
    """The console's script and style sheet."""


@main.command()
def build() -> None:
    """Bundle them, if anything changed since the last time."""
    try:
        changed = build_assets()
    except (RuntimeError, OSError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"page assets: {'built' if changed else 'current'} in {BUILT}")


if __name__ == "__main__":
    main()
