"""`ladders dry-run` and `ladders replay`: who would be called, why, when and by what. Nothing is sent."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import click

from jiaoying.base import home_name
from jiaoying.commands.running import Base, command, print_json, system_user, with_base
from jiaoying.commands.table import aligned
from jiaoying.dispatch.covering import OutsideHome
from jiaoying.dispatch.home_map import map_of
from jiaoying.dispatch.outlook.dry_run import DryRun, Since, dry_run
from jiaoying.dispatch.outlook.figures import Figures
from jiaoying.dispatch.outlook.listing import ListedPerson
from jiaoying.dispatch.outlook.replay import Replay, replay
from jiaoying.dispatch.outlook.subjects import past_warning, would_be_of
from jiaoying.dispatch.outlook.words import (
    changes_words,
    how_words,
    minutes_words,
    trouble_words,
    when_words,
    why_words,
)
from jiaoying.dispatch.preview import Preview
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.phone import masked
from jiaoying.settings import GatewayLimits, Settings
from jiaoying.warnings.arrival import choose_reference, in_business_time
from jiaoying.warnings.intake import read_at_home
from jiaoying.warnings.model import IssuedWarning, Kind, ParsedMessage
from jiaoying.warnings.store import reference_uses

# More scroll away unread; --all and --json give everybody.
MOST_LINES = 200


@click.command(name="dry-run")
@click.argument("file", metavar="WARNING_FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--all", "everybody", is_flag=True, help="every line, however many")
@click.option("--json", "as_json", is_flag=True)
@command
async def dry_run_file(file: Path, everybody: bool, as_json: bool) -> None:
    """Who would be called by the warnings of a file, on roster, rota and ladders of now. Sends nothing."""
    done = await with_base(lambda base: _dry_run(base, file, everybody, as_json))
    if not done:
        sys.exit(1)


async def _dry_run(base: Base, file: Path, everybody: bool, as_json: bool) -> bool:
    body, settings, wall = file.read_bytes(), base.settings, wall_now()
    parsed = await read_at_home(base.database, body, max(base.clock.now(), wall), settings.home_area)
    any_run = False
    for told in parsed:
        for issued in told.issued_warnings:
            any_run = True
            await _run_one(base, in_business_time(issued, base.clock.now(), wall), everybody, as_json)
        if not told.issued_warnings:
            click.echo(f"{file}: {_why_nothing(told)}", err=True)
    return any_run


def _why_nothing(told: ParsedMessage) -> str:
    complaint = next((one.text for one in told.complaints), None)
    return told.not_actionable or complaint or say("No warning was found in this file")


async def _run_one(base: Base, issued: IssuedWarning, everybody: bool, as_json: bool) -> None:
    if issued.kind in (Kind.CANCEL, Kind.ALL_CLEAR):
        click.echo(say("“{headline}” ends a warning: nobody would be called", headline=issued.headline))
        return
    settings, now = base.settings, base.clock.now()
    desk_name = await home_name(base)
    async with base.database.transaction(patient=True) as tx:
        would_be = would_be_of(
            issued,
            desk_name=desk_name,
            reference=choose_reference(await reference_uses(tx, now)),
            timezone=settings.timezone,
        )
        found = await dry_run(
            tx,
            would_be,
            home=map_of(settings.home_area, settings.polygon_rule),
            timezone=settings.timezone,
            limits=limits_of(settings, exercise=issued.exercise),
            by=system_user(),
            now=now,
        )
    if isinstance(found, OutsideHome):
        click.echo(
            say("“{headline}”: no place of it lies in the territory served here", headline=issued.headline)
        )
    elif as_json:
        print_json(_dry_run_data(issued, found))
    else:
        _print_dry_run(issued, found, settings, everybody)


def limits_of(settings: Settings, *, exercise: bool) -> GatewayLimits | None:
    """The limits of the gateway that would call: a live one where there is one; for a drill the simulator."""
    live = [name for name in settings.gateways if name != "simulator"]
    may = ["simulator"] if exercise else live or ["simulator"]
    return settings.limits.get(may[0])


def _print_dry_run(issued: IssuedWarning, found: DryRun, settings: Settings, everybody: bool) -> None:
    click.echo(say("Dry run, nothing is sent: {headline}", headline=issued.headline))
    _print_figures(found.figures)
    _print_lacking(found.preview)
    _print_people(found.people, everybody)
    if found.preview.sms:
        click.echo(say("In these words: {text}", text=found.preview.sms))
    if found.since is None:
        click.echo(say("This is the first dry run of this hazard, colour and place"))
    else:
        _print_since(found.since, found.figures, settings)


def _print_figures(figures: Figures) -> None:
    click.echo(
        say(
            "{people} people at once, {later} more if they are silent; {posts} posts, {desks} duty desks",
            people=figures.people,
            later=figures.later,
            posts=figures.posts,
            desks=figures.desks,
        )
    )
    click.echo(
        say(
            "{texts} texts in {parts} parts, {calls} calls; one pass: {minutes};"
            " not reachable: {unreachable}",
            texts=figures.texts,
            parts=figures.parts,
            calls=figures.calls,
            minutes=minutes_words(figures.minutes),
            unreachable=figures.unreachable,
        )
    )


def _print_lacking(preview: Preview) -> None:
    lacking = (
        (say("No number"), preview.without_number),
        (say("Only dead, suspended or wrong numbers"), preview.only_doubtful),
        (say("Posts and desks with nobody"), preview.unfilled),
        (say("Villages with nobody who can be called"), preview.empty_villages),
        (say("Townships whose village people wait for a tick"), [one.name for one in preview.waiting]),
    )
    for name, entries in lacking:
        if entries:
            click.echo(f"{name}: {say(', ').join(entries)}")


def _print_people(people: Sequence[ListedPerson], everybody: bool) -> None:
    shown = people if everybody else people[:MOST_LINES]
    rows = [
        (
            person.name,
            when_words(person),
            how_words(person),
            trouble_words(person.trouble),
            say("; ").join(why_words(asking) for asking in person.askings[:3]),
        )
        for person in shown
    ]
    for line in aligned(rows) if rows else ():
        click.echo(line)
    if len(people) > len(shown):
        click.echo(say("and {count} more: --all or --json give everybody", count=len(people) - len(shown)))


def _print_since(since: Since, now: Figures, settings: Settings) -> None:
    at = f"{since.last_at.astimezone(settings.timezone):%Y-%m-%d %H:%M}"
    changes = list(changes_words(since.before, now))
    click.echo(
        say(
            "Since the dry run of {time}: {changes}",
            time=at,
            changes=say("; ").join(changes) or say("all figures are the same"),
        )
    )
    _print_names(say("at once now, not called then"), since.added.values())
    _print_names(say("not called at once any more"), since.removed.values())


def _print_names(title: str, names: Iterable[str]) -> None:
    listed = sorted(names)
    if listed:
        click.echo(f"  {title}: {say(', ').join(listed[:MOST_LINES])}")


def _dry_run_data(issued: IssuedWarning, found: DryRun) -> Mapping[str, object]:
    preview, since = found.preview, found.since
    return {
        "warning": {
            "identifier": issued.identifier,
            "hazard": issued.hazard,
            "colour": issued.colour,
            "headline": issued.headline,
            "area_codes": issued.area_codes,
            "exercise": issued.exercise,
        },
        "figures": asdict(found.figures),
        "people": [_person_data(person) for person in found.people],
        "lacking": {
            "without_number": preview.without_number,
            "only_doubtful": preview.only_doubtful,
            "unfilled": preview.unfilled,
            "empty_villages": preview.empty_villages,
            "waiting_townships": [one.area_code for one in preview.waiting],
        },
        "sms": preview.sms,
        "voice": preview.voice,
        "since_last": since
        and {
            "at": since.last_at.isoformat(),
            "figures": asdict(since.before),
            "added": sorted(since.added),
            "removed": sorted(since.removed),
        },
    }


def _person_data(person: ListedPerson) -> Mapping[str, object]:
    return {
        "contact_id": person.contact_id,
        "name": person.name,
        "numbers": [masked(number) for number in person.numbers],
        "begins_s": person.begins_s,
        "turn_s": person.turn_s,
        "channels": person.channels,
        "tries": person.tries,
        "trouble": person.trouble,
        "text": person.text,
        "parts": person.parts,
        "why": [
            {
                "label": asking.duty.label,
                "area_code": asking.duty.area_code,
                "role": asking.role,
                "rung": asking.rung + 1,
                "begins_s": asking.begins_s,
                "reason": asking.duty.why,
            }
            for asking in person.askings
        ],
    }


@click.command(name="replay")
@click.argument("warning_id", type=click.UUID)
@click.option("--all", "everybody", is_flag=True, help="every line, however many")
@click.option("--json", "as_json", is_flag=True)
@command
async def replay_warning(warning_id: UUID, everybody: bool, as_json: bool) -> None:
    """A past warning on today's roster and ladders: who would be called, and who was called then."""
    found = await with_base(lambda base: _replay(base, warning_id))
    if as_json:
        print_json(_replay_data(found))
        return
    click.echo(say("Replay, nothing is sent: {headline}", headline=found.past.warning.headline))
    _print_figures(found.figures)
    click.echo(say("Called then: {count} people", count=len(found.called_then)))
    _print_names(
        say("at once now, not called then"),
        (person.name for person in found.people if person.contact_id in found.new),
    )
    _print_names(say("called then, nobody asks them now"), found.not_asked.values())
    _print_people(found.people, everybody)


async def _replay(base: Base, warning_id: UUID) -> Replay:
    settings, desk_name = base.settings, await home_name(base)
    async with base.database.transaction(patient=True) as tx:
        past = await past_warning(tx, warning_id)
        if past is None:
            raise Refusal(say("No warning with the id {id} ever called anybody", id=warning_id))
        found = await replay(
            tx,
            past,
            home=map_of(settings.home_area, settings.polygon_rule),
            timezone=settings.timezone,
            limits=limits_of(settings, exercise=past.warning.exercise),
            desk_name=desk_name,
            now=base.clock.now(),
        )
    if isinstance(found, OutsideHome):
        raise Refusal(say("No place of this warning lies in the territory served here any more"))
    return found


def _replay_data(found: Replay) -> Mapping[str, object]:
    return {
        "warning_id": found.past.warning.id,
        "matched_at": found.past.matched_at.isoformat(),
        "figures": asdict(found.figures),
        "called_then": sorted(found.called_then),
        "new": sorted(found.new),
        "not_asked": sorted(found.not_asked),
        "people": [_person_data(person) for person in found.people],
    }
