"""Headers of every answer, the refusal of foreign writes, and the reader form's token."""

from collections.abc import Callable, Collection
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response as BaseResponse

from service.config import Settings
from service.errors import N_, NotAllowed
from service.identifiers import new_id

View = TypeVar("View", bound=Callable[..., Any])

# The fields' errors of a form whose token is over, or is none of ours.
EXPIRED_FORM = {"form": ("form_expired", N_("This form was open for a long time. Please send it once more."))}
_FORM_SALT = "reader-form"
_FORM_HOURS = 24
_STAFF_PATHS = ("/desk", "/api/v1/desk")
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})


def init_app(app: Flask, checkout_origins: list[str]) -> None:
    """``checkout_origins``: where our forms may end up after a redirect (the processors)."""
    settings: Settings = app.extensions["settings"]
    usual = _policy("'self'", "'none'", checkout_origins)
    framed = _policy(
        f"'self' {app.extensions['stylesheet'].source}",
        " ".join(settings.embed_origins) or "'none'",
        checkout_origins,
    )

    @app.before_request
    def refuse_foreign_writes() -> None:
        if request.method in _WRITES and not request.path.startswith(("/api/", "/webhooks/")):
            hidden = {"null"} if _says("apresiasi_origin_hidden") else set[str]()
            require_own_site(_own_origins(settings) | hidden)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        may_be_framed = _says("apresiasi_framed")
        headers.setdefault("Content-Security-Policy", framed if may_be_framed else usual)
        if may_be_framed:
            headers.setdefault("Cross-Origin-Resource-Policy", "cross-origin")
            headers.setdefault("Cross-Origin-Embedder-Policy", "require-corp")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if request.path.startswith(_STAFF_PATHS):
            headers.setdefault("Cache-Control", "no-store")
        if settings.secure_cookies:
            headers.setdefault("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
        return response


def _policy(styles: str, framed_by: str, checkout_origins: list[str]) -> str:
    return "; ".join(
        [
            "default-src 'none'",
            f"style-src {styles}",
            "script-src 'self'",
            "img-src 'self' data:",
            "connect-src 'self'",
            "manifest-src 'self'",
            " ".join(["form-action 'self'", *checkout_origins]),
            f"frame-ancestors {framed_by}",
            "base-uri 'none'",
        ]
    )


def _says(mark: str) -> bool:
    """Whether the view of this request carries a mark."""
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, mark, False))


def framed(view: View) -> View:
    """For a page that the publisher's own pages show in a frame, and nobody else's (clause 1.1)."""
    view.apresiasi_framed = True  # type: ignore[attr-defined]  # functions carry attributes
    return view


def keep_private(response: BaseResponse) -> None:
    """For a page about one contribution or one person: never stored, indexed, or told of by a
    referrer."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"


def origin_may_be_hidden(view: View) -> View:
    """For a form on a page that sends no referrer: browsers then say "null" for its origin,
    also to ourselves. The view must require a token that only its own page was given."""
    view.apresiasi_origin_hidden = True  # type: ignore[attr-defined]  # functions carry attributes
    return view


def _own_origins(settings: Settings) -> set[str]:
    """Where our own forms are shown; while developing, under whatever name we are reached."""
    public = urlsplit(settings.public_url)
    origins = {f"{public.scheme}://{public.netloc}"}
    return origins if settings.in_production else origins | {request.host_url.rstrip("/")}


def require_own_site(own_origins: Collection[str]) -> None:
    """Refuse a write that another site's page makes a browser send (ASVS 3.5.1).

    Sec-Fetch-Site decides where a browser sends it; Origin is the fallback.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise NotAllowed
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin not in own_origins:
        raise NotAllowed


def new_form_token(key: str | None = None) -> str:
    """A signed token for one showing of the reader's form; it carries an idempotency key."""
    return _serializer().dumps(key or new_id())


def read_form_token(token: str) -> str | None:
    """The idempotency key inside a token of ours that is at most a day old, else None."""
    try:
        key = _serializer().loads(token, max_age=_FORM_HOURS * 3600)
    except BadData:
        return None
    return key if isinstance(key, str) else None


def _serializer() -> URLSafeTimedSerializer:
    settings: Settings = current_app.extensions["settings"]
    return URLSafeTimedSerializer(settings.secret_key, salt=_FORM_SALT)
