"""Warnings given out again: a message that any reader of CAP takes, and that says what we know."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID
from xml.etree.ElementTree import fromstring, tostring
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cap_conformance import breaches
from jiaoying.kernel.colours import Colour
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.feed_writer import ATOM, FeedFacts, write_feed
from jiaoying.warnings.formats.cap_writer import moment_in_cap, write_cap
from jiaoying.warnings.model import Circle, Kind, Reference, Verdict
from jiaoying.warnings.publishing import PublishedWarning, as_message
from jiaoying.warnings.read import read_messages

SHANXI = ZoneInfo("Asia/Shanghai")
SENT = datetime(2026, 7, 14, 19, 10, tzinfo=UTC)
SQUARE = ((35.1, 112.1), (35.1, 112.2), (35.2, 112.2), (35.1, 112.1))
RAIN = PublishedWarning(
    id=UUID("019f620b-bfc8-7fdc-8b26-84839a8f39e4"),
    sender="14052141600000",
    identifier="14052141600000_20260715031000",
    version=1,
    kind=Kind.ALERT,
    exercise=False,
    hazard=Hazard.RAIN,
    event="暴雨",
    event_code="11B03",
    colour=Colour.RED,
    sender_name="沁水县气象台",
    headline="沁水县气象台发布暴雨红色预警信号",
    text="预计未来3小时降雨量将达100毫米以上",
    instruction="危险区人员立即转移",
    area_names="沁水县龙港镇",
    area_codes=("140521100000",),
    polygons=(SQUARE,),
    circles=(Circle(35.6, 112.1, 0),),
    references=(),
    reference="A7",
    sent_at=SENT,
    valid_from=SENT,
    valid_to=SENT + timedelta(hours=6),
    replaced=None,
)
BEFORE = Reference("14052141600000", "14052141600000_20260715011000", SENT - timedelta(hours=2))

words = st.text(min_size=1, max_size=30)
moments = st.integers(-600, 600).map(lambda minutes: SENT + timedelta(minutes=minutes))
references = st.builds(Reference, st.text(max_size=9), st.text(max_size=9), st.none() | moments)
latitudes, longitudes = st.floats(-90, 90), st.floats(-180, 180)
polygons = st.lists(st.tuples(latitudes, longitudes), max_size=5).map(tuple)
published = st.builds(
    replace,
    st.just(RAIN),
    sender=words,
    identifier=words,
    version=st.integers(1, 3),
    kind=st.sampled_from(Kind),
    exercise=st.booleans(),
    hazard=st.sampled_from(Hazard),
    event=st.just("") | words,
    event_code=st.none() | st.just("11B03"),
    colour=st.none() | st.sampled_from(Colour),
    sender_name=st.none() | words,
    headline=words,
    text=st.just("") | words,
    area_names=st.just("") | words,
    area_codes=st.just(()) | st.just(("140521100000", "140521101000")),
    polygons=st.lists(polygons, max_size=2).map(tuple),
    references=st.lists(references, max_size=3).map(tuple),
    replaced=st.none() | references,
    valid_from=moments,
    valid_to=moments,
)


def written(warning: PublishedWarning) -> bytes:
    return write_cap(as_message(warning), SHANXI)


@given(published)
def test_whatever_is_given_out_conforms(warning: PublishedWarning) -> None:
    assert breaches(written(warning)) == []


def test_our_own_reader_has_no_complaint_and_makes_the_same_of_it() -> None:
    [parsed] = read_messages(written(RAIN), SENT)
    assert (parsed.verdict, parsed.complaints) == (Verdict.ACCEPT, ())
    [issued] = parsed.issued_warnings
    same = [
        name
        for name in PublishedWarning.__slots__
        if name not in ("id", "version", "reference", "replaced", "valid_from")
    ]
    assert [getattr(issued, name) for name in same] == [getattr(RAIN, name) for name in same]


@pytest.mark.parametrize(
    ("kind", "msg_type", "responses"),
    [
        (Kind.UPDATE, "Update", ()),
        (Kind.CANCEL, "Cancel", ("AllClear",)),
        (Kind.ALL_CLEAR, "Update", ("AllClear",)),
    ],
)
def test_what_changes_or_ends_names_what_it_changes(
    kind: Kind, msg_type: str, responses: tuple[str, ...]
) -> None:
    message = as_message(replace(RAIN, kind=kind, replaced=BEFORE))
    assert (message.msg_type, message.references) == (msg_type, (BEFORE,))
    assert message.infos[0].response_type == responses


def test_where_it_is_not_known_what_is_ended_the_message_stands_alone() -> None:
    message = as_message(replace(RAIN, kind=Kind.CANCEL))
    assert (message.msg_type, message.infos[0].urgency) == ("Alert", "Past")
    assert message.infos[0].response_type == ("AllClear",)


def test_a_later_version_has_a_key_of_its_own_and_never_names_itself() -> None:
    itself = Reference(RAIN.sender, f"{RAIN.identifier}.v2", SENT)
    first = Reference(RAIN.sender, RAIN.identifier, SENT)
    message = as_message(replace(RAIN, version=2, kind=Kind.UPDATE, replaced=first, references=(itself,)))
    assert message.identifier == f"{RAIN.identifier}.v2"
    assert message.references == (first,)


def test_a_drill_says_so() -> None:
    message = as_message(replace(RAIN, exercise=True))
    assert (message.status, message.note) == ("Exercise", "演练")


def test_moments_are_written_as_the_standard_wants_them() -> None:
    assert moment_in_cap(SENT, UTC) == "2026-07-14T19:10:00-00:00"
    assert moment_in_cap(SENT, SHANXI) == "2026-07-15T03:10:00+08:00"


@given(st.lists(published, max_size=3))
def test_the_feed_holds_each_message_whole(warnings: list[PublishedWarning]) -> None:
    facts = FeedFacts(
        "沁水县预警", "沁水县叫应", "https://a.example/feed", "https://a.example/{id}", SENT, SHANXI
    )
    root = fromstring(write_feed(facts, warnings))
    entries = root.findall(f"{{{ATOM}}}entry")
    contents = [entry.find(f"{{{ATOM}}}content") for entry in entries]
    inside = [tostring(content[0]) for content in contents if content is not None]
    assert [breaches(message) for message in inside] == [[]] * len(warnings)
    assert all(entry.findtext(f"{{{ATOM}}}updated") == "2026-07-15T03:10:00+08:00" for entry in entries)
