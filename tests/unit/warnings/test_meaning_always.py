"""What holds of every issued warning, whatever the message says; and how much real messages give.

With `pytest -s` the table of the corpus is printed, where the corpus lies beside the checkout.
"""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Polygon

from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.hazards import Hazard
from jiaoying.warnings.formats.cap_schema import MESSAGE_TYPES, RESPONSE_TYPES, SEVERITIES, STATUSES
from jiaoying.warnings.geometry import MAX_POINTS, MAX_RINGS
from jiaoying.warnings.interpret import Interpretation, interpret
from jiaoying.warnings.model import Circle, Info, IssuedWarning, Kind, Message, Reference, WarnedArea
from jiaoying.warnings.plain_text import MAX_LINE_CHARACTERS, MAX_TEXT_CHARACTERS
from jiaoying.warnings.read import read_messages

CORPUS = Path(__file__).parents[4] / "shared" / "data" / "corpus"
NOW = datetime(2026, 11, 22, tzinfo=UTC)

moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
sent_moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
numbers = st.floats(-400, 400) | st.sampled_from([0.0, 90.0, 180.0, -180.0, float("inf"), float("nan")])
points = st.tuples(numbers, numbers)
odd_texts = ["暴雨", "发布暴雨红色预警", "解除大风蓝色预警信号", "TEST", "<p>a&amp;amp;b</p>", "\x00\ud800"]
texts = st.none() | st.text(max_size=30) | st.sampled_from(odd_texts)
pairs = st.lists(
    st.tuples(
        st.sampled_from(
            ["awareness_level", "awareness_type", "SAME", "eventEndingTime", "colour", "AREA_COLOR", "x"]
        ),
        st.sampled_from(
            ["1; green", "3; Thunderstorm", "TOR", "2026-07-17T08:30:00+08:00", "红", "255 255 0"]
        )
        | st.text(max_size=20),
    ),
    max_size=3,
).map(tuple)
geocodes = st.lists(
    st.tuples(
        st.sampled_from(["CPEAS Geographic Code", "SAME", "EXCLUDE_POLYGON", "id"]),
        st.sampled_from(["140521", "140521100,,", "0,0 0,1 1,1", "1", "35.1,112.1 35.2,112.1 35.2,112.2"])
        | st.text(max_size=20),
    ),
    max_size=3,
).map(tuple)
areas = st.builds(
    WarnedArea,
    texts,
    st.lists(st.lists(points, min_size=1, max_size=8).map(tuple), max_size=3).map(tuple),
    st.lists(st.builds(Circle, numbers, numbers, numbers), max_size=2).map(tuple),
    geocodes,
)
infos = st.builds(
    Info,
    language=st.sampled_from(["zh-CN", "zh-HK", "en-US", "en_GB", "de-LS", "fr", "", "-"]),
    event=texts,
    response_type=st.lists(st.sampled_from(RESPONSE_TYPES), max_size=2).map(tuple),
    severity=st.none() | st.sampled_from([*SEVERITIES, "Red", "?"]),
    event_code=pairs,
    effective=st.none() | moments,
    onset=st.none() | moments,
    expires=st.none() | moments,
    headline=texts,
    description=texts,
    instruction=texts,
    parameter=pairs,
    areas=st.lists(areas, max_size=2).map(tuple),
)
messages = st.builds(
    Message,
    identifier=st.sampled_from(["14052141600000_20260715163000", "x"]),
    sender=st.just("s"),
    sent=sent_moments,
    status=st.sampled_from(STATUSES),
    msg_type=st.sampled_from(MESSAGE_TYPES),
    scope=st.just("Public"),
    note=texts,
    references=st.just(()) | st.just((Reference("s", "y", None),)),
    infos=st.lists(infos, max_size=4).map(tuple),
)


def check(message: Message, outcome: Interpretation) -> None:
    issued = outcome.issued_warnings
    assert len({one.identifier for one in issued}) == len(issued)
    assert not issued or issued[0].identifier == message.identifier
    assert issued or outcome.not_actionable is not None, "nothing came of it, and nobody says why"
    for one in issued:
        check_one(message, one)


def check_one(message: Message, issued: IssuedWarning) -> None:
    assert issued.valid_from < issued.valid_to
    assert issued.sent_at == message.sent
    assert issued.valid_to > issued.sent_at
    assert all(is_area_code(code) for code in issued.area_codes)
    assert len(issued.polygons) <= MAX_RINGS
    assert sum(len(ring) for ring in issued.polygons) <= MAX_POINTS
    assert all(len(ring) >= 4 and ring[0] == ring[-1] and Polygon(ring).is_valid for ring in issued.polygons)
    assert all(abs(lat) <= 90 and abs(lon) <= 180 for ring in issued.polygons for lat, lon in ring)
    assert all(abs(one.lat) <= 90 and abs(one.lon) <= 180 and one.radius_km >= 0 for one in issued.circles)
    assert issued.headline
    assert len(issued.headline) <= MAX_LINE_CHARACTERS
    assert len(issued.text) <= MAX_TEXT_CHARACTERS
    words = (issued.event, issued.headline, issued.text, issued.instruction or "", issued.area_names)
    assert all("\x00" not in text for text in words)
    assert "".join(words).encode()
    assert (issued.kind is Kind.CANCEL) == (message.msg_type == "Cancel")


@given(messages)
@settings(max_examples=400, deadline=None)
def test_every_issued_warning_is_whole(message: Message) -> None:
    check(message, interpret(message))


@given(messages)
@settings(max_examples=50, deadline=None)
def test_the_same_message_means_the_same_again(message: Message) -> None:
    assert repr(interpret(message)) == repr(interpret(message))


def test_real_messages_mean_something() -> None:
    """No file of the corpus breaks a rule, takes long or leaves its hazard, colour and area all unknown."""
    tables: dict[str, Counter[str]] = {}
    slowest = timedelta()
    for path in sorted(CORPUS.rglob("*")):
        if not path.is_file():
            continue
        for parsed in read_messages(path.read_bytes(), NOW):
            if parsed.message is None:
                continue
            before = time.perf_counter()
            check(parsed.message, interpret(parsed.message))
            slowest = max(slowest, timedelta(seconds=time.perf_counter() - before))
            counted = tables.setdefault(f"{path.parent.name} {parsed.format}", Counter())
            for issued in parsed.issued_warnings:
                counted.update(_of(issued))
    _print(tables, slowest)
    assert slowest < timedelta(seconds=10)


def _of(issued: IssuedWarning) -> list[str]:
    told = {
        "warnings": True,
        "hazard": issued.hazard is not Hazard.OTHER,
        "colour": issued.colour is not None,
        "codes": bool(issued.area_codes),
        "lines": bool(issued.polygons or issued.circles),
        "names": bool(issued.area_names),
        "area": bool(issued.area_codes or issued.polygons or issued.circles or issued.area_names),
    }
    return [name for name, holds in told.items() if holds]


def _print(tables: dict[str, Counter[str]], slowest: timedelta) -> None:
    shares = ("hazard", "colour", "codes", "lines", "names", "area")
    print(f"\n{'source and format':44}{'warnings':>9}" + "".join(f"{name:>8}" for name in shares))  # noqa: T201
    total: Counter[str] = Counter()
    for source, counted in sorted(tables.items()):
        total.update(counted)
        print(f"{source:44}{counted['warnings']:>9}" + _shares(counted, shares))  # noqa: T201
    print(f"{'all':44}{total['warnings']:>9}" + _shares(total, shares))  # noqa: T201
    print(f"slowest interpretation: {slowest.total_seconds() * 1000:.0f} ms")  # noqa: T201


def _shares(counted: Counter[str], names: tuple[str, ...]) -> str:
    whole = max(counted["warnings"], 1)
    return "".join(f"{counted[name] / whole:>8.0%}" for name in names)
