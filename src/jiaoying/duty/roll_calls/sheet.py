"""The month's roll calls as the table that is filed (点名情况表), in Chinese as offices print it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from jiaoying.duty.office_table import Heading, OfficeTable, Value, office_workbook
from jiaoying.duty.roll_calls.model import Outcome, Result
from jiaoying.duty.roll_calls.month import DeskRow, MonthOfCalls, Tally

OUTCOME_WORDS: Mapping[Outcome, str] = {
    Outcome.PRESENT: "在岗",
    Outcome.SILENT: "未接",
    Outcome.DECLINED: "拒接或不在岗",
    Outcome.NOBODY: "无人值班",
    Outcome.ABSENT: "脱岗",
    Outcome.BROKEN_OFF: "中止",
}
_COUNTED = tuple(outcome for outcome in OUTCOME_WORDS if outcome is not Outcome.BROKEN_OFF)
_NOTE = (
    "注：用时为首次振铃（运营商受理）至应答的秒数；在岗率=在岗次数÷应点名次数；"
    "中止的点名不计入。值班员核定的结果与系统记录不同的，以核定为准并标*。"
)


def month_sheet(found: MonthOfCalls, unit: str, by: str, on: date, zone: ZoneInfo) -> bytes:
    """The workbook: what each desk came to, and every roll call of the month."""
    title = f"{found.month.year}年{found.month.month}月值班点名情况表"
    return office_workbook(
        [
            OfficeTable(
                "点名情况",
                title,
                unit,
                by,
                on,
                [
                    Heading("序号", 6),
                    Heading("单位", 26),
                    Heading("应点名", 9),
                    *(Heading(OUTCOME_WORDS[outcome], 11) for outcome in _COUNTED),
                    Heading("在岗率", 9),
                    Heading("用时中位\n（秒）", 11),
                    Heading("最长用时\n（秒）", 11),
                ],
                [
                    *(
                        [number, row.name, *_counts(row.tally)]
                        for number, row in enumerate(found.rows, start=1)
                    ),
                    [None, "合计", *_counts(found.total)],
                ],
                totals=1,
                notes=(_NOTE,),
            ),
            OfficeTable(
                "逐次明细",
                f"{title}（逐次明细）",
                unit,
                by,
                on,
                [
                    Heading("单位", 26),
                    *(Heading(f"{call.planned_at.astimezone(zone):%m-%d\n%H:%M}", 9) for call in found.calls),
                ],
                [[row.name, *_cells(row)] for row in found.rows],
                across=True,
            ),
        ]
    )


def _counts(tally: Tally) -> list[Value]:
    percent = "—" if tally.percent is None else f"{tally.percent}%"
    counts = [tally.counts.get(outcome, 0) for outcome in _COUNTED]
    return [tally.asked, *counts, percent, tally.usual, tally.slowest]


def _cells(row: DeskRow) -> Sequence[Value]:
    return [_cell(result) if result else "" for result in row.results]


def _cell(result: Result) -> str:
    """`在岗\n12秒`; a star where the officer said otherwise than what was seen."""
    if result.outcome is None:
        return ""
    word = OUTCOME_WORDS[result.outcome]
    star = "*" if result.marks and result.outcome is not result.seen.outcome else ""
    seconds = result.seen.seconds if result.outcome is Outcome.PRESENT else None
    return f"{word}{star}" if seconds is None else f"{word}{star}\n{seconds}秒"
