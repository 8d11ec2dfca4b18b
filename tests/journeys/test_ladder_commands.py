"""The ladders as an operator types them: check, import, versions, export, dry run, replay."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update

from conftest import FreshDatabase
from jiaoying.demonstration.messages import fresh_copy
from jiaoying.dispatch.ladders.reading import default_text
from jiaoying.kernel.clock import wall_now
from jiaoying.kernel.ids import new_id
from jiaoying.storage import schema
from jiaoying.storage.database import Database
from storage.county import NOW, TOWN, VILLAGE, add_areas, add_call_out, add_contact, add_warning


async def test_ladders_are_checked_kept_tried_and_nothing_is_sent(
    database: Database, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    async with database.transaction() as tx:
        await add_areas(tx)
        holder = await add_contact(tx, "赵演示", "+8610000000001")
        mute = await add_contact(tx, "钱演示")
        superior = await add_contact(tx, "孙演示", "+8610000000003")
        for area, level, kind, of, above in (
            (VILLAGE, "village", "防汛责任人", holder, superior),
            (TOWN, "township", "镇长", superior, holder),  # each other's superiors
        ):
            await tx.execute(
                insert(schema.posts).values(
                    id=new_id(NOW), area_code=area, kind=kind, level=level, tier=level, holder_id=of,
                    superior_id=above,
                )
            )  # fmt: skip
        past = await add_warning(tx, colour="orange", area_codes=[VILLAGE])
        await add_call_out(tx, past, holder, [])
    environment = {
        name: os.environ[name] for name in ("PATH", "PYTHONPATH", "HOME") if name in os.environ
    } | {
        "JIAOYING_DATABASE_URL": fresh_database.app_url,
        "JIAOYING_REDIS_URL": "none",
        "JIAOYING_DATA_DIR": str(tmp_path / "var"),
        "JIAOYING_LANGUAGE": "en",
    }

    async def types(*words: str, leaves: int = 0) -> tuple[str, str]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "jiaoying", "ladders", *words),
            env=environment,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == leaves, (words, out.decode(), err.decode())
        return out.decode(), err.decode()

    # A file that is doubtful is told of and taken; one that is wrong is refused.
    draft = default_text().replace(
        "      village: &orange\n        stop: any\n        deadline_s: 300\n        rungs:\n",
        "      village: &orange\n        stop: any\n        deadline_s: 300\n        rungs:\n"
        f"          - {{who: {{person: {mute}, name: 钱演示}}, channels: [voice], wait_s: 60}}\n",
    )
    (tmp_path / "draft.yaml").write_text(draft, encoding="utf-8")
    findings = json.loads((await types("check", "draft.yaml", "--json"))[0])
    assert {(one["severity"], one["field"]) for one in findings} == {
        ("warning", "rules[7].tiers.village.rungs[1].who"),
        ("warning", "rules[7].tiers.township.rungs[1].who"),
        ("warning", "roster"),
    }
    assert any("钱演示 has no number" in one["text"] for one in findings)
    assert any("孙演示" in one["text"] and "each other's superiors" in one["text"] for one in findings)
    (tmp_path / "wrong.yaml").write_text(default_text().replace("[red]", "[blue]"), encoding="utf-8")
    assert "No rule fits" in (await types("import", "wrong.yaml", leaves=1))[1]
    _, told = await types("import", "draft.yaml", "--note", "a person of our own first")
    assert "warning: rules[7].tiers.village.rungs[1].who" in told
    assert "a person of our own first" in (await types("versions"))[0]
    assert (await types("export"))[0] == draft

    (tmp_path / "orange.xml").write_bytes(fresh_copy("rain_orange", wall_now()))
    run = json.loads((await types("dry-run", "orange.xml", "--json"))[0])
    people: Mapping[str, Any] = {one["name"]: one for one in run["people"]}
    assert (people["钱演示"]["trouble"], people["钱演示"]["begins_s"]) == ("no_number", 0)
    assert people["赵演示"]["numbers"] == ["100****0001"]
    assert people["赵演示"]["parts"] >= 1
    assert people["赵演示"]["why"][0]["label"] == "杏园村 防汛责任人"
    assert run["since_last"] is None
    async with database.transaction() as tx:
        await tx.execute(update(schema.posts).values(holder_id=superior))
    later, _ = await types("dry-run", "orange.xml")
    assert "Since the dry run of" in later
    assert "no number in the roster" in later

    replayed = json.loads((await types("replay", str(past), "--json"))[0])
    assert str(superior) in {one["contact_id"] for one in replayed["people"]}
    assert "ever called anybody" in (await types("replay", str(new_id(NOW)), leaves=1))[1]
    async with database.transaction() as tx:
        assert await tx.scalar(select(func.count()).select_from(schema.attempts)) == 0
