"""Figures for Prometheus: requests by route template, never by path; age and fate of forecasts."""

from collections.abc import Iterator
from datetime import UTC, datetime
from time import perf_counter

from fastapi import FastAPI, Request, Response
from prometheus_client import CollectorRegistry, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.core.errors import DatabaseBusy, DatabaseUnavailable, NotMigrated
from salesml.http.routes import method_of, route_of
from salesml.http.state import HttpState, state_of
from salesml.services import gauges
from salesml.services.gauges import Gauges

_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class RequestMetrics:
    """Counts requests and measures how long they take, until the last byte is sent."""

    def __init__(self, app: ASGIApp, durations: Histogram) -> None:
        self._app, self._durations = app, durations

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            labels = method_of(scope), route_of(scope), str(status)
            self._durations.labels(*labels).observe(perf_counter() - begun)


class ForecastGauges(Collector):
    """What the prepared figures of the main page say of forecasts; a scrape computes none of them."""

    def __init__(self) -> None:
        self._gauges: Gauges | None = None

    async def refresh(self, state: HttpState) -> None:
        """Read the prepared figures; none are told while the database is away."""
        try:
            self._gauges = await state.tx.read(gauges.read, datetime.now(UTC))
        except (DatabaseBusy, DatabaseUnavailable, NotMigrated):
            self._gauges = None

    def collect(self) -> Iterator[Metric]:
        """One family a figure, with the target and the version as labels."""
        if (found := self._gauges) is None:
            return
        if found.age_days is not None:
            yield GaugeMetricFamily(
                "salesml_forecast_age_days", "Days since the newest forecasts.", value=found.age_days
            )
        psi = GaugeMetricFamily(
            "salesml_drift_psi_max", "Population stability index of what drifted most.", labels=["target"]
        )
        for target, value in found.psi_max.items():
            psi.add_metric([target], value)
        yield psi
        for name, values in found.live.items():
            family = GaugeMetricFamily(
                f"salesml_live_{name}",
                "Of the newest forecasts whose days are over.",
                labels=["target", "version"],
            )
            for (target, version), value in values.items():
                family.add_metric([target, version], value)
            yield family


def mount_metrics(server: FastAPI) -> None:
    """Serve /metrics, in a registry of this server's own."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    durations = Histogram(
        "http_request_duration_seconds",
        "Requests and how long they took.",
        ("method", "route", "status"),
        buckets=_BUCKETS_S,
        registry=registry,
    )

    forecasts = ForecastGauges()
    registry.register(forecasts)

    async def metrics(request: Request) -> Response:
        await forecasts.refresh(state_of(request))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    server.add_api_route("/metrics", metrics, include_in_schema=False)
    server.add_middleware(RequestMetrics, durations=durations)
