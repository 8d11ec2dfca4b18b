"""`sources list|export|import|presets|secret`."""

from pathlib import Path

import click

from jiaoying.commands.running import Base, command, print_json, with_base
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.warnings.feeds.config import data_of
from jiaoying.warnings.feeds.judging import Judgement, judge
from jiaoying.warnings.feeds.model import Source, SourceLife
from jiaoying.warnings.feeds.presets import presets as known_presets
from jiaoying.warnings.feeds.source_file import configs_in, text_of
from jiaoying.warnings.sources import find_source, list_sources, lives_of, renew_signing_secret, save_source
from jiaoying.web.source_words import source_kind_word, source_state_word

ACTOR = "operator"


@click.group()
def sources() -> None:
    """Sources of warnings (预警来源): feeds, programs that push, folders."""


@sources.command(name="list")
@click.option("--json", "as_json", is_flag=True)
@command
async def list_command(as_json: bool) -> None:
    """Every source and how it does."""

    async def work(base: Base) -> list[tuple[Source, SourceLife, Judgement]]:
        now, wall = base.clock.now(), wall_now()
        async with base.database.transaction() as tx:
            found, lives = await list_sources(tx), await lives_of(tx, now, wall)
        return [(one, lives[one.config.name], judge(one, lives[one.config.name], now, wall)) for one in found]

    for source, life, judged in await with_base(work):
        if as_json:
            print_json(_line(source, life, judged))
        else:
            config = source.config
            click.echo(
                f"{config.name}  {source_kind_word(config.kind)}  {source_state_word(judged.state)}"
                f"  {source.trouble or ''}".rstrip()
            )


def _line(source: Source, life: SourceLife, judged: Judgement) -> dict[str, object]:
    return {
        **data_of(source.config),
        "state": str(judged.state),
        "last_success_at": _moment(source.last_success_at),
        "last_message_at": _moment(life.last_good_at),
        "next_poll_at": _moment(source.next_poll_at),
        "failures": source.failures,
        "trouble": source.trouble,
        "deliveries_24h": dict(life.day),
    }


def _moment(moment: object) -> str | None:
    return None if moment is None else str(moment)


@sources.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@command
async def export(file: Path | None) -> None:
    """Every source as YAML; secrets are left out."""

    async def work(base: Base) -> str:
        async with base.database.transaction() as tx:
            return text_of([source.config for source in await list_sources(tx)])

    text = await with_base(work)
    if file is None:
        click.echo(text, nl=False)
    else:
        file.write_text(text, encoding="utf-8")


@sources.command(name="import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True)
@command
async def import_sources(file: Path, as_json: bool) -> None:
    """Add or change the sources of a YAML file; those that it does not name stay as they are."""
    configs = configs_in(file.read_text(encoding="utf-8"))
    counted = {"added": 0, "changed": 0, "unchanged": 0}

    async def work(base: Base) -> None:
        async with base.database.transaction() as tx:
            for config in configs:
                known = await find_source(tx, name=config.name) is not None
                _, changed = await save_source(
                    tx,
                    config,
                    key=base.secrets.sources,
                    by=ACTOR,
                    now=base.clock.now(),
                    wall=wall_now(),
                )
                counted["added" if not known else "changed" if changed else "unchanged"] += 1

    await with_base(work)
    if as_json:
        print_json(counted)
    else:
        click.echo(say("{added} sources added, {changed} changed, {unchanged} as they were", **counted))


@sources.command()
@click.option("--json", "as_json", is_flag=True)
@command
async def presets(as_json: bool) -> None:
    """Known feeds, to begin a source with. Nothing is asked before you add it."""
    for preset in known_presets():
        if as_json:
            print_json({"id": preset.id, "name": preset.name, "note": preset.note, **preset.data})
        else:
            click.echo(f"{preset.id}  {preset.name}\n  {preset.data.get('address', '')}\n  {preset.note}")


@sources.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True)
@command
async def secret(name: str, as_json: bool) -> None:
    """Make a new secret for the signatures of a program that pushes; it is printed once."""

    async def work(base: Base) -> str:
        async with base.database.transaction() as tx:
            found = await find_source(tx, name=name)
            if found is None:
                raise Refusal(say("There is no source {name}: `jiaoying sources list` names them", name=name))
            return await renew_signing_secret(
                tx, found.id, key=base.secrets.sources, by=ACTOR, now=base.clock.now()
            )

    made = await with_base(work)
    if as_json:
        print_json({"name": name, "signing_secret": made})
    else:
        click.echo(made)
