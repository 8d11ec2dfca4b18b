"""The formats besides CAP, over real documents with a reference reading made independently.

Read where they lie beside the checkout; passed over where they do not. `pytest -s` prints, for each family,
how many values agree. Where we differ on purpose, `DECIDED` says why.
"""

import json
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from jiaoying.warnings.model import Verdict
from jiaoying.warnings.read import read_messages, to_json

DATA = Path(__file__).parents[4] / "shared" / "data"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
FOLDERS = {
    "nws-feature": "nws-geojson",
    "nws-geojson": "nws-geojson",
    "derived-collections": "nws-geojson or meteoalarm-json",
    "meteoalarm-json-warning": "meteoalarm-json",
    "qweather": "qweather-v7 or qweather-alert-v1",
    "cn-sz-hk-mo": "cn-shenzhen, cn-hongkong or cn-macau",
}
HEAD = ("identifier", "sender", "sent", "status", "msgType", "scope", "references", "incidents", "code")
INFO = ("language", "category", "event", "responseType", "urgency", "severity", "certainty", "effective",
        "onset", "expires", "senderName", "headline", "description", "instruction", "web", "contact",
        "eventCode", "parameter", "areas")  # fmt: skip

# Fields that are ours by decision, with the reason; they are not counted.
DECIDED = {
    "parameter": "NWS: `ends` is told as eventEndingTime where the parameters lack it",
    "event": "Hong Kong, Macau: the reference has a name of its own or the key of the document; for people"
    " it is said in Chinese, and the key stands in eventCode",
    "identifier": "Shenzhen's page, Hong Kong, Macau: the reference has none, a message needs one",
    "active": "Macau: where nothing is in force there is no message, so no text of it either",
    "more": "Shenzhen's page: further warnings under the same icon, passed over by the reference, are read",
}


@dataclass
class Tally:
    """Values that agree and that do not, by field."""

    same: Counter[str] = field(default_factory=Counter[str])
    other: dict[str, list[str]] = field(default_factory=lambda: defaultdict[str, list[str]](list))

    def note(self, name: str, ours: Any, due: Any, where: str) -> None:
        if plain(ours) == plain(due):
            self.same[name] += 1
        else:
            self.other[name].append(f"{where}: {ours!r} for {due!r}")

    def line(self, family: str) -> str:
        same, other = sum(self.same.values()), sum(map(len, self.other.values()))
        return f"{family:26} {same:6} of {same + other:6} values agree"


def plain(value: Any) -> Any:
    """Empty and absent made equal, outer blanks off, line ends a line feed, also inside."""
    if isinstance(value, dict):
        items = cast("dict[str, Any]", value).items()
        return {key: inner for key, one in items if (inner := plain(one)) is not None}
    if isinstance(value, list):
        return [plain(inner) for inner in cast("list[Any]", value)] or None
    return value.replace("\r\n", "\n").strip() or None if isinstance(value, str) else value


def report(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def documents(folder: str) -> Iterator[tuple[Path, list[dict[str, Any]], dict[str, Any]]]:
    """Each document with what we read and what the reference says."""
    for path in sorted((DATA / "corpus" / folder).glob("*")):
        read = [to_json(parsed, path.name) for parsed in read_messages(path.read_bytes(), NOW)]
        due = DATA / "corpus_expected" / folder / f"{path.name}.json"
        yield path, read, json.loads(due.read_text(encoding="utf-8"))


def compare_cap_like(tally: Tally, ours: dict[str, Any], due: dict[str, Any], where: str) -> None:
    """A message and a reference that both have the names of CAP."""
    for name in HEAD:
        if name in due:
            tally.note(name, ours["message"][name], due[name], where)
    infos = ours["message"]["infos"]
    tally.note("infos", len(infos), len(due["infos"]), where)
    for info, due_info in zip(infos, due["infos"], strict=True):
        for name in INFO:
            if name in due_info:
                tally.note(name, part(info, name, due_info), due_info[name], where)


def part(info: dict[str, Any], name: str, due: dict[str, Any]) -> Any:
    if name == "parameter" and len(info[name]) == len(due[name]) + 1 and due.get("ends"):
        return info[name][:-1]  # DECIDED
    if name == "areas":
        keys = ("areaDesc", "polygons", "circles", "geocodes")
        return [{key: area[key] for key in keys} for area in info[name]]
    return info[name]


@pytest.mark.parametrize(
    "folder", ["nws-feature", "nws-geojson", "derived-collections", "meteoalarm-json-warning"]
)
def test_documents_with_names_of_cap_agree_wholly(folder: str) -> None:
    tally = Tally()
    for path, read, due in documents(folder):
        dues = due.get("alerts", [due])
        assert len(read) == len(dues), path
        for ours, one in zip(read, dues, strict=True):
            assert ours["format"] in FOLDERS[folder]
            assert (ours["verdict"] == Verdict.REJECT) == (one["verdict"] == "reject"), path
            if ours["message"] is not None:
                compare_cap_like(tally, ours, one, f"{path.name}[{ours['index']}]")
    report(tally.line(folder))
    assert dict(tally.other) == {}


def colour_of(info: dict[str, Any]) -> str | None:
    return next((one["value"] for one in info["parameter"] if one["valueName"] == "colour"), None)


def test_qweather_agrees_wholly() -> None:
    tally = Tally()
    for path, read, due in documents("qweather"):
        for ours, one in zip(read, due["alerts"], strict=True):
            [info] = ours["message"]["infos"]
            where = f"{path.name}[{ours['index']}]"
            for name in ("identifier", "sent", "msgType"):
                tally.note(name, ours["message"][name], one[name], where)
            for name in INFO:
                if name in one and name != "eventCode":
                    tally.note(name, info[name], one[name], where)
            tally.note("eventCode", info["eventCode"][0]["value"], one["eventCode"], where)
            tally.note("colour", colour_of(info), one["color"], where)
            supersedes = [reference["identifier"] for reference in ours["message"]["references"]]
            tally.note("supersedes", supersedes, one["supersedes"], where)
    report(tally.line("qweather"))
    assert dict(tally.other) == {}


def test_shenzhen_hong_kong_and_macau_are_all_read() -> None:
    tallies: dict[str, Tally] = defaultdict(Tally)
    for path, read, due in documents("cn-sz-hk-mo"):
        if due["verdict"] == "reject":  # the empty body
            assert [complaint["code"] for complaint in read[0]["complaints"]] == ["empty"]
            continue
        assert read[0]["format"] in FOLDERS["cn-sz-hk-mo"] or path.read_bytes().strip() == b"[]", path
        dues = [one for one in due["alerts"] if one.get("active") is not False]  # DECIDED
        messages = [ours for ours in read if ours["message"] is not None]
        assert not [ours for ours in read if ours["verdict"] == Verdict.REJECT], path
        assert len(messages) == len(dues) or path.name.startswith("szAlarm"), path  # DECIDED: more
        assert messages or read[0]["not_actionable"], path
        if path.name.startswith("sz"):  # all that the two feeds hold is in force
            assert not [ours for ours in messages if ours["not_actionable"]], path
        for ours, one in zip(messages, dues, strict=False):
            compare_local(tallies[path.name.partition("_202")[0]], ours["message"], one, path.name)
    for family, tally in sorted(tallies.items()):
        report(tally.line(family))
    assert {family: dict(tally.other) for family, tally in tallies.items() if tally.other} == {}


def compare_local(tally: Tally, ours: dict[str, Any], due: dict[str, Any], where: str) -> None:
    info = ours["infos"][0]
    if due.get("sent") is not None:
        tally.note("sent", ours["sent"], due["sent"], where)
    tally.note("description", info["description"], due["description"], where)
    for name in ("senderName", "effective"):
        if name in due:
            tally.note(name, info[name], due[name], where)
    if "areaDesc" in due:  # Shenzhen
        tally.note("areaDesc", info["areas"][0]["areaDesc"], due["areaDesc"], where)
        tally.note("event", info["event"], due["event"], where)
        tally.note("severity", info["severity"], due["severity"], where)
        tally.note("colour", colour_of(info), due["color"], where)
    if due.get("identifier") is not None:
        tally.note("identifier", ours["identifier"], due["identifier"], where)
    if due.get("action") is not None:
        tally.note("ends", ours["msgType"] == "Cancel", due["action"] == "CANCEL", where)
    for name, language in (("description_en", "en"), ("description_pt", "pt")):
        if due.get(name):
            [told] = [one["description"] for one in ours["infos"] if one["language"] == language]
            tally.note(name, told, due[name], where)
