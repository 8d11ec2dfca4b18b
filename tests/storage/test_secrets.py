"""The installation's secrets: made once, for its owner's eyes only."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jiaoying.kernel.errors import SettingError
from jiaoying.storage.secrets import load_secrets


def test_made_once(tmp_path: Path) -> None:
    first = load_secrets(tmp_path / "var")
    assert len(first.simulator) == 32
    assert load_secrets(tmp_path / "var") == first
    assert load_secrets(tmp_path / "another") != first


def test_only_the_owner_reads_them(tmp_path: Path) -> None:
    load_secrets(tmp_path / "var")
    file = tmp_path / "var/secrets.json"
    file.chmod(0o644)
    load_secrets(tmp_path / "var")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var").stat().st_mode) == 0o700


def test_many_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        got = set(pool.map(load_secrets, [tmp_path / "var"] * 64))
    assert len(got) == 1
    assert sorted(file.name for file in (tmp_path / "var").iterdir()) == ["secrets.json", "secrets.lock"]


def test_not_shown(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    assert secrets.simulator not in repr(secrets)


@pytest.mark.parametrize("content", ["", "{", "[]", "7"])
def test_damaged_file_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "secrets.json").write_text(content)
    with pytest.raises(SettingError, match=r"secrets\.json"):
        load_secrets(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == content


def test_what_a_later_release_needs_is_added(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text('{"something_else": "kept"}')
    load_secrets(tmp_path)
    assert "kept" in (tmp_path / "secrets.json").read_text()
