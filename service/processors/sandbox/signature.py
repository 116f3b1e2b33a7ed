"""The sandbox's signature: HMAC-SHA256 over time and raw body, at most five minutes old."""

import hmac
import time

from service.errors import BadSignature

HEADER = "Sandbox-Signature"
_TOLERANCE = 300  # seconds


def sign(body: bytes, secret: str, at: int) -> str:
    """The header's value for a body at a time in seconds since 1970."""
    return f"t={at},v1={_digest(body, secret, at)}"


def verify(header: str, body: bytes, secret: str) -> None:
    """Raises BadSignature for a missing, malformed, old or wrong signature."""
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    given, at = parts.get("v1", ""), parts.get("t", "")
    if not (given.isascii() and at.isascii() and at.isdecimal() and len(at) <= 12):
        raise BadSignature
    if abs(time.time() - int(at)) > _TOLERANCE:
        raise BadSignature
    if not hmac.compare_digest(given, _digest(body, secret, int(at))):
        raise BadSignature


def _digest(body: bytes, secret: str, at: int) -> str:
    return hmac.new(secret.encode(), f"{at}.".encode() + body, "sha256").hexdigest()
