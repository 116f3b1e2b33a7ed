"""Limits per address: how often anyone may ask, try, or open a checkout."""

from collections.abc import Callable
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Any, TypeVar, cast

from flask import Flask, Response, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits import parse_many

from service.config import Settings
from service.errors import RateLimited

View = TypeVar("View", bound=Callable[..., Any])


def _network() -> str:
    """Who asks: an address, and of IPv6 the /64, all of which one line has at its disposal."""
    asking = get_remote_address()
    try:
        address = ip_address(asking)
    except ValueError:
        return asking
    if not isinstance(address, IPv6Address):
        return asking
    return str(address.ipv4_mapped or IPv6Network((int(address), 64), strict=False))


limiter = Limiter(_network, strategy="moving-window")

# Many readers of one mobile carrier share an address, so the limits are wide.
_GIVING = "240 per minute; 3000 per hour"
_OPENED_CHECKOUTS = "60 per 10 minutes; 200 per hour"
_REPORTS = "10 per 10 minutes; 40 per day"
SIGN_IN = "10 per minute; 60 per hour"
_WRONG_PASSWORDS = "5 per minute; 20 per hour"


def init_app(app: Flask) -> None:
    """Use the configured storage: shared between nodes in production."""
    settings: Settings = app.extensions["settings"]
    app.config["RATELIMIT_STORAGE_URI"] = settings.limiter_storage_uri
    app.config["RATELIMIT_ENABLED"] = settings.ratelimit_enabled
    limiter.init_app(app)


def note_opened_checkout() -> None:
    """Say that this request opened a new checkout; repeats of a key cost nothing."""
    g.opened_checkout = True


def _opened_checkout(_response: Response) -> bool:
    return bool(g.get("opened_checkout", False))


def for_giving(view: View) -> View:
    """Bound how often an address gives, tries again, and opens checkouts: over page and API
    together, and only what really opened one counts as opened."""
    opened = limiter.shared_limit(_OPENED_CHECKOUTS, "checkouts", deduct_when=_opened_checkout)
    asked = limiter.shared_limit(_GIVING, "giving")
    return cast(View, opened(asked(view)))


def for_checking(view: View) -> View:
    """Bound how often an address has a form looked at before it is sent."""
    return cast(View, limiter.shared_limit(_GIVING, "checking")(view))


def for_reporting(view: View) -> View:
    """Bound how often an address reports messages, over page and API together."""
    return cast(View, limiter.shared_limit(_REPORTS, "reports", methods=["POST"])(view))


def require_tries_left(who: str) -> None:
    """Raises RateLimited where somebody gave a wrong password too often, from whatever address."""
    if limiter.enabled and not all(
        limiter.limiter.test(limit, who) for limit in parse_many(_WRONG_PASSWORDS)
    ):
        raise RateLimited


def note_wrong_password(who: str) -> None:
    """Count one against who gave it."""
    if limiter.enabled:
        for limit in parse_many(_WRONG_PASSWORDS):
            limiter.limiter.hit(limit, who)
