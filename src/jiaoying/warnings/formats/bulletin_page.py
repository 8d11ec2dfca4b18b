"""One bulletin while it is read: its text and heads, and what was noticed about it so far."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from jiaoying.warnings.formats.bulletin_hazards import Span
from jiaoying.warnings.formats.bulletin_heads import Head
from jiaoying.warnings.formats.bulletin_text import PlainText
from jiaoying.warnings.formats.notes import Notes
from jiaoying.warnings.gazetteer import Gazetteer
from jiaoying.warnings.model import Evidence, Question


@dataclass(slots=True)
class Page:
    """Each part that is understood becomes evidence, each that is not a question."""

    text: PlainText
    span: Span  # of this bulletin within the text
    heads: Sequence[Head]
    places: Gazetteer
    now: datetime
    notes: Notes = field(default_factory=Notes)
    evidence: list[Evidence] = field(default_factory=list[Evidence])
    questions: list[Question] = field(default_factory=list[Question])

    @property
    def main(self) -> Head:
        """The head that says what is warned of; of title and first sentence the latter."""
        return next((head for head in reversed(self.heads) if head.claims), self.heads[-1])

    def note(self, field_: str, span: Span, value: str, *, sure: bool = True) -> None:
        """The words of `span` led to `value`."""
        if span[0] < span[1]:
            self.evidence.append(self.text.evidence(field_, span, value, sure=sure))

    def ask(self, question: Question) -> None:
        """The officer must say."""
        self.questions.append(question)

    def is_asked(self, field_: str) -> bool:
        """Whether there is a question on that field already."""
        return any(question.field == field_ for question in self.questions)


def moment_words(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds: the value of evidence on a moment."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
