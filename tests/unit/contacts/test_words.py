"""The words of county lists."""

import pytest

from jiaoying.contacts.model import PostLevel
from jiaoying.contacts.reading.words import COLUMNS, SYNONYMS, hazards_named, level_named
from jiaoying.kernel.hazards import Hazard
from jiaoying.kernel.sheets import plain_heading


@pytest.mark.parametrize(
    ("text", "families"),
    [
        ("", ()),
        ("全部", ()),
        ("山洪", (Hazard.FLASH_FLOOD,)),
        ("山洪灾害、地质灾害", (Hazard.FLASH_FLOOD, Hazard.GEOHAZARD)),
        ("森林防火", (Hazard.WILDFIRE,)),
        ("森林草原火灾", (Hazard.WILDFIRE,)),
        ("强对流天气", (Hazard.CONVECTIVE,)),
        ("flood, dam", (Hazard.FLOOD, Hazard.DAM)),
        ("防汛", (Hazard.RAIN, Hazard.FLOOD, Hazard.FLASH_FLOOD, Hazard.WATERLOGGING, Hazard.DAM)),
    ],
)
def test_hazards(text: str, families: tuple[Hazard, ...]) -> None:
    assert hazards_named(text) == (families, ())


def test_unknown_hazards_are_named_and_the_known_ones_kept() -> None:
    assert hazards_named("山洪、太阳风暴") == ((Hazard.FLASH_FLOOD,), ("太阳风暴",))


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("县级", PostLevel.COUNTY),
        ("市级", PostLevel.COUNTY),
        ("乡级", PostLevel.TOWNSHIP),
        ("乡镇级", PostLevel.TOWNSHIP),
        ("镇", PostLevel.TOWNSHIP),
        ("村级", PostLevel.VILLAGE),
        ("组级", PostLevel.VILLAGE),
        ("village", PostLevel.VILLAGE),
        ("天级", None),
    ],
)
def test_levels(text: str, level: PostLevel | None) -> None:
    assert level_named(text) == level


def test_every_heading_means_one_column() -> None:
    headings = [heading for synonyms in COLUMNS.values() for heading in synonyms]
    assert len(headings) == len(set(headings))
    assert all(plain_heading(heading) == heading for heading in SYNONYMS)


HEADINGS = """
姓名 手机 电话 手机号码 联系电话 办公电话 座机 固话 责任区域 行政区划 所在地 区划代码 岗位
责任类型 责任人类型 职责 级别 责任人级别 灾种 灾害类型 单位 部门 职务 B角 备用联系人 B角手机
上级 有效期起 有效期止 语言 备注 责任人 联系人 县 乡镇 村 隐患点编号 隐患点名称 类型 经度 纬度
威胁户数 威胁人数 报警方式 避灾地点 撤离路线 name mobile landline area area_code post level
hazards unit title deputy deputy_mobile superior valid_from valid_to language note
"""


@pytest.mark.parametrize("heading", HEADINGS.split())
def test_every_heading_of_the_contract_is_known(heading: str) -> None:
    assert plain_heading(heading) in SYNONYMS
