"""How our reading of real messages agrees with a reference reading made independently, as a table.

    .venv/bin/python tests/corpus_report.py [SOURCE …]

A corpus is read where one lies beside the checkout (`../shared/data`); it is no part of the project. One
function for each family of formats says what is compared of a document; an absent element and an empty
one count as equal, and moments are compared as moments.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from jiaoying.warnings.formats.feed_index import index_entries
from jiaoying.warnings.formats.guarded_xml import Document, read_document
from jiaoying.warnings.read import read_as_sent, to_json

DATA = Path(__file__).parents[2] / "shared" / "data"
NOW = datetime(2026, 11, 22, tzinfo=UTC)

ALERT_FIELDS = ("identifier", "sender", "sent", "status", "msgType", "scope", "source", "restriction",
                "addresses", "code", "note", "references", "incidents")  # fmt: skip
INFO_FIELDS = ("language", "category", "event", "responseType", "urgency", "severity", "certainty",
               "audience", "eventCode", "effective", "onset", "expires", "senderName", "headline",
               "description", "instruction", "web", "contact", "parameter")  # fmt: skip
AREA_FIELDS = ("areaDesc", "polygons", "circles", "geocodes", "altitude", "ceiling")
MOST_SHOWN = 20  # of one source

Told = dict[str, Any]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expectation:
    """A document of the corpus and how the other reader read it."""

    name: str  # below the corpus: kde-fpas/x.xml
    told: Told

    @property
    def source(self) -> str:
        return self.name.partition("/")[0]

    @property
    def format(self) -> str:
        return str(self.told.get("format"))

    @property
    def body(self) -> bytes:
        return (DATA / "corpus" / self.name).read_bytes()


@dataclass(frozen=True, slots=True)
class Difference:
    document: str
    value: str  # which: [0].infos[1].headline
    ours: Any
    theirs: Any

    def __str__(self) -> str:
        return f"{self.document} {self.value}: ours {_short(self.ours)}, theirs {_short(self.theirs)}"


@dataclass(slots=True)
class Agreement:
    """What was compared of one source, or of all."""

    documents: int = 0
    messages: int = 0
    values: int = 0
    differences: list[Difference] = field(default_factory=list["Difference"])

    def add(self, document: str, ours: Values, theirs: Values, messages: int) -> None:
        """Two readings of one document, as flat values."""
        self.documents += 1
        self.messages += messages
        names = list(dict.fromkeys((*theirs, *ours)))
        self.values += len(names)
        self.differences += [
            Difference(document, name, ours.get(name, "–"), theirs.get(name, "–"))
            for name in names
            if ours.get(name, "–") != theirs.get(name, "–")
        ]

    @property
    def share(self) -> float:
        return 100 * (1 - len(self.differences) / self.values) if self.values else 100.0


def expectations() -> Iterator[Expectation]:
    """Every document that the other reader read."""
    folder = DATA / "corpus_expected"
    for path in sorted(folder.rglob("*.json")):
        name = path.relative_to(folder).with_suffix("").as_posix()
        yield Expectation(name, json.loads(path.read_text(encoding="utf-8")))


def ours(expectation: Expectation) -> list[Told]:
    """Our reading of it, as `warnings parse` prints it."""
    return [to_json(one, expectation.name) for one in read_as_sent(expectation.body, NOW)]


# --- what is compared, a function for each family: (our values, their values, messages) ---

Compared = tuple[Values, Values, int]
Family = Callable[[Expectation], Compared]


def cap(expectation: Expectation) -> Compared:
    """CAP 1.0 to 1.2, alone or inside something: every element, and whether it is refused."""
    theirs = expectation.told
    alerts = theirs.get("alerts", [theirs])
    messages = [one for one in ours(expectation) if one["format"].startswith("cap-1")]
    their_values = _flat(enumerate(map(_cap_message, alerts)))
    return _flat(enumerate(map(_cap_message, messages))), their_values, len(alerts)


def _cap_message(told: Told) -> Told:
    """Of a refused message only that it is refused counts: it has no values."""
    message = told.get("message", told)
    if told["verdict"] == "reject":
        return {"format": told["format"], "verdict": "reject"}
    infos = [
        {name: info[name] for name in INFO_FIELDS}
        | {"areas": [{name: area[name] for name in AREA_FIELDS} for area in info["areas"]]}
        for info in message["infos"]
    ]
    return {"format": told["format"]} | {name: message[name] for name in ALERT_FIELDS} | {"infos": infos}


def feed(expectation: Expectation) -> Compared:
    """An Atom or RSS feed: its entries, and the alerts inside."""
    document = read_document(expectation.body)
    entries = index_entries(document) if isinstance(document, Document) else ()
    ours_told: list[Told] = [
        {
            "id": one.id,
            "title": one.title,
            "updated": one.updated,
            "links": [
                {"href": link.href, "type": link.media_type, "rel": link.relation} for link in one.links
            ],
            "cap": {
                **{name: list(texts) for name, texts in one.cap.items()},
                **{name: [_as_children(pairs)] for name, pairs in one.cap_codes.items()},
            },
            "embedded": int(one.embedded),
        }
        for one in entries
    ]
    our_alerts, their_alerts, messages = cap(expectation)
    our_entries = {f"entries{name}": value for name, value in _flat(enumerate(ours_told)).items()}
    theirs = _flat(enumerate(cast("list[Told]", expectation.told["entries"])))
    their_entries = {f"entries{name}": value for name, value in theirs.items()}
    return our_entries | our_alerts, their_entries | their_alerts, messages


def _as_children(pairs: tuple[tuple[str, str], ...]) -> list[list[str]]:
    """Names and values one after the other, as the other reader lists them."""
    return [child for name, value in pairs for child in (["valueName", name], ["value", value])]


def refused(expectation: Expectation) -> Compared:
    """What the other reader cannot read at all."""
    verdicts = {one["verdict"] for one in ours(expectation)}
    return {"verdict": ",".join(sorted(verdicts))}, {"verdict": expectation.told["verdict"]}, 0


def family_of(format_: str) -> Family | None:
    """The function for a format of the reference, or None where none is compared yet."""
    if format_.startswith(("cap-1", "bundle-")):
        return cap
    if format_.startswith("feed-"):
        return feed
    return refused if format_ == "None" else None


def compare(chosen: Iterable[Expectation]) -> dict[str, Agreement]:
    """Agreement by source."""
    found: dict[str, Agreement] = {}
    for expectation in chosen:
        family = family_of(expectation.format)
        if family is not None:
            our_values, their_values, messages = family(expectation)
            agreement = found.setdefault(expectation.source, Agreement())
            agreement.add(expectation.name, our_values, their_values, messages)
    return found


# --- values made comparable ---


def _flat(numbered: Iterable[tuple[int, Any]]) -> Values:
    """Every value by the path to it. A list of values is one value."""
    return dict(pair for number, value in numbered for pair in _leaves(f"[{number}]", value))


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in cast("Told", value).items():
            yield from _leaves(f"{path}.{name}", inner)
    elif isinstance(value, list) and path.endswith((".infos", ".areas")):
        for number, inner in enumerate(cast("list[Any]", value)):
            yield from _leaves(f"{path}[{number}]", inner)
    else:
        yield path, _plain(value)


def _plain(value: Any) -> Any:
    """Empty and absent made equal, also inside."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in cast("Told", value).items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in cast("list[Any]", value)]
    return value or None if isinstance(value, str) else value


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 100 else f"{text[:97]}…"


# --- the table ---


def table(found: dict[str, Agreement]) -> str:
    """A row for each source, and the sum."""
    total = Agreement()
    for one in found.values():
        total.documents += one.documents
        total.messages += one.messages
        total.values += one.values
        total.differences += one.differences
    rows = [("source", "documents", "messages", "values", "differ", "agree %")]
    rows += [
        (name, *(f"{n:,}" for n in (one.documents, one.messages, one.values, len(one.differences))),
         f"{one.share:.2f}")
        for name, one in (*sorted(found.items()), ("all", total))
    ]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            (row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])),
        )
        for row in rows
    )


def main(sources: list[str]) -> None:
    """Print the table of the chosen sources, or of all, and what differs."""
    chosen = (one for one in expectations() if not sources or one.source in sources)
    found = compare(chosen)
    print(table(found))  # noqa: T201
    for agreement in found.values():
        for difference in agreement.differences[:MOST_SHOWN]:
            print(difference)  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1:])
