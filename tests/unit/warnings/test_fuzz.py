"""Whatever is sent: no exception, no hang, no file, no network, bounded memory.

Messages of our own are damaged with knowledge of their structure: elements go, come twice, move, change
their names, namespaces and texts, until only the reader knows what they were.
"""

import json
import random
import socket
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from time import process_time
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from jiaoying.warnings.formats.notes import MOST_REMARKS
from jiaoying.warnings.model import Verdict
from jiaoying.warnings.read import read_messages, to_json
from unit.warnings.samples import NOW, alert, area, geocode, info, pair

MOST_SECONDS = 5  # of the processor, for one document; most take a millisecond
MOST_MB = 400  # for a process that reads documents of 20 MB
CAP_1_0 = "http://www.incident.com/cap/1.0"
CAP_1_1 = "urn:oasis:names:tc:emergency:cap:1.1"
SQUARE = "35.1,112.1 35.1,112.2 35.2,112.2 35.2,112.1 35.1,112.1"

_FULL = alert(
    info(
        area(f"<polygon>{SQUARE}</polygon><circle>35.6,112.1 5</circle>", geocode("140521000000")),
        extra=pair("eventCode", "e", "11B03") + pair("parameter", "p", "1"),
        responseType="Prepare",
        onset="2026-07-15T17:00:00+08:00",
    ),
    info(language="en-US", event="Rain"),
    references="a,1,2026-07-15T16:00:00+08:00 b,2,2026-07-15T16:00:00+08:00",
    incidents='x "y z"',
    code="c",
)
SAMPLES = [
    _FULL,
    alert(namespace=CAP_1_1),
    alert(info(area("<geocode>fips6=006109</geocode>")), namespace=CAP_1_0),
    b"<alerts>" + _FULL + alert() + b"</alerts>",
    b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><link href="x"/><content>'
    + _FULL
    + b"</content></entry><entry><title>t</title></entry></feed>",
    b"<rss><channel><item><description>&lt;alert/&gt;</description></item></channel></rss>",
]
NAMES = [
    "alert", "info", "area", "identifier", "sent", "status", "scope", "polygon", "circle", "geocode",
    "valueName", "value", "references", "expires", "entry", "link", "item", "feed", "Signature", "x",
]  # fmt: skip
NAMESPACES = [
    "",
    CAP_1_0,
    CAP_1_1,
    "urn:oasis:names:tc:emergency:cap:1.2",
    "http://www.w3.org/2005/Atom",
    "u",
]
TEXTS = [
    "", " ", "\n\t", "0", "-1", "1e400", "nan", "null", "Actual", "actual", "Very Likely", "AllClear", "zh",
    "2026-07-15T16:30:00+08:00", "2569-02-30T25:61:61+99:99", "2026-07-15T16:30", "0000-00-00T00:00:00Z",
    SQUARE, SQUARE.replace(",", ";"), "1,2 " * 500, "180,90 181,90 182,91 180,90", "(1,2),3", "1,2 3", ",",
    ", ,", "a,b,c d,e a", '"', '" "" "', "，。解除红色预警", "\u202e", "x" * 5000, "=", "a=b=c",
    "<![CDATA[", "&lt;!DOCTYPE a&gt;", "]]>", "\U0001f32a" * 50,
]  # fmt: skip

Change = Callable[[etree._Element, random.Random], None]  # pyright: ignore[reportPrivateUsage]
Tree = etree._Element  # pyright: ignore[reportPrivateUsage]


def _any(root: Tree, chance: random.Random) -> Tree:
    return chance.choice(list(root.iter("*")))


def _drop(root: Tree, chance: random.Random) -> None:
    element = _any(root, chance)
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _repeat(root: Tree, chance: random.Random) -> None:
    element = _any(root, chance)
    parent = element.getparent()
    if parent is not None and len(list(element.iter())) < 100:
        for _ in range(chance.choice([1, 2, 30])):
            parent.insert(chance.randrange(len(parent) + 1), deepcopy(element))


def _move(root: Tree, chance: random.Random) -> None:
    element, target = _any(root, chance), _any(root, chance)
    if element is not root and element not in target.iterancestors() and element is not target:
        target.insert(chance.randrange(len(target) + 1), element)


def _rename(root: Tree, chance: random.Random) -> None:
    name, namespace = chance.choice(NAMES), chance.choice(NAMESPACES)
    _any(root, chance).tag = f"{{{namespace}}}{name}" if namespace else name


def _rewrite(root: Tree, chance: random.Random) -> None:
    _any(root, chance).text = chance.choice(TEXTS)


def _trail(root: Tree, chance: random.Random) -> None:
    element = _any(root, chance)
    if element is not root:
        element.tail = chance.choice(TEXTS)


def _attach(root: Tree, chance: random.Random) -> None:
    _any(root, chance).set(chance.choice(NAMES), chance.choice(TEXTS))


def _comment(root: Tree, chance: random.Random) -> None:
    inserted = chance.choice([etree.Comment(" x "), etree.ProcessingInstruction("x", "y")])
    _any(root, chance).insert(0, inserted)


def _nest(root: Tree, chance: random.Random) -> None:
    element = _any(root, chance)
    for _ in range(chance.choice([1, 5, 70])):
        element = etree.SubElement(element, chance.choice(NAMES))


CHANGES: list[Change] = [_drop, _repeat, _move, _rename, _rewrite, _trail, _attach, _comment, _nest]
ENCODINGS = ["utf-8", "utf-16", "gb18030", "us-ascii", "utf-8"]


def mutated(seed: int, changes: int) -> bytes:
    """A sample after so many changes; the same seed gives the same document."""
    chance = random.Random(seed)
    root = etree.fromstring(chance.choice(SAMPLES))
    for _ in range(changes):
        chance.choice(CHANGES)(root, chance)
    encoding, declared = chance.choice(ENCODINGS), chance.random() < 0.5
    body = cast("bytes", etree.tostring(root, encoding=encoding, xml_declaration=declared))
    match chance.randrange(8):
        case 0:
            return body[: chance.randrange(len(body) + 1)]
        case 1:
            return body + chance.choice([body, b"\0", b"<", b" " * 1000])
        case 2:
            at = chance.randrange(len(body))
            return body[:at] + chance.randbytes(3) + body[at + chance.randrange(9) :]
        case _:
            return body


def check(body: bytes) -> None:
    """Everything that must hold for any document."""
    begun = process_time()
    results = read_messages(body, NOW)
    assert results
    for position, one in enumerate(results):
        told = to_json(one, "x")
        json.dumps(told, ensure_ascii=False, allow_nan=False)
        assert one.index == position
        assert len(one.complaints) <= 2 * MOST_REMARKS
        assert all(complaint.text and complaint.code for complaint in one.complaints)
        assert one.message is None or one.verdict is not Verdict.REJECT
        assert one.message is not None or one.complaints
    assert process_time() - begun < MOST_SECONDS


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.integers(0, 12))
def test_no_damaged_message_breaks_the_reader(seed: int, changes: int) -> None:
    check(mutated(seed, changes))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=4), st.sampled_from(["info", "area", "alert"]))
def test_no_values_break_the_reader(texts: list[str], where: str) -> None:
    root = etree.fromstring(_FULL)
    for element, text in zip(root.iter("{*}" + where), texts * 3, strict=False):
        for child in element:
            if not len(child):
                child.text = text
    check(etree.tostring(root))


# --- documents made to hurt ---


def _many_areas(count: int) -> bytes:
    return alert(info(*[area(geocode("140521000000"))] * count))


def _long_polygon(points: int) -> bytes:
    ring = " ".join(f"{35 + number % 97 / 1000:.4f},{112 + number / points:.6f}" for number in range(points))
    return alert(info(area(f"<polygon>{ring} {ring.partition(' ')[0]}</polygon>")))


def test_a_national_outline_and_ten_thousand_areas_are_read() -> None:
    [outline] = read_messages(_long_polygon(41_009), NOW)
    assert outline.message is not None
    assert len(outline.message.infos[0].areas[0].polygons[0]) == 41_010
    [many] = read_messages(_many_areas(10_000), NOW)
    assert many.message is not None
    assert len(many.message.infos[0].areas) == 10_000


_HOSTILE: dict[str, Callable[[], bytes]] = {
    "a polygon of 41,009 points": lambda: _long_polygon(41_009),
    "ten thousand areas": lambda: _many_areas(10_000),
    "a text of 19 MB": lambda: alert(note="x" * 19_000_000),
    "19 MB of one polygon": lambda: alert(info(area(f"<polygon>{'1,1 ' * 4_700_000}</polygon>"))),
    "19 MB of blanks in a value": lambda: alert(identifier="a" + " " * 19_000_000 + "b"),
    "19 MB of elements": lambda: b"<alert>" + b"<x/>" * 4_700_000 + b"</alert>",
    "a million levels": lambda: b"<a>" * 1_000_000,
    "nested to the last": lambda: b"<a>" * 64 + b"</a>" * 64,
    "a hundred thousand namespaces": lambda: (
        b"<alert " + b" ".join(b'xmlns:a%d="u"' % number for number in range(100_000)) + b"/>"
    ),
    "two hundred thousand attributes": lambda: (
        b"<alert " + b" ".join(b'a%d="1"' % number for number in range(200_000)) + b"/>"
    ),
    "laughs": lambda: (
        b'<!DOCTYPE a [<!ENTITY a0 "ha">'
        + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12))
        + b"]><alert>&a11;</alert>"
    ),
    "quadratic": lambda: (
        b'<!DOCTYPE a [<!ENTITY a "' + b"x" * 100_000 + b'">]><alert>' + b"&a;" * 100_000 + b"</alert>"
    ),
    "laughs in utf-16": lambda: (
        '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE a [<!ENTITY a "ha">]><alert>&a;</alert>'.encode(
            "utf-16"
        )
    ),
    "character references": lambda: alert(note="&#65;" * 1_000_000),
    "comments": lambda: alert(note="<!--x-->y" * 500_000),
    "instructions": lambda: alert(note="<?x y?>z" * 500_000),
    "a hundred thousand alerts": lambda: b"<alerts>" + b"<alert/>" * 100_000 + b"</alerts>",
    "alerts in alerts": lambda: (
        b"<a>" + (b"<alert>" * 20 + b"<identifier/>" + b"</alert>" * 20) * 5000 + b"</a>"
    ),
    "a stream without end": lambda: b"<alert ></alert>" * 1_000_000,
    "half seams": lambda: b"</alert" * 2_000_000,
    "seams and blanks": lambda: (b"</alert>" + b" " * 1000) * 15_000,
    "entries": lambda: (
        b'<feed xmlns="http://www.w3.org/2005/Atom">'
        + b"<entry><link href='x'/></entry>" * 90_000
        + b"</feed>"
    ),
    "texts that may be alerts": lambda: (
        b"<rss>"
        + b"<description>&lt;alert xmlns='urn:oasis:names:tc:emergency:cap:1.2'&gt;</description>" * 90_000
        + b"</rss>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", _HOSTILE)
def test_what_is_made_to_hurt_is_refused_or_read_within_bounds(name: str) -> None:
    body = _HOSTILE[name]()
    begun = process_time()
    results = read_messages(body, NOW)
    assert results
    assert process_time() - begun < 2 * MOST_SECONDS


# --- nothing outside is touched ---

_WATCHED = """
import sys
from datetime import UTC, datetime
from jiaoying.warnings.read import read_messages, to_json

now = datetime(2026, 7, 15, 9, tzinfo=UTC)
def bodies():
    while length := int.from_bytes(sys.stdin.buffer.read(4), "big"):
        yield sys.stdin.buffer.read(length)
def read(body):
    return [to_json(one, "x") for one in read_messages(body, now)]
waiting = bodies()
for _ in range(2):
    read(next(waiting))  # what is loaded at first use, is loaded now

touched = []
def watch(event, arguments):
    if event.partition(".")[0] in ("open", "socket", "subprocess", "os", "shutil", "tempfile", "urllib"):
        touched.append((event, repr(arguments)[:200]))
sys.addaudithook(watch)
for body in waiting:
    read(body)
assert touched == [], touched
# Not ru_maxrss: what the parent had counts there too.
[most] = [line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM")]
print(int(most) // 1024)
"""


def _nosy(address: str) -> list[bytes]:
    """Documents that ask for a file or another address."""
    plain = alert().decode()
    declared = '<?xml version="1.0"?>'
    return [
        alert(),
        b"<alerts/>",
        f'<!DOCTYPE alert [<!ENTITY x SYSTEM "{address}">]>{plain}'.replace("暴雨", "&x;").encode(),
        f'<!DOCTYPE alert SYSTEM "{address}">{plain}'.encode(),
        f'<!DOCTYPE alert [<!ENTITY % x SYSTEM "{address}">%x;]>{plain}'.encode(),
        f'{declared}<!DOCTYPE alert PUBLIC "x" "{address}">{plain}'.encode("utf-16"),
        f'{declared}<?xml-stylesheet href="{address}" type="text/xsl"?>{plain}'.encode(),
        plain.replace(
            "<alert ",
            f'<alert xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="u {address}" ',
        ).encode(),
        alert(extra=f'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="{address}" parse="text"/>'),
        alert(info(web=address, extra=f"<resource><uri>{address}</uri></resource>")),
        f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link href="{address}"/></entry></feed>'.encode(),
    ]


def _watch_reading(bodies: list[bytes]) -> str:
    """Read in a process of its own that complains about what it touched; what it printed."""
    ran = subprocess.run(
        [sys.executable, "-c", _WATCHED],
        input=b"".join(len(body).to_bytes(4, "big") + body for body in bodies),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout.decode()


def test_no_file_is_opened_and_no_address_asked(tmp_path: Path) -> None:
    """The file is a pipe to which nobody writes: who opened it, even below Python, would hang."""
    pipe = tmp_path / "pipe"
    subprocess.run(["mkfifo", pipe], check=True)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        _watch_reading([*_nosy(f"file://{pipe}"), *_nosy(f"http://127.0.0.1:{port}/x")])
        with pytest.raises(BlockingIOError):
            server.accept()


def test_hostile_documents_fit_into_memory() -> None:
    """All of them, one after the other, in one process."""
    most_mb = int(_watch_reading([alert(), b"<alerts/>", *(make() for make in _HOSTILE.values())]))
    assert most_mb < MOST_MB
