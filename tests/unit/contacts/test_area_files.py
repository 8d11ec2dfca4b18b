"""Area files as they come: codes, shapes, gzip, and what is wrong with them."""

import gzip
import json

import pytest
import shapely

from jiaoying.contacts.areas.files import read_areas
from jiaoying.kernel.areas import Level
from jiaoying.kernel.errors import Refusal
from jiaoying.kernel.sheets import SheetFile

CODES = "code,name,level,parent_code,lat,lon\n140521000000,沁水县,county,140500000000,35.69,112.19\n"


def feature(code: object, *corners: tuple[float, float], kind: str = "Polygon") -> dict[str, object]:
    return {
        "type": "Feature",
        "properties": {"code": code},
        "geometry": {"type": kind, "coordinates": [list(corners)]},
    }


def shapes_file(*features: object) -> SheetFile:
    return SheetFile("x.geojson", json.dumps({"type": "FeatureCollection", "features": features}).encode())


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_codes_are_read_plain_and_packed(pack: "type[bytes]") -> None:
    content = read_areas(SheetFile("x.csv", pack(CODES.encode("utf-8-sig"))))
    (area,) = content.areas
    assert (area.code, area.name, area.level, area.parent_code) == (
        "140521000000",
        "沁水县",
        Level.COUNTY,
        "140500000000",
    )
    assert (area.lat, area.lon) == (35.69, 112.19)
    assert content.complaints == ()


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("14052,沁水县,county,,,", "code"),
        ("140521000000,,county,,,", "name"),
        ("140521000000,沁水县,kingdom,,,", "level"),
        ("140521000000,沁水县,county,1405,,", "parent_code"),
        ("140521000000,沁水县,county,,95,112", "lat"),
        ("140521000000,沁水县,county,,35,east", "lon"),
        ("140521000000", "name"),
    ],
)
def test_a_bad_row_is_left_out_and_named(row: str, column: str) -> None:
    content = read_areas(SheetFile("x.csv", f"{CODES}{row}\n".encode()))
    assert len(content.areas) == 1
    assert [(complaint.row, complaint.column) for complaint in content.complaints] == [(3, column)]


def test_shapes_are_read_by_code_and_mended() -> None:
    content = read_areas(
        shapes_file(
            feature("140521000000", (0, 0), (1, 0), (1, 1), (0, 0)),
            feature("140522000000", (0, 0), (2, 2), (2, 0), (0, 2), (0, 0)),
        )
    )
    assert shapely.from_wkb(content.shapes["140521000000"]).area == pytest.approx(0.5)
    assert shapely.from_wkb(content.shapes["140522000000"]).is_valid
    assert [(complaint.column, complaint.code) for complaint in content.complaints] == [
        ("140522000000", "shape_mended")
    ]


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (feature("12", (0, 0), (1, 0), (1, 1), (0, 0)), "code_invalid"),
        (feature("140521000000", (0, 0), (1, 0)), "shape_unusable"),
        (feature("140521000000", (0, 0), (500, 0), (1, 1), (0, 0)), "shape_unusable"),
        (feature("140521000000", kind="Nonsense"), "shape_unusable"),
        ({"properties": {"code": "140521000000"}, "geometry": None}, "shape_unusable"),
        ("a feature", "code_invalid"),
    ],
)
def test_a_bad_feature_is_left_out_and_named(bad: object, code: str) -> None:
    content = read_areas(shapes_file(bad))
    assert content.shapes == {}
    assert [complaint.code for complaint in content.complaints] == [code]


@pytest.mark.parametrize(
    "data",
    [b"a,b\n1,2\n", b"\xff\xfe\x00\x01", b"{", b"{" * 100_000, b"\x1f\x8bnot gzip"],
    ids=["columns", "binary", "json", "deep", "gzip"],
)
def test_a_file_of_another_kind_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal):
        read_areas(SheetFile("x", data))


def test_a_small_file_that_unpacks_to_gigabytes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jiaoying.contacts.areas.files.MAX_UNPACKED_BYTES", 1000)
    with pytest.raises(Refusal):
        read_areas(SheetFile("x.csv.gz", gzip.compress(CODES.encode() + b" " * 5000)))
