"""`bench`: the benchmarks of the checkout."""

import subprocess
import sys
from pathlib import Path

import click

from jiaoying.commands.running import refuse
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def bench(arguments: tuple[str, ...]) -> None:
    """The benchmarks, as tables or with --json; run in a checkout, where they lie."""
    if not Path("benchmarks/__main__.py").is_file():
        refuse(Refusal(say("The benchmarks are not here: run this in a checkout of the project")))
    sys.exit(subprocess.run([sys.executable, "-m", "benchmarks", *arguments], check=False).returncode)  # noqa: S603
