"""The files of the project, without what is made on this machine."""

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "jiaoying"
MADE_HERE = {
    ".git",
    ".venv",
    "var",
    "dist",
    "htmlcov",
    "node_modules",
    "__pycache__",
    ".pytest_cache",
    ".ruff_cache",
    ".hypothesis",
    ".import_linter_cache",
    "out",
}


def project_files(below: Path = ROOT) -> Iterator[Path]:
    """Every file that belongs to the project, in order."""
    for path in sorted(below.iterdir()):
        if path.name in MADE_HERE:
            continue
        if path.is_dir():
            yield from project_files(path)
        elif path.name not in (".env", "service.env", ".coverage") and path.suffix != ".pyc":
            yield path


def text_files() -> Iterator[tuple[Path, str]]:
    """Every file of the project that is text, with it."""
    for path in project_files():
        try:
            yield path.relative_to(ROOT), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
