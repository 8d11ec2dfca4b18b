"""A round as the table that is handed in (每日调度情况汇总表), in Chinese as offices print it. Pure."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from jiaoying.duty.daily.model import DeskReports, Form, Kind, Question, Report
from jiaoying.duty.daily.summary import Summary
from jiaoying.duty.office_table import Heading, OfficeTable, Value, office_workbook

_PAGE_SIGNS = 127.0  # what stands side by side on a page of A4 on its side
_FIXED = (6.0, 24.0, 10.0, 14.0)
_FIGURE_WIDTH, _LEAST_TEXT = 11.0, 22.0


def summary_sheet(found: Summary, unit: str, by: str, now: datetime, zone: ZoneInfo) -> bytes:
    """The workbook, on one sheet; `now` is when it is written, since a round may go on."""
    at, form = found.round.planned_at.astimezone(zone), found.round.form
    title = f"{found.round.name}情况汇总表（{at.year}年{at.month}月{at.day}日{at:%H:%M}）"
    return office_workbook(
        [
            OfficeTable(
                "每日调度",
                title,
                unit,
                by,
                now.astimezone(zone).date(),
                _headings(form),
                [
                    *(_row(place, desk, form, zone) for place, desk in enumerate(found.desks, start=1)),
                    [None, "合计", None, None, *(_total(question, found) for question in form.questions)],
                ],
                totals=1,
                notes=_notes(found, now.astimezone(zone)),
                one_page=True,
            )
        ]
    )


def _headings(form: Form) -> list[Heading]:
    texts = [one for one in form.questions if one.kind is Kind.TEXT]
    others = len(form.questions) - len(texts)
    left = _PAGE_SIGNS - sum(_FIXED) - others * _FIGURE_WIDTH
    text_width = max(_LEAST_TEXT, left / len(texts)) if texts else _LEAST_TEXT
    words = ("序号", "单位", "报送时间", "报送方式")
    return [
        *(Heading(word, width) for word, width in zip(words, _FIXED, strict=True)),
        *(
            Heading(one.label, text_width, to_left=True)
            if one.kind is Kind.TEXT
            else Heading(f"{one.label}\n（{one.unit}）" if one.unit else one.label, _FIGURE_WIDTH)
            for one in form.questions
        ),
    ]


def _row(place: int, desk: DeskReports, form: Form, zone: ZoneInfo) -> list[Value]:
    report = desk.report
    if report is None:
        return [place, desk.desk_name, "未报", "—", *([""] * len(form.questions))]
    first = desk.versions[0]
    late = "\n迟报" if first.late else ""
    how = {"text": "短信", "link": "链接填报", "hand": f"值班员代录\n（{report.said_by}）"}[report.how]
    return [
        place,
        desk.desk_name,
        f"{first.at.astimezone(zone):%H:%M}{late}",
        "零报告" if report.zero and report.how != "hand" else how,
        *(_answer(question, report, form) for question in form.questions),
    ]


def _answer(question: Question, report: Report, form: Form) -> Value:
    answer = report.answers.get(question.key)
    if question.kind is Kind.YES_NO:
        return "" if answer is None else "有" if answer else "无"
    if answer is None and not report.whole and _is_remark(question, form):
        return f"（短信）{report.words}"
    return answer if answer is not None else ""


def _is_remark(question: Question, form: Form) -> bool:
    """Where the words stand that could not be read: the first text of the form."""
    texts = [one for one in form.questions if one.kind is Kind.TEXT]
    return bool(texts) and question is texts[0]


def _total(question: Question, found: Summary) -> Value:
    if question.kind is Kind.TEXT:
        return None
    total = found.totals[question.key]
    return total if question.kind is Kind.FIGURE else f"{total}个单位有"


def _notes(found: Summary, local: datetime) -> list[str]:
    asked, reported = len(found.desks), len(found.reported)
    first = f"截至{local:%m月%d日%H:%M}，应报{asked}个，已报{reported}个，其中零报告{len(found.zero)}个。"
    return [first, f"未报：{_names(found.missing)}。", f"迟报：{_names(found.late)}。"]


def _names(desks: Sequence[DeskReports]) -> str:
    return "、".join(one.desk_name for one in desks) or "无"
