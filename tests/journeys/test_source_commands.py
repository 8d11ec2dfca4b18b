"""Sources from the command line, as an operator types it."""

import asyncio
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from conftest import FreshDatabase

pytestmark = pytest.mark.usefixtures("no_sources")

FILE = """
sources:
- name: 省台
  kind: poll
  address: https://cap.example.gov.cn/rss.xml
  silence_s: 86400
  credential: {kind: header, name: X-Key, secret: swordfish}
  hold_s: {blue: 600}
- name: 县气象局
  kind: push
  proof: both
  signing_secret: sixteen-characters-and-more
"""


@dataclass(slots=True)
class Operator:
    """Somebody at the command line of one installation."""

    environment: dict[str, str]
    folder: Path

    async def types(self, *words: str, status: int = 0) -> str:
        """What is printed on standard output; on standard error where it is refused."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "jiaoying", *words),
            env=self.environment,
            cwd=self.folder,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == status, (words, out.decode(), err.decode())
        return (err if status else out).decode()


@pytest.fixture
async def operator(fresh_database: FreshDatabase, tmp_path: Path) -> Operator:
    names = {
        "JIAOYING_DATABASE_URL": fresh_database.app_url,
        "JIAOYING_REDIS_URL": "none",
        "JIAOYING_DATA_DIR": str(tmp_path / "var"),
        "JIAOYING_LANGUAGE": "en",
    }
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}
    return Operator(kept | names, tmp_path)


async def test_sources_go_in_and_out_as_a_file(operator: Operator) -> None:
    file = operator.folder / "sources.yaml"
    file.write_text(FILE)
    assert json.loads(await operator.types("sources", "import", str(file), "--json")) == {
        "added": 2,
        "changed": 0,
        "unchanged": 0,
    }
    out = operator.folder / "out.yaml"
    await operator.types("sources", "export", str(out))
    text = out.read_text()
    assert "swordfish" not in text
    assert text.count("********") == 3
    assert "2 as they were" in await operator.types("sources", "import", str(out))
    lines = [json.loads(line) for line in (await operator.types("sources", "list", "--json")).splitlines()]
    assert [(line["name"], line["state"]) for line in lines] == [("县气象局", "unheard"), ("省台", "unheard")]
    assert "swordfish" not in repr(lines)
    token = json.loads(
        await operator.types(
            *("tokens", "create", "bureau", "--scope", "warnings:write", "--source", "县气象局", "--json")
        )
    )
    assert token["name"] == "bureau"
    assert len((await operator.types("sources", "secret", "县气象局")).strip()) == 32
    assert "nobody" in await operator.types("sources", "secret", "nobody", status=1)
    assert "X-QW-Api-Key" in await operator.types("sources", "presets", "--json")


async def test_a_file_with_a_mistake_changes_nothing_and_names_it(operator: Operator) -> None:
    file = operator.folder / "sources.yaml"
    file.write_text(FILE.replace("kind: push", "kind: radio"))
    told = await operator.types("sources", "import", str(file), status=1)
    assert "sources[2].kind" in told
    assert await operator.types("sources", "list", "--json") == ""
