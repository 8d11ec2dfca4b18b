"""People as a form names them: by name, and among namesakes by the last four digits of a number too."""

import re
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select

from jiaoying.contacts.model import ContactKind
from jiaoying.contacts.store import contacts_by_id
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.storage.schema import contact_numbers, contacts

MOST_NAMES = 200
_BETWEEN = re.compile(r"[\n\r、，,;；]+")
_ENDING = re.compile(r"^(?P<name>.*?)[\s(（]*(?P<ending>\d{4})[)）]?$")
# Each namesake with the last digits of their numbers.
_Namesakes = Mapping[UUID, set[str]]


async def read_people(tx: Tx, text: str) -> tuple[list[UUID], list[str]]:
    """Who is meant by names parted by lines or commas, in their order and each once; and, for each that
    means nobody or several, what to do about it."""
    wanted = [_parted(piece) for piece in _BETWEEN.split(text) if piece.strip()]
    if len(wanted) > MOST_NAMES:
        return [], [say("At most {count} names", count=MOST_NAMES)]
    known = await _people_called(tx, {name for name, _ in wanted})
    found: dict[UUID, None] = {}
    complaints: list[str] = []
    for name, ending in wanted:
        namesakes = known.get(name, {})
        meant = [one for one, endings in namesakes.items() if ending is None or ending in endings]
        if len(meant) == 1:
            found[meant[0]] = None
        else:
            complaints.append(_complaint(name, ending, namesakes))
    return list(found), complaints


async def written_names(tx: Tx, people: Sequence[UUID]) -> dict[UUID, str]:
    """As `read_people` reads them: namesakes are told apart."""
    names = {row_id: person.name for row_id, person in (await contacts_by_id(tx, people)).items()}
    known = await _people_called(tx, set(names.values()))
    written: dict[UUID, str] = {}
    for row_id, name in names.items():
        endings = sorted(known.get(name, {}).get(row_id, ()))
        written[row_id] = f"{name} {endings[0]}" if len(known.get(name, ())) > 1 and endings else name
    return written


async def _people_called(tx: Tx, names: Iterable[str]) -> dict[str, dict[UUID, set[str]]]:
    rows = await tx.execute(
        select(contacts.c.id, contacts.c.name, func.right(contact_numbers.c.number, 4).label("ending"))
        .join_from(contacts, contact_numbers, contact_numbers.c.contact_id == contacts.c.id, isouter=True)
        .where(contacts.c.name.in_(list(names)))
        .where(contacts.c.retired_at.is_(None), contacts.c.kind == ContactKind.PERSON)
        .order_by(contacts.c.id)
    )
    found: dict[str, dict[UUID, set[str]]] = {}
    for row in rows:
        endings = found.setdefault(row.name, {}).setdefault(row.id, set())
        if row.ending:
            endings.add(row.ending)
    return found


def _parted(piece: str) -> tuple[str, str | None]:
    """A name, and the last four digits that are written behind it."""
    text = piece.strip()
    hit = _ENDING.match(text)
    return (hit["name"].strip(), hit["ending"]) if hit and hit["name"] else (text, None)


def _complaint(name: str, ending: str | None, namesakes: _Namesakes) -> str:
    if not namesakes:
        return say("“{name}” is not on the roster: enter them there first", name=name[:40])
    if ending is not None:
        return say("No {name} has a number that ends with {digits}", name=name, digits=ending)
    endings = say(", ").join(sorted(f"{name} {min(each)}" for each in namesakes.values() if each))
    return say("Several are called {name}: write {choices}", name=name, choices=endings)
