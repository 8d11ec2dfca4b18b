"""Files of areas read into values: `code,name,level,parent_code[,lat,lon]` and GeoJSON with a `code`."""

import csv
import gzip
import io
import json
import math
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import shapely
from shapely.geometry import shape as shape_of
from shapely.geometry.base import BaseGeometry

from jiaoying.contacts.shapes import mended
from jiaoying.kernel.area_names import Area
from jiaoying.kernel.areas import Level, is_area_code
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.language import say
from jiaoying.kernel.sheets import SheetComplaint, SheetFile

MAX_UNPACKED_BYTES = 256 * 1024 * 1024
MAX_COMPLAINTS = 200  # told one by one; more of the same help nobody
_COLUMNS = ("code", "name", "level", "parent_code")


@dataclass(frozen=True, slots=True)
class AreaFile:
    """What a file holds: areas, or shapes as WKB by code, and what is wrong."""

    areas: tuple[Area, ...]
    shapes: Mapping[str, bytes]
    complaints: tuple[SheetComplaint, ...]


def read_areas(file: SheetFile) -> AreaFile:
    """Areas from CSV, shapes from GeoJSON, each also gzipped. Raises Refusal."""
    text = _unpacked(file)
    return _read_shapes(file.name, text) if text.lstrip()[:1] == "{" else _read_codes(file.name, text)


def _unpacked(file: SheetFile) -> str:
    try:
        data = file.data
        if data.startswith(b"\x1f\x8b"):
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(MAX_UNPACKED_BYTES + 1)
        if len(data) > MAX_UNPACKED_BYTES:
            raise Refusal(
                say(
                    "{name} holds more than {megabytes} MB; split it",
                    name=file.name,
                    megabytes=MAX_UNPACKED_BYTES // 1024 // 1024,
                )
            )
        return data.decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise Refusal(say("{name} is neither a CSV nor a GeoJSON file in UTF-8", name=file.name)) from error


def _read_codes(name: str, text: str) -> AreaFile:
    reader = csv.DictReader(io.StringIO(text))
    missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
    if missing:
        raise Refusal(say("{name} lacks the columns {columns}", name=name, columns=", ".join(missing)))
    areas: dict[str, Area] = {}
    complaints: list[SheetComplaint] = []
    for number, record in enumerate(_records(name, reader), start=2):
        try:
            area = _area_from(record)
        except ValueError as error:
            if len(complaints) < MAX_COMPLAINTS:
                column = str(error)
                value = str(record.get(column) or "")[:40]
                text_ = say("“{value}” cannot be used; the row is left out", value=value)
                complaints.append(SheetComplaint(name, number, column, f"{column}_invalid", text_))
            continue
        areas[area.code] = area
    return AreaFile(tuple(areas.values()), {}, tuple(complaints))


def _records(name: str, reader: Iterable[Mapping[Any, Any]]) -> Iterator[Mapping[Any, Any]]:
    try:
        yield from reader
    except csv.Error as error:
        raise Refusal(
            say("{name} is not a readable CSV file: {problem}", name=name, problem=error)
        ) from error


def _area_from(record: Mapping[Any, Any]) -> Area:
    """One area; raises ValueError with the column that is wrong."""
    values = {str(name): value.strip() for name, value in record.items() if isinstance(value, str)}
    values = dict.fromkeys(_COLUMNS, "") | values
    if not is_area_code(values["code"]):
        raise ValueError("code")
    if not values["name"] or len(values["name"]) > 80:
        raise ValueError("name")
    if values["level"] not in set(Level):
        raise ValueError("level")
    if values["parent_code"] and not is_area_code(values["parent_code"]):
        raise ValueError("parent_code")
    lat, lon = _degrees(values, "lat", 90), _degrees(values, "lon", 180)
    return Area(
        values["code"], values["name"], Level(values["level"]), values["parent_code"] or None, lat, lon
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


def _read_shapes(name: str, text: str) -> AreaFile:
    try:
        content: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refusal(say("{name} is not valid JSON", name=name)) from error
    features = content.get("features") if content.get("type") == "FeatureCollection" else [content]
    if not isinstance(features, list):
        raise Refusal(say("{name} holds no list of features", name=name))
    shapes: dict[str, BaseGeometry] = {}
    complaints: list[SheetComplaint] = []
    for number, feature in enumerate(cast("list[object]", features), start=1):
        code, shape, complaint = _feature(feature)
        if complaint is not None and len(complaints) < MAX_COMPLAINTS:
            complaints.append(SheetComplaint(name, number, code or "code", *complaint))
        if code is not None and shape is not None:
            shapes[code] = shapely.union(shapes[code], shape) if code in shapes else shape
    return AreaFile((), {code: shapely.to_wkb(shape) for code, shape in shapes.items()}, tuple(complaints))


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
