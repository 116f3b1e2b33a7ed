"""Frozen settings from the environment (prefix ``APRESIASI_``); a bad one stops the start."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.brand import Brand
from service.environment import (
    ConfigError,
    Env,
    address_or_none,
    brand_of,
    database_url,
    encryption_keys,
    log_level,
    mail_address,
    origins,
    pairs,
    port_number,
    web_address,
)

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_SECRET = "development-secret-never-for-production"  # noqa: S105  # production refuses it
_MINIMUM_SECRET = 32
LOCALES = ("id", "en")
JSON_LIMIT = 64 * 1024  # bytes of any body but a webhook's
WEBHOOK_LIMIT = 256 * 1024
BANK_LIMIT = 2 * 1024 * 1024


_ADDRESS = "address"  # a file in the instance folder


def keep_address(instance: Path, host: str, port: int) -> None:
    """Remember where ``make run`` serves, so that later commands find it."""
    (instance / _ADDRESS).write_text(f"{host} {port}")


def kept_address(environ: Mapping[str, str]) -> dict[str, str]:
    """HOST and PORT of the last ``make run``; nothing where PORT is set or none ran."""
    instance = Path(environ.get("APRESIASI_INSTANCE_FOLDER") or ROOT / "instance")
    try:
        host, port = (instance / _ADDRESS).read_text().split()
    except (OSError, ValueError):
        return {}
    return {} if environ.get("PORT") else {"HOST": host, "PORT": port}


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the environment decides. Money limits are not here: the terms set them."""

    mode: str
    instance_folder: Path
    database_url: str
    secret_key: str
    encryption_keys: tuple[bytes, ...]
    processor: str
    publisher_name: str
    privacy_url: str
    user_terms_url: str
    brand: Brand
    embed_origins: tuple[str, ...]
    article_hosts: tuple[str, ...]
    article_aliases: Mapping[str, str]
    section_patterns: tuple[tuple[str, str], ...]
    public_url: str
    limiter_storage_uri: str
    ratelimit_enabled: bool
    queue_url: str
    nodes: int
    threads: int
    trusted_proxies: int
    metrics_token: str
    log_level: str
    terms_folder: Path
    checkout_hours: int
    claim_seconds: int
    second_eyes: tuple[str, ...]
    export_folder: Path
    export_days: int
    retention_days: Mapping[str, int]
    erasure_log: Path
    smtp_url: str
    mail_from: str
    mail_folder: Path
    sandbox_url: str
    sandbox_api_key: str
    sandbox_webhook_secret: str
    stripe_api_key: str
    stripe_webhook_secrets: tuple[str, ...]
    stripe_api_base: str
    stripe_checkout_origin: str
    midtrans_server_key: str
    midtrans_snap_base: str
    midtrans_api_base: str

    @property
    def in_production(self) -> bool:
        return self.mode == "production"

    @property
    def secure_cookies(self) -> bool:
        """Cookies are marked Secure wherever the service is reached over HTTPS."""
        return self.public_url.startswith("https://")

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Settings":
        """Read and check every setting. Raises ConfigError with one line for the first bad one."""
        settings = _read(Env(environ), environ)
        _refuse_unsafe(settings)
        return settings


def _read(env: Env, environ: Mapping[str, str]) -> Settings:
    host, port = environ.get("HOST") or "127.0.0.1", port_number(environ.get("PORT") or "8000")
    mode = env.text("MODE", "development")
    if mode not in ("development", "production"):
        raise ConfigError(f"APRESIASI_MODE: {mode!r} is neither development nor production")
    secret = env.text("SECRET_KEY", DEVELOPMENT_SECRET)
    page = None if mode == "production" else "https://example.com/"
    instance = Path(env.text("INSTANCE_FOLDER", str(ROOT / "instance")))
    return Settings(
        mode=mode,
        instance_folder=instance,
        database_url=database_url(env.text("DATABASE_URL", f"sqlite:///{instance}/apresiasi.sqlite")),
        secret_key=secret,
        encryption_keys=encryption_keys(env.items("ENCRYPTION_KEYS"), secret, mode),
        processor=env.text("PROCESSOR", "sandbox"),
        public_url=web_address("PUBLIC_URL", env.text("PUBLIC_URL", f"http://{host}:{port}")).rstrip("/"),
        limiter_storage_uri=env.text("LIMITER_STORAGE_URI", "memory://"),
        ratelimit_enabled=env.flag("RATELIMIT_ENABLED", True),
        queue_url=env.text("QUEUE_URL", f"sqlite:///{instance}/queue.sqlite"),
        nodes=env.number("NODES", 1, minimum=1),
        threads=env.number("THREADS", 32, minimum=1),
        trusted_proxies=env.number("TRUSTED_PROXIES", 0, minimum=0),
        metrics_token=env.text("METRICS_TOKEN", ""),
        log_level=log_level(env.text("LOG_LEVEL", "INFO")),
        terms_folder=Path(env.text("TERMS_FOLDER", str(ROOT / "terms"))),
        checkout_hours=env.number("CHECKOUT_HOURS", 24, minimum=1),
        claim_seconds=env.number("CLAIM_SECONDS", 300, minimum=1),
        second_eyes=env.items("SECOND_EYES"),
        export_folder=Path(env.text("EXPORT_FOLDER", str(instance / "exports"))),
        export_days=env.number("EXPORT_DAYS", 90, minimum=1),
        retention_days=_retention(env),
        erasure_log=Path(env.text("ERASURE_LOG", str(instance / "erasures.jsonl"))),
        smtp_url=mail_address(env.text("SMTP_URL", "")),
        mail_from=env.text("MAIL_FROM", ""),
        mail_folder=Path(env.text("MAIL_FOLDER", str(instance / "mail"))),
        **_publisher(env, port, page),
        **_processors(env, host, port),
    )


def _publisher(env: Env, port: int, page: str | None) -> dict[str, Any]:
    """Whose articles these are, how they look, and where. ``page`` stands for the publisher's own
    texts while developing; production has to name them, and who may embed the widget."""
    return {
        "publisher_name": env.text("PUBLISHER_NAME", "KOMPAS.com"),
        "privacy_url": web_address("PRIVACY_URL", env.text("PRIVACY_URL", page)),
        "user_terms_url": web_address("USER_TERMS_URL", env.text("USER_TERMS_URL", page)),
        "brand": brand_of(env),
        "embed_origins": origins(
            "EMBED_ORIGINS", env.items("EMBED_ORIGINS", f"http://localhost:{port}" if page else "")
        ),
        "article_hosts": tuple(
            host.lower() for host in env.items("ARTICLE_HOSTS", "kompas.com,*.kompas.com")
        ),
        "article_aliases": pairs("ARTICLE_ALIASES", env.items("ARTICLE_ALIASES")),
        "section_patterns": tuple(
            pairs("SECTION_PATTERNS", env.items("SECTION_PATTERNS", "kompas.com/kemensos/*=Kemensos")).items()
        ),
    }


def _processors(env: Env, host: str, port: int) -> dict[str, Any]:
    """Addresses and credentials of every processor; empty where one is not set up."""
    return {
        "sandbox_url": web_address(
            "SANDBOX_URL", env.text("SANDBOX_URL", f"http://{host}:{port + 1}")
        ).rstrip("/"),
        "sandbox_api_key": env.text("SANDBOX_API_KEY", "sandbox-key"),
        "sandbox_webhook_secret": env.text("SANDBOX_WEBHOOK_SECRET", "sandbox-webhook-secret"),
        "stripe_api_key": env.text("STRIPE_API_KEY", ""),
        "stripe_webhook_secrets": env.items("STRIPE_WEBHOOK_SECRETS"),
        "stripe_api_base": address_or_none(env, "STRIPE_API_BASE"),
        "stripe_checkout_origin": address_or_none(env, "STRIPE_CHECKOUT_ORIGIN")
        or address_or_none(env, "STRIPE_API_BASE")
        or "https://checkout.stripe.com",
        "midtrans_server_key": env.text("MIDTRANS_SERVER_KEY", ""),
        "midtrans_snap_base": address_or_none(env, "MIDTRANS_SNAP_BASE"),
        "midtrans_api_base": address_or_none(env, "MIDTRANS_API_BASE"),
    }


def _refuse_unsafe(settings: Settings) -> None:
    if settings.processor not in ("sandbox", "stripe", "midtrans"):
        raise ConfigError(f"APRESIASI_PROCESSOR: {settings.processor!r} is no processor we know")
    for host in settings.article_hosts:
        if not host.removeprefix("*.").replace("-", "").replace(".", "").isalnum():
            raise ConfigError(f"APRESIASI_ARTICLE_HOSTS: {host!r} is no host name")
    if settings.in_production:
        _refuse_unsafe_in_production(settings)
    _refuse_half_a_processor(settings)


def _refuse_half_a_processor(settings: Settings) -> None:
    """Credentials come whole: without its secrets a processor's events could not be verified."""
    if settings.processor == "stripe" and not settings.stripe_api_key:
        raise ConfigError("APRESIASI_STRIPE_API_KEY is missing")
    if settings.stripe_api_key and not settings.stripe_webhook_secrets:
        raise ConfigError("APRESIASI_STRIPE_WEBHOOK_SECRETS is missing")
    if settings.stripe_api_key and not settings.stripe_api_key.startswith(("sk_", "rk_")):
        raise ConfigError("APRESIASI_STRIPE_API_KEY: a secret or restricted key begins with sk_ or rk_")
    if settings.processor == "midtrans" and not settings.midtrans_server_key:
        raise ConfigError("APRESIASI_MIDTRANS_SERVER_KEY is missing")


def _refuse_unsafe_in_production(settings: Settings) -> None:
    if settings.secret_key == DEVELOPMENT_SECRET or len(settings.secret_key) < _MINIMUM_SECRET:
        raise ConfigError(
            f"APRESIASI_SECRET_KEY: production needs one of {_MINIMUM_SECRET} or more characters"
        )
    if settings.database_url.startswith("sqlite") and settings.nodes > 1:
        raise ConfigError("APRESIASI_DATABASE_URL: SQLite serves one node only; set PostgreSQL")
    if settings.limiter_storage_uri.startswith("memory") and settings.nodes > 1:
        raise ConfigError("APRESIASI_LIMITER_STORAGE_URI: several nodes need shared storage")
    if settings.smtp_url and "@" not in settings.mail_from:
        raise ConfigError("APRESIASI_MAIL_FROM: mails need the address that they come from")
    if settings.processor == "sandbox":
        raise ConfigError("APRESIASI_PROCESSOR: production refuses the sandbox processor")


# Classes whose days can be set; without a setting the terms or `privacy.classes` decide.
_RETENTION = (
    "unpaid_contribution",
    "hidden_message",
    "email",
    "webhook_body",
    "bank_line",
    "privacy_request",
)


def _retention(env: Env) -> dict[str, int]:
    """The days that are set as RETENTION_<CLASS>_DAYS, by class."""
    days = {name: env.number(f"RETENTION_{name.upper()}_DAYS", 0, minimum=0) for name in _RETENTION}
    return {name: count for name, count in days.items() if count}
