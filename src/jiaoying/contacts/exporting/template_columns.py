"""What stands in the empty lists that a county may download: sheets, columns, and how each is filled in.

Headings are those of county lists, as the import knows them (contacts.words), whatever language the
reader speaks; what is said about them is in the reader's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from jiaoying.contacts.exporting.sheet_writer import COLUMNS, EVERY_HAZARD, HAZARD_WORDS, LEVEL_WORDS, Part


class ListKind(StrEnum):
    """The lists that counties keep."""

    GENERAL = "general"
    FLOOD = "flood"  # 山洪六落实
    RESERVOIR = "reservoir"  # six persons for each dam
    GEOHAZARD = "geohazard"  # points with who watches them, and the households below
    WILDFIRE = "wildfire"  # three levels and wardens
    MINE = "mine"  # 包保


@dataclass(frozen=True, slots=True)
class Group:
    """Somebody of each row: `role` stands above the columns about them."""

    role: str
    columns: Sequence[str]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: columns of the row, with groups of columns for people among them."""

    name: str
    columns: Sequence[str | Group]

    @property
    def has_groups(self) -> bool:
        return any(isinstance(column, Group) for column in self.columns)


_PERSON = ("姓名", "职务", "手机")
_PLACE = ("乡镇", "行政村")
_ESCAPE = ("报警方式", "撤离路线", "避灾地点", "备注")


def _people(*roles: str, columns: Sequence[str] = _PERSON) -> tuple[Group, ...]:
    return tuple(Group(role, columns) for role in roles)


_GENERAL = tuple(heading for key, heading in COLUMNS[Part.POSTS].items() if key != "person_code")
TEMPLATES: Mapping[ListKind, Sequence[Sheet]] = {
    ListKind.GENERAL: (Sheet("责任人名单", _GENERAL),),
    ListKind.FLOOD: (
        Sheet(
            "山洪灾害危险区六落实",
            (
                *("危险区编号", "危险区名称", *_PLACE, "威胁户数", "威胁人数"),
                *_people("行政责任人", "监测责任人", "信息报送责任人", "预警责任人", "转移责任人"),
                *_ESCAPE,
            ),
        ),
    ),
    ListKind.RESERVOIR: (
        Sheet(
            "水库责任人",
            (
                *("水库编号", "水库名称", *_PLACE, "经度", "纬度"),
                *_people(
                    *("政府责任人", "水行政主管部门责任人", "主管部门责任人", "管理单位责任人"),
                    *("技术责任人", "巡查责任人"),
                    columns=("姓名", "单位", "职务", "手机"),
                ),
                "备注",
            ),
        ),
    ),
    ListKind.GEOHAZARD: (
        Sheet(
            "地质灾害隐患点",
            (
                *(
                    "隐患点编号",
                    "隐患点名称",
                    "类型",
                    *_PLACE,
                    "经度",
                    "纬度",
                    "险情等级",
                    "威胁户数",
                    "威胁人数",
                ),
                *_people("监测人", "监测责任人", "包点干部", columns=("姓名", "职务", "手机", "座机")),
                *_ESCAPE,
            ),
        ),
        Sheet(
            "受威胁户",
            (*("隐患点编号", "隐患点名称", "户主", "户主电话", "家庭人口", "帮扶人", "帮扶人电话", "备注"),),
        ),
    ),
    ListKind.WILDFIRE: (
        Sheet(
            "森林防火责任人",
            (*_PLACE, *_people("县级责任人", "乡级责任人", "村级责任人", "护林员"), "备注"),
        ),
    ),
    ListKind.MINE: (
        Sheet(
            "煤矿包保责任人",
            (
                *("煤矿名称", *_PLACE),
                *_people("包保县领导", "监管部门责任人", "矿长", "驻矿盯守员", "值班带班矿领导"),
                Group("调度室", ("电话",)),
                "备注",
            ),
        ),
    ),
}
_LEVELS = tuple(LEVEL_WORDS.values())
_HAZARDS = (EVERY_HAZARD, *HAZARD_WORDS.values())
# What may be chosen in a column; another word may be typed where `True`.
CHOICES: Mapping[str, tuple[Sequence[str], bool]] = {
    "级别": (_LEVELS, False),
    "灾种": (_HAZARDS, True),
    "语言": (("zh-CN", "en"), True),
    "类型": (("滑坡", "崩塌", "泥石流", "地面塌陷", "地裂缝", "不稳定斜坡"), True),
    "险情等级": (("小型", "中型", "大型", "特大型"), True),
    "报警方式": (("鸣锣", "广播", "口哨", "手摇报警器", "电话", "逐户通知"), True),
}
NUMBERS = frozenset(
    {"手机", "座机", "电话", "办公电话", "B角手机", "上级手机", "户主电话", "帮扶人电话", "区划代码"}
)
REQUIRED = frozenset(
    {"姓名", "手机", "责任区域", "岗位", "隐患点名称", "危险区名称", "水库名称", "煤矿名称", "户主"}
)
# Heading → how it is filled in, as a sentence to be said, and an example with made-up people.
NOTES: Mapping[str, tuple[str, str]] = {
    "姓名": ("One person in a cell; write 空缺 where nobody holds the post", "赵川（演示）"),
    "手机": ("Several numbers with 、 between them; the first is tried first", "10000000001"),
    "办公电话": ("A landline; without its dialling code it gets that of the county", "0356-0000001"),
    "座机": ("A landline; without its dialling code it gets that of the county", "0356-0000001"),
    "电话": ("A number where somebody answers at any hour", "0356-0000002"),
    "责任区域": ("Township and village in one: names alone may be doubtful", "龙港镇柳庄社区"),
    "区划代码": ("The 12-digit code; where it is given, it counts before the name", "140521100001"),
    "乡镇": ("The township, as the division table has it", "龙港镇"),
    "行政村": ("The village; leave it empty for the township itself", "柳庄社区"),
    "岗位": ("The duty, in the words of your lists", "防汛责任人"),
    "级别": ("Choose one; empty is the level of the area", "村级"),
    "灾种": ("Several with 、 between them; empty or 全部 is all hazards", "暴雨、山洪"),
    "单位": ("Where they work; it tells people of one name apart", "柳庄社区居委会"),
    "职务": ("Their office", "主任"),
    "B角": ("Who is called when they do not answer", "孙山（演示）"),
    "B角手机": ("The number of the deputy", "10000000003"),
    "上级": (
        "Who is called next: the name of somebody in the list or on the roster",
        "李木（演示）",
    ),
    "上级手机": ("Their number, where several have that name", "10000000005"),
    "有效期起": ("The first day, as 2026-06-01; empty is since ever", "2026-06-01"),
    "有效期止": ("The last day; empty is until further notice", "2026-09-30"),
    "语言": ("The language of their calls; others that they speak after 、", "zh-CN"),
    "备注": ("Whatever helps; it is shown to the desk", ""),
    "隐患点编号": ("As the authority numbers it; the same number is the same point", "DZ0001"),
    "隐患点名称": ("The name of the point", "柳庄后沟滑坡"),
    "危险区编号": ("As the authority numbers it; the same number is the same point", "SH0001"),
    "危险区名称": ("The name of the danger zone", "柳庄沿河危险区"),
    "水库编号": ("As the authority numbers it; the same number is the same point", "SK0001"),
    "水库名称": ("The name of the reservoir", "演示水库"),
    "煤矿名称": ("The name of the mine", "演示煤矿"),
    "类型": ("Choose one, or write another", "滑坡"),
    "经度": ("Degrees, as 112.187; 112°11′13″ is understood too", "112.187"),
    "纬度": ("Degrees, as 35.690; 35°41′24″ is understood too", "35.690"),
    "险情等级": ("Choose one, or write another", "小型"),
    "威胁户数": ("Households to be moved, as planned", "12"),
    "威胁人数": ("People to be moved, as planned", "35"),
    "报警方式": ("How people are told to leave", "鸣锣"),
    "撤离路线": ("By which way they leave", "沿村道向东"),
    "避灾地点": ("Where they go", "柳庄小学"),
    "户主": ("One household in a row", "周河（演示）"),
    "户主电话": ("The number of the household", "10000000004"),
    "家庭人口": ("How many live there", "4"),
    "帮扶人": ("Who fetches this household out of its house", "钱海（演示）"),
    "帮扶人电话": ("Their number", "10000000002"),
}
