"""Whole workbooks, person by person: what is expected was written by hand from the sheets."""

from jiaoying.contacts.model import PointKind, RosterRow
from jiaoying.contacts.reading.sheets import RosterSheet, read_roster
from jiaoying.kernel.sheets import SheetFile, read_grids
from seeded_areas import HOME, county_names
from workbooks import (
    flood_list,
    forest_fire_list,
    geohazard_list,
    mine_list,
    reservoir_list,
    river_chiefs,
    schools_and_clinics,
    township_sheets,
)

FLASH = "flash_flood"
WATER = "rain flood flash_flood waterlogging dam"
RIVER = "flood flash_flood"
DAM = "flood dam"


def read(file: SheetFile) -> RosterSheet:
    return read_roster(read_grids(file), county_names(), HOME)


def told(row: RosterRow) -> tuple[str, str, str, str, str, str]:
    numbers = " ".join(number.e164.removeprefix("+86") for number in row.numbers)
    area = row.area_code.removeprefix("140521")
    return row.name, numbers, area, row.post, str(row.level), " ".join(row.hazards)


def complaints(sheet: RosterSheet) -> set[tuple[int, str, str]]:
    return {(each.row, each.column, each.code) for each in sheet.complaints}


def test_flood_list_with_six_duties() -> None:
    sheet = read(flood_list())
    assert [told(row) for row in sheet.rows] == [
        ("王强", "10000001001", "100210", "山洪行政责任人", "village", FLASH),
        ("赵敏", "10000001002", "100210", "山洪监测责任人", "village", FLASH),
        ("孙丽", "10000001003", "100210", "山洪信息报送人", "village", FLASH),
        ("褚海", "10000001015", "100210", "山洪预警责任人", "village", FLASH),
        ("周涛", "10000001004", "100210", "山洪转移责任人", "village", FLASH),
        ("郑和平", "10000001005 3560001234", "100207", "山洪行政责任人", "village", FLASH),
        ("吴刚", "10000001006", "100207", "山洪监测责任人", "village", FLASH),
        ("钱进", "10000001007", "100207", "山洪监测责任人", "village", FLASH),
        ("冯娟", "10000001008", "100207", "山洪信息报送人", "village", FLASH),
        ("褚海", "10000001015", "100207", "山洪预警责任人", "village", FLASH),
        ("", "", "100207", "山洪转移责任人", "village", FLASH),
        ("买买提·艾力", "10000001009", "103201", "山洪行政责任人", "village", FLASH),
        ("陈晨", "", "103201", "山洪监测责任人", "village", FLASH),
        ("褚卫", "10000001011", "103201", "山洪信息报送人", "village", FLASH),
        ("蒋沈", "10000001012", "103201", "山洪信息报送人", "village", FLASH),
        ("", "", "103201", "山洪预警责任人", "village", FLASH),
        ("韩雪", "10000001013", "103201", "山洪转移责任人", "village", FLASH),
    ]
    assert [(row.name, row.title) for row in sheet.rows if row.title] == [
        ("王强", "支部书记"), ("周涛", "治保主任"), ("郑和平", "村主任"), ("买买提·艾力", "书记"),
    ]  # fmt: skip
    assert sheet.left_out == {"杨帆"}
    assert complaints(sheet) == {
        (0, "", "no_headings"),
        (8, "监测责任人/电话", "digits_lost"),
        (8, "监测责任人/电话", "unreachable"),
        (9, "行政村", "area_unknown"),
    }


def test_reservoirs_with_several_persons_a_row() -> None:
    sheet = read(reservoir_list())
    assert [(*told(row), row.point and row.point.name) for row in sheet.rows] == [
        ("李明", "10000002001", "100210", "水库政府责任人", "village", DAM, "演示一水库"),
        ("何涛", "10000002002", "100210", "水库主管部门责任人", "village", DAM, "演示一水库"),
        ("吕静", "10000002003", "100210", "水库管理单位责任人", "village", DAM, "演示一水库"),
        ("施恩", "10000002004", "100210", "水库巡查责任人", "village", DAM, "演示一水库"),
        ("李明", "10000002001", "103201", "水库政府责任人", "village", DAM, "演示二水库"),
        ("张帆", "10000002005", "103201", "水库主管部门责任人", "village", DAM, "演示二水库"),
        ("张帆", "10000002005", "103201", "水库管理单位责任人", "village", DAM, "演示二水库"),
        ("", "", "103201", "水库巡查责任人", "village", DAM, "演示二水库"),
        ("孔燕", "10000002006", "101209", "水库政府责任人", "village", DAM, "演示三水库"),
        ("曹军", "10000002007", "101209", "水库主管部门责任人", "village", DAM, "演示三水库"),
        ("严冬", "3560002222;ext=801", "101209", "水库管理单位责任人", "village", DAM, "演示三水库"),
        ("华山", "10000002008 10000002009", "101209", "水库巡查责任人", "village", DAM, "演示三水库"),
    ]
    assert [(point.ref.name, point.kind, point.note) for point in sheet.points] == [
        ("演示一水库", PointKind.RESERVOIR, "总库容（万m³）：120.5；工程规模：小（1）型"),
        ("演示二水库", PointKind.RESERVOIR, "总库容（万m³）：35；工程规模：小(2)型；病险"),
        ("演示三水库", PointKind.RESERVOIR, "总库容（万m³）：18；工程规模：小(2)型"),
    ]
    assert complaints(sheet) == set()


def test_geohazard_points_with_people_and_households() -> None:
    sheet = read(geohazard_list())
    first, second, third = "140521010001", "140521010002", "140521010003"
    assert [(*told(row), row.point and row.point.code) for row in sheet.rows] == [
        ("金水", "10000003001", "100210", "地质灾害监测人", "village", "geohazard", first),
        ("魏山", "10000003002 3560003456", "100210", "地质灾害监测责任人", "village", "geohazard", first),
        ("陶姜", "10000003003", "103201", "地质灾害监测人", "village", "geohazard", second),
        ("戚谢", "10000003004", "103201", "地质灾害监测人", "village", "geohazard", second),
        ("邹喻", "10000003005", "103201", "地质灾害监测责任人", "village", "geohazard", second),
        ("柏水", "10000003006", "101209", "地质灾害监测人", "village", "geohazard", third),
        ("柏水", "10000003006", "101209", "地质灾害监测责任人", "village", "geohazard", third),
    ]
    points = [
        (
            point.ref.code,
            point.ref.area_code,
            point.lat,
            point.lon,
            point.grade,
            point.households,
            point.people,
        )
        for point in sheet.points
    ]
    assert points == [
        (first, "140521100210", 35.69, 112.19, "中型", 12, 35),
        (second, "140521103201", 35.7, 112.4, "小型", 3, 9),
        (third, "140521101209", 35.6083333, 112.0333333, "中型", 8, 26),
    ]
    assert {point.kind for point in sheet.points} == {PointKind.GEOHAZARD}
    assert (sheet.points[0].signal, sheet.points[0].shelter, sheet.points[0].route) == (
        "鸣锣", "村委会", "沿村道向东",
    )  # fmt: skip
    assert [
        (each.point.code, each.head, each.number and each.number.e164[3:], each.people, each.helper,
         [number.e164[3:] for number in each.helper_numbers])
        for each in sheet.households
    ] == [
        (first, "窦一", "10000003011", 4, "章南", ["10000003021"]),
        (first, "云二", None, 3, "章南", ["10000003021"]),
        (first, "苏三", "10000003013", 2, "潘北", ["10000003022"]),
        (second, "葛四", "10000003014", None, "范西", ["10000003023"]),
        (second, "奚五", "10000003015", None, "范西", ["10000003023"]),
    ]  # fmt: skip
    assert complaints(sheet) == {(0, "", "no_headings")}


def test_forest_fire_list_of_three_levels() -> None:
    sheet = read(forest_fire_list())
    county, township, village = "森林防火县级责任人", "森林防火乡级责任人", "森林防火村级责任人"
    assert [told(row) for row in sheet.rows] == [
        ("彭云", "10000004001", "201201", county, "county", "wildfire"),
        ("鲁韦", "10000004002", "201201", township, "township", "wildfire"),
        ("昌马", "10000004003", "201201", village, "village", "wildfire"),
        ("苗凤", "10000004004", "201201", "护林员", "village", "wildfire"),
        ("彭云", "10000004001", "201204", county, "county", "wildfire"),
        ("鲁韦", "10000004002", "201204", township, "township", "wildfire"),
        ("花方", "10000004005", "201204", village, "village", "wildfire"),
        ("俞任", "10000004006", "201204", "护林员", "village", "wildfire"),
        ("袁柳", "10000004007", "201204", "护林员", "village", "wildfire"),
        ("酆鲍", "10000004008", "201204", "护林员", "village", "wildfire"),
        ("彭云", "10000004001", "204211", county, "county", "wildfire"),
        ("史唐", "10000004009", "204211", township, "township", "wildfire"),
        ("费廉", "10000004010", "204211", village, "village", "wildfire"),
        ("岑薛", "10000004011", "204211", "护林员", "village", "wildfire"),
        ("雷贺", "10000004012", "000000", county, "county", "wildfire"),
    ]
    assert (6, "村（社区）", "place_from_above") in complaints(sheet)


def test_mines_with_their_leaders_and_control_rooms() -> None:
    sheet = read(mine_list())
    assert [(*told(row), row.point and row.point.name) for row in sheet.rows] == [
        ("倪汤", "10000005001", "104200", "包保县领导", "county", "mine", "演示一矿"),
        ("滕殷", "10000005002", "104200", "煤矿监管部门责任人", "village", "mine", "演示一矿"),
        ("罗毕", "10000005003", "104200", "矿长", "village", "mine", "演示一矿"),
        ("演示一矿调度室", "3560005001", "104200", "调度室", "village", "mine", "演示一矿"),
        ("郝邬", "10000005004", "104200", "驻矿盯守员", "village", "mine", "演示一矿"),
        ("安常", "10000005005", "104200", "驻矿盯守员", "village", "mine", "演示一矿"),
        ("倪汤", "10000005001", "103206", "包保县领导", "county", "mine", "演示二矿"),
        ("乐于", "10000005006", "103206", "煤矿监管部门责任人", "village", "mine", "演示二矿"),
        ("时傅", "10000005007", "103206", "矿长", "village", "mine", "演示二矿"),
        ("演示二矿调度室", "3560005002", "103206", "调度室", "village", "mine", "演示二矿"),
        ("皮卞", "10000005008", "103206", "驻矿盯守员", "village", "mine", "演示二矿"),
    ]
    assert (sheet.rows[0].unit, sheet.rows[0].title) == ("县政府", "副县长")
    assert [(point.ref.name, point.kind) for point in sheet.points] == [
        ("演示一矿", PointKind.MINE),
        ("演示二矿", PointKind.MINE),
    ]
    assert complaints(sheet) == set()


def test_a_sheet_for_each_township() -> None:
    sheet = read(township_sheets())
    assert [told(row)[:5] for row in sheet.rows] == [
        ("齐康", "10000006001", "102201", "网格员", "village"),
        ("伍余", "10000006002", "102201", "网格员", "village"),
        ("元卜", "10000006003", "102202", "网格员", "village"),
        ("顾孟", "10000006004", "106208", "网格员", "village"),
        ("顾孟", "10000006004", "106213", "网格员", "village"),
    ]
    assert complaints(sheet) == {(0, "", "sheet_hidden"), (6, "所属村（社区）", "place_from_above")}


def test_two_tables_on_one_sheet() -> None:
    sheet = read(schools_and_clinics())
    assert [told(row) for row in sheet.rows] == [
        ("和穆", "10000007001", "103000", "校长", "township", WATER),
        ("萧尹", "10000007002", "103000", "防汛安全员", "township", WATER),
        ("姚邵", "10000007003", "104216", "校长", "village", WATER),
        ("湛汪", "10000007004", "100000", "负责人", "township", ""),
        ("龙港镇卫生院值班室", "3560007001", "100000", "值班室", "township", ""),
        ("祁毛", "10000007005", "206000", "负责人", "township", ""),
        ("十里乡卫生院值班室", "3560007002", "206000", "值班室", "township", ""),
    ]


def test_river_chiefs_below_the_names_of_townships() -> None:
    sheet = read(river_chiefs())
    assert [told(row) for row in sheet.rows] == [
        ("禹狄", "10000008001", "105208", "乡级河长", "township", RIVER),
        ("米贝", "10000008002", "105208", "村级河长", "village", RIVER),
        ("禹狄", "10000008001", "105209", "乡级河长", "township", RIVER),
        ("明臧", "10000008003", "105209", "村级河长", "village", RIVER),
        ("计伏", "10000008004", "205204", "乡级河长", "township", RIVER),
        ("成戴", "10000008005", "205204", "村级河长", "village", RIVER),
    ]
    assert complaints(sheet) == set()
