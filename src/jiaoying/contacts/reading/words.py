"""How county lists call columns, hazards and levels, and what we call them."""

import re
from collections.abc import Mapping

from jiaoying.contacts.model import PostLevel
from jiaoying.kernel.hazards import Hazard

# Our column → the headings it goes by in lists (contracts: roster sheet), blanks and remarks in brackets off.
COLUMNS: Mapping[str, tuple[str, ...]] = {
    # of a person
    "name": (
        "姓名", "责任人", "联系人", "责任人姓名", "负责人", "姓名及电话", "人员姓名", "人员", "名单",
        "a角", "fullname", "name",
    ),
    "person_code": ("责任人编码", "person_code"),  # as our own export writes it, or the list's
    "mobile": (
        "手机", "电话", "手机号码", "联系电话", "手机号", "电话号码", "联系方式", "移动电话", "联系手机",
        "联系号码", "电话/手机", "手机/电话", "通讯方式", "联系电话/手机", "联系电话及手机", "mobile",
        "phone", "tel", "telephone", "mobilephone", "cellphone", "phonenumber", "mobilenumber",
        "telephonenumber", "phoneno.",
    ),
    "landline": (
        "办公电话", "座机", "固话", "固定电话", "座机号码", "座机电话", "办公室电话", "单位电话",
        "住宅电话", "宅电", "家庭电话", "officephone", "landline",
    ),
    "unit": (
        "单位", "部门", "工作单位", "单位名称", "所在单位", "任职单位", "所属单位", "所属部门",
        "部门单位", "单位部门", "责任单位", "学校名称", "学校", "医院名称", "卫生院名称", "医院",
        "机构名称", "单位全称", "责任部门", "值班室", "值班单位", "department", "organization", "unit",
    ),
    "title": ("职务", "职位", "职称", "行政职务", "现任职务", "职务职级", "position", "title"),
    "unit_title": (
        "单位及职务", "单位职务", "工作单位及职务", "单位和职务", "单位、职务", "单位/职务", "职务及单位",
        "部门及职务", "工作单位职务", "所在单位及职务",
    ),
    # of the row
    "area": (
        "责任区域", "行政区划", "所在地", "区域", "责任区", "所属区域", "行政区划名称", "所在行政区",
        "所在政区", "管辖区域", "管护区域", "责任片区", "辖区", "area",
    ),
    "county": ("县", "县区", "区县", "县市区", "市县", "县名", "所在县", "所属县区", "county"),
    "township": (
        "乡镇", "镇", "乡", "乡镇街道", "街道", "镇街", "镇乡", "所在乡镇", "所属乡镇", "乡镇名称",
        "所在乡", "所在镇", "乡镇名", "街道乡镇", "乡街道", "town", "township",
    ),
    "village": (
        "村", "行政村", "村社区", "所在村", "所属村", "社区", "村名", "村委会", "村居", "行政村名称",
        "所在行政村", "村委", "建制村", "村庄", "所属行政村", "行政村社区", "村社", "村级名称", "村名称",
        "village",
    ),
    "hamlet": (
        "自然村", "组", "村民小组", "小组", "自然屯", "屯", "自然村组", "村组", "网格", "网格名称",
        "所属网格", "片区", "自然庄",
    ),
    "area_code": (
        "区划代码", "行政区划代码", "行政区划编码", "区划编码", "行政区代码", "政区代码", "行政区编码",
        "area_code",
    ),
    "post": (
        "岗位", "责任类型", "责任人类型", "职责", "责任岗位", "责任人类别", "责任类别", "岗位名称",
        "人员类别", "类别", "人员类型", "责任", "担任职责", "role", "duty", "post",
    ),
    "level": (
        "级别", "责任人级别", "层级", "责任级别", "责任层级", "行政级别", "所属层级", "岗位级别", "人员级别",
        "级别层级", "level",
    ),
    "hazards": ("灾种", "灾害类型", "灾害种类", "负责灾种", "hazards", "hazard"),
    "deputy": ("b角", "备用联系人", "b角姓名", "替补责任人", "副责任人", "备用责任人", "deputy"),
    "deputy_mobile": (
        "b角手机", "b角电话", "b角联系电话", "b角联系方式", "b角手机号码", "备用联系人手机",
        "备用联系人电话", "deputy_mobile",
    ),
    "superior": ("上级", "上级责任人", "superior"),
    "superior_mobile": ("上级手机", "上级电话", "上级联系电话", "上级责任人电话", "superior_mobile"),
    "valid_from": ("有效期起", "生效日期", "起始日期", "任职时间", "valid_from"),
    "valid_to": ("有效期止", "失效日期", "终止日期", "valid_to"),
    "language": ("语言", "language"),
    "note": ("备注", "说明", "note", "remarks"),
    # of a danger point
    "point_code": (
        "隐患点编号", "隐患点编码", "灾害点编号", "统一编号", "野外编号", "隐患点统一编号", "危险区编号",
        "危险区编码", "水库编号", "水库编码", "注册登记号", "水库注册登记号", "点编号", "危险区代码",
        "水库代码", "point_code",
    ),
    "point_name": (
        "隐患点名称", "隐患点", "灾害点名称", "灾害点", "地质灾害点名称", "隐患名称", "危险区名称",
        "危险区", "山洪灾害危险区", "山洪危险区", "山洪危险区名称", "防治对象", "防治区", "水库名称",
        "水库", "水库名", "工程名称", "淤地坝名称", "淤地坝", "坝名", "山塘名称", "塘坝名称",
        "尾矿库名称", "尾矿库", "矿山名称", "煤矿名称", "煤矿", "矿名", "矿井名称", "煤矿企业名称",
        "矿山企业名称", "企业名称", "矿山", "景区名称", "涉河景区", "景区", "漫水桥", "漫水桥名称",
        "漫水路段", "漫水路名称", "堤防名称", "堤防", "点位名称", "风险点名称", "地质灾害隐患点",
        "地质灾害隐患点名称", "点名", "风险点", "名称", "point_name",
    ),
    "point_class": ("隐患点类别", "point_class"),  # in our own words: sheet_writer.POINT_KIND_WORDS
    "point_kind": (
        "类型", "隐患点类型", "灾害点类型", "隐患类型", "工程类型", "灾种类型", "危险区类型", "水库类型",
        "point_kind",
    ),
    "lat": ("纬度", "北纬", "y坐标", "latitude", "lat"),
    "lon": ("经度", "东经", "x坐标", "longitude", "lon"),
    "position": ("经纬度", "坐标", "地理坐标", "经纬度坐标"),
    "location": (
        "位置", "地理位置", "具体位置", "详细位置", "地点", "地址", "所在位置", "详细地址", "工程位置",
        "坝址", "坝址位置", "隐患点位置", "灾害点位置", "建设地点", "location",
    ),
    "grade": (
        "险情等级", "危险等级", "风险等级", "灾情等级", "危险性等级", "险情级别", "隐患等级", "grade",
    ),
    "households": (
        "威胁户数", "受威胁户数", "影响户数", "户数", "总户数", "威胁户", "受威胁户数合计", "危险区户数",
        "households",
    ),
    "people": (
        "威胁人数", "受威胁人数", "威胁人口", "受威胁人口", "影响人口", "影响人数", "人数", "人口",
        "总人口", "总人数", "危险区人口", "危险区人数", "people",
    ),
    "households_people": (
        "威胁户数人数", "威胁户数/人数", "受威胁户数/人数", "威胁对象", "受威胁对象", "威胁户人数",
        "户数/人数", "户/人", "威胁情况",
    ),
    "signal": ("报警方式", "预警信号", "报警信号", "预警方式", "预警手段", "警报信号", "signal"),
    "route": (
        "撤离路线", "转移路线", "撤退路线", "避险路线", "疏散路线", "避灾路线", "人员撤离路线", "route",
    ),
    "shelter": (
        "避灾地点", "安置地点", "避险地点", "安置点", "避灾场所", "避险场所", "转移地点", "预定避灾地点",
        "安置场所", "避险点", "转移安置点", "转移安置地点", "安置位置", "避难场所", "撤离地点",
        "临时安置点", "shelter",
    ),
    # of a threatened household
    "head": (
        "户主", "户主姓名", "受威胁户", "受威胁户主", "受威胁住户", "受威胁群众", "住户", "住户姓名",
        "受威胁户户主", "受威胁户姓名", "受威胁群众姓名", "户主名称", "head",
    ),
    "head_mobile": ("户主电话", "户主联系电话", "户主手机", "户主联系方式", "户主手机号码", "住户电话"),
    "family": (
        "家庭人口", "家庭人数", "家庭成员数", "家庭人口数", "家庭成员人数", "常住人口", "户人口",
        "人口数", "家庭成员", "在家人数", "户籍人口", "family",
    ),
}  # fmt: skip
# What else is written about a danger point: kept in its note, in the words of the list.
PARTICULARS = frozenset(
    (
        "规模", "规模等级", "体积", "总库容", "库容", "坝高", "坝型", "坝长", "水库规模", "工程规模",
        "诱发因素", "引发因素", "稳定性", "目前稳定状态", "威胁财产", "威胁资产", "监测方法", "监测方式",
        "监测手段", "监测频次", "防治措施", "防治建议", "建成时间", "建成年份", "隶属关系", "集水面积",
        "控制面积", "流域面积", "河流", "河流名称", "所在河流", "河段", "责任河段", "河段名称", "流域",
        "河道名称", "水系", "发生时间", "变形迹象", "生产状态", "矿山状态", "生产能力", "矿种",
        "开采方式", "责任河湖", "河湖名称", "林班", "管护面积", "管护林地面积", "准备转移雨量",
        "立即转移雨量", "预警指标", "准备转移", "立即转移",
    )
)  # fmt: skip


def _spellings(heading: str) -> tuple[str, ...]:
    """`area_code` is also written `Area code`: blanks are off before headings are compared."""
    return tuple(dict.fromkeys((heading, heading.replace("_", ""))))


SYNONYMS: Mapping[str, str] = {
    heading: column
    for column, headings in COLUMNS.items()
    for word in headings
    for heading in _spellings(word)
}
# Headings that say nothing about the roster.
IDLE_HEADINGS = frozenset(
    (
        "省", "市", "省份", "地市", "省市", "序号", "编号", "no", "no.", "#", "项目",
        "审核状态", "性别", "年龄", "民族", "身份证号", "身份证号码", "身份证", "出生年月", "文化程度",
        "学历", "政治面貌", "签字", "签名", "邮箱", "传真", "微信", "微信号", "邮编", "照片", "合计",
        "小计", "更新时间", "填报时间", "填表日期", "户籍地址", "入党时间",
    )
)  # fmt: skip

_LEVELS: tuple[tuple[str, PostLevel], ...] = (
    (r"village|村级?|社区级?|组级?|户级?", PostLevel.VILLAGE),
    (r"township|乡镇?级?|镇级?|街道级?|乡\(镇\)级?", PostLevel.TOWNSHIP),
    (r"county|city|县级?|市级?|区级?|旗级?|县\(市、区\)级?", PostLevel.COUNTY),
)

# A level inside the words of a post: 县级责任人, 包保县领导, 镇长, 村支书.
_LEVEL_WORDS: tuple[tuple[str, PostLevel], ...] = (
    (
        r"[县市区旗](?:级|责任人)|[县市区旗](?:委|政府)?(?:领导|长)|(?:副|常务副)[县市区]长|县包|县直|县本级",
        PostLevel.COUNTY,
    ),
    (
        r"[乡镇](?:级|责任人)|乡\(镇\)级|街道(?:级|责任人)|[乡镇](?:领导|长|干部)|(?:副|常务副)[乡镇]长|街道(?:领导|干部|主任)",
        PostLevel.TOWNSHIP,
    ),
    (
        r"[村组户屯]级|社区级|(?:村|社区)责任人|村(?:支书|主任|长|干部|两委)|村民?小?组长|组长",
        PostLevel.VILLAGE,
    ),
)

_WATER = (Hazard.RAIN, Hazard.FLOOD, Hazard.FLASH_FLOOD, Hazard.WATERLOGGING, Hazard.DAM)
_HAZARDS: Mapping[str, tuple[Hazard, ...]] = {
    "防汛": _WATER,
    "防汛抗旱": (*_WATER, Hazard.DROUGHT),
    "水旱": (*_WATER, Hazard.DROUGHT),
    "水旱灾害": (*_WATER, Hazard.DROUGHT),
    "洪涝": (Hazard.RAIN, Hazard.FLOOD, Hazard.FLASH_FLOOD, Hazard.WATERLOGGING),
    "暴雨": (Hazard.RAIN,),
    "强降雨": (Hazard.RAIN,),
    "降雨": (Hazard.RAIN,),
    "洪水": (Hazard.FLOOD,),
    "山洪": (Hazard.FLASH_FLOOD,),
    "内涝": (Hazard.WATERLOGGING,),
    "水库": (Hazard.DAM,),
    "淤地坝": (Hazard.DAM,),
    "大坝": (Hazard.DAM,),
    "地质": (Hazard.GEOHAZARD,),
    "地灾": (Hazard.GEOHAZARD,),
    "滑坡": (Hazard.GEOHAZARD,),
    "崩塌": (Hazard.GEOHAZARD,),
    "泥石流": (Hazard.GEOHAZARD,),
    "地面塌陷": (Hazard.GEOHAZARD,),
    "台风": (Hazard.TYPHOON,),
    "强对流": (Hazard.CONVECTIVE,),
    "雷电": (Hazard.CONVECTIVE,),
    "冰雹": (Hazard.CONVECTIVE,),
    "雷雨大风": (Hazard.CONVECTIVE, Hazard.WIND),
    "雪": (Hazard.SNOW_ICE,),
    "暴雪": (Hazard.SNOW_ICE,),
    "低温雨雪冰冻": (Hazard.SNOW_ICE, Hazard.COLD),
    "雨雪冰冻": (Hazard.SNOW_ICE, Hazard.COLD),
    "道路结冰": (Hazard.SNOW_ICE,),
    "寒潮": (Hazard.COLD,),
    "霜冻": (Hazard.COLD,),
    "低温": (Hazard.COLD,),
    "高温": (Hazard.HEAT,),
    "大风": (Hazard.WIND,),
    "大雾": (Hazard.VISIBILITY,),
    "沙尘": (Hazard.VISIBILITY,),
    "沙尘暴": (Hazard.VISIBILITY,),
    "霾": (Hazard.AIR,),
    "重污染天气": (Hazard.AIR,),
    "干旱": (Hazard.DROUGHT,),
    "抗旱": (Hazard.DROUGHT,),
    "森林火险": (Hazard.WILDFIRE,),
    "森林火": (Hazard.WILDFIRE,),
    "森林草原火": (Hazard.WILDFIRE,),
    "森林": (Hazard.WILDFIRE,),
    "森林草原": (Hazard.WILDFIRE,),
    "地震": (Hazard.EARTHQUAKE,),
    "矿山": (Hazard.MINE,),
    "煤矿": (Hazard.MINE,),
    "非煤矿山": (Hazard.MINE,),
    "危化": (Hazard.HAZCHEM,),
    "危化品": (Hazard.HAZCHEM,),
    "危险化学品": (Hazard.HAZCHEM,),
    "交通": (Hazard.TRAFFIC,),
    "道路交通": (Hazard.TRAFFIC,),
    "环境": (Hazard.ENVIRONMENT,),
    "突发环境事件": (Hazard.ENVIRONMENT,),
    "海洋": (Hazard.MARINE,),
    "停工停产": (Hazard.CLOSURE_ORDER,),
    "关停": (Hazard.CLOSURE_ORDER,),
    "其他": (Hazard.OTHER,),
}
_LANGUAGES = {
    **dict.fromkeys(("中文", "汉语", "普通话", "国语", "chinese", "zh"), "zh-CN"),
    **dict.fromkeys(("英语", "英文", "english"), "en"),
}
_EVERY_HAZARD = frozenset({"所有", "全部", "综合", "各类", "全灾种", "all", "*"})
_HAZARD_SEPARATOR = re.compile(r"[、,，;；/|\s]+|和|及")
_HAZARD_ENDING = re.compile(r"(?:灾害?|防御|预警|防火|防治|火灾|安全|天气|气象风险)+$")


def level_named(text: str) -> PostLevel | None:
    """The level that `县级`, `乡镇`, `村级`, `village` … mean; None for anything else."""
    wanted = re.sub(r"\s", "", text).lower()
    return next((level for pattern, level in _LEVELS if re.fullmatch(pattern, wanted)), None)


def level_within(words: str) -> PostLevel | None:
    """The level that the words of a post speak of: 县级责任人, 包保县领导; None where they speak of none."""
    return next((level for pattern, level in _LEVEL_WORDS if re.search(pattern, words)), None)


def hazards_named(text: str) -> tuple[tuple[Hazard, ...], tuple[str, ...]]:
    """The families that a list of hazards names, and the words that nobody knows.

    No families is all of them: nothing was said, or that every hazard is meant.
    """
    families: dict[Hazard, None] = {}
    unknown: list[str] = []
    for word in filter(None, _HAZARD_SEPARATOR.split(text.strip().lower())):
        if word in _EVERY_HAZARD:
            return (), tuple(unknown)
        found = _families_of(word)
        families.update(dict.fromkeys(found))
        if not found:
            unknown.append(word)
    return tuple(families), tuple(unknown)


def _families_of(word: str) -> tuple[Hazard, ...]:
    if word in set(Hazard):
        return (Hazard(word),)
    return _HAZARDS.get(word) or _HAZARDS.get(_HAZARD_ENDING.sub("", word)) or ()


def languages_named(text: str) -> tuple[str, ...]:
    """The languages that `zh-CN`, `中文、英语` or `en` mean, each once: the first is that of the calls."""
    words = (word for word in re.split(r"[、,，;；/|\s]+", text) if word)
    return tuple(dict.fromkeys(_LANGUAGES.get(word.lower(), word) for word in words))
