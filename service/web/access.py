"""Who may call a route: declared beside each route, enforced before it runs, denied by default."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from service.errors import NotAllowed, NotAuthenticated

View = TypeVar("View", bound=Callable[..., Any])

PUBLIC = "public"
LOCAL = "local"  # the loopback address or the metrics token
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

csrf = CSRFProtect()


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody of the staff: a person who signed in, or a token."""

    id: str
    name: str
    permissions: frozenset[str] = field(default_factory=frozenset)
    by_session: bool = False


def public(view: View) -> View:
    """Anyone may call this route."""
    return _declare(view, PUBLIC)


def local(view: View) -> View:
    """Only this machine may call this route, or who holds the metrics token."""
    return _declare(view, LOCAL)


def needs(permission: str) -> Callable[[View], View]:
    """Only staff whose roles include this permission may call this route."""
    return lambda view: _declare(view, permission)


def declare(app: Flask, declarations: Iterable[tuple[str, str]]) -> None:
    """State who may call the routes that libraries bring along: (endpoint, access)."""
    app.extensions.setdefault("access", {}).update(declarations)


def declared(app: Flask, endpoint: str) -> str | None:
    """What a route declares, or None where nobody thought of it."""
    of_libraries: dict[str, str] = app.extensions.get("access", {})
    on_view: str | None = getattr(app.view_functions[endpoint], "apresiasi_access", None)
    return on_view or of_libraries.get(endpoint)


def _declare(view: View, access: str) -> View:
    view.apresiasi_access = access  # type: ignore[attr-defined]  # functions carry attributes
    return view


def init_app(app: Flask, find_caller: Callable[[], Caller | None]) -> None:
    """Enforce the declarations; ``find_caller`` says who is calling, from the request."""
    csrf.init_app(app)

    @app.before_request
    def enforce() -> None:
        if request.endpoint is None:
            return
        access = declared(app, request.endpoint)
        g.caller = None
        if access == PUBLIC:
            return
        if access == LOCAL:
            _require_local(app.extensions["settings"].metrics_token)
            return
        g.caller = find_caller()
        if g.caller is None:
            raise NotAuthenticated
        if access is None or access not in g.caller.permissions:
            raise NotAllowed
        if g.caller.by_session and request.method not in _SAFE_METHODS:
            require_own_form()


def _require_local(token: str) -> None:
    given = request.headers.get("Authorization", "")
    if token and given == f"Bearer {token}":
        return
    forwarded = request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded")
    if request.remote_addr not in ("127.0.0.1", "::1") or forwarded:
        raise NotAllowed


def require_own_form() -> None:
    """A session is sent by any page that a browser shows, so a write needs our own token."""
    try:
        csrf.protect()
    except CSRFError as error:
        raise NotAllowed from error


def caller() -> Caller:
    """Who is calling a staff route. RuntimeError on a public one."""
    found = known_caller()
    if found is None:
        raise RuntimeError("only staff routes have a caller")
    return found


def known_caller() -> Caller | None:
    """Who is calling a staff route; None on a public one."""
    found: Caller | None = g.get("caller")
    return found
