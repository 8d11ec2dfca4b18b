"""The pages say what the program does: what they name is there, and what is there is named."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from architecture.printed import PAGE, with_current_blocks
from architecture.tree import ROOT, project_files
from jiaoying.__main__ import main
from jiaoying.settings import read_settings
from jiaoying.storage.schema import metadata

LANGUAGES = ("en", "zh-CN")
READMES = (ROOT / "README.md", ROOT / "README.zh-CN.md")
_COMMAND = re.compile(r"(?:^|[\s`/])jiaoying((?: [a-z]+(?:-[a-z]+)*)+)")
_CODE_BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
_CONSTRAINT = re.compile(r"`(\w+_(?:check|key|idx|pkey))`")


def pages() -> Iterator[Path]:
    for path in project_files():
        if path.suffix == ".md":
            yield path


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def commands() -> dict[str, click.Command]:
    """Every command by its full name, `warnings ingest`; groups too."""
    found: dict[str, click.Command] = {}

    def walk(group: click.Group, before: str) -> None:
        context = click.Context(group)
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            assert command is not None, name
            found[f"{before}{name}"] = command
            if isinstance(command, click.Group):
                walk(command, f"{before}{name} ")

    walk(main, "")
    return found


def code_in(path: Path) -> str:
    """Everything in code blocks and between backticks."""
    text = text_of(path)
    return "\n".join((*_CODE_BLOCK.findall(text), *_CODE.findall(_CODE_BLOCK.sub("", text))))


def named_commands(path: Path) -> set[str]:
    """The commands that a page names, as far as the program knows their beginning."""
    named: set[str] = set()
    for words in _COMMAND.findall(code_in(path)):
        first, *rest = words.split()
        both = f"{first} {rest[0]}" if rest else first
        named.add(both if isinstance(commands().get(first), click.Group) and rest else first)
    return named


def test_the_printed_parts_are_current() -> None:
    remedy = "run .venv/bin/python tests/architecture/printed.py"
    assert text_of(PAGE) == with_current_blocks(text_of(PAGE)), remedy


def test_links_lead_somewhere() -> None:
    broken = [
        (path.relative_to(ROOT), link)
        for path in pages()
        for link in _LINK.findall(text_of(path))
        if "://" not in link and not leads_somewhere(path, link)
    ]
    assert broken == []


def leads_somewhere(path: Path, link: str) -> bool:
    file, _, heading = link.partition("#")
    target = path.parent / file if file else path
    return target.exists() and (not heading or heading in headings_of(target))


def headings_of(path: Path) -> set[str]:
    """The names by which the headings of a page are reached, as the usual renderers make them."""
    titles = re.findall(r"^#+ (.+)$", _CODE_BLOCK.sub("", text_of(path)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_tests_that_are_named_are_there() -> None:
    missing = [
        (path.relative_to(ROOT), file, name)
        for path in pages()
        for file, name in _TEST.findall(text_of(path))
        if not (ROOT / file).exists() or (name and f"def {name}(" not in text_of(ROOT / file))
    ]
    assert missing == []


def test_constraints_that_are_named_are_there() -> None:
    known: set[str] = set()
    for table in metadata.tables.values():
        known |= {str(one.name) for one in table.constraints} | {str(one.name) for one in table.indexes}
        known |= {f"{table.name}_{one.name}_check" for one in table.constraints}
        known |= {
            f"{table.name}_{'_'.join(column.name for column in getattr(one, 'columns', ()))}_key"
            for one in table.constraints
        }
    named = set(_CONSTRAINT.findall(text_of(PAGE)))
    assert named
    assert named <= known


def test_both_readmes_name_the_same_commands() -> None:
    in_each = [
        (named_commands(path), set(re.findall(r"^make \w+", code_in(path), re.MULTILINE))) for path in READMES
    ]
    assert in_each[0] == in_each[1]
    assert in_each[0][1] >= {"make run", "make test"}


def test_no_page_names_a_command_that_is_not_there() -> None:
    strange = [
        (path.relative_to(ROOT), name)
        for path in pages()
        for name in named_commands(path)
        if name not in commands()
    ]
    assert strange == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_and_option_has_its_line(language: str) -> None:
    told = code_in(ROOT / "docs" / language / "commands.md")
    missing: list[str] = []
    for name, command in commands().items():
        if isinstance(command, click.Group):
            continue
        if f"jiaoying {name}" not in told:
            missing.append(name)
        missing += [
            f"{name} {option.opts[0]}"
            for option in command.params
            if isinstance(option, click.Option) and option.opts[0] not in told
        ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_setting_has_its_line_and_its_default(language: str, tmp_path: Path) -> None:
    told = _settings_told(language)
    needed = {"JIAOYING_GATEWAYS": "simulator,twilio"}
    needed |= {f"JIAOYING_TWILIO_{name}": "x" for name in ("ACCOUNT_SID", "AUTH_TOKEN", "FROM")}
    lines = read_settings(needed, tmp_path).lines
    assert set(told) == {line.name for line in lines}
    for line in lines:
        if line.source == "default" and line.value not in ("", "None"):
            value = "127.0.0.1:8080" if line.name == "JIAOYING_LISTEN" else line.value
            assert f"`{value}`" in told[line.name], line.name


def _settings_told(language: str) -> dict[str, str]:
    """The first column of the settings table with the second."""
    rows = re.findall(
        r"^\| `(JIAOYING_\w+)` \| ([^|]*) \|",
        text_of(ROOT / "docs" / language / "settings.md"),
        re.MULTILINE,
    )
    told = dict(rows)
    assert len(told) == len(rows)
    return told


def test_every_page_for_operators_is_in_both_languages() -> None:
    names = [{path.name for path in (ROOT / "docs" / language).glob("*.md")} for language in LANGUAGES]
    assert names[0] == names[1] != set()


def test_every_decision_is_in_the_index() -> None:
    index = ROOT / "docs" / "adr" / "README.md"
    files = {path.name for path in index.parent.glob("0*.md")}
    assert files == set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", text_of(index)))
    for name in files:
        text = text_of(index.parent / name)
        parts = [f"## {part}" for part in ("Context", "Drivers", "Options", "Decision", "What we gave up")]
        assert [part for part in parts if part not in text] == [], name


def test_every_library_at_run_time_has_its_licence() -> None:
    told = set(re.findall(r"^\| ([\w.-]+) \|", text_of(ROOT / "docs" / "licences.md"), re.MULTILINE))
    lines = text_of(ROOT / "requirements" / "run.txt").splitlines()
    pinned = {line.partition("==")[0] for line in lines if "==" in line and not line.startswith(" ")}
    assert pinned - told == set()


def test_the_picture_is_small() -> None:
    picture = ROOT / "docs" / "images" / "board.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size < 400_000
