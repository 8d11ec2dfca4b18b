"""What must be true of the files themselves."""

import re
from pathlib import Path

from architecture.tree import ROOT, SOURCE, project_files, text_files

# Written in pieces, so that this page does not find itself.
REGISTRIES = (
    "pypi" + ".org/simple",
    "files.python" + "hosted.org",
    "registry.np" + "mjs.org",
    "registry.yarn" + "pkg",
)
MACHINE_PATHS = re.compile(
    "(?<![\\w.])/(?:" + "wo" + "rk|ro" + "ot|ho" + "me/[a-z]+|op" + "t/(?:wheels|pypi))" + "/"
)
# Rooms that keep rows of their own.
ROOMS_WITH_ROWS = ("warnings", "contacts", "duty", "dispatch")


def test_no_file_names_a_registry() -> None:
    found = [(path, word) for path, text in text_files() for word in REGISTRIES if word in text]
    assert found == []


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [(path, hit.group()) for path, text in text_files() for hit in MACHINE_PATHS.finditer(text)]
    assert found == []


def test_no_private_key_lies_in_the_tree() -> None:
    found = [path for path, text in text_files() if "PRIVATE KEY-----" in text and path.suffix != ".py"]
    assert found == []


def test_locks_hold_hashes_and_no_addresses() -> None:
    for lock in sorted((ROOT / "requirements").glob("*.txt")):
        lines = lock.read_text(encoding="utf-8").splitlines()
        pinned = [number for number, line in enumerate(lines) if "==" in line and not line.startswith(" ")]
        assert pinned, lock
        for number in pinned:
            assert lines[number + 1].strip().startswith("--hash=sha256:"), lines[number]
        assert not any("://" in line or line.startswith("-") for line in lines), lock


def test_the_locks_agree() -> None:
    def pins(name: str) -> set[str]:
        lines = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        return {line.rstrip(" \\") for line in lines if "==" in line and not line.startswith(" ")}

    assert pins("service") <= pins("run") <= pins("develop")


def test_every_room_says_what_it_is() -> None:
    for folder in sorted(path.parent for path in SOURCE.rglob("__init__.py")):
        first = (folder / "__init__.py").read_text(encoding="utf-8").lstrip()
        assert first.startswith('"""') or "locale" in folder.parts or "migrations" in folder.parts, folder


def test_rooms_use_the_same_file_names() -> None:
    """`model.py` holds nouns, `store.py` rows; who knows one room finds their way in the next."""
    for room in ROOMS_WITH_ROWS:
        names = {path.name for path in (SOURCE / room).glob("*.py")}
        assert "store.py" in names or (SOURCE / room / "store").is_dir(), room
    for near in (
        "models.py",
        "stores.py",
        "repository.py",
        "utils.py",
        "helpers.py",
        "common.py",
        "misc.py",
    ):
        assert not list(SOURCE.rglob(near)), near


def test_unit_tests_mirror_the_rooms() -> None:
    rooms = {
        path.relative_to(SOURCE).as_posix().replace("/", "_") for path in SOURCE.rglob("*") if path.is_dir()
    }
    found = {
        path.name for path in (ROOT / "tests/unit").iterdir() if path.is_dir() and path.name != "__pycache__"
    }
    assert found - {"settings", "main", "app"} <= rooms


def test_files_stay_readable() -> None:
    long = {
        path.relative_to(ROOT).as_posix(): count
        for path in project_files(SOURCE)
        if path.suffix == ".py"
        and (count := _lines(path)) > 450
        and path.name != "schema.py"
        and "versions" not in path.parts
    }
    assert long == {}


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())
