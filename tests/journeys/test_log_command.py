"""`duty log` as somebody types it who files the duty log of a day or a month."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from docx import Document
from openpyxl import load_workbook

from conftest import FreshDatabase
from jiaoying.duty.actions import Doer
from jiaoying.duty.log import LogFields, LogKind
from jiaoying.duty.log_store import write_entry
from jiaoying.duty.store import save_desk
from jiaoying.kernel.clock import wall_now
from jiaoying.storage.database import Database
from storage.county import TOWN, add_areas

DESK = "龙港镇值班室"


async def test_a_day_and_a_month_are_written_for_whoever_gives_the_command(
    database: Database, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    now, zone = wall_now(), ZoneInfo("Asia/Shanghai")
    day = now.astimezone(zone).date()
    async with database.transaction() as tx:
        await add_areas(tx)
        desk = await save_desk(tx, TOWN, DESK, None, now=now, actor="test")
        said = LogFields(now, LogKind.CALL_IN, "梁庄村后山有落石", phone="+8610000000001")
        await write_entry(tx, desk.id, said, Doer("user:王芳", "", now, zone))
    names = {
        "JIAOYING_DATABASE_URL": fresh_database.app_url,
        "JIAOYING_REDIS_URL": "none",
        "JIAOYING_DATA_DIR": str(tmp_path / "var"),
        "JIAOYING_LANGUAGE": "zh-CN",
    }
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ}

    async def types(*words: str, code: int = 0) -> str:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jiaoying", "duty", "log", *words),
            env=kept | names,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        _, err = await process.communicate()
        assert process.returncode == code, (words, err.decode())
        return err.decode()

    one_day = ("--desk", DESK, "--day", day.isoformat())
    assert f"{DESK}值班日志已写入 day.docx" in await types(*one_day, "-o", "day.docx", "--by", "王芳")
    found = Document(str(tmp_path / "day.docx"))
    rows = [[cell.text for cell in row.cells] for row in found.tables[1].rows]
    assert [row[2:4] for row in rows[1:]] == [["10000000001", "【来电】梁庄村后山有落石"]]
    assert "填表人：王芳" in found.paragraphs[1].text
    assert (tmp_path / "day.docx").stat().st_mode & 0o777 == 0o600
    await types(*one_day, "-o", "masked.docx", "--masked")
    assert Document(str(tmp_path / "masked.docx")).tables[1].rows[1].cells[2].text == "100****0001"
    await types("--desk", DESK, "--month", f"{day:%Y-%m}", "-o", "month.xlsx", "--unit", "龙港镇")
    page: Any = load_workbook(tmp_path / "month.xlsx").active
    assert page["A2"].value == "填报单位：龙港镇"
    assert page.max_row >= day.day + 3
    for words, sentence in (
        ((*one_day, "-o", "day.pdf"), ".xlsx 或 .docx"),
        ((*one_day, "--month", "2026-08", "-o", "day.xlsx"), "给出一个"),
        (("--desk", DESK, "-o", "day.xlsx"), "给出一个"),
        (("--desk", "别处", "--day", day.isoformat(), "-o", "day.xlsx"), "别处"),
        (("--desk", DESK, "--day", "昨天", "-o", "day.xlsx"), "不是日期"),
        (("--desk", DESK, "--day", (day + timedelta(days=2)).isoformat(), "-o", "day.xlsx"), "还没有到"),
    ):
        assert sentence in await types(*words, code=1)
    assert not (tmp_path / "day.xlsx").exists()
