"""Alive, able to work, and in figures: `/healthz`, `/readyz`, `/metrics`."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0

import jiaoying
from jiaoying.dispatch.board.vitals import Vitals, last_cycle, vitals
from jiaoying.kernel.clock import monotonic, real_sleep, wall_now
from jiaoying.kernel.language import say
from jiaoying.warnings.feeds.judging import SourceState, judge
from jiaoying.warnings.feeds.model import Source, SourceLife
from jiaoying.warnings.sources import list_sources, lives_of
from jiaoying.web.context import DATABASE_TROUBLE
from jiaoying.web.parts import WebParts

# A worker is seen every few seconds; after this, by the wall, nobody is at work.
LONGEST_CYCLE_S = 60.0
_LAG_SAMPLE_S = 0.05
_NO_STORE = {"Cache-Control": "no-store"}


def routes(parts: WebParts) -> list[web.RouteDef]:
    """What machines ask that watch over this one; nothing here names a person or a number."""
    health = _Health(parts)
    return [
        web.get("/healthz", health.alive),
        web.get("/readyz", health.ready),
        web.get("/metrics", health.metrics),
    ]


class _Health:
    def __init__(self, parts: WebParts) -> None:
        self._parts = parts

    async def alive(self, _request: web.Request) -> web.Response:
        """The process answers."""
        return web.json_response({"alive": True}, headers=_NO_STORE)

    async def ready(self, _request: web.Request) -> web.Response:
        """The database answers, and a worker was seen within a minute."""
        try:
            async with self._parts.database.transaction() as tx:
                seen = await last_cycle(tx)
        except DATABASE_TROUBLE:
            return _not_ready(say("The database cannot be reached"), None)
        if seen is None or self._age_s(seen) > LONGEST_CYCLE_S:
            return _not_ready(say("No worker was seen for a minute: nobody is called"), seen)
        return web.json_response(
            {"ready": True, "last_cycle": seen.isoformat()}, status=200, headers=_NO_STORE
        )

    async def metrics(self, _request: web.Request) -> web.Response:
        """Figures for Prometheus; without the database, that it is away and how busy the loop is."""
        registry = CollectorRegistry()
        lag = await _loop_lag_s()
        Gauge("jiaoying_loop_lag_seconds", "How late the event loop wakes", registry=registry).set(lag)
        build = Gauge("jiaoying_build_info", "Version", ["version"], registry=registry)
        build.labels(jiaoying.__version__).set(1)
        reached = Gauge("jiaoying_database_up", "Whether the database answers", registry=registry)
        try:
            now = self._parts.clock.now()
            async with self._parts.database.transaction() as tx:
                figures, seen = await vitals(tx, now), await last_cycle(tx)
                sources, lives = await list_sources(tx), await lives_of(tx, now, wall_now())
        except DATABASE_TROUBLE:
            reached.set(0)
        else:
            reached.set(1)
            self._fill(registry, figures, seen, now)
            _fill_sources(registry, sources, lives, now)
        return web.Response(
            body=generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_1_0_0}
        )

    def _fill(
        self, registry: CollectorRegistry, figures: Vitals, seen: datetime | None, now: datetime
    ) -> None:
        people = Gauge("jiaoying_call_outs", "People under running warnings", ["state"], registry=registry)
        for state, number in figures.people.items():
            people.labels(state.value).set(number)
        running = Gauge("jiaoying_warnings", "Warnings not yet ended", ["state"], registry=registry)
        for state, number in figures.warnings.items():
            running.labels(state.value).set(number)
        made = Gauge(
            "jiaoying_attempts_last_hour",
            "Attempts of the last hour",
            ["gateway", "channel", "state", "outcome"],
            registry=registry,
        )
        for line in figures.attempts:
            made.labels(line.gateway, line.channel, line.state, line.outcome).set(line.number)
        for name, meaning, value in (
            ("officers_list", "Responsibilities that nobody answers for", figures.listed),
            ("open_alarms", "Alarms that nobody has cleared", figures.open_alarms),
            ("due_age_seconds", "Age of the oldest attempt that waits", _age(figures.oldest_due, now)),
            ("inbox_unread_age_seconds", "Age of the oldest unread report", _age(figures.oldest_unread, now)),
            ("call_out_overdue_seconds", "How long a next moment is past", _age(figures.most_overdue, now)),
            ("last_cycle_age_seconds", "Since a worker was seen, by the wall", self._cycle_age_s(seen)),
        ):
            Gauge(f"jiaoying_{name}", meaning, registry=registry).set(value)

    def _age_s(self, moment: datetime) -> float:
        """By the wall: a demonstration's hurried clock hurries nobody's heart."""
        gone: timedelta = self._parts.clock.now() - moment
        return gone.total_seconds() / self._parts.settings.clock_rate

    def _cycle_age_s(self, seen: datetime | None) -> float:
        return float("inf") if seen is None else self._age_s(seen)


def _fill_sources(
    registry: CollectorRegistry, sources: Sequence[Source], lives: Mapping[str, SourceLife], now: datetime
) -> None:
    """Of each source: how it stands, since when nothing good came, and a day's deliveries by their fate."""
    state = Gauge(
        "jiaoying_source_state", "1 for how a source stands", ["source", "state"], registry=registry
    )
    success = Gauge(
        "jiaoying_source_last_success_age_seconds",
        "Since a source was last collected from without trouble, by the wall",
        ["source"],
        registry=registry,
    )
    message = Gauge(
        "jiaoying_source_last_message_age_seconds",
        "Since a message that could be read came from a source",
        ["source"],
        registry=registry,
    )
    day = Gauge(
        "jiaoying_source_deliveries_last_day",
        "Deliveries of 24 hours by what became of them",
        ["source", "disposition"],
        registry=registry,
    )
    wall = wall_now()
    for source in sources:
        name, life = source.config.name, lives.get(source.config.name, SourceLife())
        judged = judge(source, life, now, wall)
        for one in SourceState:
            state.labels(name, one.value).set(one is judged.state)
        if source.last_success_at is not None:
            success.labels(name).set(_age(source.last_success_at, wall))
        if life.last_good_at is not None:
            message.labels(name).set(_age(life.last_good_at, now))
        for disposition, number in life.day.items():
            day.labels(name, disposition).set(number)


def _age(moment: datetime | None, now: datetime) -> float:
    return 0.0 if moment is None else max(0.0, (now - moment).total_seconds())


def _not_ready(reason: str, seen: datetime | None) -> web.Response:
    last = seen.isoformat() if seen else None
    body = json.dumps({"ready": False, "reason": reason, "last_cycle": last}, ensure_ascii=False)
    return web.Response(text=body, status=503, content_type="application/json", headers=_NO_STORE)


async def _loop_lag_s() -> float:
    began = monotonic()
    await real_sleep(_LAG_SAMPLE_S)
    return max(0.0, monotonic() - began - _LAG_SAMPLE_S)
