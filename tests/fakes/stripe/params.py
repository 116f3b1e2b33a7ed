"""Strict checks of what is handed to Stripe's SDK, against the SDK's own typed parameters."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

import stripe
from pydantic import ConfigDict, TypeAdapter, ValidationError
from stripe import params as sdk
from stripe._request_options import RequestOptions
from stripe.params import checkout
from typing_extensions import TypedDict, get_type_hints, is_typeddict

OPERATIONS: dict[str, Any] = {
    "checkout.sessions.create": checkout.SessionCreateParams,
    "checkout.sessions.expire": checkout.SessionExpireParams,
    "checkout.sessions.list": checkout.SessionListParams,
    "checkout.sessions.retrieve": checkout.SessionRetrieveParams,
    "payment_intents.list": sdk.PaymentIntentListParams,
    "payment_intents.retrieve": sdk.PaymentIntentRetrieveParams,
    "charges.list": sdk.ChargeListParams,
    "charges.retrieve": sdk.ChargeRetrieveParams,
    "refunds.list": sdk.RefundListParams,
    "refunds.retrieve": sdk.RefundRetrieveParams,
    "disputes.list": sdk.DisputeListParams,
    "disputes.retrieve": sdk.DisputeRetrieveParams,
    "balance_transactions.list": sdk.BalanceTransactionListParams,
    "balance_transactions.retrieve": sdk.BalanceTransactionRetrieveParams,
    "payouts.list": sdk.PayoutListParams,
    "payouts.retrieve": sdk.PayoutRetrieveParams,
}


class WrongParams(AssertionError):
    """Parameters that Stripe's typed SDK does not know; the message names each path."""


class _Untyped:
    """Stands for the SDK's metadata objects, which a caller hands over as a dictionary."""

    def __class_getitem__(cls, value: Any) -> Any:
        return dict[str, value]


NAMES = {"Mapping": Mapping, "StripeContext": str, "UntypedStripeObject": _Untyped}


def _dictionaries(annotation: Any) -> Iterator[Any]:
    if is_typeddict(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _dictionaries(part)


def _closed(typed: Any, leave_out: frozenset[str], known: dict[Any, Any]) -> Any:
    """The same dictionary type without ``leave_out``; it and every nested one refuse unknown keys."""
    hints = get_type_hints(typed, localns=NAMES, include_extras=True)
    for hint in hints.values():
        for inner in _dictionaries(hint):
            if inner not in known:
                known[inner] = None
                known[inner] = _closed(inner, frozenset(), known)
    kept = {name: _replaced(hint, known) for name, hint in hints.items() if name not in leave_out}
    closed = TypedDict(typed.__name__, kept)
    closed.__pydantic_config__ = ConfigDict(extra="forbid")
    return closed


def _replaced(annotation: Any, known: Mapping[Any, Any]) -> Any:
    if is_typeddict(annotation):
        return known[annotation]
    parts = get_args(annotation)
    if not any(True for part in parts for _ in _dictionaries(part)):
        return annotation
    new = tuple(_replaced(part, known) for part in parts)
    if hasattr(annotation, "copy_with"):
        return annotation.copy_with(new)
    return functools.reduce(lambda left, right: left | right, new)


@functools.cache
def adapter(operation: str) -> TypeAdapter[Any]:
    """Parameters of ``operation`` alone: request options belong in ``options``, never in ``params``."""
    options = frozenset(RequestOptions.__annotations__)
    return TypeAdapter(_closed(OPERATIONS[operation], options, {}))


@functools.cache
def _options() -> TypeAdapter[Any]:
    return TypeAdapter(_closed(RequestOptions, frozenset(), {}))


def _validate(what: str, typed: TypeAdapter[Any], value: Mapping[str, Any]) -> None:
    try:
        typed.validate_python(value, strict=True)
    except ValidationError as wrong:
        faults = [f"{'.'.join(str(step) for step in e['loc'])}: {e['msg']}" for e in wrong.errors()]
        raise WrongParams(f"{what}: " + "; ".join(faults)) from None


def check(operation: str, params: Mapping[str, Any]) -> None:
    """Raise WrongParams when ``params`` hold a misspelt, removed or wrongly typed field."""
    _validate(operation, adapter(operation), params)


def _checked(operation: str, call: Callable[..., Any]) -> Callable[..., Any]:
    signature = inspect.signature(call)

    @functools.wraps(call)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs).arguments
        check(operation, given.get("params") or {})
        _validate(f"{operation} options", _options(), given.get("options") or {})
        return call(*args, **kwargs)

    return wrapper


def strictly_checked(client: stripe.StripeClient) -> stripe.StripeClient:
    """The same client, whose calls check their params before anything is sent."""
    for operation in OPERATIONS:
        *path, verb = operation.split(".")
        service = functools.reduce(getattr, path, client.v1)
        setattr(service, verb, _checked(operation, getattr(service, verb)))
    return client
