"""GeoJSON of the National Weather Service of the USA."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jiaoying.warnings.model import Circle, Reference, Verdict
from unit.warnings.samples import feed, only

NOW = datetime(2026, 7, 15, 5, 0, tzinfo=UTC)
ID = "urn:oid:2.49.0.1.840.0.00ff.001.1"
RING = [[-99.0, 29.0], [-98.0, 29.0], [-98.0, 30.0], [-99.0, 29.0]]
PROPERTIES: dict[str, Any] = {
    "@type": "wx:Alert",
    "id": ID,
    "areaDesc": "Coastal waters",
    "geocode": {"SAME": ["073254", "073255"], "UGC": ["ANZ254"]},
    "references": [{"identifier": "urn:before", "sender": "w-nws", "sent": "2026-07-14T15:56:00-04:00"}],
    "sent": "2026-07-15T00:24:00-04:00",
    "effective": "2026-07-15T00:24:00-04:00",
    "onset": "2026-07-15T12:00:00-04:00",
    "expires": "2026-07-15T08:00:00-04:00",
    "ends": "2026-07-15T20:00:00-04:00",
    "status": "Actual",
    "messageType": "Update",
    "category": "Met",
    "severity": "Minor",
    "certainty": "Likely",
    "urgency": "Expected",
    "event": "Small Craft Advisory",
    "sender": "w-nws",
    "senderName": "NWS Nowhere",
    "headline": "Small Craft Advisory until 8 PM",
    "description": "* WHAT...Wind.",
    "instruction": None,
    "response": "Avoid",
    "parameters": {"VTEC": ["/O.CON/"], "BLOCKCHANNEL": ["EAS", "CMAS"]},
    "scope": "Public",
    "code": "IPAWSv1.0",
    "language": "en-US",
    "eventCode": {"SAME": ["NWS"], "NationalWeatherService": ["SCY"]},
}


def feature(geometry: object = None, **changes: object) -> dict[str, Any]:
    return {
        "id": f"https://x/{ID}",
        "type": "Feature",
        "geometry": geometry,
        "properties": {**PROPERTIES, **changes},
    }


def test_a_feature_becomes_a_message() -> None:
    message, codes = only(feature(), NOW)
    assert (message.identifier, message.msg_type, message.code) == (ID, "Update", ("IPAWSv1.0",))
    assert message.references == (
        Reference("w-nws", "urn:before", datetime(2026, 7, 14, 19, 56, tzinfo=UTC)),
    )
    [info] = message.infos
    assert (info.category, info.response_type, info.severity) == (("Met",), ("Avoid",), "Minor")
    assert info.event_code == (("SAME", "NWS"), ("NationalWeatherService", "SCY"))
    assert info.areas[0].geocodes == (("SAME", "073254"), ("SAME", "073255"), ("UGC", "ANZ254"))
    assert codes == []


def test_the_end_of_the_hazard_is_ends_and_not_expires() -> None:
    message, _ = only(feature(), NOW)
    assert message.infos[0].parameter[-1] == ("eventEndingTime", "2026-07-15T20:00:00-04:00")
    [parsed] = feed(feature(), NOW)
    assert parsed.issued_warnings[0].valid_to == datetime(2026, 7, 16, tzinfo=UTC)
    told = feature(parameters={"eventEndingTime": ["2026-07-15T20:00:00-04:00"]})
    assert len(only(told, NOW)[0].infos[0].parameter) == 1
    assert only(feature(ends=None), NOW)[0].infos[0].parameter == message.infos[0].parameter[:-1]


def test_coordinates_are_turned_round() -> None:
    message, codes = only(feature({"type": "Polygon", "coordinates": [RING]}), NOW)
    assert message.infos[0].areas[0].polygons == (tuple((lat, lon) for lon, lat in RING),)
    assert codes == []


@pytest.mark.parametrize(
    ("geometry", "polygons", "circles", "codes"),
    [
        ({"type": "MultiPolygon", "coordinates": [[RING], [RING]]}, 2, (), []),
        ({"type": "Polygon", "coordinates": [RING, RING]}, 1, (), ["polygon-hole"]),
        ({"type": "Polygon", "coordinates": [RING[:3]]}, 1, (), ["unclosed-polygon"]),
        ({"type": "Polygon", "coordinates": [[[*position, 7.5] for position in RING]]}, 1, (), []),
        (
            {"type": "Polygon", "coordinates": [[[lon - 180, lat] for lon, lat in RING]]},
            1,
            (),
            ["past-antimeridian"],
        ),
        ({"type": "Point", "coordinates": [-99, 29]}, 0, (Circle(29.0, -99.0, 0.0),), []),
        (
            {"type": "GeometryCollection", "geometries": [{"type": "Polygon", "coordinates": [RING]}]},
            1,
            (),
            [],
        ),
        ({"type": "Polygon", "coordinates": [RING[:2]]}, 0, (), ["too-few-points"]),
        ({"type": "Polygon", "coordinates": []}, 0, (), ["too-few-points"]),
        ({"type": "Polygon", "coordinates": [[[1, 95], [2, 95], [3, 95]]]}, 0, (), ["out-of-range"]),
        ({"type": "Polygon", "coordinates": [["a", None, [1]]]}, 0, (), ["out-of-range"]),
        ({"type": "LineString", "coordinates": RING}, 0, (), ["unreadable-geometry"]),
        ("POLYGON((1 2))", 0, (), ["unreadable-geometry"]),
    ],
)
def test_geometry_that_cannot_be_used_leaves_the_warning_standing(
    geometry: object, polygons: int, circles: tuple[Circle, ...], codes: list[str]
) -> None:
    message, noted = only(feature(geometry), NOW)
    [area] = message.infos[0].areas
    assert (len(area.polygons), area.circles, noted) == (polygons, circles, codes)


def test_a_scope_that_older_captures_lack_is_told() -> None:
    message, codes = only(feature(scope=None), NOW)
    assert (message.scope, codes) == (None, ["missing"])


def test_a_collection_holds_several_and_a_bad_one_stops_no_other() -> None:
    features = [feature(), feature(id=None, sent="date:now -1 hour"), feature(id="urn:c")]
    parsed = feed({"type": "FeatureCollection", "features": features, "title": "t", "updated": "u"}, NOW)
    assert [one.verdict is Verdict.REJECT for one in parsed] == [False, True, False]
    assert parsed[1].extras["identifier"] == ID  # of the feature itself
    assert {one.format for one in parsed} == {"nws-geojson"}


def test_an_empty_collection_is_accepted() -> None:
    [parsed] = feed(
        {"type": "FeatureCollection", "features": [], "title": "Current watches", "updated": "u"}, NOW
    )
    assert (parsed.format, parsed.verdict, parsed.message) == ("nws-geojson", Verdict.ACCEPT, None)


@pytest.mark.parametrize("name", ["sent", "status", "messageType", "sender"])
def test_what_cap_demands_is_demanded(name: str) -> None:
    [parsed] = feed(feature(**{name: ""} if name != "messageType" else {name: "Odd"}), NOW)
    assert parsed.verdict is Verdict.REJECT


def test_a_time_without_a_zone_is_not_guessed_at() -> None:
    [parsed] = feed(feature(sent="2026-07-15T00:24:00"), NOW)
    assert parsed.verdict is Verdict.REJECT
    assert "no-zone" in [complaint.code for complaint in parsed.complaints]


def test_geojson_of_others_is_not_taken_for_a_warning() -> None:
    [parsed] = feed({"type": "Feature", "properties": {"name": "x"}, "geometry": None}, NOW)
    assert [complaint.code for complaint in parsed.complaints] == ["unknown-format"]
