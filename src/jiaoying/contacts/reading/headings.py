"""What one heading of a list means: a column of the row, or something about one of the people in it."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from jiaoying.contacts.reading.words import IDLE_HEADINGS, PARTICULARS, SYNONYMS, level_named
from jiaoying.kernel.sheets import plain_heading

MAX_HEADING = 40  # characters; longer cells are sentences

PERSON_FIELDS = frozenset({"name", "mobile", "landline", "unit", "title", "unit_title"})
# Words for a person that say nothing of the duty; the list's own 责任人 is completed from its title.
GENERIC_ROLES = frozenset({"", "责任人", "联系人", "负责人", "人员", "责任人员", "姓名"})

_JOINT = r"(?P<joint>的|及|和|与|/|、|,)?"
_PHONE = r"(?:(?:联系|移动|手机)?(?:电话|手机)(?:号码|号)?|手机号码?|联系方式|联系号码|通讯方式)"
_ATTRIBUTES: Sequence[tuple[str, re.Pattern[str]]] = tuple(
    (column, re.compile(rf"(?P<role>.*?){_JOINT}(?P<words>{pattern})"))
    for column, pattern in (
        ("name", rf"(?:姓名|名字)(?:[及和与/、]?(?:职务|{_PHONE}))?"),
        ("unit_title", r"(?:工作|所在)?(?:单位|部门)[及和与/、]?(?:行政)?职务|职务[及和与/、]?单位"),
        ("landline", r"(?:办公室?|固定|住宅|家庭|单位)电话|座机(?:号码|电话)?|固话(?:号码)?|宅电"),
        ("mobile", _PHONE),
        ("title", r"(?:行政|现任)?职务|职位|职称"),
        ("unit", r"(?:工作|所在|所属|任职)?(?:单位|部门)(?:名称)?"),
    )
)
_THREATENED = re.compile(
    r"(?:受?威胁|影响|受灾|涉及|危险区内?|需?转移|需?撤离)(?:对象|居民|群众|情况|安置|常住|户籍|内)*"
    r"(?P<what>户数?|人数?|人口数?)"
)
_PLACE = re.compile(r"省|市|县|乡镇|街道|乡|镇|行政村|自然村|村|社区|组")
_PLACES = re.compile(rf"(?:所在|所属)?(?:{_PLACE.pattern}|[、/及和,区名称]|委会)+")
_VILLAGE = re.compile(r"(?:所?包[联保片]?|联系|负责|管护|监测|责任|所辖)(?:的?行政)?村")
_SPAN = r"(?:任职|任期|聘任|聘期|有效期?|责任期?|生效|失效|上岗|离岗|在岗)?"
_DAY = r"(?:年月日?|日期|时间|日)?"
_BEGINS = re.compile(rf"{_SPAN}(?:起始?|自|开始|生效){_DAY}|(?:任职|上岗|生效|聘任)(?:日期|时间)")
_ENDS = re.compile(
    rf"{_SPAN}(?:止|至|终止|截止|截至|结束|到期|失效){_DAY}|(?:离任|卸任|离岗|失效)(?:日期|时间)"
)
_LOCATION = re.compile(r"(?!.*(?:避|安置|转移|撤离|集合)).{1,4}(?:地址|位置|地点)")
_PERSON_ENDING = re.compile(
    r".*(?:人|员|书记|支书|主任|领导|干部|指挥|副职|医生|村医|教师|民警|辅警|法人|代表|志愿者|同志|主官|工程师|教导员|站长|所长|局长"
    r"|(?:河|湖|林|田|镇|乡|村|县|校|院|矿|队|组|楼|链|园|段|库|坝|班|排|科|股|党|团|会|厂|区|市|指挥|街|路|片|网格|户|处|部)长"
    r"|责任人\(.*\))"
)
_NO_PERSON = re.compile(r".*(?:坝长|堤长|人口|户主|受威胁人)|经办人|填表人|填报人|审核人")
_HELPER = re.compile(
    r".*(?:帮扶|一对一|结对|包户|联户|监护|帮包|帮带|包联|包保).*|转移责任人|避险转移责任人|转移负责人|责任人"
)
_HELPER_ALWAYS = re.compile(r".*(?:帮扶|一对一|结对|包户|联户|监护人|帮带).*")


@dataclass(frozen=True, slots=True)
class Meaning:
    """`column` is a name of `words.COLUMNS`, or `idle`, `particular`, `organisation`, `group`.

    `role` are the words for the person that it is about; `certain` where the words are known as a
    heading, not only such as could also stand in a cell below.
    """

    column: str
    role: str = ""
    certain: bool = True


@lru_cache(maxsize=4096)
def meaning_of(text: str) -> Meaning | None:
    """What a heading alone means; None where it is not known."""
    if len(text) > MAX_HEADING:
        return None
    plain = plain_heading(text)
    joined = re.sub(r"[\s()*：:]", "", unicodedata.normalize("NFKC", text)).lower()
    found = _meaning(plain) or (_meaning(joined) if joined != plain else None)
    if found is None and re.fullmatch(r".+?[\d一二三①②③]", plain):
        found = _meaning(plain[:-1])  # 电话1, 责任人二
    return found


def meaning_of_path(path: Sequence[str]) -> Meaning | None:
    """What a heading over several rows means, topmost first: 行政责任人 / 姓名."""
    *above, own = path
    if above:
        together = meaning_of(above[-1] + own)
        alone = meaning_of(own)
        finer = together is not None and together.column not in (*PERSON_FIELDS, "idle", "organisation")
        if together is not None and (finer or alone is None):
            return together
    found = meaning_of(own)
    if found is None or found.column not in PERSON_FIELDS:
        return found
    return Meaning(found.column, role_of_path(found.role, above), found.certain)


def role_of_path(own: str, above: Sequence[str]) -> str:
    """The person's words: their own, or those of the nearest heading above that has any.

    A level above or beside them is part of the words: 县级 / 责任人 is 县级责任人.
    """
    levels = ""
    role = own if own not in GENERIC_ROLES else ""
    generic = own
    for text in reversed(above):
        words = _plain_role(text)
        if level_named(words) is not None:
            levels = words if words.endswith("级") else f"{words}级"
        elif words in GENERIC_ROLES or is_caption(words):
            generic = generic or ("责任人" if "责任人" in words else "")
        elif not role:
            role = words
    if levels and levels not in role:
        role = levels + (role or generic or "责任人")
    return role or generic


def is_caption(words: str) -> bool:
    """Whether a heading over others only says what kind of columns follow: 基本情况, 责任人信息."""
    return bool(
        re.fullmatch(r".*(?:情况|信息|体系|内容|资料|对象|责任制|位置|坐标|名单|落实|一览表?)", words)
    )


def is_person(words: str) -> bool:
    """Whether words end like somebody's duty or office."""
    return _PERSON_ENDING.fullmatch(words) is not None and _NO_PERSON.fullmatch(words) is None


def may_head_others(words: str) -> bool:
    """Whether words may stand over the columns of one person, or over columns of one kind."""
    return (
        is_person(words)
        or is_caption(words)
        or level_named(words) is not None
        or meaning_of(words) is not None
        or re.fullmatch(r"(?:.*政府|.+[室站局办]|.+机构|.+企业)", words) is not None
    )


def is_helper(words: str, *, beside_head: bool) -> bool:
    """Whether words mean who helps a household out of its house; `beside_head` as to the columns beside."""
    return (_HELPER if beside_head else _HELPER_ALWAYS).fullmatch(words) is not None


def _plain_role(text: str) -> str:
    plain = plain_heading(text) or re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", text))
    return re.sub(r"[“\"].*?[”\"]", "", plain) or plain


def _meaning(plain: str) -> Meaning | None:
    if not plain:
        return None
    if plain in ("责任人", "联系人", "负责人", "人员"):
        return Meaning("name", plain)
    located = re.sub(r"^所[在属]", "", plain)
    for words in (plain, located):
        if words in SYNONYMS:
            return Meaning(SYNONYMS[words])
    if plain in IDLE_HEADINGS or plain.startswith("是否"):
        return Meaning("idle")
    if plain in PARTICULARS:
        return Meaning("particular")
    if threatened := _THREATENED.fullmatch(plain):
        return Meaning("households" if "户" in threatened["what"] else "people")
    if _PLACES.fullmatch(plain) and len(_PLACE.findall(plain)) > 1:
        return Meaning("area")
    if _VILLAGE.fullmatch(plain):
        return Meaning("village")
    if _BEGINS.fullmatch(plain):
        return Meaning("valid_from")
    if _ENDS.fullmatch(plain):
        return Meaning("valid_to")
    if _LOCATION.fullmatch(plain):
        return Meaning("location")
    for column, pattern in _ATTRIBUTES:
        found = pattern.fullmatch(plain)
        if found is None:
            continue
        role = "" if found["role"] == "a角" else found["role"]
        if column == "unit" and role and not is_person(role):
            return Meaning("organisation", plain, certain=False)
        # 责任人及电话: both are in one cell.
        together = column == "mobile" and role and found["joint"] not in (None, "的")
        return Meaning("name" if together else column, role)
    if is_person(plain):
        return Meaning("name", plain, certain=False)
    return None
