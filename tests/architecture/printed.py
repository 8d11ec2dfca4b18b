"""The parts of ARCHITECTURE.md that are printed from the code: the lives, the stages, the rooms.

`.venv/bin/python tests/architecture/printed.py` writes them anew between their markers.
"""

import ast
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jiaoying.dispatch.states import (
    ATTEMPT,
    CALL_OUT,
    DOOR,
    RESPONSIBILITY,
    WARNING,
    AttemptState,
    CallOutState,
    DoorState,
    ResponsibilityState,
    WarningState,
)
from jiaoying.kernel.transitions import Table

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "ARCHITECTURE.md"
_STATES = ROOT / "src" / "jiaoying" / "dispatch" / "states.py"
# Each life with the states in which it may begin.
_LIVES: tuple[tuple[Table[Any, Any], tuple[str, ...]], ...] = (
    (WARNING, (WarningState.RECEIVED, WarningState.HELD, WarningState.IGNORED)),
    (RESPONSIBILITY, (ResponsibilityState.OPEN,)),
    (CALL_OUT, (CallOutState.OPEN,)),
    (DOOR, (DoorState.OPEN,)),
    (ATTEMPT, (AttemptState.DUE,)),
)
_BLOCK = "<!-- printed: {name} -->\n{body}\n<!-- end: {name} -->"


def printed_blocks() -> Mapping[str, str]:
    """Every printed part by its name."""
    lives = {table.name: _diagram(table, begins) for table, begins in _LIVES}
    return {"imports": _layers(), "words of the events": _event_words(), **lives}


def with_current_blocks(page: str) -> str:
    """`page` with every printed part as it should be. Raises ValueError where a marker is missing."""
    for name, body in printed_blocks().items():
        block = re.compile(f"<!-- printed: {name} -->.*?<!-- end: {name} -->", re.DOTALL)
        if len(block.findall(page)) != 1:
            raise ValueError(f"ARCHITECTURE.md needs the markers of “{name}” once")
        current = _BLOCK.format(name=name, body=body)
        page = block.sub(lambda _, current=current: current, page)
    return page


def _diagram(table: Table[Any, Any], begins: tuple[str, ...]) -> str:
    """The moves of one table as a Mermaid state diagram, in the order of the code."""
    lines = [f"    [*] --> {state}" for state in begins]
    merged: dict[tuple[str, str], list[str]] = {}
    for (state, event), after in table.moves.items():
        merged.setdefault((str(state), str(after)), []).append(str(event))
    lines += [f"    {state} --> {after}: {', '.join(events)}" for (state, after), events in merged.items()]
    return "\n".join(("```mermaid", "stateDiagram-v2", *lines, "```"))


def _event_words() -> str:
    """The events that carry a remark in `states.py`, with it."""
    text = _STATES.read_text(encoding="utf-8")
    lines = text.splitlines()
    rows: list[str] = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                code, _, remark = lines[item.lineno - 1].partition("  # ")
                if remark and isinstance(item, ast.Assign):
                    kind = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", node.name).lower()
                    rows.append(f"| {kind} | `{code.split(chr(34))[1]}` | {remark} |")
    return "\n".join(("| | Word | Meaning |", "|---|---|---|", *rows))


def _layers() -> str:
    """The layers of the import contract, the upper may import the lower."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    layers = next(one["layers"] for one in contracts["contracts"] if one["type"] == "layers")
    return "\n".join(("```", "  →  ".join(layers[:6]), "      →  " + "  →  ".join(layers[6:]), "```"))


if __name__ == "__main__":
    PAGE.write_text(with_current_blocks(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
