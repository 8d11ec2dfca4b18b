"""Where a warning that comes in belongs: its chain, its version, its clock, its reference. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from jiaoying.kernel.ids import reference_pool
from jiaoying.kernel.language import say
from jiaoying.warnings.holding import Hold, HoldReason
from jiaoying.warnings.model import IssuedWarning, Kind
from jiaoying.warnings.store import STANDING_KINDS, ReferenceUse, StoredWarning, base_of


def find_target(
    issued: IssuedWarning, lineage: Sequence[StoredWarning], *, alone: bool
) -> StoredWarning | None:
    """The stored warning whose place `issued` takes; `lineage` is its chain, oldest first.

    That is the version before it under its own identifier, else the newest of its hazard in the chain,
    else, when its message holds no other warning, the newest at all. What was acted upon goes first.
    """
    own = [one for one in lineage if (one.sender, one.identifier) == (issued.sender, issued.identifier)]
    if own:
        return max(own, key=lambda one: one.version)
    standing = [one for one in lineage if one.kind in STANDING_KINDS]
    same_hazard = [one for one in standing if one.hazard == issued.hazard]
    candidates = same_hazard or (standing if alone else [])
    return max(candidates, key=lambda one: (one.state != "ignored", one.id)) if candidates else None


def is_overtaken(
    issued: IssuedWarning, lineage: Sequence[StoredWarning], naming: Sequence[StoredWarning]
) -> bool:
    """Whether a message that came later in the chain arrived here before this one.

    Who names another came after it, whatever the clocks say: `sent` lies. Only where neither names the
    other, or each the other, does `sent` decide.
    """
    named = {reference.identifier for reference in issued.references}
    later = [one for one in lineage if one.sent_at > issued.sent_at and one.state != "ignored"]
    if any(base_of(one.identifier) not in named for one in later):
        return True
    return any(base_of(one.identifier) not in named or one.sent_at > issued.sent_at for one in naming)


def as_version(issued: IssuedWarning, version: int) -> IssuedWarning:
    """A later version under the same identifier is an update, whatever it calls itself."""
    return replace(issued, kind=Kind.UPDATE) if version > 1 and issued.kind is Kind.ALERT else issued


def in_business_time(issued: IssuedWarning, now: datetime, wall: datetime) -> IssuedWarning:
    """Its moments on the clock of this installation.

    Messages from outside live by the wall, those of our own demonstration by business time, which may
    run ahead of it: `sent` tells by which. In earnest both are the same and nothing is moved.
    """
    ahead = now - wall
    if abs(issued.sent_at - now) <= abs(issued.sent_at - wall) or ahead == timedelta():
        return issued
    return replace(
        issued,
        sent_at=issued.sent_at + ahead,
        valid_from=issued.valid_from + ahead,
        valid_to=issued.valid_to + ahead,
    )


def choose_reference(uses: Mapping[str, ReferenceUse]) -> str:
    """The shortest reference that rests; when all are in use, the one that is least missed."""
    free = (reference for reference in reference_pool() if reference not in uses)
    reference = next(free, None)
    if reference is not None:
        return reference
    # One in force is missed most: `1 A7` would answer that and what is new in one.
    return min(
        uses, key=lambda used: (not uses[used].only_ignored, uses[used].in_force, uses[used].last_used)
    )


def why_held(hold: Hold) -> str:
    """For whoever handed it in."""
    if hold.reason is HoldReason.SECOND_PERSON:
        return say("it waits for a second person to confirm it")
    if hold.reason is HoldReason.QUESTIONS:
        return say("its text leaves something open that the duty officer must settle")
    return say("it is held for the duty officer, as its source is set to be")
