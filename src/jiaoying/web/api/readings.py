"""Readings of stations (监测站), and the stations themselves."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, cast

from aiohttp import web

from jiaoying.dispatch.raising import raise_alarm_once
from jiaoying.kernel.areas import is_area_code
from jiaoying.kernel.language import say
from jiaoying.storage.database import Tx
from jiaoying.warnings.stations.intake import Taken, take_readings
from jiaoying.warnings.stations.model import Level, Reading, StationKind, StationSetup, Threshold
from jiaoying.warnings.stations.setup import check_setup
from jiaoying.warnings.stations.store import Station, all_stations, save_stations, unknown_areas
from jiaoying.web.api.endpoint import Call, Endpoint
from jiaoying.web.api.problems import Problem, malformed
from jiaoying.web.api.reading import read_body
from jiaoying.web.api.shapes import (
    NUMBER,
    TEXT,
    TIME,
    answer_with,
    listed,
    maybe,
    one_of,
    record,
)

LARGEST_READINGS = 1024 * 1024
MOST_READINGS = 2_000
MOST_STATIONS = 500
LONGEST_CODE = 64
Object = Mapping[str, Any]


async def post_readings(call: Call) -> web.StreamResponse:
    """Stations are saved first, then the readings are kept and judged: all of it or nothing."""
    body = await _read_object(call)
    setups = [
        _setup(one, f"stations[{at}]") for at, one in enumerate(_objects(body, "stations", MOST_STATIONS))
    ]
    given = [
        _reading(one, f"readings[{at}]") for at, one in enumerate(_objects(body, "readings", MOST_READINGS))
    ]
    async with call.parts.database.transaction() as tx:
        await _check_areas(tx, setups)
        await save_stations(tx, setups, actor=call.actor, now=call.now)
        receipts = await take_readings(tx, given, call.now)
        unknown = dict.fromkeys(
            receipt.station for receipt in receipts if receipt.disposition is Taken.UNKNOWN_STATION
        )
        if unknown:
            await _tell_unknown(tx, call, list(unknown))
    call.parts.wake.ring("watch", "changes")
    return answer_with({"items": [asdict(receipt) for receipt in receipts]}, status=202)


async def get_stations(call: Call) -> web.StreamResponse:
    """Every station with how it stands."""
    async with call.parts.database.transaction() as tx:
        found = await all_stations(tx)
    return answer_with({"items": [_station(one) for one in found]})


async def _tell_unknown(tx: Tx, call: Call, codes: list[str]) -> None:
    await raise_alarm_once(
        tx,
        "unknown_station",
        say(
            "Readings come from stations that are not known here ({codes}): add them with their thresholds",
            codes=", ".join(codes[:5]),
        ),
        call.now,
    )


async def _read_object(call: Call) -> Object:
    if call.request.content_type != "application/json":
        raise Problem(415, say("Send the body as application/json"))
    body = await read_body(call.request, LARGEST_READINGS)
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise malformed("body", say("write one JSON object"))
    return cast("Object", found)


def _objects(body: Object, name: str, most: int) -> list[Object]:
    found: object = body.get(name, [])
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in cast("list[object]", found)):
        raise malformed(name, say("write a list of objects"))
    if len(cast("list[object]", found)) > most:
        raise malformed(name, say("send at most {most} at once", most=most))
    return cast("list[Object]", found)


def _reading(given: Object, field: str) -> tuple[str, Reading]:
    code = _text(given, field, "station")
    return code, Reading(_moment(given, field), _number(given, field, "value"))


def _setup(given: Object, field: str) -> StationSetup:
    kind = given.get("kind")
    if kind not in set(StationKind):
        raise malformed(f"{field}.kind", say("write one of: {words}", words=", ".join(StationKind)))
    codes: object = given.get("area_codes")
    if not isinstance(codes, list) or not all(_is_code(code) for code in cast("list[object]", codes)):
        raise malformed(f"{field}.area_codes", say("write 12-digit division codes"))
    thresholds = [
        _threshold(one, f"{field}.thresholds[{at}]")
        for at, one in enumerate(_objects(given, "thresholds", 20))
    ]
    setup = StationSetup(
        code=_text(given, field, "code"),
        name=_text(given, field, "name"),
        kind=StationKind(kind),
        area_codes=tuple(cast("list[str]", codes)),
        thresholds=tuple(thresholds),
        silent_after_s=int(_number(given, field, "silent_after_s")),
        lat=_number(given, field, "lat") if given.get("lat") is not None else None,
        lon=_number(given, field, "lon") if given.get("lon") is not None else None,
    )
    for name, remedy in check_setup(setup):
        raise malformed(f"{field}.{name}", remedy)
    return setup


def _threshold(given: Object, field: str) -> Threshold:
    prepare, evacuate = (
        _number(given, field, name) if given.get(name) is not None else None
        for name in ("prepare", "evacuate")
    )
    return Threshold(int(_number(given, field, "window_s")), prepare, evacuate)


async def _check_areas(tx: Tx, setups: list[StationSetup]) -> None:
    unknown = await unknown_areas(tx, {code for one in setups for code in one.area_codes})
    if unknown:
        remedy = say("no such area here: {codes}", codes=", ".join(sorted(unknown)[:5]))
        raise malformed("stations.area_codes", remedy)


def _is_code(value: object) -> bool:
    return isinstance(value, str) and is_area_code(value)


def _text(given: Object, field: str, name: str) -> str:
    value = given.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_CODE:
        remedy = say("write a text of at most {most} characters", most=LONGEST_CODE)
        raise malformed(f"{field}.{name}", remedy)
    return value.strip()


def _number(given: Object, field: str, name: str) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise malformed(f"{field}.{name}", say("write a number"))
    return float(value)


def _moment(given: Object, field: str) -> datetime:
    value = given.get("at")
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise malformed(f"{field}.at", say("write a moment with its zone, as in 2026-07-15T03:10:00+08:00"))
    return moment


def _station(found: Station) -> dict[str, object]:
    setup = found.setup
    return {
        "code": setup.code,
        "name": setup.name,
        "kind": setup.kind,
        "area_codes": setup.area_codes,
        "thresholds": [asdict(one) for one in setup.thresholds],
        "level": found.standing.level,
        "last_reading_at": found.last_reading_at,
        "last_value": found.last_value,
        "heard_at": found.heard_at,
        "silent_since": found.silent_since,
    }


_NUMBER = {"type": "number"}
_THRESHOLD = record(window_s=NUMBER, prepare=maybe(_NUMBER), evacuate=maybe(_NUMBER))
_SETUP = {
    **record(
        code=TEXT,
        name=TEXT,
        kind=one_of(list(StationKind)),
        area_codes=listed(TEXT),
        thresholds=listed({**_THRESHOLD, "required": ["window_s"]}),
        silent_after_s=NUMBER,
        lat=maybe(_NUMBER),
        lon=maybe(_NUMBER),
    ),
    "required": ["code", "name", "kind", "area_codes", "thresholds", "silent_after_s"],
}
_READING = record(station=TEXT, at=TIME, value=_NUMBER)
ENDPOINTS = (
    Endpoint(
        "POST",
        "/readings",
        post_readings,
        "readings:write",
        "Readings of stations; stations that come along are added or changed before them.",
        {
            "application/json": record(
                items=listed(
                    record(
                        station=TEXT,
                        at=TIME,
                        disposition=one_of(list(Taken)),
                        level=maybe(one_of(list(Level))),
                    )
                )
            )
        },
        status=202,
        body={
            "application/json": {
                **record(
                    stations=listed({**_SETUP, "required": list(_SETUP["required"])[:6]}),
                    readings=listed(_READING),
                ),
                "required": [],
            }
        },
        refusals=(400, 408, 413, 415),
    ),
    Endpoint(
        "GET",
        "/stations",
        get_stations,
        "readings:write",
        "Every station with how it stands.",
        {
            "application/json": record(
                items=listed(
                    record(
                        code=TEXT,
                        name=TEXT,
                        kind=one_of(list(StationKind)),
                        area_codes=listed(TEXT),
                        thresholds=listed(_THRESHOLD),
                        level=one_of(list(Level)),
                        last_reading_at=maybe(TIME),
                        last_value=maybe(_NUMBER),
                        heard_at=TIME,
                        silent_since=maybe(TIME),
                    )
                )
            )
        },
    ),
)
