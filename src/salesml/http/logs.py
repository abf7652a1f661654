"""Logs as JSON lines on stderr, one an event; line breaks in values are escaped, so none can be forged."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog
from asgi_correlation_id import correlation_id
from structlog.typing import Processor


def configure_logs(level: str) -> None:
    """For this process: our own events, and those of libraries, in one form; from a level such as "info"."""
    least = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*_shared(), structlog.processors.JSONRenderer(serializer=_dump)],
        wrapper_class=structlog.make_filtering_bound_logger(least),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=least, force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it tells of every start
    logging.getLogger("asgi_correlation_id").setLevel(logging.ERROR)  # whatever somebody sends as an id


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request_id,
        structlog.processors.format_exc_info,
    ]


def _add_request_id(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if (request_id := correlation_id.get()) is not None:
        event["request_id"] = request_id
    return event


def _dump(event: Any, **_: Any) -> bytes:
    return orjson.dumps(event, default=str)
