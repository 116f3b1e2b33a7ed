"""Errors at the edge: problem documents (RFC 9457) for programs, pages for people."""

from typing import Any, cast

import structlog
from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from service.errors import (
    N_,
    BodyTooLarge,
    NotAuthenticated,
    NotFound,
    RateLimited,
    Refusal,
    Unavailable,
)
from service.web.language import current, translate

log = structlog.get_logger()

_PROGRAM_PATHS = ("/api/", "/webhooks/", "/healthz", "/readyz", "/metrics")
_SAME_CONDITION: dict[int, type[Refusal]] = {404: NotFound, 413: BodyTooLarge, 429: RateLimited}
_BROKEN = N_("Something broke on our side")
_BROKEN_DETAIL = N_("The error was recorded. Please try again in a moment.")


def init_app(app: Flask) -> None:
    """Answer every error in the form that the caller reads."""
    app.register_error_handler(Refusal, answer_refusal)
    app.register_error_handler(HTTPException, answer_http)
    app.register_error_handler(PoolTimeout, answer_database_away)
    app.register_error_handler(DBAPIError, answer_database_error)
    app.register_error_handler(Exception, answer_bug)


def wants_problem() -> bool:
    return request.path.startswith(_PROGRAM_PATHS)


def problem(refusal: Refusal) -> dict[str, Any]:
    """The members of a problem document, in the language of this request."""
    document: dict[str, Any] = {
        "type": f"/api/v1/docs#problem-{refusal.code}",
        "title": translate(refusal.title),
        "status": refusal.status,
        "detail": translate(refusal.detail, refusal.params),
        "code": refusal.code,
        "request_id": g.get("request_id", ""),
    }
    if refusal.clause:
        document["clause"] = refusal.clause
    errors = getattr(refusal, "errors", None)
    if errors:
        document["errors"] = {
            field: {"code": code, "message": translate(message)} for field, (code, message) in errors.items()
        }
    return {**document, **refusal.extra()}


def problem_answer(refusal: Refusal) -> Response:
    """A problem document as an answer, with its own status."""
    response = jsonify(problem(refusal))
    response.content_type = "application/problem+json"
    response.status_code = refusal.status
    response.headers["Cache-Control"] = "no-store"
    return response


def answer_refusal(refusal: Refusal) -> AnyResponse:
    """An expected refusal, with its own status."""
    if wants_problem():
        response: AnyResponse = problem_answer(refusal)
    elif isinstance(refusal, NotAuthenticated):
        return redirect(url_for("security.login", next=request.full_path.rstrip("?"), lang=current()), 303)
    else:
        response = Response(render_template("error.html", problem=problem(refusal)))
    response.status_code = refusal.status
    response.headers["Cache-Control"] = "no-store"
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def answer_http(error: HTTPException) -> AnyResponse:
    """What Flask and its libraries refuse by themselves: unknown paths, methods, and so on."""
    if error.response is not None:
        return cast(AnyResponse, error.response)
    status = error.code or 500
    if status in _SAME_CONDITION:
        return answer_refusal(_SAME_CONDITION[status]())
    if status >= 500:
        return answer_refusal(_unexpected(_BROKEN, _BROKEN_DETAIL, status, "internal_error"))
    code = error.name.lower().replace(" ", "_")
    response = answer_refusal(_unexpected(Refusal.title, "", status, code))
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def answer_database_away(error: Exception) -> AnyResponse:
    """No connection to be had: 503, so that a processor delivers its event again."""
    log.error("database_unavailable", kind=type(error).__name__)
    return answer_refusal(Unavailable())


def answer_database_error(error: DBAPIError) -> AnyResponse:
    """A database that is away or locked is 503; anything else is a bug."""
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return answer_database_away(error)
    return answer_bug(error)


def answer_bug(error: Exception) -> AnyResponse:
    """A bug: recorded with its traceback, told without any detail (ASVS 16.5.1)."""
    # The message of an exception may hold what a reader typed, so only places are logged.
    log.error("unhandled_error", kind=type(error).__name__, places=_places(error))
    return answer_refusal(_unexpected(_BROKEN, _BROKEN_DETAIL, 500, "internal_error"))


def _places(error: BaseException) -> list[str]:
    places, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename.rpartition('service/')[2]}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-12:]


def _unexpected(title: str, detail: str, status: int, code: str) -> Refusal:
    kind = type("Unexpected", (Refusal,), {"status": status, "code": code, "title": title, "detail": detail})
    refusal: Refusal = kind()
    return refusal
