"""What a benchmark found out: tables, ratios, JSON, and a picture of bars."""

import json
import os
import platform
import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

OUT = Path(__file__).parent / "out"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows below headings; the first column names the row."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """The figure that counts, and what we aim at."""

    name: str
    value: float
    aim: str
    met: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """One benchmark's result. `bars` are drawn: (label, value)."""

    name: str
    tables: tuple[Table, ...]
    ratios: tuple[Ratio, ...]
    bars: tuple[tuple[str, float], ...] = ()
    bars_unit: str = ""
    notes: tuple[str, ...] = ()
    runs: dict[str, list[dict[str, object]]] = field(default_factory=dict[str, list[dict[str, object]]])


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0…1) of them lie; the next one up, never a mean of two."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def spread(values: Sequence[float], digits: int = 0) -> str:
    """The median, and from the least to the most."""
    middle, low, high = (f"{v:,.{digits}f}" for v in (statistics.median(values), min(values), max(values)))
    return middle if len(values) == 1 else f"{middle} ({low}–{high})"


def as_text(findings: Findings) -> str:
    """Everything for a terminal."""
    parts = [_table_as_text(table) for table in findings.tables]
    parts += ["\n".join(_ratio_as_text(ratio) for ratio in findings.ratios)]
    parts += ["\n".join(f"· {note}" for note in findings.notes)]
    return "\n\n".join(part for part in parts if part)


def _ratio_as_text(ratio: Ratio) -> str:
    return f"{'✓' if ratio.met else '✗'} {ratio.name}: {ratio.value:.3g}  (aim: {ratio.aim})"


def _table_as_text(table: Table) -> str:
    lines = [table.headings, *table.rows]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(table.headings))]

    def written(line: Sequence[str]) -> str:
        first = line[0] + " " * (widths[0] - _width(line[0]))
        others = (
            " " * (width - _width(cell)) + cell for cell, width in zip(line[1:], widths[1:], strict=True)
        )
        return "  ".join((first, *others))

    rule = "  ".join("─" * width for width in widths)
    return "\n".join([table.title, rule, written(table.headings), rule, *map(written, table.rows), rule])


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def save(findings: Findings, now: datetime) -> Path:
    """Write the findings below `benchmarks/out`: JSON, and a picture where there are bars."""
    OUT.mkdir(exist_ok=True)
    path = OUT / f"{findings.name}.json"
    path.write_text(json.dumps(as_data(findings, now), ensure_ascii=False, indent=1) + "\n")
    if findings.bars:
        (OUT / f"{findings.name}.svg").write_text(_picture(findings))
    return path


def as_data(findings: Findings, now: datetime) -> dict[str, object]:
    """The findings as plain data, with where and when they were made."""
    machine = {
        "at": now.isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
    }
    return {"machine": machine, **asdict(findings)}


def _picture(findings: Findings) -> str:
    """Bars from left to right."""
    most = max(value for _, value in findings.bars)
    height = 30 * len(findings.bars) + 10
    bars = "".join(
        f'<text x="215" y="{30 * row + 26}" text-anchor="end">{escape(label)}</text>'
        f'<rect x="225" y="{30 * row + 12}" width="{max(1, round(380 * value / most))}" height="18"/>'
        f'<text x="{235 + round(380 * value / most)}" y="{30 * row + 26}">{value:,.4g}'
        f" {escape(findings.bars_unit)}</text>"
        for row, (label, value) in enumerate(findings.bars)
    )
    style = "text{font:13px sans-serif;fill:#222}rect{fill:#3b6ea5}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="760" height="{height}">'
        f'<style>{style}</style><rect width="760" height="{height}" style="fill:#fff"/>{bars}</svg>\n'
    )
