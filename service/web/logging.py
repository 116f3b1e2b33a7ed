"""JSON log lines with a request id, and nothing in them that belongs to a person."""

import logging
import re
import sys
import time

import structlog
from flask import Flask, Response, g, request
from prometheus_client import Counter, Histogram

from service.identifiers import new_id

REQUESTS = Counter("apresiasi_requests_total", "Requests answered", ["endpoint", "method", "status"])
SECONDS = Histogram("apresiasi_request_seconds", "Time to answer", ["endpoint"])

_GIVEN_ID = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

log = structlog.get_logger()


def configure(level: str) -> None:
    """Log to standard error, one JSON object a line, times in UTC."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )


def init_app(app: Flask) -> None:
    """Give each request an id, and one line when it is done."""
    behind_proxies = app.extensions["settings"].trusted_proxies > 0

    @app.before_request
    def begin() -> None:
        # Only our own proxies may name a request: what anybody writes there would be logged.
        given = request.headers.get("X-Request-Id", "") if behind_proxies else ""
        g.request_id = given if _GIVEN_ID.fullmatch(given) else new_id()
        g.began = time.monotonic()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        endpoint = request.endpoint or "none"
        took = time.monotonic() - g.get("began", time.monotonic())
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(endpoint, method, response.status_code).inc()
        SECONDS.labels(endpoint).observe(took)
        # The route's name and not the path: paths hold ids and addresses.
        log.info(
            "request",
            method=method,
            endpoint=endpoint,
            status=response.status_code,
            milliseconds=round(took * 1000, 1),
        )
        return response
