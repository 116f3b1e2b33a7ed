"""Single values of the environment, read and checked; the first bad one stops the start with one line."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from service import brand
from service.brand import Brand

_TRUE, _FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}
_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
_ORIGIN = re.compile(
    r"https://(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?|http://(localhost|127\.0\.0\.1)(:[0-9]{1,5})?"
)


class ConfigError(Exception):
    """A setting is missing, malformed or not allowed; the text is the one line to print."""


@dataclass(frozen=True, slots=True)
class Env:
    """Variables by their name without the prefix; an empty one counts as missing."""

    environ: Mapping[str, str]

    def text(self, name: str, default: str | None = None) -> str:
        value = self.environ.get(f"APRESIASI_{name}") or default
        if value is None:
            raise ConfigError(f"APRESIASI_{name} is missing")
        return value

    def number(self, name: str, default: int, minimum: int) -> int:
        text = self.text(name, str(default))
        if not text.isdecimal() or int(text) < minimum:
            raise ConfigError(f"APRESIASI_{name}: {text!r} is no whole number from {minimum}")
        return int(text)

    def flag(self, name: str, default: bool) -> bool:
        text = self.text(name, str(default)).lower()
        if text not in _TRUE | _FALSE:
            raise ConfigError(f"APRESIASI_{name}: {text!r} is neither true nor false")
        return text in _TRUE

    def items(self, name: str, default: str = "") -> tuple[str, ...]:
        items = (self.environ.get(f"APRESIASI_{name}") or default).split(",")
        return tuple(item.strip() for item in items if item.strip())


def mail_address(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("smtp", "smtps") or not parts.hostname):
        raise ConfigError("APRESIASI_SMTP_URL: neither a smtp:// nor a smtps:// address")
    return url


def address_or_none(env: Env, name: str) -> str:
    address = env.text(name, "")
    return web_address(name, address).rstrip("/") if address else ""


def database_url(url: str) -> str:
    scheme, found, rest = url.partition("://")
    if not found or scheme not in ("sqlite", "postgresql", "postgres", "postgresql+psycopg"):
        raise ConfigError("APRESIASI_DATABASE_URL: neither a sqlite:// nor a postgresql:// address")
    return url if scheme == "sqlite" else f"postgresql+psycopg://{rest}"


def web_address(name: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"APRESIASI_{name}: {text!r} is no http(s) address")
    return text


def brand_of(env: Env) -> Brand:
    try:
        return brand.read(
            env.text("BRAND_COLOR", "#0a58a0"), env.text("BRAND_COLOR_DARK", "#8cc4ff"), env.text("LOGO", "")
        )
    except ValueError as error:
        raise ConfigError(
            f"APRESIASI_BRAND_COLOR, APRESIASI_BRAND_COLOR_DARK, APRESIASI_LOGO: {error}"
        ) from error


def origins(name: str, items: Sequence[str]) -> tuple[str, ...]:
    """Origins of pages that may frame the widget, such as https://www.kompas.com or https://*.kompas.com."""
    for item in items:
        if not _ORIGIN.fullmatch(item):
            raise ConfigError(f"APRESIASI_{name}: {item!r} is no origin such as https://www.kompas.com")
    return tuple(items)


def port_number(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65535:
        raise ConfigError(f"PORT: {text!r} is no port number below 65535")
    return int(text)


def log_level(text: str) -> str:
    if text.upper() not in _LEVELS:
        raise ConfigError(f"APRESIASI_LOG_LEVEL: {text!r} is none of {', '.join(_LEVELS)}")
    return text.upper()


def pairs(name: str, items: Sequence[str]) -> dict[str, str]:
    pairs = {}
    for item in items:
        left, found, right = item.partition("=")
        if not found or not left.strip() or not right.strip():
            raise ConfigError(f"APRESIASI_{name}: {item!r} is not of the form pattern=name")
        pairs[left.strip()] = right.strip()
    return pairs


def encryption_keys(items: Sequence[str], secret: str, mode: str) -> tuple[bytes, ...]:
    """Base64 of 32 bytes each, the current key first. Development derives one."""
    keys = []
    for item in items:
        try:
            key = base64.b64decode(item, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            raise ConfigError("APRESIASI_ENCRYPTION_KEYS: each key is the base64 of 32 bytes")
        keys.append(key)
    if not keys and mode == "production":
        raise ConfigError("APRESIASI_ENCRYPTION_KEYS: production needs at least one key")
    return tuple(keys) or (hashlib.sha256(b"development" + secret.encode()).digest(),)
