"""`contacts gaps` as a keeper types it: JSON lines, a table, a sheet."""

import asyncio
import json
import os
import sys
from pathlib import Path

from openpyxl import load_workbook

from conftest import FreshDatabase
from jiaoying.storage.database import Database
from storage.gap_roster import COUNTY, whole_county

VILLAGE = "140522100201"


async def test_gaps_are_told_on_a_terminal(
    database: Database, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    roster = whole_county()
    roster.duties = [duty for duty in roster.duties if duty.area != VILLAGE]
    async with database.transaction() as tx:
        await roster.save(tx)
    names = {
        "JIAOYING_DATABASE_URL": fresh_database.app_url,
        "JIAOYING_REDIS_URL": "none",
        "JIAOYING_DATA_DIR": str(tmp_path / "var"),
        "JIAOYING_LANGUAGE": "en",
        "JIAOYING_HOME_AREA": COUNTY,
    }
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}

    async def types(*words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jiaoying", "contacts", "gaps", *words),
            env=kept | names,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, (words, out.decode(), err.decode())
        return out.decode()

    (line,) = [
        json.loads(line)
        for line in (await types("--json", "--kind", "nobody")).splitlines()
        if "nobody" in line
    ]
    assert (line["area_code"], line["severity"], line["posts"]) == (VILLAGE, "grave", ["防汛责任人"])
    assert "flood" in line["hazards"]
    table = await types()
    assert "Villages: 6" in table
    assert "龙港镇201村" in table
    await types("--area", "140522100000", "--to", "gaps.xlsx")
    sheet = load_workbook(tmp_path / "gaps.xlsx").active
    assert sheet is not None
    assert any(row[1] == "龙港镇201村" for row in sheet.iter_rows(min_row=4, values_only=True))
