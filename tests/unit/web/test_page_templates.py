"""What the strict policy forbids is not in the pages in the first place."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment

import jiaoying.web
from jiaoying.web.middlewares import SECURITY_HEADERS

FOLDER = Path(jiaoying.web.__file__).parent / "page_templates"
TEMPLATES = sorted(FOLDER.rglob("*.html"))
FORBIDDEN = {
    "inline style": re.compile(r"\sstyle\s*="),
    "style element": re.compile(r"<style"),
    "inline handler": re.compile(r"\son[a-z]+\s*="),
    "evaluated by htmx": re.compile(r"hx-on|js:|javascript:"),
    "script without a source": re.compile(r"<script(?![^>]*\ssrc=)"),
    "another host": re.compile(r"(?:src|href|action)=[\"']?(?:https?:)?//"),
    "escaping switched off": re.compile(r"\|\s*safe\b|autoescape false"),
}
FORM = re.compile(r"<form[^>]*method=\"post\"[^>]*>(.*?)</form>", re.DOTALL)
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_nothing_that_the_policy_forbids(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    Environment().parse(text)
    assert [name for name, pattern in FORBIDDEN.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_form_carries_its_token(path: Path) -> None:
    for form in FORM.findall(path.read_text(encoding="utf-8")):
        if path.name in ("link.html", "link_daily.html"):
            continue  # its address is the token
        assert "form_token()" in form or 'name="csrf"' in form


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_words_come_from_the_catalogue(path: Path) -> None:
    """But for the name of the other language, which is written in that language."""
    assert not CHINESE.search(path.read_text(encoding="utf-8").replace('"中文"', ""))


def test_the_policy_allows_nothing_from_elsewhere() -> None:
    policy = SECURITY_HEADERS["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy
