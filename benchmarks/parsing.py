"""How fast warnings are read, beside `lxml` parsing the same bytes into a tree and doing nothing with it.

Both in turn, in one process, over the same documents; what is counted is processor time. The documents
are made here, and those of a corpus come on top where one lies beside the checkout.
"""

import gc
import re
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lxml import etree

from benchmarks.figures import Findings, Ratio, Table, spread
from benchmarks.ground import Ground
from jiaoying.warnings.read import read_as_sent, read_messages

NAME = "parsing"
AIM = 1 / 3
NOW = datetime(2026, 11, 22, tzinfo=UTC)
CORPUS = Path(__file__).parents[2] / "shared" / "data" / "corpus"
_CAP = b"urn:oasis:names:tc:emergency:cap:1.2"


@dataclass(frozen=True, slots=True)
class Sample:
    """Documents of one kind."""

    name: str
    bodies: tuple[bytes, ...]
    is_made: bool = True  # by us; only these carry a ratio, so that it means the same everywhere


@dataclass(frozen=True, slots=True)
class Round:
    """Messages a second, once through a sample: bare, read, read and interpreted."""

    bare: float
    read: float
    interpreted: float


async def measure(ground: Ground, *, rounds: int, seconds: float) -> Findings:
    """Every sample, `rounds` times, about `seconds` of processor for each of the three."""
    del ground  # no server is needed
    # What the benchmarks themselves have loaded is none of the collector's business here.
    gc.collect()
    gc.freeze()
    results = {sample.name: _measure_one(sample, rounds, seconds) for sample in _samples()}
    made = [sample.name for sample in _samples() if sample.is_made]
    return Findings(
        NAME,
        (_table(results),),
        tuple(_ratio(name, results[name]) for name in made),
        tuple((name, statistics.median(one.read for one in results[name])) for name in results),
        "messages/s",
        (
            "bare: lxml.etree.fromstring, the tree thrown away unseen",
            "read: a message in the words of its sender, every element, with complaints",
            "interpreted: hazard, colour, area and validity on top",
        ),
        {
            name: [
                {"bare": one.bare, "read": one.read, "interpreted": one.interpreted} for one in results[name]
            ]
            for name in results
        },
    )


def _measure_one(sample: Sample, rounds: int, seconds: float) -> list[Round]:
    messages = sum(len(read_as_sent(body, NOW)) for body in sample.bodies)
    return [
        Round(
            messages * _passes_per_s(etree.fromstring, sample.bodies, seconds),
            messages * _passes_per_s(lambda body: read_as_sent(body, NOW), sample.bodies, seconds),
            messages * _passes_per_s(lambda body: read_messages(body, NOW), sample.bodies, seconds),
        )
        for _ in range(rounds)
    ]


def _passes_per_s(read: Callable[[bytes], object], bodies: Sequence[bytes], seconds: float) -> float:
    begun, passes = time.process_time(), 0
    while (spent := time.process_time() - begun) < seconds:
        for body in bodies:
            read(body)
        passes += 1
    return passes / spent


def _table(results: dict[str, list[Round]]) -> Table:
    return Table(
        "Warnings read; messages a second of one processor",
        ("", "bare lxml", "read", "of bare", "read and interpreted", "of bare"),
        tuple(
            (
                name,
                spread([one.bare for one in found]),
                spread([one.read for one in found]),
                spread([one.read / one.bare for one in found], 2),
                spread([one.interpreted for one in found]),
                spread([one.interpreted / one.bare for one in found], 2),
            )
            for name, found in results.items()
        ),
    )


def _ratio(name: str, found: list[Round]) -> Ratio:
    value = statistics.median(one.read / one.bare for one in found)
    return Ratio(f"read, of bare: {name}", value, f"{AIM:.2f} or more", met=value >= AIM)


# --- documents ---


def _samples() -> list[Sample]:
    county, english = _info("zh-CN", _area(1)), _info("en-US", _area(1))
    shaped, outline = (_info("zh-CN", _area(1, points)) for points in (300, 41_009))
    wide = [_info(language, _area(100)) for language in ("zh-CN", "en-US")]
    made = [
        Sample("a county's warning, two languages", tuple(_alert(n, county, english) for n in range(20))),
        Sample("with a polygon of 300 points", tuple(_alert(n, shaped) for n in range(20))),
        Sample("100 areas, two languages", (_alert(1, *wide),)),
        Sample("a feed of 50", (_feed(50, county, english),)),
        Sample("an outline of 41,009 points", (_alert(1, outline),)),
    ]
    real = tuple(body for body in _corpus() if len(body) < 100_000)
    return [*made, Sample(f"{len(real)} real messages", real, is_made=False)] if real else made


def county_warning(number: int, *, sent: datetime) -> bytes:
    """A fresh warning of a county in two languages, as its bureau sends it."""
    stamped = sent.astimezone(UTC).isoformat(timespec="seconds")
    head = (
        f"<identifier>14052141600000_20260715{number:06}</identifier><sender>沁水县气象局</sender>"
        f"<sent>{stamped}</sent><status>Actual</status><msgType>Alert</msgType><scope>Public</scope>"
    )
    expires = (sent.astimezone(UTC) + timedelta(hours=6)).isoformat(timespec="seconds")
    infos = "".join(_info(language, _home()) for language in ("zh-CN", "en-US"))
    infos = re.sub(r"<expires>[^<]*", f"<expires>{expires}", infos)
    infos = re.sub(r"<(effective|onset)>[^<]*", rf"<\1>{stamped}", infos)
    return f'<alert xmlns="{_CAP.decode()}">{head}{infos}</alert>'.encode()


def _home() -> str:
    return (
        "<area><areaDesc>沁水县</areaDesc><geocode><valueName>CPEAS Geographic Code</valueName>"
        "<value>140521000000</value></geocode></area>"
    )


def _alert(number: int, *infos: str) -> bytes:
    head = (
        f"<identifier>14052141600000_20260715{number:06}</identifier><sender>沁水县气象局</sender>"
        "<sent>2026-07-15T16:30:00+08:00</sent><status>Actual</status><msgType>Update</msgType>"
        "<scope>Public</scope><references>沁水县气象局,14052141600000_20260714163000,"
        "2026-07-14T16:30:00+08:00</references>"
    )
    return f'<alert xmlns="{_CAP.decode()}">{head}{"".join(infos)}</alert>'.encode()


def _info(language: str, areas: str) -> str:
    rain = "预计未来6小时我县大部分乡镇降雨量将达50毫米以上，局地伴有雷暴大风，请注意防范。" * 4
    return (
        f"<info><language>{language}</language><category>Met</category><event>暴雨</event>"
        "<responseType>Prepare</responseType><urgency>Expected</urgency><severity>Moderate</severity>"
        "<certainty>Likely</certainty><eventCode><valueName>GB/T 35561</valueName><value>11B03</value>"
        "</eventCode><effective>2026-07-15T16:30:00+08:00</effective>"
        "<onset>2026-07-15T17:00:00+08:00</onset><expires>2026-07-15T22:30:00+08:00</expires>"
        "<senderName>沁水县气象台</senderName><headline>沁水县气象台发布暴雨黄色预警[Ⅲ级/较重]</headline>"
        f"<description>{rain}</description><instruction>{rain}</instruction>"
        "<parameter><valueName>level</valueName><value>yellow</value></parameter>"
        f"{areas}</info>"
    )


def _area(count: int, points: int = 0) -> str:
    ring = [f"{35 + 0.3 * (n % 97) / 97:.4f},{112 + n / max(points, 1):.4f}" for n in range(points)]
    polygon = f"<polygon>{' '.join([*ring, ring[0]])}</polygon>" if ring else ""
    return "".join(
        f"<area><areaDesc>沁水县第{number}片</areaDesc>{polygon}<geocode><valueName>CPEAS Geographic Code"
        f"</valueName><value>1405{number:02}000000</value></geocode></area>"
        for number in range(count)
    )


def _feed(count: int, *infos: str) -> bytes:
    entries = b"".join(b"<entry><content>%s</content></entry>" % _alert(n, *infos) for n in range(count))
    return b'<feed xmlns="http://www.w3.org/2005/Atom">' + entries + b"</feed>"


def _corpus() -> list[bytes]:
    """Real messages of CAP 1.2 that are accepted."""
    files = (path for path in sorted(CORPUS.rglob("*")) if path.suffix in (".xml", ".cap"))
    bodies = (path.read_bytes() for path in files)
    return [body for body in bodies if _CAP in body[:2000] and _is_read(body)]


def _is_read(body: bytes) -> bool:
    return all(one.message is not None for one in read_as_sent(body, NOW))
