"""Sentences for people, in the reader's language.

Source strings are English; the Chinese catalogues lie in `locale/zh_CN/`, one for each room of the
code, and a test keeps them complete. Whoever answers a person sets the language with `speaking`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources

from babel.messages.pofile import read_po

CHINESE = "zh-CN"
ENGLISH = "en"
LANGUAGES = (CHINESE, ENGLISH)

_language: ContextVar[str] = ContextVar("language", default=CHINESE)


@contextmanager
def speaking(language: str) -> Generator[None, None, None]:
    """Everything said inside is in `language` (`zh-CN` or `en`)."""
    token = _language.set(best_language(language))
    try:
        yield
    finally:
        _language.reset(token)


def current_language() -> str:
    """The language of the present reader."""
    return _language.get()


def best_language(wanted: str) -> str:
    """The complete language nearest to a BCP 47 tag: Chinese for every kind of Chinese, else English."""
    return CHINESE if wanted.lower().replace("_", "-").split("-")[0] in ("zh", "cmn") else ENGLISH


def say(sentence: str, /, **values: object) -> str:
    """`sentence` in the reader's language, with `{name}` filled from `values`.

    A sentence that the catalogues lack is said in English rather than not at all.
    """
    if _language.get() == CHINESE:
        sentence = _chinese().get(sentence, sentence)
    return sentence.format(**values) if values else sentence


@cache
def _chinese() -> dict[str, str]:
    catalogue: dict[str, str] = {}
    for entry in sorted(resources.files("jiaoying.locale.zh_CN").iterdir(), key=lambda found: found.name):
        if entry.name.endswith(".po"):
            with entry.open("rb") as file:
                for message in read_po(file, locale="zh_CN"):
                    if message.id and isinstance(message.id, str) and message.string:
                        catalogue[message.id] = str(message.string)
    return catalogue
