"""Figures of the process for Prometheus: requests by route template, never by path."""

from time import perf_counter

from fastapi import FastAPI, Response
from prometheus_client import CollectorRegistry, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from salesml.http.routes import method_of, route_of

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

    async def metrics() -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    server.add_api_route("/metrics", metrics, include_in_schema=False)
    server.add_middleware(RequestMetrics, durations=durations)
