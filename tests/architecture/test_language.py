"""Chinese is complete: every sentence is said in it, nothing is left over, and the blanks agree."""

import ast
import re
import string
from pathlib import Path

from babel.messages.pofile import read_po

from architecture.tree import ROOT, SOURCE

CATALOGUES = SOURCE / "locale" / "zh_CN"
# How templates and code say a sentence; the first argument is the English source.
SPEAKERS = {"say", "_", "gettext"}
IN_TEMPLATES = re.compile(
    r"""\b(?:say|_)\(\s*(?P<quote>["'])(?P<sentence>(?:\\.|(?!(?P=quote)).)*)(?P=quote)""", re.DOTALL
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def said_in_code() -> dict[str, str]:
    """Each source sentence with the first place that says it."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for sentence, line in _sentences(node):
                found.setdefault(sentence, f"{path.relative_to(ROOT)}:{line}")
    return found


def said_in_templates() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*")):
        if path.suffix not in (".html", ".j2", ".jinja", ".txt") or "node_modules" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        for hit in IN_TEMPLATES.finditer(text):
            sentence = ast.literal_eval(hit["quote"] + hit["sentence"] + hit["quote"])
            found.setdefault(sentence, f"{path.relative_to(ROOT)}:{text[: hit.start()].count(chr(10)) + 1}")
    return found


def _sentences(node: ast.AST) -> list[tuple[str, int]]:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPEAKERS):
        return []
    first = node.args[0] if node.args else None
    choices = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
    return [
        (choice.value, choice.lineno)
        for choice in choices
        if isinstance(choice, ast.Constant) and isinstance(choice.value, str)
    ]


def translations() -> dict[str, tuple[str, Path]]:
    found: dict[str, tuple[str, Path]] = {}
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_CN", abort_invalid=True):
                if message.id:
                    found.setdefault(str(message.id), (str(message.string), path))
    return found


def test_every_sentence_has_its_chinese() -> None:
    known = translations()
    said = said_in_templates() | said_in_code()
    missing = {place: sentence for sentence, place in said.items() if not known.get(sentence, ("",))[0]}
    assert missing == {}


def test_no_entry_is_left_over() -> None:
    """Sentences that reach `say` through a name (tables of words) stand as plain strings in the code."""
    spoken = said_in_templates().keys() | _all_strings()
    left_over = {
        sentence: path.name for sentence, (_, path) in translations().items() if sentence not in spoken
    }
    assert left_over == {}


def test_no_entry_is_marked_obsolete_or_fuzzy() -> None:
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale="zh_CN", abort_invalid=True)
        assert not catalogue.obsolete, path.name
        assert not [message.id for message in catalogue if message.id and message.fuzzy], path.name


def test_blanks_agree() -> None:
    for sentence, (chinese, path) in translations().items():
        assert _blanks(sentence) == _blanks(chinese), f"{path.name}: {sentence}"


def test_one_sentence_has_one_chinese() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for path in sorted(CATALOGUES.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_CN", abort_invalid=True):
                if message.id:
                    said = seen.setdefault(str(message.id), (str(message.string), path.name))
                    assert said[0] == str(message.string), f"{message.id}: {said[1]} and {path.name} differ"


def test_chinese_is_chinese() -> None:
    for sentence, (chinese, path) in translations().items():
        letters = re.sub(r"\{[^}]*\}", "", sentence)
        assert CHINESE.search(chinese) or not re.search(r"[a-z]{4}", letters), f"{path.name}: {sentence}"


def _blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


def _all_strings() -> set[str]:
    return {
        node.value
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
