"""Stripe's library, held tightly: its version, its time-outs, its errors as ours."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import stripe
import structlog

from service.errors import N_, ProcessorRefused, ProcessorUnavailable, ValidationFailed
from service.processors import patience

log = structlog.get_logger()

# The version of the API that the library is made for; events of another are set aside.
API_VERSION = stripe.api_version
# Seconds to connect and to read. Going on with a payment asks, expires and opens, with one
# repeat of the opening: within the contract's 15 seconds together.
_TIMEOUT = (1.0, 2.5)
_REPEATS = 1  # with the same idempotency key
_TOO_SMALL = N_("The payment processor does not accept an amount this small. Please choose a larger one.")

stripe.enable_telemetry = False


def make_client(api_key: str, api_base: str | None, http_client: Any | None) -> stripe.StripeClient:
    """A client that makes one request a call, for no longer than a reader waits."""
    return stripe.StripeClient(
        api_key,
        base_addresses={"api": api_base} if api_base else {},
        http_client=http_client or stripe.RequestsClient(timeout=_TIMEOUT),
        max_network_retries=0,
    )


def create_options(key: str) -> Any:
    """Options of a call that makes something: repeated with the key of its attempt."""
    return {"idempotency_key": key, "max_network_retries": _REPEATS}


def call(verb: Callable[..., Any], *arguments: Any, **named: Any) -> Mapping[str, Any]:
    """What a call of the library answers, as a plain mapping.

    Raises ProcessorUnavailable when Stripe is away or in trouble or limits our rate,
    ProcessorRefused when it refuses this call, and ValidationFailed where the reader can
    mend it.
    """
    patience.require()
    try:
        answer = verb(*arguments, **named)
        found = answer.to_dict()
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.APIError) as error:
        said = {name.lower(): value for name, value in (error.headers or {}).items()}
        raise ProcessorUnavailable(replayed=said.get("idempotent-replayed") == "true") from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        log.error("stripe_credentials_refused", code=error.code)
        raise ProcessorUnavailable from error
    except stripe.StripeError as error:
        if error.code == "amount_too_small":
            raise ValidationFailed({"amount": ("too_small", _TOO_SMALL)}) from error
        raise ProcessorRefused(status=error.http_status) from error
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise ProcessorUnavailable from error
    if not isinstance(found, dict):
        raise ProcessorUnavailable
    return found


def verify(header: str, body: bytes, secrets: Iterable[str]) -> bool:
    """Whether one of our secrets signed the body within the last five minutes. Several are
    valid while a secret is being rotated."""
    return any(_verified(header, body, secret) for secret in secrets)


def _verified(header: str, body: bytes, secret: str) -> bool:
    try:
        return bool(stripe.WebhookSignature.verify_header(body, header, secret, tolerance=300))
    except (ValueError, AttributeError, TypeError, stripe.SignatureVerificationError):
        return False
