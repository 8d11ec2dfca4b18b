"""The wordings in force: those that come along, and a county's own in their place.

They are in force the way a language is spoken: for whatever is worded inside `with wording_by(book)`.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from jinja2 import BaseLoader, ChoiceLoader, DictLoader, PackageLoader, StrictUndefined, Template
from jinja2.sandbox import ImmutableSandboxedEnvironment

from jiaoying.templates.files import WordingFile

_built_in = PackageLoader("jiaoying.templates", "wordings")


class WordingBook:
    """Finds the template for each wording. `own` are the county's own texts by path."""

    def __init__(self, own: Mapping[str, str]) -> None:
        self.own = dict(own)
        loaders: list[BaseLoader] = [DictLoader(self.own), _built_in]
        # What is rendered is read or spoken, never a page: nothing is escaped.
        self._environment = ImmutableSandboxedEnvironment(
            loader=ChoiceLoader(loaders), undefined=StrictUndefined, autoescape=False, auto_reload=False
        )

    def template(self, file: WordingFile) -> Template:
        """The template of a wording, or of what it falls back to. Raises what Jinja raises."""
        return self._environment.select_template([one.path for one in file.falls_back_to()])


@lru_cache(maxsize=4)
def _book_of(own: tuple[tuple[str, str], ...]) -> WordingBook:
    return WordingBook(dict(own))


def book_of(own: Mapping[str, str]) -> WordingBook:
    """The book with these own texts; the same one as long as they stay the same, compiled once."""
    return _book_of(tuple(sorted(own.items())))


BUILT_IN = WordingBook({})
_in_force: ContextVar[WordingBook] = ContextVar("wordings", default=BUILT_IN)


def book_in_force() -> WordingBook:
    """The book by which texts are worded here and now."""
    return _in_force.get()


@contextmanager
def wording_by(book: WordingBook) -> Generator[None]:
    """Word by `book` inside the block."""
    token = _in_force.set(book)
    try:
        yield
    finally:
        _in_force.reset(token)
