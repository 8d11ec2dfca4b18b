"""What incidents and their reports are called: decided here once, unique, gap-free for each year and desk."""

from collections.abc import Iterator

from jiaoying.duty.incidents.model import Number, Report, ReportKind
from jiaoying.kernel.language import CHINESE, current_language, say

_DIGITS = "零一二三四五六七八九"
_ROOM = "室"  # 值班室 → 值班, as 发文代字 are


def incident_number(called: Number, *, exercise: bool = False) -> str:
    """`沁水值班〔2026〕12号`; that of a drill cannot be taken for a real one: `沁水值班演练〔2026〕1号`."""
    drill = "演练" if exercise else ""
    return f"{called.prefix}{drill}〔{called.year}〕{called.number}号"


def report_number(called: Number, report: Report, *, exercise: bool = False) -> str:
    """`沁水值班〔2026〕12号-续报二`."""
    return f"{incident_number(called, exercise=exercise)}-{report_label(report)}"


def report_label(report: Report) -> str:
    """`首报`, `续报二`, `终报`, `更正一`: in Chinese in every language, since it is a part of the number."""
    match report.kind:
        case ReportKind.FIRST:
            return "首报"
        case ReportKind.CONTINUED:
            return f"续报{chinese_number(report.nth) if report.nth else ''}"
        case ReportKind.FINAL:
            return "终报"
        case ReportKind.CORRECTION:
            return f"更正{chinese_number(report.nth) if report.nth else ''}"


def report_name(report: Report) -> str:
    """A report as a reader says it: `续报二`, `continued report 2`."""
    if current_language() == CHINESE:
        return report_label(report)
    match report.kind:
        case ReportKind.FIRST:
            return say("first report")
        case ReportKind.CONTINUED:
            return say("continued report {number}", number=report.nth or "").strip()
        case ReportKind.FINAL:
            return say("final report")
        case ReportKind.CORRECTION:
            return say("correction {number}", number=report.nth or "").strip()


def chinese_number(number: int) -> str:
    """`一` … `十二` … `九十九`; beyond that digits, which nobody misreads."""
    if not 1 <= number <= 99:
        return str(number)
    tens, ones = divmod(number, 10)
    head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return head + (_DIGITS[ones] if ones else "")


def prefixes(desk_name: str, chosen: str | None) -> Iterator[str]:
    """What the numbers of a desk may begin with, the best first; the last ones are surely free."""
    if chosen:
        yield chosen
    yield desk_name.removesuffix(_ROOM) or desk_name
    yield desk_name
    count = 2
    while True:
        yield f"{desk_name}{count}"
        count += 1
