"""What is read about incidents: one with everything, the list, and the clocks that run."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jiaoying.duty.incidents import store
from jiaoying.duty.incidents.chain import Merged, merged
from jiaoying.duty.incidents.model import (
    Fact,
    Grade,
    Incident,
    IncidentKind,
    KeptObligation,
    Means,
    ObligationState,
    Reminder,
    Report,
    Sending,
)
from jiaoying.duty.incidents.numbers import incident_number
from jiaoying.duty.store import all_desks
from jiaoying.storage.database import Tx


@dataclass(frozen=True, slots=True)
class IncidentNow:
    """An incident as it stands: what holds, what was reported, what is owed."""

    incident: Incident
    desk: str
    reports: tuple[Report, ...]
    held: Merged
    owed: tuple[KeptObligation, ...]

    @property
    def id(self) -> UUID:
        return self.incident.id

    @property
    def number(self) -> str:
        return incident_number(self.incident.called, exercise=self.incident.exercise)

    @property
    def title(self) -> str:
        """What it is called; of one whose only report was sent back, what that said."""
        said = self.held.get(Fact.TITLE)
        if said is not None:
            return str(said.now.value)
        return next((str(one.facts[Fact.TITLE]) for one in self.reports if Fact.TITLE in one.facts), "")

    @property
    def kind(self) -> IncidentKind:
        said = self.held.get(Fact.KIND)
        return IncidentKind(said.now.value) if said else IncidentKind.OTHER

    @property
    def grade(self) -> Grade:
        said = self.held.get(Fact.GRADE)
        return Grade(said.now.value) if said else Grade.UNDETERMINED

    @property
    def place(self) -> str:
        said = self.held.get(Fact.PLACE)
        return str(said.now.value) if said else ""

    @property
    def waiting(self) -> Report | None:
        """The report that waits to be signed."""
        return next((report for report in self.reports if report.waits), None)

    @property
    def newest(self) -> Report | None:
        """The last report that says something."""
        return next((report for report in reversed(self.reports) if report.counts), None)

    @property
    def running(self) -> tuple[KeptObligation, ...]:
        """What is still to be done, the most pressing first."""
        return tuple(one for one in self.owed if one.state is ObligationState.OPEN)

    def late(self, now: datetime) -> int:
        """How much of it is late, done or not."""
        return sum(one.is_late(now) for one in self.owed)


@dataclass(frozen=True, slots=True)
class RunningClock:
    """Somebody is still to be told, by `due_at`."""

    obligation_id: UUID
    incident_id: UUID
    desk_id: UUID
    number: str
    title: str
    exercise: bool
    recipient: str
    means: Means
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Story:
    """What went out of an incident, and how often the desk was called about it."""

    sendings: Sequence[Sending]
    reminders: Sequence[Reminder]


async def incident_now(tx: Tx, incident_id: UUID) -> IncidentNow | None:
    """One incident as it stands."""
    found = await store.incidents_by_id(tx, [incident_id])
    return next(iter(await _as_they_stand(tx, list(found.values()))), None)


async def story_of(tx: Tx, incident_id: UUID) -> Story:
    """What was done about an incident."""
    return Story(await store.sendings_of(tx, incident_id), await store.reminders_of(tx, incident_id))


async def newest_incidents(tx: Tx, *, after: UUID | None = None, limit: int = 30) -> list[IncidentNow]:
    """Incidents as they stand, the newest first."""
    return await _as_they_stand(tx, await store.list_incidents(tx, after=after, limit=limit))


async def open_incidents(tx: Tx, desk_id: UUID | None = None) -> list[IncidentNow]:
    """Incidents of a desk (none named: of all) that go on, or of which somebody is still to be told.

    For whoever takes over a shift: `running` of each are the clocks that they take over with it.
    """
    return await _as_they_stand(tx, await store.going_on(tx, desk_id))


async def running_clocks(tx: Tx) -> list[RunningClock]:
    """Every clock that runs at any desk, for the first page."""
    return clocks_of(await _as_they_stand(tx, await store.owing(tx)))


async def to_sign(tx: Tx) -> list[IncidentNow]:
    """Incidents of which a report waits for a leader (`waiting`), for the first page."""
    return await _as_they_stand(tx, await store.with_report_to_sign(tx))


def clocks_of(standing: Collection[IncidentNow]) -> list[RunningClock]:
    """Every clock that runs, real ones before those of drills, the most pressing first, calls first."""
    clocks = [
        RunningClock(
            obligation_id=owed.id,
            incident_id=one.id,
            desk_id=one.incident.desk_id,
            number=one.number,
            title=one.title,
            exercise=one.incident.exercise,
            recipient=owed.recipient,
            means=owed.means,
            due_at=owed.due_at,
        )
        for one in standing
        for owed in one.running
    ]
    return sorted(clocks, key=lambda clock: (clock.exercise, clock.due_at, clock.means, clock.recipient))


async def _as_they_stand(tx: Tx, found: Sequence[Incident]) -> list[IncidentNow]:
    ids = [incident.id for incident in found]
    reports = await store.reports_of(tx, ids)
    owed = await store.obligations_of(tx, ids)
    desks = {desk.id: desk.name for desk in await all_desks(tx)} if ids else {}
    return [
        IncidentNow(
            incident,
            desks.get(incident.desk_id, ""),
            tuple(reports[incident.id]),
            merged(reports[incident.id]),
            tuple(owed[incident.id]),
        )
        for incident in found
    ]
