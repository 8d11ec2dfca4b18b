"""Secrets of the installation, made at the first start and kept in the data directory."""

import fcntl
import json
import os
import tempfile
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from jiaoying.kernel.errors import SettingError
from jiaoying.kernel.ids import new_token
from jiaoying.kernel.language import say


@dataclass(frozen=True, slots=True)
class Secrets:
    """`simulator` proves that a carrier simulator is ours, and signs what it sends.

    `sources` locks the credentials of warning sources in the database (storage/secret_box.py).
    """

    simulator: str = field(repr=False)
    sources: str = field(repr=False)


def load_secrets(data_dir: Path) -> Secrets:
    """The secrets of `data_dir`; what is missing is made now, once, also if two processes start together.

    They lie in `secrets.json`, readable by their owner only. Blocks for some milliseconds. Raises
    SettingError if the file is damaged.
    """
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data_dir / "secrets.json"
    names = [one.name for one in fields(Secrets)]
    with _alone(data_dir / "secrets.lock"):
        known = _read(path)
        missing = [name for name in names if name not in known]
        if missing:
            known = {**known, **{name: new_token() for name in missing}}
            _write(path, known)
        path.chmod(0o600)
    return Secrets(**{name: known[name] for name in names})


@contextmanager
def _alone(path: Path) -> Generator[None]:
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _give_to_owner_of_folder(lock, path.parent)
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _read(path: Path) -> dict[str, str]:
    try:
        read: Any = json.loads(path.read_bytes())
        return {str(name): str(secret) for name, secret in read.items()}
    except FileNotFoundError:
        return {}
    except (ValueError, AttributeError) as error:
        raise SettingError(
            say("{path} is damaged: restore it from a backup, or delete it to have it made anew", path=path)
        ) from error


def _write(path: Path, known: Mapping[str, str]) -> None:
    """Complete or not at all, also in a power cut."""
    made, name = tempfile.mkstemp(dir=path.parent, prefix="secrets.")
    with os.fdopen(made, "w") as file:
        _give_to_owner_of_folder(made, path.parent)
        json.dump(dict(known), file)
        file.flush()
        os.fsync(made)
    Path(name).rename(path)


def _give_to_owner_of_folder(file: int, folder: Path) -> None:
    """What root makes in another user's data directory, that user must be able to read."""
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(file, owner.st_uid, owner.st_gid)
