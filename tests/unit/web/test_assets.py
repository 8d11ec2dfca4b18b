"""What is bundled for the pages, and from where."""

import json
from pathlib import Path

import jiaoying.web.assets
from jiaoying.web.assets.names import asset_address, asset_names

SOURCES = Path(jiaoying.web.assets.__file__).parent


def test_the_lock_records_no_download_addresses() -> None:
    lock = (SOURCES / "package-lock.json").read_text(encoding="utf-8")
    packages = json.loads(lock)["packages"]
    assert "://" not in lock
    assert all("integrity" in package for name, package in packages.items() if name)


def test_packages_run_nothing_when_they_are_installed() -> None:
    assert "ignore-scripts=true" in (SOURCES / ".npmrc").read_text(encoding="utf-8")


def test_addresses_change_with_the_content() -> None:
    for name in ("console.js", "style.css", "emblem.svg"):
        stem, extension = name.split(".")
        address = asset_address(name)
        assert address.startswith(f"/static/{stem}.")
        assert address.endswith(f".{extension}")
        assert address.removeprefix("/static/") in asset_names()


def test_the_style_sheet_asks_nothing_of_others() -> None:
    style = (SOURCES / "style.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style
