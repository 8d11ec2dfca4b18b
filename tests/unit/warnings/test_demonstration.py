"""The warnings that the demonstration ships."""

from datetime import UTC, datetime, timedelta

import pytest

from jiaoying.demonstration.messages import NAMES, fresh_copy, template
from jiaoying.warnings.model import IssuedWarning, Verdict
from jiaoying.warnings.read import read_messages

AFTER_THE_STORY = datetime(2026, 8, 1, tzinfo=UTC)
NOW = datetime(2027, 1, 31, 16, 5, tzinfo=UTC)  # 00:05 on 1 February in Beijing

EXPECTED = {
    "rain_blue": ("rain", "blue", "alert", False),
    "rain_yellow": ("rain", "yellow", "alert", False),
    "rain_orange": ("rain", "orange", "alert", False),
    "rain_red": ("rain", "red", "alert", False),
    "flash_flood_red": ("flash_flood", "red", "alert", False),
    "rain_update": ("rain", "orange", "update", False),
    "rain_cancel": ("rain", "red", "cancel", False),
    "exercise": ("rain", "red", "alert", True),
}


def issued_in(body: bytes, now: datetime) -> IssuedWarning:
    [parsed] = read_messages(body, now)
    assert parsed.verdict is Verdict.ACCEPT, parsed.complaints
    assert parsed.not_actionable is None
    [issued] = parsed.issued_warnings
    return issued


@pytest.mark.parametrize("name", NAMES)
def test_each_is_a_right_message_of_its_kind(name: str) -> None:
    issued = issued_in(template(name), AFTER_THE_STORY)
    assert (str(issued.hazard), str(issued.colour), str(issued.kind), issued.exercise) == EXPECTED[name]
    assert issued.area_codes[0].startswith("140521")


def test_the_flash_flood_names_villages_and_draws_a_line() -> None:
    issued = issued_in(template("flash_flood_red"), AFTER_THE_STORY)
    assert issued.area_codes == ("140521104200", "140521104203", "140521104204")
    assert len(issued.polygons) == 1


@pytest.mark.parametrize(("name", "target"), [("rain_update", "rain_orange"), ("rain_cancel", "rain_red")])
def test_the_chain_holds(name: str, target: str) -> None:
    before = issued_in(template(target), AFTER_THE_STORY)
    [reference] = issued_in(template(name), AFTER_THE_STORY).references
    assert (reference.sender, reference.identifier, reference.sent) == (
        before.sender,
        before.identifier,
        before.sent_at,
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_fresh_copy_is_the_same_warning_issued_now(name: str) -> None:
    old, new = issued_in(template(name), AFTER_THE_STORY), issued_in(fresh_copy(name, NOW), NOW)
    assert new.sent_at == new.valid_from == NOW
    assert new.valid_to - new.sent_at == old.valid_to - old.sent_at
    assert new.identifier.startswith("14052141600000_20270201000500_")
    assert "2026年" not in new.text
    assert "2027年02月01日00时05分" in new.text
    assert "At 00:05 on February 1, 2027" in fresh_copy(name, NOW).decode()


def test_fresh_copies_of_one_moment_are_different_messages() -> None:
    identifiers = {issued_in(fresh_copy(name, NOW), NOW).identifier for name in NAMES}
    assert len(identifiers) == len(NAMES)


def test_a_fresh_cancel_refers_to_the_fresh_warning() -> None:
    later = NOW + timedelta(minutes=20)
    red = issued_in(fresh_copy("rain_red", NOW), NOW)
    [same_moment] = issued_in(fresh_copy("rain_cancel", NOW), NOW).references
    [another] = issued_in(fresh_copy("rain_cancel", later, refers_to=NOW), later).references
    assert same_moment.identifier == another.identifier == red.identifier
    assert same_moment.sent == another.sent == red.sent_at


def test_a_name_that_is_none() -> None:
    with pytest.raises(KeyError):
        template("../settings")
