"""Every kind of alarm that is raised has words of its own on the page."""

import ast
from pathlib import Path

from jiaoying.web import words

SOURCE = Path(words.__file__).parents[1]
RAISERS = ("raise_alarm", "raise_alarm_once")


def kinds_raised() -> set[str]:
    """The first words of what is given as `kind`, up to a colon."""
    found: set[str] = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISERS:
                found |= kind_of(node.args[1])
    return found


def kind_of(given: ast.expr) -> set[str]:
    first = given.values[0] if isinstance(given, ast.JoinedStr) else given
    if isinstance(first, ast.Constant) and isinstance(first.value, str):
        return {first.value.partition(":")[0]}
    return set()


def test_every_kind_of_alarm_has_its_words() -> None:
    raised = kinds_raised()
    assert len(raised) > 5
    assert {kind for kind in raised if words.alarm_kind_word(kind) == kind.replace("_", " ")} == set()
