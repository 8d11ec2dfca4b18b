"""`duty import`, `duty now`; `duty month` and `duty log` lie beside."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import UUID

import click

from jiaoying.commands.duty_log import duty_log
from jiaoying.commands.duty_month import duty_month
from jiaoying.commands.running import Base, command, locality_of, print_complaints, print_json, with_base
from jiaoying.contacts.model import Contact
from jiaoying.contacts.store import contacts_by_id, find_or_add_people
from jiaoying.duty.model import Absence, NobodyOnDuty, Standing
from jiaoying.duty.sheet import import_rota
from jiaoying.duty.store import all_desks, who_stands
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say

_FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
_JSON = click.option("--json", "as_json", is_flag=True)


@click.group()
def duty() -> None:
    """The duty desks (值班)."""


duty.add_command(duty_month)
duty.add_command(duty_log)


@duty.command(name="import")
@_FILE
@_JSON
@command
async def import_duty(file: Path, as_json: bool) -> None:
    """A rota: a list (desk, from, to, officer, leader), or the grid of a desk's month."""

    async def work(base: Base) -> None:
        result = await import_rota(
            base.database,
            file,
            locality=locality_of(base.settings),
            now=base.clock.now(),
            people=find_or_add_people,
        )
        if as_json:
            print_json(result.as_data())
            return
        print_complaints(result.complaints)
        click.echo(say("Shifts: {added} added", added=result.added))

    await with_base(work)


@duty.command(name="now")
@click.argument("desk", required=False)
@_JSON
@command
async def duty_now(desk: str | None, as_json: bool) -> None:
    """Who stands at each desk (or at one) at this moment, or why nobody does."""

    async def work(base: Base) -> None:
        async with base.database.transaction() as tx:
            desks = [found for found in await all_desks(tx) if desk is None or found.name == desk]
            standing = await who_stands(tx, [found.id for found in desks], base.clock.now())
            people = await contacts_by_id(tx, _people_of(standing.values()))
        if not desks:
            raise Refusal(say("There is no desk called {name}", name=desk or ""))
        for found in desks:
            _print_standing(found.name, standing[found.id], people, as_json=as_json)

    await with_base(work)


def _people_of(standings: Iterable[Standing | NobodyOnDuty]) -> set[UUID]:
    ids: set[UUID | None] = set()
    for found in standings:
        if isinstance(found, NobodyOnDuty):
            ids.add(found.fallback_contact_id)
        else:
            ids |= {found.officer_id, found.second_id, found.leader_id}
    return {contact_id for contact_id in ids if contact_id is not None}


def _absence_words(reason: Absence) -> str:
    return {
        Absence.NO_SHIFT: say("no rota"),
        Absence.NOT_BEGUN: say("the rota has not begun"),
        Absence.GAP: say("a gap in the rota"),
        Absence.ENDED: say("the rota has run out"),
    }[reason]


def _print_standing(
    desk: str, standing: Standing | NobodyOnDuty, people: Mapping[UUID, Contact], *, as_json: bool
) -> None:
    def name(contact_id: UUID | None) -> str | None:
        return people[contact_id].name if contact_id else None

    if isinstance(standing, NobodyOnDuty):
        told = {"desk": desk, "nobody": standing.reason, "fallback": name(standing.fallback_contact_id)}
        sentence = say(
            "{desk}: nobody on duty ({reason}); the fixed number is called: {fallback}",
            desk=desk,
            reason=_absence_words(standing.reason),
            fallback=told["fallback"] or "–",
        )
    else:
        officers = [name(standing.officer_id), name(standing.second_id)]
        told = {"desk": desk, "officer": officers[0], "leader": name(standing.leader_id)}
        if standing.second_id:
            told["second"] = officers[1]
        sentence = say(
            "{desk}: {officer}, leader {leader}",
            desk=desk,
            officer="、".join(each for each in officers if each),
            leader=told["leader"] or "–",
        )
    if as_json:
        print_json(told)
    else:
        click.echo(sentence)
