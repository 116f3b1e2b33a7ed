"""``/healthz``, ``/readyz`` and ``/metrics``: for machines that watch this one."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from service.web.access import local, public

blueprint = Blueprint("operations", __name__)


@dataclass(frozen=True, slots=True)
class Readiness:
    """One thing that must work (``required``) or is only reported."""

    name: str
    required: bool
    check: Callable[[], str | None]


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """This process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """Database, migrations and processor settings; the worker is reported."""
    results: dict[str, object] = {}
    ready = True
    for readiness in current_app.extensions["readiness"]:
        try:
            wrong = readiness.check()
        except Exception as error:  # whatever is wrong, the answer is: not ready
            wrong = type(error).__name__
        results[readiness.name] = wrong or "ok"
        ready = ready and not (wrong and readiness.required)
    response = jsonify(status="ready" if ready else "not ready", checks=results)
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.get("/metrics")
@local
def metrics() -> Response:
    """Prometheus metrics of this process."""
    return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)
