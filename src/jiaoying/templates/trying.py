"""A text that somebody wants to put in force, tried out first: may it stand, and how would it go out?"""

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from jiaoying.kernel.colours import Colour
from jiaoying.kernel.language import CHINESE, say
from jiaoying.templates.book import WordingBook, book_of, wording_by
from jiaoying.templates.check import (
    LETTER,
    SAMPLE_REPLY,
    Unfillable,
    complaints_of_call,
    complaints_of_reply,
    sample_facts,
    samples_for,
    worded,
    worded_reply,
)
from jiaoying.templates.files import DEFAULT, HAZARDS, SMS, WordingFile
from jiaoying.templates.parts import count_parts
from jiaoying.templates.render import LETTER_NAMES, call_context, reply_context

MAX_LENGTH = 2000
# Loops, macros and includes are left out: nobody needs them for a text, and one of them can run for ever.
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Block, nodes.Extends, nodes.If, nodes.CondExpr),
    *(nodes.Name, nodes.Const, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
)
_OF_CALLS = frozenset(call_context(sample_facts("rain", "red"), SMS, CHINESE))
_OF_REPLIES = frozenset(reply_context(CHINESE, SAMPLE_REPLY))
_OF_CHECKS = {"desk", "names"}
_parser = Environment(autoescape=False)  # noqa: S701 - it parses and renders nothing


@dataclass(frozen=True, slots=True)
class Sample:
    """One way in which a text would go out. `parts` is 1 for what is spoken."""

    colour: Colour | None
    exercise: bool
    text: str
    parts: int


def names_in(file: WordingFile) -> tuple[str, ...]:
    """What this wording may speak of, in braces."""
    if file.channel:
        return tuple(sorted(_OF_CALLS))
    if file.name == LETTER:
        return tuple(sorted(LETTER_NAMES))
    return tuple(sorted(_OF_REPLIES if file.is_reply else _OF_CHECKS))


def problems_of(file: WordingFile, body: str, book: WordingBook) -> tuple[str, ...]:
    """Why `body` may not be put in force under this name beside the rest of `book`; empty when it may."""
    by_form = tuple(dict.fromkeys(_problems_of_form(file, body)))
    if by_form:
        return by_form
    with wording_by(book_with(file, body, book)):
        return tuple(dict.fromkeys(found for one in _spoken_through(file) for found in _complaints(one)))


def samples_of(file: WordingFile, body: str, book: WordingBook) -> tuple[Sample, ...]:
    """How it would go out; empty where it cannot be filled."""
    if any(_problems_of_form(file, body)):
        return ()
    with wording_by(book_with(file, body, book)):
        return tuple(_samples(file))


def book_with(file: WordingFile, body: str, book: WordingBook) -> WordingBook:
    """The same book with this text in it."""
    return book_of({**book.own, file.path: body})


def _spoken_through(file: WordingFile) -> Iterator[WordingFile]:
    """Itself, and of what others fall back to or build on all of them."""
    if file.name != DEFAULT:
        yield file
        return
    for hazard in sorted(HAZARDS):
        yield WordingFile(file.language, hazard, file.channel, file.colour)


def _complaints(file: WordingFile) -> Iterator[str]:
    return complaints_of_call(file) if file.channel else complaints_of_reply(file)


def _samples(file: WordingFile) -> Iterator[Sample]:
    if file.channel is None:
        text = worded_reply(file)
        if isinstance(text, str):
            yield Sample(None, False, text, count_parts(text))
        return
    for facts in samples_for(file):
        wording = worded(file, facts)
        if not isinstance(wording, Unfillable):
            colour = Colour(facts.colour) if facts.colour else None
            yield Sample(colour, facts.exercise, wording.text, wording.parts)


def _problems_of_form(file: WordingFile, body: str) -> Iterator[str]:
    if not body.strip():
        yield say("The wording is empty: write what people read or hear")
        return
    if len(body) > MAX_LENGTH:
        yield say("The wording is too long: at most {count} characters", count=MAX_LENGTH)
        return
    try:
        tree = _parser.parse(body)
    except (TemplateSyntaxError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        yield say("Line {line} cannot be read: {problem}", line=line, problem=error)
        return
    for node in tree.find_all(nodes.Node):
        if not isinstance(node, _ALLOWED):
            yield say(
                "Line {line} uses {kind}: a wording has names in braces, if and block, and nothing else",
                line=node.lineno,
                kind=type(node).__name__,
            )
    for parent in tree.find_all(nodes.Extends):
        if not isinstance(parent.template, nodes.Const):
            yield say("Line {line}: what it builds on is named in quotation marks", line=parent.lineno)
    for name in sorted(meta.find_undeclared_variables(tree) - set(names_in(file))):
        yield say("There is no “{name}”; there are: {names}", name=name, names=", ".join(names_in(file)))
