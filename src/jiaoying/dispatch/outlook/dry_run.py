"""A dry run: all that a warning would do, sending nothing, and what is different since the last one."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.dispatch.covering import OutsideHome
from jiaoying.dispatch.home_map import HomeMap
from jiaoying.dispatch.outlook.ahead import Ahead, WouldBe, ahead_of
from jiaoying.dispatch.outlook.figures import Figures, figures_of
from jiaoying.dispatch.outlook.listing import ListedPerson, list_people
from jiaoying.dispatch.preview import Preview, preview_of
from jiaoying.dispatch.store import dry_runs, roster
from jiaoying.dispatch.store.ladder_facts import names_of_people
from jiaoying.settings import GatewayLimits
from jiaoying.storage.database import Tx


@dataclass(frozen=True, slots=True)
class Since:
    """What is different since the last dry run of the same hazard, colour and places."""

    last_at: datetime
    last_by: str
    before: Figures
    added: Mapping[UUID, str]  # who is called at once now and was not then, by name
    removed: Mapping[UUID, str]


@dataclass(frozen=True, slots=True)
class DryRun:
    """Who, why, when, by what, in what words; what is lacking; what is different since."""

    preview: Preview
    figures: Figures
    people: tuple[ListedPerson, ...]
    since: Since | None


async def dry_run(
    tx: Tx,
    would_be: WouldBe,
    *,
    home: HomeMap,
    timezone: ZoneInfo,
    limits: GatewayLimits | None,
    by: str,
    now: datetime,
) -> DryRun | OutsideHome:
    """Hold a warning against the roster, rota and ladders of `now`, and keep the outcome to compare by."""
    ahead = await ahead_of(tx, would_be, home=home, timezone=timezone, now=now)
    if isinstance(ahead, OutsideHome):
        return ahead
    preview = await preview_of(tx, would_be, ahead, home_area=home.home_area, timezone=timezone, now=now)
    people = await list_people(tx, ahead.people, would_be.facts, limits)
    figures = await _figures(tx, ahead, preview, limits)
    subject = subject_of(would_be)
    first = {person.contact_id for person in ahead.people if person.begins_s == 0}
    later = {person.contact_id for person in ahead.people} - first
    since = await _since(tx, subject, first)
    await dry_runs.keep_run(tx, subject, figures, first, later, by=by, now=now)
    return DryRun(preview, figures, tuple(people), since)


def subject_of(would_be: WouldBe) -> str:
    """What makes two dry runs comparable: hazard, colour, places."""
    shapes = json.dumps([would_be.polygons, would_be.circles], default=str)
    places = ",".join(sorted(would_be.area_codes))
    digest = sha256(f"{places}|{shapes}".encode()).hexdigest()[:16]
    return f"{would_be.hazard}|{would_be.colour or '-'}|{digest}"


async def _figures(tx: Tx, ahead: Ahead, preview: Preview, limits: GatewayLimits | None) -> Figures:
    callees = await roster.callees(tx, [person.contact_id for person in ahead.people])
    each = preview.text_parts / preview.texts if preview.texts else 1.0
    return figures_of(ahead, callees, limits, each)


async def _since(tx: Tx, subject: str, first: Collection[UUID]) -> Since | None:
    last = await dry_runs.last_run(tx, subject)
    if last is None:
        return None
    added, removed = set(first) - last.first_ids, last.first_ids - set(first)
    names = await names_of_people(tx, added | removed)
    return Since(
        last.created_at,
        last.created_by,
        last.figures,
        {person: names.get(person, str(person)) for person in added},
        {person: names.get(person, str(person)) for person in removed},
    )
