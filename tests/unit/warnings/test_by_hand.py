"""A warning by hand: its mistakes, and the message that is made of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.by_hand import (
    KINDS,
    LONGEST,
    DraftFields,
    Origin,
    code_for,
    fields_of,
    from_data,
    mistakes_in,
    says_the_same,
    to_data,
    with_answer,
    write_cap,
)
from jiaoying.warnings.model import Circle, Kind, Reference
from jiaoying.warnings.read import read_messages
from unit.warnings.samples import alert, read

NOW = datetime(2026, 7, 15, 8, 30, 12, 345, tzinfo=UTC)
DRAFT = UUID("01980000-0000-7000-8000-000000000009")
FOLLOWS = Reference("bureau", "14052141600000_20260715163000", NOW)
FIELDS = DraftFields(
    kind=Kind.ALERT,
    exercise=False,
    hazard=Hazard.RAIN,
    event="暴雨",
    event_code=None,
    colour=Colour.RED,
    sender_name="沁水县应急管理局",
    headline="沁水县应急管理局发布暴雨红色预警",
    text="预计未来3小时降雨量将达100毫米以上。",
    instruction="请立即转移。",
    area_codes=("140521100000", "140521101201"),
    valid_from=NOW,
    valid_to=NOW + timedelta(hours=6),
)


def written(fields: DraftFields, follows: Reference | None = None) -> bytes:
    return write_cap(
        fields, draft_id=DRAFT, home_area="140521000000", area_names="龙港镇", sent=NOW, follows=follows
    )


@pytest.mark.parametrize("hazard", list(Hazard))
@pytest.mark.parametrize("colour", [None, *Colour])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("exercise", [False, True])
def test_whatever_is_written_reads_the_same(
    hazard: Hazard, colour: Colour | None, kind: Kind, exercise: bool
) -> None:
    fields = replace(
        FIELDS, hazard=hazard, colour=colour, kind=kind, exercise=exercise, event="险情", headline="预警"
    )
    assert says_the_same(fields, written(fields, FOLLOWS), NOW)


def test_a_message_that_would_read_otherwise_is_not_the_same() -> None:
    assert not says_the_same(replace(FIELDS, colour=Colour.BLUE), written(FIELDS), NOW)
    assert not says_the_same(replace(FIELDS, exercise=True), written(FIELDS), NOW)
    assert not says_the_same(replace(FIELDS, area_codes=("140521100000",)), written(FIELDS), NOW)
    lifted = replace(FIELDS, headline="沁水县气象台解除暴雨红色预警")
    assert not says_the_same(lifted, written(lifted), NOW)


def test_the_same_draft_gives_the_same_bytes_and_its_own_identifier() -> None:
    assert written(FIELDS) == written(FIELDS)
    [parsed] = read_messages(written(FIELDS), NOW)
    assert parsed.complaints == ()
    assert parsed.message is not None
    assert parsed.message.identifier == f"HAND-{DRAFT}"


def test_a_pasted_message_keeps_whose_it_is() -> None:
    parsed = read(alert(), NOW)
    fields = fields_of(parsed.issued_warnings[0])
    [again] = read_messages(written(fields), NOW)
    assert parsed.message is not None
    assert again.message is not None
    assert (again.message.sender, again.message.identifier, again.message.sent) == (
        parsed.message.sender,
        parsed.message.identifier,
        parsed.message.sent,
    )
    before, after = parsed.issued_warnings[0], again.issued_warnings[0]
    assert (after.text, after.headline, after.valid_to, after.area_codes) == (
        before.text,
        before.headline,
        before.valid_to,
        before.area_codes,
    )


def test_lines_go_along() -> None:
    square = ((35.5, 112.0), (35.5, 112.5), (35.9, 112.5), (35.5, 112.0))
    fields = replace(FIELDS, area_codes=(), polygons=(square,), circles=(Circle(35.6, 112.2, 3.5),))
    [issued] = read_messages(written(fields), NOW)[0].issued_warnings
    assert (issued.polygons, issued.circles) == (fields.polygons, fields.circles)


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
def test_no_text_breaks_the_message(text: str, instruction: str, headline: str) -> None:
    fields = replace(FIELDS, text=text, instruction=instruction, headline=headline)
    [parsed] = read_messages(written(fields), NOW)
    assert parsed.message is not None, parsed.complaints


def test_a_code_of_another_family_is_not_kept() -> None:
    assert code_for(Hazard.RAIN, "11B03") == "11B03"
    assert code_for(Hazard.RAIN, "11B06") == "11B03"
    assert code_for(Hazard.WILDFIRE, None) is not None


def test_a_right_form_has_no_mistakes() -> None:
    assert mistakes_in(FIELDS, NOW) == {}
    ending = replace(FIELDS, kind=Kind.CANCEL, area_codes=(), text="", follows_id=DRAFT)
    assert mistakes_in(ending, NOW) == {}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("event", {"event": ""}),
        ("sender_name", {"sender_name": ""}),
        ("text", {"text": ""}),
        ("text", {"text": "长" * (LONGEST["text"] + 1)}),
        ("areas", {"area_codes": ()}),
        ("valid_to", {"valid_to": NOW}),
        ("valid_to", {"valid_from": NOW + timedelta(hours=7)}),
        ("valid_to", {"valid_to": NOW + timedelta(days=8)}),
        ("follows_id", {"kind": Kind.CANCEL}),
    ],
)
def test_each_mistake_names_its_field(field: str, wrong: dict[str, object]) -> None:
    assert list(mistakes_in(replace(FIELDS, **wrong), NOW)) == [field]  # pyright: ignore[reportArgumentType]


def test_a_draft_is_kept_as_it_is() -> None:
    origin = Origin("bureau", "1", NOW, (FOLLOWS, Reference("bureau", "0", None)))
    full = replace(
        FIELDS,
        follows_id=DRAFT,
        polygons=(((35.5, 112.0), (35.5, 112.5), (35.5, 112.0)),),
        circles=(Circle(35.6, 112.2, 3.5),),
        origin=origin,
        settled=(0, 2),
        colour=None,
    )
    assert from_data(to_data(full)) == full
    assert from_data(to_data(FIELDS)) == FIELDS


def test_an_answer_to_a_question_goes_into_its_field() -> None:
    assert with_answer(FIELDS, "areas", ["140521102000"]).area_codes[-1] == "140521102000"
    assert with_answer(FIELDS, "colour", ["blue"]).colour is Colour.BLUE
    assert with_answer(FIELDS, "hazard", ["wind"]).hazard is Hazard.WIND
    assert with_answer(FIELDS, "areas", []) == FIELDS
    assert with_answer(FIELDS, "sent", ["whatever"]) == FIELDS
