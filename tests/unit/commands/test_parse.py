"""`jiaoying warnings parse`, as a person and a script use it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from unit.warnings.samples import alert


def parse(*arguments: str | Path) -> tuple[int, list[dict[str, Any]], str]:
    """Exit code, the objects that were printed, and what went to stderr."""
    ran = subprocess.run(
        [sys.executable, "-m", "jiaoying", "warnings", "parse", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={"JIAOYING_LANGUAGE": "en", "PYTHONPATH": ":".join(sys.path), "PYTHONUTF8": "1"},
    )
    return ran.returncode, [json.loads(line) for line in ran.stdout.splitlines()], ran.stderr


def test_a_line_for_each_message_of_each_file(tmp_path: Path) -> None:
    """The index counts within a file; a rejected file stops no other, and 1 says that there was one."""
    bundle, broken, single = (tmp_path / name for name in ("bundle.xml", "broken.xml", "single.xml"))
    bundle.write_bytes(b"<alerts>" + alert() + alert(identifier="two") + b"</alerts>")
    broken.write_bytes(b"<alert")
    single.write_bytes(alert(namespace="urn:oasis:names:tc:emergency:cap:1.1"))
    code, told, errors = parse(bundle, broken, single)
    assert code == 1
    assert [(one["file"], one["index"], one["format"], one["verdict"]) for one in told] == [
        (str(bundle), 0, "cap-1.2", "accept"),
        (str(bundle), 1, "cap-1.2", "accept"),
        (str(broken), 0, "unknown", "reject"),
        (str(single), 0, "cap-1.1", "accept"),
    ]
    assert errors.strip() == "1 messages were rejected"


def test_with_a_format_named_every_other_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(alert())
    assert parse(file, "--format", "cap-1.2")[0] == 0
    code, told, _ = parse(file, "--format", "cap-1.0")
    assert code == 1
    assert [one["complaints"] for one in told] == [
        [{"code": "other-format", "field": "document", "text": "it is cap-1.2, not cap-1.0"}]
    ]


def test_an_unknown_format_is_wrong_usage(tmp_path: Path) -> None:
    file = tmp_path / "a.xml"
    file.write_bytes(alert())
    code, _, errors = parse(file, "--format", "cap-9")
    assert code == 2
    assert "cap-1.1" in errors
