"""Special weather tips of the Hong Kong Observatory (`{"swt": [{"desc", "updateTime"}]}`).

They are sentences and carry no identifier, so one is made of their time and a digest of their words: the
same tip is the same message however often it is polled. The signals of Hong Kong that Shenzhen repeats
are read here too.
"""

from datetime import datetime
from hashlib import sha256

from jiaoying.warnings.formats.feed import NATIONAL_EVENT, Draft, language_of, paired, read_rows
from jiaoying.warnings.formats.guarded_json import JsonDocument
from jiaoying.warnings.formats.levels import Level, colour_parameter, level_of, severity_of
from jiaoying.warnings.formats.records import Record, as_list, as_object
from jiaoying.warnings.model import Info, ParsedMessage, WarnedArea

FORMAT = "cn-hongkong"
OBSERVATORY = "香港天文台"
AREA = WarnedArea("香港特别行政区", geocodes=(("adcode", "810000"),))
_MAX_HEADLINE = 100

# Signal → event in Chinese, national code where one means the same, colour. Amber is 黄色 in Hong Kong's
# own Chinese; black stands above red.
_SIGNALS: dict[str, tuple[str, str | None, str | None]] = {
    "SMSS": ("强烈季候风信号", "11B06", None),
    "THWW": ("雷暴警告", "11B43", None),
    "VHOT": ("酷热天气警告", "11B09", None),
    "COLD": ("寒冷天气警告", "11B34", None),
    "FROS": ("霜冻警告", "11B16", None),
    "LSWW": ("山泥倾泻警告", "11D01", None),
    "RWAA": ("黄色暴雨警告信号", "11B03", "yellow"),
    "RWRR": ("红色暴雨警告信号", "11B03", "red"),
    "RWBB": ("黑色暴雨警告信号", "11B03", "red"),
    "TSUN": ("海啸警告", "11E01", None),
}


def is_hongkong(document: JsonDocument) -> bool:
    """Whether the value is the answer with special weather tips."""
    return isinstance((as_object(document.value) or {}).get("swt"), list)


def read_hongkong(document: JsonDocument, now: datetime) -> list[ParsedMessage]:
    """Each tip as a message."""
    rows = as_list((as_object(document.value) or {}).get("swt"))
    return read_rows(rows, FORMAT, _read_tip, document, now)


def _read_tip(record: Record) -> Draft:
    text, sent = record.text("desc"), record.moment("updateTime")
    language = language_of(text)
    name = "特别天气提示" if language.startswith("zh") else "special weather tips"
    info = Info(
        language=language,
        event=name,
        severity=severity_of(None),
        sender_name=OBSERVATORY,
        headline=_first_sentence(text) or name,
        description=text,
        areas=(AREA,),
    )
    digest = sha256((text or "").encode()).hexdigest()[:8]
    stamp = "" if sent is None else sent.strftime("%Y%m%d%H%M%S")
    return Draft(identifier=f"HKO_SWT_{stamp}_{digest}", sender=OBSERVATORY, sent=sent, infos=(info,))


def _first_sentence(text: str | None) -> str | None:
    first = (text or "")[:_MAX_HEADLINE].partition("。")[0].partition(". ")[0]
    return first or None


def signal_info(code: str | None, text: str | None, told: Level | None) -> Info:
    """The info of a signal of Hong Kong by its code; `told` is the level in its text."""
    code = code or ""
    name, national, colour = _SIGNALS.get(code, (code or None, None, None))
    if code.startswith("TC"):  # TC1, TC3, TC8NE …: the number of the signal
        name, national = f"热带气旋警告信号({code.removeprefix('TC')})", "11B01"
    level = level_of(colour) or told
    return Info(
        language="zh-HK",
        event=name,
        severity=severity_of(level),
        event_code=paired(("HKO", code), (NATIONAL_EVENT, national)),
        sender_name=OBSERVATORY,
        headline=name,
        description=text,
        parameter=colour_parameter(level),
        areas=(AREA,),
    )
