"""Form-encoded parameters as Stripe reads them: brackets into nested values, checked against the SDK's types."""

from typing import Any
from urllib.parse import parse_qsl

from pydantic import ValidationError

from tests.fakes.stripe import params
from tests.fakes.stripe.errors import ApiError, missing, unknown
from tests.fakes.stripe.store import Json

CODES = {"int_parsing": "parameter_invalid_integer", "int_from_float": "parameter_invalid_integer"}


def decode(text: str) -> Json:
    """``a[b][0]=x`` as ``{"a": {"b": ["x"]}}``; every leaf stays text."""
    tree: Json = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        first, *rest = key.replace("]", "").split("[")
        node, name = tree, first
        for step in rest:
            node = node.setdefault(name, {})
            if not isinstance(node, dict):
                raise ApiError(400, f"Invalid {first}", param=first)
            name = step or str(len(node))
        node[name] = value
    return {name: _lists(value) for name, value in tree.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    read = {name: _lists(inner) for name, inner in value.items()}
    if all(name.isdecimal() for name in read):
        return [read[name] for name in sorted(read, key=int)]
    return read


def typed(operation: str, raw: Json) -> Json:
    """The parameters with their types; unknown, missing and malformed ones are refused."""
    empty = next((name for name, value in raw.items() if value == ""), None)
    if empty is not None:
        message = f"You passed an empty string for '{empty}'. We assume empty values are an attempt to unset a parameter."
        raise ApiError(400, message, code="parameter_invalid_empty", param=empty)
    try:
        read: Json = params.adapter(operation).validate_python(raw)
    except ValidationError as wrong:
        raise _refusal(wrong, raw) from None
    return read


def _refusal(wrong: ValidationError, raw: Json) -> ApiError:
    first = max(wrong.errors(), key=lambda error: error["type"] == "extra_forbidden")
    name = _name(first["loc"], raw)
    if first["type"] == "extra_forbidden":
        return unknown(name)
    if first["type"] == "missing":
        return missing(name)
    kind = CODES.get(first["type"])
    word = "integer" if kind else first["type"].partition("_")[0]
    return ApiError(400, f"Invalid {word}: {first['input']}", code=kind, param=name)


def _name(steps: tuple[int | str, ...], raw: Any) -> str:
    """The parameter in Stripe's bracket form; steps that only name a branch of a union are left out."""
    name, node = "", raw
    for step in steps:
        known = isinstance(node, list) if isinstance(step, int) else isinstance(node, dict) and step in node
        if known or step == steps[-1]:
            name = f"{name}[{step}]" if name else str(step)
            node = node[step] if known else None
    return name
