"""What a reader noticed about one message: what it let pass, and what it cannot accept."""

from jiaoying.kernel.errors import Complaint
from jiaoying.kernel.language import say
from jiaoying.warnings.model import Verdict

# A message of a thousand bad polygons is told in a page, not in a book.
MOST_REMARKS = 100


class Notes:
    """Collects complaints while a message is read."""

    def __init__(self) -> None:
        self._remarks: list[Complaint] = []
        self._rejections: list[Complaint] = []

    def tolerate(self, code: str, field: str, text: str) -> None:
        """Something is not as it should be, and the meaning is still sure."""
        if len(self._remarks) < MOST_REMARKS:
            self._remarks.append(Complaint(code, field, text))
        elif len(self._remarks) == MOST_REMARKS:
            more = say("there are more complaints than the {count} that are listed", count=MOST_REMARKS)
            self._remarks.append(Complaint("more-complaints", "message", more))

    def reject(self, code: str, field: str, text: str) -> None:
        """The message cannot be accepted because of this."""
        self._rejections.append(Complaint(code, field, text))

    def has(self, code: str) -> bool:
        """Whether something of this kind was noticed already."""
        return any(complaint.code == code for complaint in self.complaints)

    @property
    def rejected(self) -> bool:
        return bool(self._rejections)

    @property
    def complaints(self) -> tuple[Complaint, ...]:
        """Every complaint, the reasons of a rejection first."""
        return (*self._rejections, *self._remarks)

    @property
    def verdict(self) -> Verdict:
        return verdict_on(self.complaints, rejected=self.rejected)


def verdict_on(complaints: tuple[Complaint, ...], *, rejected: bool) -> Verdict:
    """The verdict that follows from what was noticed."""
    if rejected:
        return Verdict.REJECT
    return Verdict.ACCEPT_WITH_WARNINGS if complaints else Verdict.ACCEPT
