"""The roster as a workbook that reads back to the same roster, byte for byte the same each time."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from jiaoying.contacts.model import PostLevel
from jiaoying.kernel.hazards import Hazard

_HEADINGS = {
    "name": "姓名",
    "mobiles": "手机",
    "landlines": "办公电话",
    "area": "责任区域",
    "area_code": "区划代码",
    "post": "岗位",
    "level": "级别",
    "hazards": "灾种",
    "unit": "单位",
    "title": "职务",
    "deputy": "B角",
    "deputy_mobile": "B角手机",
    "superior": "上级",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
    "language": "语言",
    "note": "备注",
}
HAZARD_WORDS: Mapping[Hazard, str] = {
    Hazard.RAIN: "暴雨",
    Hazard.FLOOD: "洪水",
    Hazard.FLASH_FLOOD: "山洪",
    Hazard.WATERLOGGING: "内涝",
    Hazard.DAM: "水库",
    Hazard.GEOHAZARD: "地质灾害",
    Hazard.TYPHOON: "台风",
    Hazard.CONVECTIVE: "强对流",
    Hazard.SNOW_ICE: "暴雪",
    Hazard.COLD: "寒潮",
    Hazard.HEAT: "高温",
    Hazard.WIND: "大风",
    Hazard.VISIBILITY: "大雾",
    Hazard.DROUGHT: "干旱",
    Hazard.WILDFIRE: "森林火险",
    Hazard.EARTHQUAKE: "地震",
    Hazard.MINE: "矿山",
    Hazard.HAZCHEM: "危化品",
    Hazard.TRAFFIC: "道路交通",
    Hazard.ENVIRONMENT: "环境",
    Hazard.AIR: "重污染天气",
    Hazard.MARINE: "海洋",
    Hazard.CLOSURE_ORDER: "停工停产",
    Hazard.OTHER: "其他",
}
LEVEL_WORDS: Mapping[PostLevel, str] = {
    PostLevel.COUNTY: "县级",
    PostLevel.TOWNSHIP: "乡级",
    PostLevel.VILLAGE: "村级",
}
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_WIDTHS = {"name": 14, "mobiles": 18, "area": 26, "area_code": 15, "post": 22, "hazards": 26, "unit": 22}


def write_sheet(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write records in the shape of `contacts export --json` as an xlsx roster."""
    path.write_bytes(sheet_bytes(rows))


def sheet_bytes(rows: Sequence[Mapping[str, object]]) -> bytes:
    """As `write_sheet`, as bytes; columns that no record fills are left out."""
    columns = [column for column in _HEADINGS if any(_cell(row, column) for row in rows)] or list(_HEADINGS)
    book = Workbook(write_only=True)
    # Nobody's name and no moment of writing: the same roster is the same file.
    book.properties.creator = "jiaoying"
    book.properties.created = book.properties.modified = _EPOCH.replace(tzinfo=None)
    sheet = book.create_sheet("责任人名单")
    sheet.freeze_panes = "A2"
    for place, column in enumerate(columns):
        sheet.column_dimensions[chr(ord("A") + place)].width = _WIDTHS.get(column, 12)
    heading = [WriteOnlyCell(sheet, value=_HEADINGS[column]) for column in columns]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    for row in rows:
        cells = [WriteOnlyCell(sheet, value=_cell(row, column) or None) for column in columns]
        for cell in cells:
            if cell.value is not None:
                cell.data_type = "s"  # a name that begins with = is a name, not a formula
        sheet.append(cells)
    file = io.BytesIO()
    book.save(file)
    return _timeless(file.getvalue())


def _cell(row: Mapping[str, object], column: str) -> str:
    value = row.get(column)
    if not value:
        return ""
    if not isinstance(value, (list, tuple)):
        return LEVEL_WORDS[PostLevel(str(value))] if column == "level" else str(value)
    parts = [str(part) for part in cast("Sequence[object]", value)]
    return "、".join(HAZARD_WORDS[Hazard(part)] if column == "hazards" else part for part in parts)


def _timeless(data: bytes) -> bytes:
    """The same workbook with every moment of writing set to one."""
    moment = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
    stamp = rb"\g<1>" + _EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = zipfile.ZipInfo(entry.filename, date_time=(2000, 1, 1, 0, 0, 0))
            part.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(part, moment.sub(stamp, old.read(entry)))
    return file.getvalue()
