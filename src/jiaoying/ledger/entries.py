"""Lines of the story, as the writers hand them over."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Entry:
    """One change, told in the transaction that makes it.

    `facts` holds states, codes, counts and ids and stays for ever; names, numbers and texts go to
    `particulars`, which may be erased one day while the line still verifies.
    `event` is a word of the form `call_out.answered`.
    """

    at: datetime
    event: str
    actor: str
    warning_id: UUID | None = None
    responsibility_id: UUID | None = None
    call_out_id: UUID | None = None
    attempt_id: UUID | None = None
    contact_id: UUID | None = None
    facts: Mapping[str, object] = field(default_factory=dict[str, object])
    particulars: Mapping[str, object] | None = None
