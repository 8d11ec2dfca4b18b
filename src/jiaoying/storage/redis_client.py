"""Clients of Redis (or Valkey), and what the log says when it goes away."""

from typing import Any, cast

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

# Everything that a client raises when the server is away, slow, full or restarting.
REDIS_TROUBLE = (RedisError, OSError, TimeoutError)


def redis_client(url: str, *, timeout_s: float = 2.0) -> Redis:
    """A client that answers or fails within `timeout_s`, and tries nothing twice by itself.

    Nothing in Redis is worth waiting for: whoever asks has another way.
    """
    made = cast("Any", Redis).from_url(
        url,
        decode_responses=True,
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
        retry=Retry(NoBackoff(), 0),
    )
    return cast("Redis", made)


class Outage:
    """Remembers whether Redis is away, so that an outage is one line in the log and its end another."""

    def __init__(self, user: str) -> None:
        self._user = user
        self.present = False

    def begins(self, error: Exception) -> None:
        """Called at every failure; only the first is told."""
        if not self.present:
            self.present = True
            _log().warning("redis_away", user=self._user, error=str(error) or type(error).__name__)

    def ends(self) -> bool:
        """Called at every success; True if there was an outage until now."""
        was_away, self.present = self.present, False
        if was_away:
            _log().info("redis_back", user=self._user)
        return was_away


def _log() -> Any:
    return structlog.get_logger("jiaoying.storage")
