"""Files of areas read into values: `code,name,level,parent_code[,lat,lon …]` and GeoJSON with a `code`.

A list of areas is read in portions, so that all of China takes no more memory than a county.
"""

import csv
import gzip
import io
import json
import math
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any, cast

import shapely
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry

from jiaoying.contacts.areas.shapes import mended
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level, is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import SheetComplaint, SheetFile

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_ROWS = 1_000_000
MAX_LINE_CHARACTERS = 10_000
MAX_COMPLAINTS = 200  # told one by one; more of the same help nobody
PORTION = 20_000  # rows read, and written in one statement
_COLUMNS = ("code", "name", "level", "parent_code")
_NO_VALUES = dict.fromkeys(_COLUMNS, "")
_LEVELS = {str(level): level for level in Level}
_TRUE = ("1", "true", "yes", "是")


@dataclass(frozen=True, slots=True)
class AreaFile:
    """What a file holds: areas, or shapes as WKB by code, and what is wrong."""

    areas: tuple[Area, ...]
    shapes: Mapping[str, bytes]
    complaints: tuple[SheetComplaint, ...]


@dataclass(slots=True)
class AreaReader:
    """A file that is read portion by portion; `complaints` grow on the way. Raises Refusal."""

    file: SheetFile
    complaints: list[SheetComplaint] = field(default_factory=list[SheetComplaint])
    codes: set[int] = field(default_factory=set[int])  # read so far, as numbers to be small
    share_read: float = 0.0  # of the file, 0…1

    @property
    def holds_shapes(self) -> bool:
        """Whether it is GeoJSON and no list."""
        with _unpacked(self.file) as text:
            return text.read(1000).lstrip()[:1] == "{"

    def shapes(self) -> Mapping[str, bytes]:
        """All shapes as WKB, by code."""
        with _unpacked(self.file) as text:
            return _read_shapes(self.file.name, _whole(self.file.name, text), self.complaints)

    def portions(self) -> Iterator[list[Area]]:
        """The areas of a list, in its order, each code once."""
        packed = io.BytesIO(self.file.data)
        portion: list[Area] = []
        with _unpacked(self.file, packed) as text:
            for area in self._areas(text):
                portion.append(area)
                if len(portion) == PORTION:
                    self.share_read = packed.tell() / max(len(self.file.data), 1)
                    yield portion
                    portion = []
        self.share_read = 1.0
        if portion:
            yield portion

    def complain(self, row: int, column: str, code: str, text: str) -> None:
        """Note what is wrong, while there is room for it."""
        if len(self.complaints) < MAX_COMPLAINTS:
            self.complaints.append(SheetComplaint(self.file.name, row, column, code, text))

    def _areas(self, text: IO[str]) -> Iterator[Area]:
        name = self.file.name
        reader = csv.DictReader(_within_bounds(name, text))
        missing = [column for column in _COLUMNS if column not in (_headings(name, reader) or ())]
        if missing:
            raise Refusal(say("{name} lacks the columns {columns}", name=name, columns=", ".join(missing)))
        for number, record in enumerate(_records(name, reader), start=2):
            if number > MAX_ROWS + 1:
                raise Refusal(say("{name} has more than {rows} rows; split it", name=name, rows=MAX_ROWS))
            try:
                area = _area_from(record)
            except ValueError as error:
                column = str(error)
                value = str(record.get(column) or "")[:40]
                problem = say("“{value}” cannot be used; the row is left out", value=value)
                self.complain(number, column, f"{column}_invalid", problem)
                continue
            if int(area.code) in self.codes:
                problem = say("{code} stands in an earlier row; this row is left out", code=area.code)
                self.complain(number, "code", "code_repeated", problem)
                continue
            self.codes.add(int(area.code))
            yield area


def read_areas(file: SheetFile) -> AreaFile:
    """Areas from CSV, shapes from GeoJSON, each also gzipped, all at once. Raises Refusal."""
    reader = AreaReader(file)
    if reader.holds_shapes:
        return AreaFile((), reader.shapes(), tuple(reader.complaints))
    areas = tuple(area for portion in reader.portions() for area in portion)
    return AreaFile(areas, {}, tuple(reader.complaints))


@contextmanager
def _unpacked(file: SheetFile, data: IO[bytes] | None = None) -> Generator[IO[str]]:
    """The text of a file, unpacked as it is read. What cannot be unpacked or decoded is refused."""
    packed = data or io.BytesIO(file.data)
    plain: Any = gzip.GzipFile(fileobj=packed) if file.data.startswith(b"\x1f\x8b") else packed
    try:
        with io.TextIOWrapper(plain, encoding="utf-8-sig", newline="") as text:
            yield text
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise Refusal(say("{name} is neither a CSV nor a GeoJSON file in UTF-8", name=file.name)) from error


def _whole(name: str, text: IO[str]) -> str:
    whole = text.read(MAX_UNPACKED_BYTES + 1)
    if len(whole) > MAX_UNPACKED_BYTES:
        raise Refusal(_too_large(name))
    return whole


def _within_bounds(name: str, text: IO[str]) -> Iterator[str]:
    """The lines; one without an end is cut, and is then no row that could be used."""
    read = 0
    while line := text.readline(MAX_LINE_CHARACTERS):
        read += len(line)
        if read > MAX_UNPACKED_BYTES:
            raise Refusal(_too_large(name))
        yield line


def _too_large(name: str) -> str:
    return say(
        "{name} holds more than {megabytes} MB; split it",
        name=name,
        megabytes=MAX_UNPACKED_BYTES // 1024 // 1024,
    )


def _headings(name: str, reader: "csv.DictReader[str]") -> Sequence[str] | None:
    try:
        return reader.fieldnames
    except csv.Error as error:
        raise _unreadable(name, error) from error


def _records(name: str, reader: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    try:
        yield from reader
    except csv.Error as error:
        raise _unreadable(name, error) from error


def _unreadable(name: str, error: Exception) -> Refusal:
    return Refusal(say("{name} is not a readable CSV file: {problem}", name=name, problem=error))


def _area_from(record: Mapping[str, Any]) -> Area:
    """One area; raises ValueError with the column that is wrong."""
    values = _NO_VALUES | {name: value.strip() for name, value in record.items() if isinstance(value, str)}
    if not is_area_code(values["code"]):
        raise ValueError("code")
    if not values["name"] or len(values["name"]) > 80:
        raise ValueError("name")
    level = _LEVELS.get(values["level"])
    if level is None:
        raise ValueError("level")
    if values["parent_code"] and not is_area_code(values["parent_code"]):
        raise ValueError("parent_code")
    successor = values.get("successor_code") or None
    if successor is not None and (not is_area_code(successor) or successor == values["code"]):
        raise ValueError("successor_code")
    lat, lon = _degrees(values, "lat", 90), _degrees(values, "lon", 180)
    if (lat is None) is not (lon is None):
        raise ValueError("lat" if lat is None else "lon")
    return Area(
        values["code"],
        values["name"],
        level,
        values["parent_code"] or None,
        lat,
        lon,
        seat_made_up=lat is not None and values.get("seat_made_up", "").lower() in _TRUE,
        successor_code=successor,
    )


def _degrees(values: Mapping[str, str], column: str, limit: float) -> float | None:
    text = values.get(column)
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        raise ValueError(column) from None
    if not math.isfinite(value) or abs(value) > limit:
        raise ValueError(column)
    return value


def _read_shapes(name: str, text: str, complaints: list[SheetComplaint]) -> Mapping[str, bytes]:
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(say("{name} is not valid JSON", name=name)) from error
    features = content.get("features") if content.get("type") == "FeatureCollection" else [content]
    if not isinstance(features, list):
        raise Refusal(say("{name} holds no list of features", name=name))
    shapes: dict[str, BaseGeometry] = {}
    for number, feature in enumerate(cast("list[object]", features), start=1):
        code, shape, complaint = _feature(feature)
        if complaint is not None and len(complaints) < MAX_COMPLAINTS:
            complaints.append(SheetComplaint(name, number, code or "code", *complaint))
        if code is not None and shape is not None:
            shapes[code] = shapely.union(shapes[code], shape) if code in shapes else shape
    return {code: shapely.to_wkb(shape) for code, shape in shapes.items()}


def _feature(feature: object) -> tuple[str | None, BaseGeometry | None, tuple[str, str] | None]:
    """Code, shape and complaint of one feature."""
    data = _mapping(feature)
    code = str(_mapping(data.get("properties")).get("code") or "")
    if not is_area_code(code):
        return None, None, ("code_invalid", say("The feature has no 12-digit code; it is left out"))
    try:
        given = shape_of(_mapping(data.get("geometry")))
        shape = mended(given)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, shapely.errors.ShapelyError):
        given = shape = None
    if given is None or shape is None or not _on_earth(shape):
        return code, None, ("shape_unusable", say("{code} has no usable polygon; it is left out", code=code))
    if not given.is_valid:
        return (
            code,
            shape,
            ("shape_mended", say("The outline of {code} crossed itself and was mended", code=code)),
        )
    return code, shape, None


def _mapping(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _on_earth(shape: BaseGeometry) -> bool:
    west, south, east, north = shape.bounds
    return -180 <= west <= east <= 180 and -90 <= south <= north <= 90
