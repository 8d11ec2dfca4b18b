"""What single cells of a list hold: people, numbers, days, figures, positions."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from jiaoying.kernel.phone import split_numbers
from jiaoying.kernel.sheets import Cell, plain_text

MAX_NAME = 40  # characters of a name, a post, a unit
MAX_PEOPLE = 20  # in one cell

_HAN = r"\u3400-\u9fff\U00020000-\U0003134f"
_HAN_BLANK = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_DOTS = re.compile(r"\s*[·•・‧∙⋅･.]\s*")
_SEVERAL = re.compile(r"[、,，;；/|\n]+|(?<=[)\d])\s+(?=\D)|(?<=\d)(?=[\u3400-\u9fff])(?!转)")
_NUMBERED = re.compile(rf"(?:^|\s+)\d{{1,2}}[.、)](?=\s*[{_HAN}])")  # 1.张三 2.李四
_BRACKETS = re.compile(r"\(([^()]*)\)")
_DATE = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T ].*)?|(\d{4})(\d{2})(\d{2})")
_SPREADSHEET_DAY_ZERO = date(1899, 12, 30)
# The mark of made-up people belongs to their name and is no office.
_DEMONSTRATION_MARK = "演示"
_NO_OFFICE = re.compile(
    r"[a-z]|男|女|[男女]?[,、]?\d+岁?|兼|兼职|兼任|党员|中共党员|新任|新|正|.族|汉|签字|代签?|\d+",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"无|/+|\\+|[-—－–_~]+|待定|待补充?|待配备?|空缺|空|暂缺|暂无|暂空|缺|缺位|缺员|缺岗|空岗|未定|未配备?|未落实|没有"
    r"|暂未[^,]{0,6}|\(空\)|\(无\)|[xX×]{2,}|n/?a|none|vacant|null|nil|tbd|[.。·…?？*]+|0",
    re.IGNORECASE,
)
_OFFICE = (
    r"(?:党?总?支部?|第一|村|社区|镇|乡|县|党委|常务)?(?:副)?(?:书记|主任|镇长|乡长|县长|局长|村长|支书|站长|所长|校长|院长"
    r"|队长|组长|矿长|经理|主席|部长|科长|股长|会计|委员|科员|干事|网格员|护林员|工程师|技术员|管理员|厂长|董事长|总工)"
)
_TRAILING_OFFICE = re.compile(rf"(?P<name>[{_HAN}]{{2,3}})(?P<office>{_OFFICE})")
# Most cells hold just this: nothing to take apart.
_PLAIN_NAME = re.compile(rf"[{_HAN}]{{2,3}}(?<![任长记员理事师士生任支书志傅计席同])")
_PLAIN_NUMBER = re.compile(r"1\d{10}|0\d{9,11}")
_OFFICE_ALONE = re.compile(_OFFICE)
_COURTESY = re.compile(r"(?:同志|先生|女士|老师|师傅)$")
_LEADING_OFFICE = re.compile(rf"(?P<office>[{_HAN}]{{1,10}})[:：](?P<name>.+)")
_COMPOUND = frozenset(
    [
        "欧阳",
        "太史",
        "端木",
        "上官",
        "司马",
        "东方",
        "独孤",
        "南宫",
        "万俟",
        "闻人",
        "夏侯",
        "诸葛",
        "尉迟",
        "公羊",
        "赫连",
        "澹台",
        "皇甫",
        "宗政",
        "濮阳",
        "公冶",
        "太叔",
        "申屠",
        "公孙",
        "慕容",
        "仲孙",
        "钟离",
        "长孙",
        "宇文",
        "司徒",
        "鲜于",
        "司空",
        "令狐",
        "西门",
        "呼延",
    ]
)
_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳"
    "鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴宋茅庞熊纪"
    "舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯管卢莫经房裘缪干解应宗丁宣邓郁单杭洪包"
    "诸左石崔吉钮龚程邢滑裴陆荣翁荀羊惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘厉戎祖"
    "武符刘景詹束龙叶幸司韶郜黎薄印宿白怀蒲从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳姬申扶堵冉宰郦雍桑桂濮牛寿通边扈燕"
    "冀浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄东欧沃利蔚越夔隆师巩聂晁勾敖融冷訾辛阚"
    "那简饶空曾沙养鞠须丰巢关查红游竺权逯盖益桓公原覃牟闫肖付代佟候仝苟晋邸延酒茆琚樊栗郝来上官银"
)


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody in a cell; `numbers` are those that stood beside the name, as written."""

    name: str
    title: str | None = None
    numbers: tuple[str, ...] = ()


def names_nobody(text: str) -> bool:
    """Whether a cell says that there is nobody: 无, /, 待定, 空缺."""
    return _NOBODY.fullmatch(re.sub(r"\s", "", text)) is not None


def people_in(cell: Cell) -> list[Named]:
    """The people in a cell, in their order; placeholders such as 无 are nobody."""
    if isinstance(cell, str) and _PLAIN_NAME.fullmatch(cell) and not names_nobody(cell):
        return [Named(cell)]
    return [person for piece in _pieces(cell) if (person := _person(piece)) is not None][:MAX_PEOPLE]


def looks_like_name(text: str) -> bool:
    """Whether a text is somebody's Chinese name and nothing else, by its surname or its middle dot."""
    name, _ = clean_name(text)
    bare = name.removesuffix(f"（{_DEMONSTRATION_MARK}）")
    return "·" in bare or (
        re.fullmatch(rf"[{_HAN}]{{2,4}}", bare) is not None
        and (bare[0] in _SURNAMES or bare[:2] in _COMPOUND)
    )


def clean_name(text: str) -> tuple[str, str | None]:
    """A person's name without inner blanks, and the office that stood beside it."""
    office: str | None = None
    name = plain_text(text)
    for found in _BRACKETS.finditer(name):
        words = found[1].strip()
        if words and words != _DEMONSTRATION_MARK and not _NO_OFFICE.fullmatch(words):
            office = office or words
    marked = f"({_DEMONSTRATION_MARK})" in re.sub(r"\s", "", name)
    name = re.sub(r"^\d+[.、)]\s*", "", _BRACKETS.sub("", name)).strip(" :：,.。*")
    if (found := _LEADING_OFFICE.fullmatch(name)) is not None:
        office, name = office or found["office"], found["name"].strip()
    words = name.split()
    if len(words) > 1 and _OFFICE_ALONE.fullmatch(words[-1]):
        office, name = office or words[-1], " ".join(words[:-1])
    elif len(words) > 1 and _OFFICE_ALONE.fullmatch(words[0]):
        office, name = office or words[0], " ".join(words[1:])
    name = _without_courtesy(_plain_dots(_HAN_BLANK.sub("", name)))
    if (found := _TRAILING_OFFICE.fullmatch(name)) is not None and found["name"][0] in _SURNAMES:
        office, name = office or found["office"], found["name"]
    return f"{name}（{_DEMONSTRATION_MARK}）" if marked else name, office


def numbers_in(cell: Cell) -> list[str]:
    """The numbers in a cell as written, without the words around them; two that stick together are two."""
    if not isinstance(cell, str):
        text = plain_text(cell)
        # A float or a spreadsheet's integer is one number, or several without anything between them.
        return _unstuck(text) if text and not names_nobody(text) else []
    if _PLAIN_NUMBER.fullmatch(cell):
        return [cell]
    found: list[str] = []
    for line in cell.splitlines():
        for piece in split_numbers(_without_words(line)):
            if not names_nobody(piece):
                found.extend(_unstuck(piece))
    return found


def read_date(cell: Cell) -> date | None:
    """A day from a date cell, `2025-06-01`, `2025年6月1日`, or a spreadsheet's day number.

    Raises ValueError for anything else that is not blank.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = plain_text(cell)
    if not text or names_nobody(text) or text in ("长期", "至今"):
        return None
    found = _DATE.fullmatch(text)
    if found:
        year, month, day = (int(part) for part in found.groups() if part is not None)
        return date(year, month, day)
    if text.isdecimal() and 30_000 < int(text) < 80_000:
        return _SPREADSHEET_DAY_ZERO + timedelta(days=int(text))
    raise ValueError(text)


def read_count(cell: Cell) -> int | None:
    """A count from `12`, `12.0`, `12户`, `约35人`; None for a blank. Raises ValueError for anything else."""
    text = plain_text(cell).replace(",", "")
    if not text or names_nobody(text):
        return 0 if text == "0" else None
    found = re.fullmatch(r"[约共近]?\s*(\d{1,7})(?:\.0+)?\s*[余多]?\s*(?:户|人|口|间)?", text)
    if found is None:
        raise ValueError(text)
    return int(found[1])


def read_counts(cell: Cell) -> tuple[int | None, int | None]:
    """Households and people from one cell: `12户35人`, `12/35`. Raises ValueError for anything else."""
    text = plain_text(cell).replace(",", "")
    if not text or names_nobody(text):
        return None, None
    households, people = (re.search(rf"(\d{{1,7}})\s*{unit}", text) for unit in ("户", "[人口]"))
    if households or people:
        return (int(households[1]) if households else None), (int(people[1]) if people else None)
    found = re.fullmatch(r"(\d{1,7})\s*[/、 ]\s*(\d{1,7})", text)
    if found is None:
        raise ValueError(text)
    return int(found[1]), int(found[2])


def read_degrees(cell: Cell) -> float | None:
    """Degrees from `112.19`, `112°11′23″`, `112度11分23秒`, `E112 11 23`; None for a blank.

    Raises ValueError for anything else.
    """
    text = plain_text(cell)
    if not text or names_nobody(text):
        return None
    plain = re.sub(r"[东西南北]经?纬?|经度|纬度|[EeNn:：]", "", text).strip()
    parts = re.findall(r"\d+(?:\.\d+)?", plain)
    if not 1 <= len(parts) <= 3 or not re.fullmatch(r"[\d.\s°º˚度分秒'′’‘\"″”“,]+", plain):
        raise ValueError(text)
    degrees, minutes, seconds = (float(part) for part in [*parts, "0", "0"][:3])
    if degrees > 180 or minutes >= 60 or seconds >= 60:
        raise ValueError(text)
    return round(degrees + minutes / 60 + seconds / 3600, 7)


def read_position(cell: Cell) -> tuple[float | None, float | None]:
    """Latitude and longitude from one cell, in either order; China lies east of its latitudes.

    Raises ValueError where there are not two.
    """
    text = plain_text(cell)
    if not text or names_nobody(text):
        return None, None
    halves = re.split(r"[,，;；、/]+", text)
    if len(halves) != 2:
        halves = re.split(r"(?<=[\d\"″”秒分′'°NE])\s*(?=[北东NE]|\s)\s*", text, maxsplit=1)
    values = [read_degrees(half) for half in halves if half.strip()]
    if len(values) != 2 or values[0] is None or values[1] is None:
        raise ValueError(text)
    return min(values[0], values[1]), max(values[0], values[1])


def split_unit_title(text: str) -> tuple[str | None, str | None]:
    """`龙港镇人民政府 副镇长` → unit and title; one of them where the words do not part."""
    words = re.split(r"[\s/、,]+", text, maxsplit=1)
    if len(words) == 2:
        return words[0], words[1]
    found = re.fullmatch(
        r"(.*?(?:局|政府|委员会|村委会?|居委会|社区|中心|办公室|办|站|所|公司|学校|小学|中学|医院|卫生院|煤矿|矿|水库|[村镇乡县]))"
        r"((?:党|副|常务|总|支|党委|党组|党总支|党支部|第一)*(?:书记|主任|[镇乡县局站所校院矿队组村部科股]长|支书|经理|主席|委员|干部|会计|.{0,4}员))",
        text,
    )
    return (found[1], found[2]) if found else (None, text or None)


def _pieces(cell: Cell) -> list[str]:
    lines = "\n".join(plain_text(line) for line in str(cell if cell is not None else "").splitlines())
    lines = _NUMBERED.sub("\n", lines)
    found: list[str] = []
    for piece in _split_outside_brackets(lines):
        words = piece.split()
        together = " ".join(words)
        found.extend(words if len(words) > 1 and _are_names(words) else [together] if together else [])
    return _rejoined(found)


def _split_outside_brackets(text: str) -> list[str]:
    covered = re.sub(r"\([^()]*\)", lambda found: "\x00" * len(found[0]), text)
    pieces: list[str] = []
    start = 0
    for found in _SEVERAL.finditer(covered):
        if found[0].strip() or "\n" in found[0] or _digits(covered[start : found.start()]) >= 7:
            pieces.append(text[start : found.start()])
            start = found.end()
    return [*pieces, text[start:]]


def _rejoined(pieces: list[str]) -> list[str]:
    """A number, an office or half a name on a line of its own belongs to who stands before it."""
    joined: list[str] = []
    for piece in pieces:
        lone_number = _digits(piece) >= 5 and not re.search(rf"[{_HAN}a-zA-Z]{{2}}", piece)
        lone_office = piece.startswith("(") or _OFFICE_ALONE.fullmatch(piece)
        half_a_name = joined and re.fullmatch(rf"[{_HAN}]", joined[-1]) and joined[-1] not in "无空缺"
        if joined and (lone_number or lone_office or half_a_name):
            joined[-1] += f" {piece}"
        else:
            joined.append(piece)
    return joined


def _are_names(words: list[str]) -> bool:
    """`张三 李四` are two people, `王 强`, `欧阳 娜娜` and `王强 书记` are one."""
    bare = [_BRACKETS.sub("", word) for word in words]
    return all(
        re.fullmatch(rf"[{_HAN}]{{2,4}}", word)
        and (word[0] in _SURNAMES or word[:2] in _COMPOUND)
        and word not in _COMPOUND
        and not _OFFICE_ALONE.fullmatch(word)
        for word in bare
    )


def _person(piece: str) -> Named | None:
    numbers = tuple(numbers_in(piece)) if _digits(piece) >= 5 else ()
    words = re.sub(r"(?:\+?\d[\d\s\-—－转]{4,}\d)", " ", piece) if numbers else piece
    words = re.sub(r"(?:联系)?(?:电话|手机)(?:号码)?\s*[:：]?", " ", words) if numbers else words
    words = re.sub(r"\(\s*\)", "", words).strip()
    if not words or names_nobody(words):
        return None
    name, office = clean_name(words)
    name = name[:MAX_NAME]
    return (
        Named(name, office[:MAX_NAME] if office else None, numbers)
        if name and not names_nobody(name)
        else None
    )


def _without_courtesy(name: str) -> str:
    bare = _COURTESY.sub("", name)
    return bare if len(bare) > 1 else name


def _plain_dots(name: str) -> str:
    """One middle dot for names of minorities; `王·强` was only spread out."""
    if not re.search(rf"[{_HAN}]", name):
        return name
    parts = _DOTS.split(name.strip("·.•・"))
    if len(parts) > 1 and all(len(part) == 1 for part in parts) and len(parts) <= 3:
        return "".join(parts)
    return "·".join(parts)


def _without_words(line: str) -> str:
    """A line of numbers without labels and remarks: 手机：138…（微信同号）."""
    text = unicodedata.normalize("NFKC", line)
    text = re.sub(r"(?<=\d)\s*(?:转|分机)\s*(?=\d)", ";ext=", text)
    text = re.sub(rf"[{_HAN}]+\s*[:：]?", "、", text)
    text = re.sub(r"[:：\"']", " ", text)
    return re.sub(
        r"\(\s*[、,a-zA-Z\s]*\)", "、", re.sub(r"\((?=\+?\d[\d\-]{6,}\))|(?<=\d)\)(?=\s*$)", " ", text)
    )


def _unstuck(piece: str) -> list[str]:
    """Two mobile numbers without anything between them, or a mobile and a landline."""
    digits = re.sub(r"[\s\-—]", "", piece)
    if re.fullmatch(r"(?:1\d{10}){2,4}", digits):
        return re.findall(r"1\d{10}", digits)
    if found := re.fullmatch(r"(1\d{10})(0\d{9,11})|(0\d{9,11})(1\d{10})", digits):
        return [part for part in found.groups() if part]
    return [piece]


def _digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)
