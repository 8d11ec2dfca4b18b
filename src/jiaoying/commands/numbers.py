"""`contacts check-numbers`, `contacts score`."""

import click

from jiaoying.commands.running import Base, command, print_json, with_base
from jiaoying.contacts.scores import TownshipScore, township_scores
from jiaoying.dispatch.number_checks import VERIFIED_FOR, minutes_for
from jiaoying.dispatch.stages.check import begin
from jiaoying.dispatch.store.number_checks import numbers_to_ask
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import areas

ACTOR = "command"
MOST_NUMBERS = 1_000_000
_JSON = click.option("--json", "as_json", is_flag=True)


@click.command(name="check-numbers")
@click.option("--area", metavar="CODE", help="only people with a post there; default: the home area")
@click.option("--dry-run", is_flag=True, help="say how many would be asked, and ask nobody")
@_JSON
@command
async def check_numbers(area: str | None, dry_run: bool, as_json: bool) -> None:
    """Ask everybody by a friendly text whether the number is theirs (号码核查)."""

    async def work(base: Base) -> None:
        area_code, now = area or base.settings.home_area, base.clock.now()
        async with base.database.transaction() as tx:
            await _must_be_known(tx, area_code)
            # Which of them may be asked depends on the gateways of the service: here all are counted.
            numbers = await numbers_to_ask(
                tx,
                area_code,
                check_id=None,
                kinds=(True, False),
                today=now.astimezone(base.settings.timezone).date(),
                stale=now - VERIFIED_FOR,
                most=MOST_NUMBERS,
            )
            begun = None if dry_run else await begin(tx, area_code=area_code, by=ACTOR, now=now)
        if begun is None and not dry_run:
            raise Refusal(say("A check of numbers runs already: wait until it has ended"))
        count, minutes = len(numbers), minutes_for(len(numbers))
        if as_json:
            print_json({"numbers": count, "minutes": minutes, "check": begun})
            return
        if dry_run:
            click.echo(
                say("{count} numbers would be asked, in {minutes} minutes", count=count, minutes=minutes)
            )
        else:
            click.echo(
                say("The check begins: {count} numbers, {minutes} minutes", count=count, minutes=minutes)
            )

    await with_base(work)


async def _must_be_known(tx: Tx, area_code: str) -> None:
    known = is_area_code(area_code) and await tx.scalar(
        areas.select().with_only_columns(areas.c.code).where(areas.c.code == area_code)
    )
    if not known:
        raise Refusal(say("--area: no area has the code {code}; write its 12 digits", code=area_code))


@click.command()
@_JSON
@command
async def score(as_json: bool) -> None:
    """By township: how many people can be reached, and were verified."""

    async def work(base: Base) -> None:
        async with base.database.transaction() as tx:
            scores = await township_scores(tx, base.settings.home_area, base.clock.now())
        for one in scores:
            print_json(_as_data(one)) if as_json else click.echo(_as_words(one))

    await with_base(work)


def _as_data(one: TownshipScore) -> dict[str, object]:
    return {
        "area_code": one.area_code,
        "area": one.area_name,
        "score": one.score,
        "people": one.people,
        "reached_90_days": one.reached,
        "verified_35_days": one.verified,
        "unreachable": one.unreachable,
        "dead_numbers": one.dead_numbers,
        "last_check": {"asked": one.asked, "confirmed": one.confirmed},
    }


def _as_words(one: TownshipScore) -> str:
    return say(
        "{area}: {score} %, {people} people, {reached} reached in 90 days, {verified} verified in 35 days,"
        " {unreachable} without a usable number, {dead} dead numbers",
        area=one.area_name,
        score=one.score,
        people=one.people,
        reached=one.reached,
        verified=one.verified,
        unreachable=one.unreachable,
        dead=one.dead_numbers,
    )
