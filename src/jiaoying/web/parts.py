"""What every page and every address of the web process is handed, built once by `app`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from jiaoying.dispatch.home_map import HomeMap
from jiaoying.gateways.base import Gateway
from jiaoying.kernel.clock import Clock
from jiaoying.settings import Settings
from jiaoying.storage.database import Database
from jiaoying.storage.wake import Listener


class Bell(Protocol):
    """Rings the stages, so that they look at the database now instead of at their next turn.

    A ring may be lost; the metronome then makes the same happen a few seconds later.
    """

    def ring(self, *bells: str) -> None:
        """Wake whoever waits for one of `bells` (names of stages). Never raises or waits."""
        ...

    def listen(self, *bells: str) -> Listener:
        """From now on remember the rings of `bells`; close the listener when done."""
        ...


@dataclass(frozen=True, slots=True)
class WebParts:
    """Everything that answers a request from outside."""

    database: Database
    clock: Clock
    settings: Settings
    wake: Bell
    gateways: Mapping[str, Gateway]
    public_url: str  # what carriers and people use to reach us, without a slash at its end
    home_name: str  # the territory that this installation serves, as people call it
    source_key: str = field(repr=False)  # locks and opens the secrets of warning sources (Secrets.sources)
    home_map: HomeMap = field(kw_only=True)
    phones_url: str | None = None  # where the simulated phones can be picked up, while there are any
