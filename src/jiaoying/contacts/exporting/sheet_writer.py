"""The roster as a workbook that reads back to the same roster, byte for byte the same each time.

Three sheets: who answers where, the danger points, and the households under them. Every cell is text: a
name that begins with = is a name, not a formula, and no spreadsheet rounds a number.
"""

import io
import re
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, BinaryIO, cast

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from jiaoying.contacts.model import PointKind, PostLevel
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.language import say


class Part(StrEnum):
    """What one sheet holds."""

    POSTS = "posts"
    POINTS = "points"
    HOUSEHOLDS = "households"


Row = Mapping[str, object]
SHEET_NAMES: Mapping[Part, str] = {
    Part.POSTS: "责任人名单",
    Part.POINTS: "隐患点",
    Part.HOUSEHOLDS: "受威胁户",
}
_OF_POINT = {
    "point_code": "隐患点编号",
    "point_name": "隐患点名称",
    "point_kind": "隐患点类别",
    "area": "责任区域",
    "area_code": "区划代码",
}
# Key of a record → heading.
COLUMNS: Mapping[Part, Mapping[str, str]] = {
    Part.POSTS: {
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
        "deputy_numbers": "B角手机",
        "superior": "上级",
        "superior_numbers": "上级手机",
        "valid_from": "有效期起",
        "valid_to": "有效期止",
        "languages": "语言",
        "point_code": "隐患点编号",
        "point_name": "隐患点名称",
        "note": "备注",
        "person_code": "责任人编码",
    },
    Part.POINTS: {
        **_OF_POINT,
        "lon": "经度",
        "lat": "纬度",
        "grade": "险情等级",
        "households": "威胁户数",
        "people": "威胁人数",
        "signal": "报警方式",
        "route": "撤离路线",
        "shelter": "避灾地点",
        "note": "备注",
    },
    Part.HOUSEHOLDS: {
        **_OF_POINT,
        "head": "户主",
        "number": "户主电话",
        "family": "家庭人口",
        "helper": "帮扶人",
        "helper_numbers": "帮扶人电话",
        "note": "备注",
    },
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
POINT_KIND_WORDS: Mapping[PointKind, str] = {
    PointKind.GEOHAZARD: "地质灾害隐患点",
    PointKind.FLASH_FLOOD: "山洪灾害危险区",
    PointKind.RESERVOIR: "水库",
    PointKind.CHECK_DAM: "淤地坝",
    PointKind.EMBANKMENT: "堤防",
    PointKind.MINE: "煤矿",
    PointKind.TAILINGS: "尾矿库",
    PointKind.SCENIC: "涉河景区",
    PointKind.FORD: "漫水桥",
    PointKind.OTHER: "其他",
}
EVERY_HAZARD = "全部"
VACANT = "空缺"
TEXT_FORMAT = "@"  # what is typed there later stays as it is typed
_BETWEEN = "、"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_WIDTHS = {"name": 14, "mobiles": 18, "area": 26, "area_code": 15, "post": 22, "hazards": 26, "unit": 22}


class RosterWorkbook:
    """A workbook in the making; rows go to disk as they come. Without `whole_numbers` it says so on top."""

    def __init__(self, *, whole_numbers: bool = True) -> None:
        self._book = new_book(write_only=True)
        note = None if whole_numbers else say("Numbers are hidden: do not import this list")
        self._sheets = {part: _begin(self._book, part, COLUMNS[part], note) for part in Part}

    def add(self, part: Part, rows: Sequence[Row]) -> None:
        """Write records, whose keys are those of COLUMNS, below those that are there."""
        for row in rows:
            _append(self._sheets[part], row, COLUMNS[part])

    def save(self, file: BinaryIO) -> None:
        """Finish it; nothing can be added afterwards."""
        save_book(self._book, file)


def sheet_bytes(rows: Sequence[Row]) -> bytes:
    """Posts alone, in the shape of `contacts export --json`; columns that no record fills are left out."""
    every = COLUMNS[Part.POSTS]
    columns = {key: name for key, name in every.items() if any(_cell(row, key) for row in rows)} or every
    book = new_book(write_only=True)
    sheet = _begin(book, Part.POSTS, columns, None)
    for row in rows:
        _append(sheet, row, columns)
    file = io.BytesIO()
    save_book(book, file)
    return file.getvalue()


def new_book(*, write_only: bool) -> Workbook:
    """A workbook that names nobody and no moment of writing: the same content is the same file."""
    book = Workbook(write_only=write_only)
    book.properties.creator = "jiaoying"
    book.properties.created = book.properties.modified = _EPOCH.replace(tzinfo=None)
    return book


def save_book(book: Workbook, file: BinaryIO) -> None:
    """Write it with every moment of writing set to one, a part after the other."""
    written = io.BytesIO()
    book.save(written)
    stamp = rb"\g<1>" + _EPOCH.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            part = zipfile.ZipInfo(entry.filename, date_time=_EPOCH.timetuple()[:6])
            part.compress_type, part.file_size = zipfile.ZIP_DEFLATED, entry.file_size
            if entry.filename == "docProps/core.xml":
                new.writestr(part, _MODIFIED.sub(stamp, old.read(entry)))
                continue
            with old.open(entry) as source, new.open(part, "w") as target:
                shutil.copyfileobj(source, target)


def _begin(book: Workbook, part: Part, columns: Mapping[str, str], note: str | None) -> Any:
    sheet: Any = book.create_sheet(SHEET_NAMES[part])
    sheet.freeze_panes = "A2" if note is None else "A3"
    for place, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTHS.get(column, 12)
    if note is not None:
        sheet.append([_bold(sheet, note)])
    sheet.append([_bold(sheet, heading) for heading in columns.values()])
    return sheet


def _bold(sheet: Any, words: str) -> object:
    cell = WriteOnlyCell(sheet, value=words)
    cell.font = Font(bold=True)
    return cell


def _append(sheet: Any, row: Row, columns: Mapping[str, str]) -> None:
    cells = [WriteOnlyCell(sheet, value=_cell(row, column) or None) for column in columns]
    for cell in cells:
        if cell.value is not None:
            cell.data_type = "s"
            cell.number_format = TEXT_FORMAT
    sheet.append(cells)


def _cell(row: Row, column: str) -> str:
    """One value in the words of the sheet; empty where there is none."""
    match column:
        case "name":
            return str(row["name"] or VACANT)
        case "hazards":
            return _BETWEEN.join(HAZARD_WORDS[Hazard(one)] for one in _list(row, column)) or EVERY_HAZARD
        case "languages":
            own = [row["language"]] if row.get("language") else []
            return _BETWEEN.join(map(str, (*own, *_list(row, "other_languages"))))
        case "level":
            return LEVEL_WORDS[PostLevel(str(row["level"]))]
        case "point_kind":
            return POINT_KIND_WORDS[PointKind(str(row["point_kind"]))]
        case "mobiles" | "landlines" | "deputy_numbers" | "superior_numbers" | "helper_numbers":
            return _BETWEEN.join(_list(row, column))
        case _:
            value = row.get(column)
            return "" if value is None else str(value)


def _list(row: Row, column: str) -> list[str]:
    return [str(one) for one in cast("Sequence[object]", row.get(column) or ())]
