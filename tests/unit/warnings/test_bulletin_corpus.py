"""Real bulletins, where a corpus lies beside the checkout."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from jiaoying.warnings.gazetteer import china_counties
from jiaoying.warnings.model import ParsedMessage, Verdict
from jiaoying.warnings.read import read_messages

DATA = Path(__file__).parents[4] / "shared" / "data"
PLACES = china_counties()


def parts(text: str, sent: str) -> list[ParsedMessage]:
    return read_messages(text.encode(), datetime.fromisoformat(sent), PLACES)


def names(codes: tuple[str, ...]) -> list[str]:
    return [area.name for code in codes if (area := PLACES.get(code)) is not None]


# How each is to be read: when it was seen, the colours with their places, how many questions it leaves.
READINGS: dict[str, tuple[str, list[tuple[str, int]], int]] = {
    "sx-shanhong-20250814": ("2025-08-14T18:00+08:00", [("blue", 0)], 3),
    "linfen-shanhong-20250918": ("2025-09-18T12:00+08:00", [("yellow", 12), ("blue", 5)], 0),
    "yaodu-dizhi-20250918": ("2025-09-18T18:00+08:00", [("blue", 1)], 0),
    "shaanxi-qiangduiliu-20240909": ("2024-09-09T12:00+08:00", [("blue", 0)], 3),
    "anlong-baoyu-yellow": ("2025-06-05T08:00+08:00", [("yellow", 0)], 1),
}


def collected() -> Iterator[dict[str, Any]]:
    path = DATA / "cn" / "bulletin_texts.jsonl"
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def test_collected_bulletins_are_read_as_their_notes_say() -> None:
    for known in collected():
        sent, told, questions = READINGS[known["id"]]
        [parsed] = parts(known["text"], sent)
        expected = known["expect"]
        issued = parsed.issued_warnings
        assert [(one.colour, len(one.area_codes)) for one in issued] == told, known["id"]
        assert len(parsed.questions) == questions, known["id"]
        assert parsed.message is not None
        assert parsed.message.sender == "、".join(expected["issuers"])
        assert issued[0].event == expected["hazard"]
        for ours, key in (
            (issued[0].sent_at, "issued"),
            (issued[0].valid_from, "start"),
            (issued[0].valid_to, "end"),
        ):
            assert key not in expected or ours == datetime.fromisoformat(expected[key]), (known["id"], key)
        if "by_colour" in expected:
            assert names(issued[0].area_codes) == expected["by_colour"]["黄色"]


def shenzhen_texts() -> set[str]:
    """Every published text of the Shenzhen feeds that says who publishes what."""
    texts: set[str] = set()
    for path in sorted((DATA / "corpus" / "cn-sz-hk-mo").glob("sz*.json")):
        texts.update(_strings(json.loads(path.read_text(encoding="utf-8"))))
    return {text for text in texts if "发布" in text and len(text) > 40}


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in cast("dict[str, object]", value).values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in cast("list[object]", value):
            yield from _strings(inner)


def test_no_published_text_of_shenzhen_is_refused() -> None:
    home = PLACES.at_home("440300000000")
    refused = [
        text
        for text in sorted(shenzhen_texts())
        for parsed in read_messages(text.encode(), datetime(2026, 9, 1, tzinfo=UTC), home)
        if parsed.verdict is Verdict.REJECT
    ]
    assert refused == []
