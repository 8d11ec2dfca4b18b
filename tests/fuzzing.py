"""Coverage-guided fuzzing of the readers of warnings, for a bounded time: `make fuzz`.

    python tests/fuzzing.py TARGET FOLDER SECONDS

A target is a family of documents with seeds of its own; all of them go through the same door as
everything from outside. What libFuzzer finds worth keeping lies in FOLDER and is built upon at the next
run; a document that breaks a reader is written there as `crash-…`, one that takes too long as `timeout-…`.
"""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import atheris  # pyright: ignore[reportMissingModuleSource] - `make fuzz` installs it for itself

with atheris.instrument_imports(include=["jiaoying.warnings"]):  # pyright: ignore
    from jiaoying.warnings.read import read_messages, to_json

from unit.warnings.samples import alert
from unit.warnings.test_containers import archive
from unit.warnings.test_fuzz import SAMPLES

NOW = datetime(2026, 7, 15, 9, tzinfo=UTC)
MOST_S = 5  # for one document
MOST_BYTES = 20_000
MOST_MB = 1_500

SEEDS: dict[str, list[bytes]] = {
    "xml": SAMPLES,
    "archive": [archive(("a.xml", alert()), ("b.xml", SAMPLES[3])), archive(("a.xml", alert()), packing=0)],
    "json": [b"{}", b"[]", b'{"code":"200","warning":[]}', b'{"type":"FeatureCollection","features":[]}'],
    "text": ["沁水县气象台2026年7月15日16时30分发布暴雨橙色预警信号：预计未来3小时".encode()],
}


def read_one(body: bytes) -> None:
    """What must hold for any bytes: there is a result, and it can be written down."""
    results = read_messages(body, NOW)
    if not results:
        raise AssertionError("no result")
    json.dumps([to_json(one, "x") for one in results], ensure_ascii=False, allow_nan=False)


def main(target: str, folder: Path, seconds: int) -> None:
    """Fuzz one target; libFuzzer ends the process when the time is over."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[target]):
        (folder / f"seed-{number}").write_bytes(seed)
    options = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        f"-timeout={MOST_S}",
        f"-max_len={MOST_BYTES}",
        f"-rss_limit_mb={MOST_MB}",
        f"-artifact_prefix={folder}/",
        str(folder),
    ]
    fuzzer: Any = atheris  # pyright: ignore[reportUnknownVariableType]
    fuzzer.Setup(options, read_one)
    fuzzer.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
