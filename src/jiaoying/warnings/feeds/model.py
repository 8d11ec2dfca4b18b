"""What a source of warnings is, and how it does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

# Stands for a secret that is stored and not shown; written back, it leaves the secret as it is.
KEPT = "********"
DEFAULT_INTERVAL_S = {"poll": 300, "folder": 5}


class SourceKind(StrEnum):
    """How warnings reach us from a source."""

    PUSH = "push"
    POLL = "poll"
    FOLDER = "folder"
    HAND = "hand"


COLLECTED = (SourceKind.POLL, SourceKind.FOLDER)


class Proof(StrEnum):
    """How a program that pushes proves who it is."""

    TOKEN = "token"  # noqa: S105 - a word, not a secret
    SIGNATURE = "signature"
    BOTH = "both"


class CredentialKind(StrEnum):
    """Where a polled feed wants to see our secret."""

    HEADER = "header"
    QUERY = "query"
    BASIC = "basic"


@dataclass(frozen=True, slots=True)
class Credential:
    """A secret that a feed gave us. `name` is the header's, the parameter's, or with `basic` the user's."""

    kind: CredentialKind
    name: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SourceConfig:
    """Everything that an operator says about a source. Read back, its secrets are `KEPT`."""

    name: str
    kind: SourceKind
    enabled: bool = True
    address: str | None = None
    allowed_hosts: tuple[str, ...] = ()
    inside_network: bool = False
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    interval_s: int = 300
    silence_s: int | None = None
    credential: Credential | None = None
    proof: Proof = Proof.TOKEN
    signing_secret: str | None = field(default=None, repr=False)
    hold_s: Mapping[str, int] = field(default_factory=dict[str, int])
    notes: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it is stored. Moments of collecting are by the wall, the others by business time."""

    id: UUID
    config: SourceConfig
    watched_from: datetime
    next_poll_at: datetime | None
    last_poll_at: datetime | None
    last_success_at: datetime | None
    failures: int  # in a row
    failing_since: datetime | None
    trouble: str | None
    troubled_as: str | None
    troubled_since: datetime | None


@dataclass(frozen=True, slots=True)
class SourceLife:
    """What has come from a source: counted in deliveries, which may hold several messages each."""

    last_good_at: datetime | None = None  # the last delivery that was not refused
    day: Mapping[str, int] = field(default_factory=dict[str, int])  # of 24 hours, by what became of them
    refused_in_row: int = 0
    lost_entries: int = 0  # of 24 hours: entries of its index that could not be fetched for good
    tokens: int = 0  # programs that push as this source

    @property
    def deliveries(self) -> int:
        """Of 24 hours."""
        return sum(self.day.values())

    def count(self, *dispositions: str) -> int:
        """Deliveries of 24 hours with one of these fates."""
        return sum(self.day.get(one, 0) for one in dispositions)
