# ruff: noqa: E501 (a row of a sheet is one line)
"""Ugly workbooks, written as counties write them: every kind of dirt that lists of responsible people have.

The people do not exist: their mobile numbers begin with 100, their landlines with 0356-000.
"""

import io
from collections.abc import Callable, Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from jiaoying.kernel.sheets import SheetFile

Rows = Sequence[Sequence[object]]


def saved(book: Workbook, name: str) -> SheetFile:
    """A workbook as somebody hands it over."""
    file = io.BytesIO()
    book.save(file)
    return SheetFile(name, file.getvalue())


def filled(sheet: Worksheet, rows: Rows, merges: str = "") -> Worksheet:
    """A sheet with these rows and merged cells."""
    for row in rows:
        sheet.append(list(row))
    for cells in merges.split():
        sheet.merge_cells(cells)
    return sheet


def first_sheet(book: Workbook, title: str) -> Worksheet:
    """The sheet that a new workbook has, renamed."""
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    return sheet


def flood_list() -> SheetFile:
    """山洪六落实: five duties beside each other, merged townships, 同上, floats, notes above and below."""
    book = Workbook()
    cover = first_sheet(book, "封面")
    filled(cover, [["沁水县山洪灾害防御"], ["责任人名册"], ["二〇二六年五月"]])
    sheet = book.create_sheet("六落实")
    filled(
        sheet,
        [
            ["附件1"],
            ["沁水县2026年山洪灾害防御“六落实”责任人名单"],
            ["填报单位（盖章）：沁水县水务局", None, None, None, "填报时间：2026年5月20日"],
            ["序号", "乡镇", "行政村", "自然村", "行政责任人", None, None, "监测责任人", None,
             "信息报送人", None, "预警责任人", None, "转移责任人", None, "转移路线", "安置地点", "备注"],
            [None, None, None, None, "姓 名", "职务", "手机号码", "姓名", "电话", "姓名", "电话", "姓名", "电话",
             "姓名", "电话", None, None, None],
            [1, "龙港镇", "里必村", "前里必", "王 强", "支部书记", 10000001001.0, "赵 敏", "100 0000 1002", "孙丽",
             "100-0000-1003", "褚海", "10000001015", "周涛（治保主任）", "１００００００１００４", "村西→小学", "里必小学", None],
            [2, None, "马邑村", None, "郑和平", "村主任", "10000001005/0356-0001234", "吴刚、钱进",
             "10000001006、10000001007", "冯娟", 10000001008, "〃", "〃", "无", None, None, None, "汛期加密"],
            [3, "端氏镇", "苏庄", None, "买买提·艾力", "书记", "+86 10000001009", "陈晨", "1.00E+10", "褚卫\n蒋沈",
             "10000001011\n10000001012", "待定", "/", "韩雪 10000001013", None, None, None, None],
            [4, "端氏镇", "不知道村", None, "杨帆", "书记", "10000001014", None, None, None, None, None, None, None, None,
             None, None, None],
            ["合计", None, "4个村", None, "4人", None, None, "4人"],
            ["注：本表一式两份。", None, None, None],
            ["单位负责人：朱秦", None, None, "填表人：尤许", None, None, "联系电话：10000009999"],
        ],
        merges="A2:R2 A4:A5 B4:B5 C4:C5 D4:D5 E4:G4 H4:I4 J4:K4 L4:M4 N4:O4 P4:P5 Q4:Q5 R4:R5 B6:B7",
    )  # fmt: skip
    return saved(book, "山洪六落实.xlsx")


def reservoir_list() -> SheetFile:
    """Six persons a row: three heading rows, units and offices, one person in two duties."""
    book = Workbook()
    sheet = first_sheet(book, "Sheet1")
    top: list[object] = ["序号", "水库基本情况", None, None, None, "大坝安全责任人", *[None] * 11, "备注"]
    groups: list[object] = [
        None, "水库名称", "所在地", "总库容\n（万m³）", "工程规模", "政府责任人", None, None, "主管部门", None, None,
        "管理单位", None, None, "“三个责任人”巡查责任人", None, None, None,
    ]  # fmt: skip
    fields: list[object] = [None, None, None, None, None, *["姓名", "职务", "联系电话"] * 4, None]
    filled(
        sheet,
        [
            ["沁水县水库大坝安全责任人公示表"],
            top,
            groups,
            fields,
            [
                1,
                "演示一水库",
                "龙港镇里必村",
                "120.5",
                "小（1）型",
                "李明",
                "副县长",
                "10000002001",
                "何涛",
                "水务局副局长",
                "10000002002",
                "吕静",
                "站长",
                "10000002003",
                "施恩",
                "巡查员",
                "10000002004",
                None,
            ],
            [
                2,
                "演示二水库",
                "端氏镇苏庄村西沟",
                "35",
                "小(2)型",
                "李明",
                "副县长",
                "10000002001",
                "张帆",
                "科长",
                "10000002005",
                "同左",
                "同左",
                "同左",
                "空缺",
                None,
                None,
                "病险",
            ],
            [
                3,
                "演示三水库",
                "中村镇张马村",
                18,
                "小(2)型",
                "孔燕",
                "镇长",
                10000002006,
                "曹军",
                None,
                "10000002007",
                "严冬",
                None,
                "0356—0002222转801",
                "华山",
                None,
                "1000000200810000002009",
                None,
            ],
        ],
        merges="A1:R1 A2:A4 B2:E2 F2:Q2 R2:R4 B3:B4 C3:C4 D3:D4 E3:E4 F3:H3 I3:K3 L3:N3 O3:Q3",
    )
    return saved(book, "水库责任人.xlsx")


def geohazard_list() -> SheetFile:
    """Points with 监测人 and 监测责任人, each with 座机 and 手机 in flat headings; households on a sheet of their own."""
    book = Workbook()
    sheet = first_sheet(book, "隐患点台账")
    filled(
        sheet,
        [
            ["2026年度沁水县地质灾害隐患点群测群防台账"],
            ["序号", "隐患点编号", "隐患点名称", "灾害类型", "乡镇", "村", "经度", "纬度", "规模", "险情等级", "威胁户数（户）",
             "威胁人数（人）", "威胁财产(万元)", "监测人", "座机", "手机", "监测责任人", "座机", "手机", "监测方法",
             "报警方式", "避灾地点", "撤离路线", "备注"],
            [1, "140521010001", "里必村后山滑坡", "滑坡", "龙港镇", "里必", "112°11′24″", "35°41′24″", "小型", "中型", "12",
             "35", 150, "金水", None, "10000003001", "魏山", "0003456", "10000003002", "简易监测", "鸣锣", "村委会",
             "沿村道向东", "百人点"],
            [2, "140521010002", "苏庄村窑洞崩塌", "崩塌", "端氏镇", "苏庄村", 112.4, 35.7, "小型", "小型", 3, 9.0, None,
             "陶姜、戚谢", None, "10000003003\n10000003004", "邹喻", None, "10000003005", "裂缝观测", "电话", "小学", None, None],
            [3, "140521010003", "演示沟泥石流", "泥石流", "中村镇", "张马村", "东经112度02分", "北纬35度36分30秒", "中型",
             "中型", "8户", "26人", None, "柏水", None, "10000003006", "同左", None, "同左", "巡查", "手摇警报器", None, None, None],
        ],
        merges="A1:X1",
    )  # fmt: skip
    households = book.create_sheet("受威胁户")
    filled(
        households,
        [
            ["受威胁户避险转移明细"],
            ["隐患点编号", "隐患点名称", "户主", "家庭人口", "户主电话", "帮扶责任人", "帮扶人电话"],
            ["140521010001", "里必村后山滑坡", "窦一", 4, "10000003011", "章南", "10000003021"],
            [None, None, "云二", "3人", None, "同上", "同上"],
            [None, None, "苏三", 2, "10000003013", "潘北", "10000003022"],
            [
                "140521010002",
                "苏庄村窑洞崩塌",
                "葛四、奚五",
                None,
                "10000003014、10000003015",
                "范西",
                10000003023,
            ],
        ],
        merges="A1:G1 A3:A5 B3:B5",
    )
    notes = book.create_sheet("填写说明")
    filled(notes, [["1. 本表由自然资源局填写"], ["2. 手机号码必填"]])
    return saved(book, "地灾隐患点.xlsx")


def forest_fire_list() -> SheetFile:
    """Three levels over pairs of columns, no merged cells for the villages, one section for each township."""
    book = Workbook()
    sheet = first_sheet(book, "三级责任人")
    filled(
        sheet,
        [
            ["沁水县森林草原防灭火县、乡、村三级责任人名单"],
            [
                "乡镇",
                "村（社区）",
                "县级责任人",
                None,
                "乡级责任人",
                None,
                "村级责任人",
                None,
                "护林员",
                None,
            ],
            [None, None, "姓名", "电话", "姓名", "电话", "姓名", "电话", "姓名", "联系方式"],
            [
                "土沃乡",
                "台亭村",
                "彭云",
                "10000004001",
                "鲁韦",
                "10000004002",
                "昌马",
                "10000004003",
                "苗凤",
                "10000004004",
            ],
            [
                None,
                "塘坪",
                "同上",
                "同上",
                "同上",
                "同上",
                "花方",
                "10000004005",
                "俞任\n袁柳",
                "10000004006\n10000004007",
            ],
            [None, None, None, None, None, None, None, None, "酆鲍", "10000004008"],
            [
                "胡底乡",
                "樊庄村",
                "彭云",
                "10000004001",
                "史唐",
                "10000004009",
                "费廉（女）",
                "10000004010",
                "岑 薛",
                10000004011,
            ],
            ["县直", None, "雷贺", "10000004012", None, None, None, None, None, None],
        ],
        merges="A1:J1 A2:A3 B2:B3 C2:D2 E2:F2 G2:H2 I2:J2",
    )
    return saved(book, "森林防火三级责任人.xlsx")


def mine_list() -> SheetFile:
    """煤矿包保: flat pairs of heading and 电话, a control room without a name, unit and office in one cell."""
    book = Workbook()
    sheet = first_sheet(book, "煤矿包保")
    filled(
        sheet,
        [
            ["沁水县煤矿安全包保责任表"],
            [
                "序号",
                "煤矿名称",
                "所在乡镇",
                "所在村",
                "包保县领导",
                "单位及职务",
                "电话",
                "监管部门责任人",
                "电话",
                "矿长",
                "手机",
                "调度室电话",
                "驻矿盯守员及电话",
            ],
            [
                1,
                "演示一矿",
                "嘉峰镇",
                "潘庄村",
                "倪汤",
                "县政府 副县长",
                "10000005001",
                "滕殷",
                "10000005002",
                "罗毕",
                10000005003.0,
                "0356-0005001",
                "郝邬 10000005004、安常 10000005005",
            ],
            [
                2,
                "演示二矿",
                "端氏镇",
                "坪上",
                "倪汤",
                "县政府 副县长",
                "10000005001",
                "乐于",
                "10000005006",
                "时傅（代）",
                "10000005007",
                "0005002",
                "皮卞(10000005008)",
            ],
        ],
        merges="A1:M1",
    )
    return saved(book, "煤矿包保.xlsx")


def township_sheets() -> SheetFile:
    """网格员: a sheet for each township, the title in A1:K3, people without a township column, a hidden sheet."""
    book = Workbook()
    first = first_sheet(book, "郑庄镇")
    heading = ["序号", "姓名", "性别", "所属村（社区）", "网格名称", "联系电话"]
    filled(
        first,
        [["郑庄镇网格员信息表"], [], [], heading, [1, "齐康", "男", "河头村", "一网格", "10000006001"],
         [2, "伍余", "女", None, "二网格", "10000006002"], [3, "元卜", "男", "玉沟", "一网格", "10000006003"]],
        merges="A1:K3",
    )  # fmt: skip
    second = book.create_sheet("柿庄镇")
    filled(
        second, [["柿庄镇网格员信息表"], heading, [1, "顾孟", "男", "杨庄村、大端村", "片", "10000006004"]]
    )
    hidden = book.create_sheet("旧名单")
    filled(hidden, [heading, [1, "平黄", "男", "河头村", "一网格", "10000006005"]])
    hidden.sheet_state = "hidden"
    return saved(book, "网格员.xlsx")


def schools_and_clinics() -> SheetFile:
    """Two tables on one sheet: headmasters, then hospitals with a duty telephone; places only in the names."""
    book = Workbook()
    sheet = first_sheet(book, "学校医院")
    filled(
        sheet,
        [
            ["沁水县学校防汛责任人"],
            ["学校名称", "校长", "手机", "安全员", "电话"],
            ["端氏镇中学", "和穆", "10000007001", "萧尹", "10000007002"],
            ["嘉峰镇豆庄村小学", "姚邵", "10000007003", None, None],
            [],
            ["沁水县乡镇卫生院值班电话"],
            ["单位", "负责人", "联系电话", "24小时值班电话"],
            ["龙港镇卫生院", "湛汪", "10000007004", "0356-0007001"],
            ["十里乡卫生院", "祁毛", "10000007005", "0007002"],
        ],
    )
    return saved(book, "学校医院.xlsx")


def river_chiefs() -> SheetFile:
    """河长制: levels above, rivers, people of three levels with their offices, side heads for townships."""
    book = Workbook()
    sheet = first_sheet(book, "河长")
    filled(
        sheet,
        [
            ["沁水县河长制责任人名单"],
            ["河流名称", "行政村", "乡级河长", None, None, "村级河长", None, None],
            [None, None, "姓名", "职务", "联系电话", "姓名", "职务", "联系电话"],
            ["一、郑村镇"],
            ["演示河", "湘峪村", "禹狄", "镇长", "10000008001", "米贝", "书记", "10000008002"],
            ["演示河", "半峪村", "禹狄", "镇长", "10000008001", "明臧主任", None, "10000008003"],
            ["二、固县乡"],
            ["演示支流", "云首村", "计伏", "乡长", "10000008004", "成戴", "书记", "10000008005"],
        ],
    )
    return saved(book, "河长.xlsx")


def as_csv(rows: Rows, encoding: str = "gb18030") -> SheetFile:
    """Rows as the CSV file that a Chinese spreadsheet writes."""
    text = "\r\n".join(",".join(f'"{cell}"' if cell is not None else "" for cell in row) for row in rows)
    return SheetFile("名单.csv", text.encode(encoding))


WORKBOOKS: Sequence[Callable[[], SheetFile]] = (
    flood_list,
    reservoir_list,
    geohazard_list,
    forest_fire_list,
    mine_list,
    township_sheets,
    schools_and_clinics,
    river_chiefs,
)
