"""Headings as counties write them."""

import pytest

from jiaoying.contacts.reading.headings import meaning_of, meaning_of_path


@pytest.mark.parametrize(
    ("heading", "column", "role"),
    [
        ("监测人", "name", "监测人"),
        ("监测责任人联系电话", "mobile", "监测责任人"),
        ("责任人及电话", "name", "责任人"),
        ("联系电话（手机）", "mobile", ""),
        ("电 话", "mobile", ""),
        ("乡（镇、街道）", "township", ""),
        ("村\n（社区）", "village", ""),
        ("包保县领导", "name", "包保县领导"),
        ("转移责任人", "name", "转移责任人"),
        ("调度室电话", "mobile", "调度室"),
        ("受威胁人数（人）", "people", ""),
        ("转移人数", "people", ""),
        ("坝长(m)", "particular", ""),
        ("河长", "name", "河长"),
        ("电话1", "mobile", ""),
        ("责任人2", "name", "责任人"),
        ("责任人单位", "unit", "责任人"),
        ("管理单位", "organisation", "管理单位"),
        ("A角电话", "mobile", ""),
        ("Mobile phone", "mobile", ""),
    ],
)
def test_one_heading(heading: str, column: str, role: str) -> None:
    found = meaning_of(heading)
    assert found is not None
    assert (found.column, found.role) == (column, role)


@pytest.mark.parametrize(
    ("path", "column", "role"),
    [
        (("行政责任人", "姓名"), "name", "行政责任人"),
        (("大坝安全责任人", "行政责任人", "姓名"), "name", "行政责任人"),
        (("县级", "责任人", "姓名"), "name", "县级责任人"),
        (("县级责任人", "电话"), "mobile", "县级责任人"),
        (("责任人信息", "姓名"), "name", "责任人"),
        (("监测人", "座机"), "landline", "监测人"),
        (("政府", "职务"), "title", "政府"),
        (("管理单位", "单位"), "unit", "管理单位"),
        (("水库", "名称"), "point_name", ""),
        (("隐患点", "编号"), "point_code", ""),
        (("威胁对象", "户数"), "households", ""),
        (("户主", "姓名"), "head", ""),
        (("B角", "电话"), "deputy_mobile", ""),
    ],
)
def test_headings_over_several_rows(path: tuple[str, ...], column: str, role: str) -> None:
    found = meaning_of_path(path)
    assert found is not None
    assert (found.column, found.role) == (column, role)


@pytest.mark.parametrize("text", ["王强", "龙港镇", "柳庄社区", "13800000000", "请于5月20日前报送", ""])
def test_what_is_no_heading(text: str) -> None:
    assert meaning_of(text) is None
