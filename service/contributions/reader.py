"""The reader's own cookie: which contributions this browser sent, signed, for a day.

It is set when a form is sent and never for those who only look. It shows readers their own
message and keeps their form; it is HttpOnly and holds ids, nothing else.
"""

from flask import current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from service.config import Settings

_SECONDS = 24 * 3600
_AT_MOST = 5


def remember(response: Response, contribution_id: str) -> None:
    """Add a contribution to this browser's own."""
    ids = [contribution_id, *(id_ for id_ in remembered() if id_ != contribution_id)][:_AT_MOST]
    settings = _settings()
    response.set_cookie(
        _name(settings),
        _serializer(settings).dumps(ids),
        max_age=_SECONDS,
        secure=settings.secure_cookies,
        httponly=True,
        samesite="Lax",
    )


def remembered() -> list[str]:
    """The contributions that this browser sent, newest first."""
    settings = _settings()
    try:
        ids = _serializer(settings).loads(request.cookies.get(_name(settings), ""), max_age=_SECONDS)
    except BadData:
        return []
    return [id_ for id_ in ids if isinstance(id_, str)] if isinstance(ids, list) else []


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _name(settings: Settings) -> str:
    return "__Host-reader" if settings.secure_cookies else "reader"


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key, salt="reader")
