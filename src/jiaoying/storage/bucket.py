"""How much may go out, shared by all processes: token buckets in Redis."""

from dataclasses import dataclass
from datetime import datetime
from math import floor
from typing import Any, cast

from jiaoying.kernel.clock import monotonic
from jiaoying.storage.redis_client import REDIS_TROUBLE, Outage, redis_client

PREFIX = "jiaoying:bucket:"
# After a failure Redis is left alone for so long, so that no take waits for it meanwhile.
RETRY_AFTER_S = 2.0

# Two workers' clocks are not so far apart. A bucket last used later than that was used before the
# clock was set back, and would grant nothing until that moment comes again.
LATEST_AHEAD_S = 60.0

# The rule of `_Level.take` below, in one step of the server. A bucket not used for a day is
# forgotten, and would be full by then. `at` never goes back: of two workers' clocks the later counts.
_TAKE = """
local rate, burst, wanted, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local held = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(held[1]) or burst, tonumber(held[2]) or now
if at > now + tonumber(ARGV[5]) then at = now end
tokens = math.min(burst, tokens + math.max(0, now - at) * rate)
local granted = math.max(0, math.min(wanted, math.floor(tokens + 1e-6)))
redis.call('HSET', KEYS[1], 'tokens', string.format('%.17g', tokens - granted),
           'at', string.format('%.17g', math.max(at, now)))
redis.call('EXPIRE', KEYS[1], 86400)
return granted
"""


@dataclass(slots=True)
class _Level:
    """How full one bucket of this process was at the moment `at` (seconds of business time)."""

    tokens: float
    at: float

    def take(self, rate_per_s: float, burst: float, wanted: int, now: float) -> int:
        if self.at > now + LATEST_AHEAD_S:
            self.at = now
        self.tokens = min(burst, self.tokens + max(0.0, now - self.at) * rate_per_s)
        self.at = max(self.at, now)
        # A millionth, so that ten takes of a tenth of a second make a whole token.
        granted = max(0, min(wanted, floor(self.tokens + 1e-6)))
        self.tokens -= granted
        return granted


class TokenBucket:
    """Buckets by name: over any time no more is granted than `rate × time + burst`.

    While Redis is away each process keeps buckets of its own, of an equal share of the rate:
    `workers` says how many processes share it, and whoever knows keeps it current. A restarted
    Redis has forgotten its buckets, so a burst may follow it.
    """

    def __init__(self, redis_url: str | None, *, workers: int = 1) -> None:
        self.workers = workers
        self._client = redis_client(redis_url, timeout_s=1.0) if redis_url else None
        self._own: dict[str, _Level] = {}
        self._outage = Outage("token buckets")
        self._ask_again_at = 0.0

    async def take(self, key: str, rate_per_s: float, burst: float, wanted: int, now: datetime) -> int:
        """Take up to `wanted` tokens from the bucket `key`; returns how many were granted, 0…`wanted`.

        `rate_per_s` is in business seconds, 0 is unlimited. A burst below one counts as one, else
        nothing would ever be granted. `now` is business time.
        """
        if rate_per_s == 0:
            return wanted
        moment, burst = now.timestamp(), max(1.0, burst)
        granted = await self._take_shared(key, rate_per_s, burst, wanted, moment)
        if granted is None:
            return self._take_own(key, rate_per_s, burst, wanted, moment)
        # Should Redis go now, our own bucket starts empty: what is granted here was already shared out.
        self._own[key] = _Level(0.0, moment)
        return granted

    async def close(self) -> None:
        """Close the connections to Redis."""
        if self._client:
            await self._client.aclose()

    async def _take_shared(self, key: str, rate: float, burst: float, wanted: int, now: float) -> int | None:
        """None while Redis is away."""
        if self._client is None or monotonic() < self._ask_again_at:
            return None
        try:
            numbers = (repr(float(rate)), repr(burst), str(wanted), repr(now), repr(LATEST_AHEAD_S))
            granted = int(await cast("Any", self._client).eval(_TAKE, 1, PREFIX + key, *numbers))
        except REDIS_TROUBLE as error:
            self._outage.begins(error)
            self._ask_again_at = monotonic() + RETRY_AFTER_S
            return None
        self._outage.ends()
        return granted

    def _take_own(self, key: str, rate: float, burst: float, wanted: int, now: float) -> int:
        sharers = max(1, self.workers)
        share = max(1.0, burst / sharers)
        level = self._own.setdefault(key, _Level(share, now))
        return level.take(rate / sharers, share, wanted, now)
