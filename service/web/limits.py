"""Limits per address: how often anyone may ask, try, or open a checkout."""

from flask import Flask, Response, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

from service.config import Settings

limiter = Limiter(get_remote_address, strategy="moving-window")

# Many readers of one mobile carrier share an address, so the limits are wide.
GIVING = "240 per minute; 3000 per hour"
OPENED_CHECKOUTS = "60 per 10 minutes; 200 per hour"
SIGN_IN = "10 per minute; 60 per hour"


def init_app(app: Flask) -> None:
    """Use the configured storage: shared between nodes in production."""
    settings: Settings = app.extensions["settings"]
    app.config["RATELIMIT_STORAGE_URI"] = settings.limiter_storage_uri
    app.config["RATELIMIT_ENABLED"] = settings.ratelimit_enabled
    limiter.init_app(app)


def note_opened_checkout() -> None:
    """Say that this request opened a new checkout; repeats of a key cost nothing."""
    g.opened_checkout = True


def opened_checkout(_response: Response) -> bool:
    """True when this request opened a new checkout: only those count."""
    return bool(g.get("opened_checkout", False))
