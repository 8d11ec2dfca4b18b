"""What the sheets of a rota come to: a row for each shift, whatever form it was written in."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from jiaoying.duty.model import Change, Role, Shift
from jiaoying.duty.rota import standing_in
from jiaoying.kernel.phone import Number

Named = tuple[str, Number | None]
_BETWEEN_CHINESE = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")


@dataclass(frozen=True, slots=True)
class RotaRow:
    """One shift of a rota sheet, read. Numbers, the second officer and the leader may be missing.

    With `keeps_second` the sheet says nothing of second officers, and one that is stored stays. `as_stands`
    is a sheet that names who stands after all changes, not who was planned.
    """

    sheet: str
    row: int
    desk: str
    starts_at: datetime
    ends_at: datetime
    officer: Named
    leader: Named | None
    area_code: str | None = None
    desk_phone: Number | None = None
    second: Named | None = None
    name: str = ""
    keeps_second: bool = False
    as_stands: bool = False

    @property
    def people(self) -> tuple[Named, ...]:
        return tuple(person for person in (self.officer, self.second, self.leader) if person)


def plain_name(text: str) -> str:
    """A name without the blanks that stretch two signs to three (王 强)."""
    return _BETWEEN_CHINESE.sub("", " ".join(text.split())).replace("(演示)", "（演示）")


def joined_with(stored: Shift, wanted: Shift, changes: Iterable[Change], row: RotaRow) -> Shift | Role:
    """The wanted shift in the place of a stored one with the same start, with what its row says nothing of.

    A row that names who stands there now by a change leaves the plan as it is: what was exported imports as
    the same. One that names somebody else where a change counts would be overruled by it: its role instead.
    """
    second_id = wanted.second_id
    if row.keeps_second and stored.second_id != wanted.officer_id:
        second_id = stored.second_id
    people = {Role.OFFICER: wanted.officer_id, Role.SECOND: second_id, Role.LEADER: wanted.leader_id}
    planned = {Role.OFFICER: stored.officer_id, Role.SECOND: stored.second_id, Role.LEADER: stored.leader_id}
    standing = standing_in(stored, changes, stored.starts_at)
    for role, was in planned.items():
        stands = standing.person_in(role)
        if stands == was or (people[role] == was and not row.as_stands):
            continue
        if people[role] != stands:
            return role
        people[role] = was
    return replace(
        wanted,
        officer_id=people[Role.OFFICER] or wanted.officer_id,
        second_id=people[Role.SECOND],
        leader_id=people[Role.LEADER],
        name=wanted.name or stored.name,
    )
