"""What a verification tells."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

FINDINGS_KEPT = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it was sealed.

    `code` is stable and for programs; `text` is a sentence in the reader's language.
    """

    code: str
    text: str
    seal: int | None = None
    line_id: UUID | None = None
    at: datetime | None = None
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification saw."""

    lines: int  # sealed lines that were looked at
    seals: int
    erased: int  # lines whose particulars were erased; they still verify
    waiting: int  # lines not sealed yet, as the newest are
    waiting_since: datetime | None  # the oldest of them
    found: int  # also those beyond the FINDINGS_KEPT that are kept
    findings: tuple[Finding, ...]

    @property
    def unbroken(self) -> bool:
        """Whether nothing was found."""
        return self.found == 0


@dataclass(slots=True)
class Tally:
    """A verdict in the making."""

    lines: int = 0
    present: int = 0
    seals: int = 0
    erased: int = 0
    waiting: int = 0
    waiting_since: datetime | None = None
    found: int = 0
    kept: list[Finding] = field(default_factory=list[Finding])

    def note(self, findings: Iterable[Finding]) -> None:
        """Count every finding and keep the first ones."""
        for finding in findings:
            self.found += 1
            if len(self.kept) < FINDINGS_KEPT:
                self.kept.append(finding)

    def verdict(self) -> Verdict:
        """What was seen, for good."""
        return Verdict(
            lines=self.lines,
            seals=self.seals,
            erased=self.erased,
            waiting=self.waiting,
            waiting_since=self.waiting_since,
            found=self.found,
            findings=tuple(self.kept),
        )
