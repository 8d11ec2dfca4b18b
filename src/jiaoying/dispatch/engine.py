"""What every stage works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from uuid import UUID
from zoneinfo import ZoneInfo

from jiaoying.dispatch.home_map import HomeMap
from jiaoying.gateways.base import Gateway
from jiaoying.kernel.clock import Clock
from jiaoying.kernel.monthly import MonthlyMoment
from jiaoying.storage.bucket import TokenBucket
from jiaoying.storage.database import Database
from jiaoying.storage.wake import Wake


@dataclass(frozen=True, slots=True)
class Engine:
    """The parts of one worker process. `gateways` in the order in which they are preferred."""

    worker_id: UUID
    database: Database
    clock: Clock
    wake: Wake
    bucket: TokenBucket
    gateways: Mapping[str, Gateway]
    home_map: HomeMap
    home_name: str  # who calls: 沁水县应急值班室
    timezone: ZoneInfo
    source_key: str = field(repr=False)  # opens the credentials of warning sources (Secrets.sources)
    # Where the pages of links lie, once it is known; None: texts hold none.
    link_base: Callable[[], str] | None = None
    number_check: MonthlyMoment | None = None  # None: numbers are checked only when somebody begins it

    @property
    def home_area(self) -> str:
        return self.home_map.home_area
