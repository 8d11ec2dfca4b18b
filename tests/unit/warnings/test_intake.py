"""What intake decides without a database."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.ids import reference_pool
from jiaoying.warnings.arrival import (
    as_version,
    choose_reference,
    find_target,
    in_business_time,
    is_overtaken,
)
from jiaoying.warnings.model import Kind, Reference
from jiaoying.warnings.store import ReferenceUse, StoredWarning
from unit.warnings.samples import IDENTIFIER, NOW, SENDER, alert, read

[ISSUED] = read(alert()).issued_warnings
DAY = timedelta(days=1)


def stored(number: int, **changes: object) -> StoredWarning:
    known = StoredWarning(
        id=UUID(int=number),
        message_id=None,
        sender=SENDER,
        identifier=f"other-{number}",
        version=1,
        content_sha256=b"",
        kind="alert",
        hazard="rain",
        state="matched",
        reference="A2",
        sent_at=NOW,
    )
    return replace(known, **changes)


def test_the_version_before_is_the_first_choice() -> None:
    own = [stored(1, identifier=IDENTIFIER), stored(2, identifier=IDENTIFIER, version=2)]
    assert find_target(ISSUED, [*own, stored(3)], alone=True) == own[1]


def test_then_the_newest_of_the_same_hazard() -> None:
    chain = [stored(1), stored(2), stored(3, hazard="wind")]
    assert find_target(ISSUED, chain, alone=True) == chain[1]


def test_then_the_newest_at_all_unless_the_message_holds_more() -> None:
    chain = [stored(1, hazard="wind"), stored(2, hazard="wind")]
    assert find_target(ISSUED, chain, alone=True) == chain[1]
    assert find_target(ISSUED, chain, alone=False) is None


def test_a_cancel_has_no_place_to_take() -> None:
    assert find_target(ISSUED, [stored(1, kind="cancel"), stored(2, kind="all-clear")], alone=True) is None
    assert find_target(ISSUED, [], alone=True) is None


def test_what_was_acted_upon_goes_before_what_was_ignored() -> None:
    chain = [stored(1), stored(2, state="ignored")]
    assert find_target(ISSUED, chain, alone=True) == chain[0]


LATER = NOW + timedelta(hours=1)


def test_who_names_another_came_after_it_whatever_the_clocks_say() -> None:
    assert is_overtaken(ISSUED, [], [stored(1, sent_at=NOW - DAY)])
    naming = replace(ISSUED, references=(Reference(SENDER, "other-1", None),))
    assert not is_overtaken(naming, [stored(1, sent_at=LATER)], [])


def test_where_neither_or_each_names_the_other_the_moment_of_sending_decides() -> None:
    assert is_overtaken(ISSUED, [stored(1, sent_at=LATER)], [])
    assert not is_overtaken(ISSUED, [stored(1, sent_at=NOW - DAY)], [])
    assert not is_overtaken(ISSUED, [stored(1, sent_at=LATER, state="ignored")], [])
    each = replace(ISSUED, references=(Reference(SENDER, "other-1", None),))
    assert is_overtaken(each, [], [stored(1, sent_at=LATER)])
    assert not is_overtaken(each, [], [stored(1, sent_at=NOW - DAY)])


def test_a_later_version_of_an_alert_is_an_update() -> None:
    assert as_version(ISSUED, 1).kind is Kind.ALERT
    assert as_version(ISSUED, 2).kind is Kind.UPDATE
    cancel = replace(ISSUED, kind=Kind.CANCEL, hazard=Hazard.OTHER)
    assert as_version(cancel, 2) == cancel


def test_time_is_moved_only_for_messages_of_the_wall() -> None:
    assert in_business_time(ISSUED, NOW, NOW) is ISSUED
    assert in_business_time(ISSUED, NOW, NOW - DAY) is ISSUED
    moved = in_business_time(ISSUED, NOW + DAY, NOW)
    assert (moved.sent_at, moved.valid_from, moved.valid_to) == (
        ISSUED.sent_at + DAY,
        ISSUED.valid_from + DAY,
        ISSUED.valid_to + DAY,
    )


def test_the_shortest_free_reference_is_chosen() -> None:
    pool = reference_pool()
    used = {reference: ReferenceUse(NOW, False) for reference in pool[:3]}
    assert choose_reference({}) == pool[0]
    assert choose_reference(used) == pool[3]


def test_when_all_are_in_use_the_least_missed_is_chosen() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    uses = {
        reference: ReferenceUse(moment + timedelta(hours=number), only_ignored=number in (50, 60))
        for number, reference in enumerate(reference_pool())
    }
    assert choose_reference(uses) == reference_pool()[50]


def test_a_reference_in_force_is_given_away_last() -> None:
    """However long ago: a response may run for weeks while duty calls use up the others."""
    moment = NOW - timedelta(days=29)
    uses = {
        reference: ReferenceUse(moment + timedelta(minutes=number), only_ignored=False, in_force=number < 5)
        for number, reference in enumerate(reference_pool())
    }
    assert choose_reference(uses) == reference_pool()[5]
