"""Read and check what a request carries: strict JSON, plain fields, one error a field."""

import json
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, NoReturn, TypeVar

from flask import Flask, Request, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields
from marshmallow import ValidationError as MarshmallowError
from webargs.flaskparser import FlaskParser

from service.config import JSON_LIMIT, WEBHOOK_LIMIT
from service.errors import N_, BodyTooLarge, ValidationFailed
from service.plain_text import is_storable
from service.web import language

View = TypeVar("View", bound=Callable[..., Any])

# marshmallow's own messages, by the code under which we report them.
MISSING = N_("This field may not be empty.")
_KNOWN = {
    "Missing data for required field.": ("required", MISSING),
    "Field may not be null.": ("required", MISSING),
    "Unknown field.": ("unknown", N_("This field is not known here.")),
    "Not a valid string.": ("not_text", N_("This must be text.")),
    "Not a valid boolean.": ("not_boolean", N_("This must be true or false.")),
    "Not a valid integer.": ("not_integer", N_("This must be a whole number.")),
    "Not a valid date.": ("not_date", N_("This must be a date such as 2026-11-24.")),
    "Not a valid email address.": ("not_email", N_("This is not an e-mail address.")),
    "Invalid input type.": ("not_object", N_("This must be an object with fields.")),
}
_OTHER = ("invalid", N_("This value is not possible here."))


def init_app(app: Flask) -> None:
    """Bound every body before anything reads it: BodyTooLarge beyond, also for forms."""

    @app.before_request
    def bound() -> None:
        limit = WEBHOOK_LIMIT if request.path.startswith("/webhooks/") else JSON_LIMIT
        view = app.view_functions.get(request.endpoint or "")
        limit = getattr(view, "apresiasi_body_limit", limit)
        request.max_content_length = limit
        if (request.content_length or 0) > limit:
            raise BodyTooLarge
        if request.content_length is None and "Transfer-Encoding" in request.headers:
            _take_chunks(limit)


def allow(limit: int) -> Callable[[View], View]:
    """This route takes bodies of up to so many bytes."""

    def allowing(view: View) -> View:
        view.apresiasi_body_limit = limit  # type: ignore[attr-defined]  # functions carry attributes
        return view

    return allowing


def _take_chunks(limit: int) -> None:
    """Read a body whose length was not said, so that it can be told from a longer one."""
    raw = request.environ["wsgi.input"].read(limit + 1)
    if len(raw) > limit:
        raise BodyTooLarge
    request.environ |= {"wsgi.input": BytesIO(raw), "CONTENT_LENGTH": str(len(raw))}


class FieldError(MarshmallowError):
    """Raised by our own fields and validators: a code for programs, a message for people."""

    def __init__(self, code: str, message: str, field: str = "_schema") -> None:
        super().__init__(f"{code}\n{message}", field)


def read_json() -> dict[str, Any]:
    """The body as a JSON object.

    Raises ValidationFailed for what is no JSON object.
    """
    raw = request.get_data()
    try:
        body = json.loads(raw, parse_constant=_refuse_constant) if raw.strip() else {}
    except (ValueError, RecursionError) as error:
        raise ValidationFailed({"body": ("malformed", N_("This is not valid JSON."))}) from error
    if not isinstance(body, dict):
        raise ValidationFailed({"body": ("not_object", N_("This must be an object with fields."))})
    language.use(body.get("locale"))
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def load(schema: Schema, sent: Mapping[str, Any]) -> Any:
    """Load plain fields with a schema. Raises ValidationFailed with one error a field."""
    try:
        return schema.load(sent)
    except MarshmallowError as error:
        raise ValidationFailed(flatten(error.messages)) from error


def flatten(messages: Any, prefix: str = "") -> dict[str, tuple[str, str]]:
    """marshmallow's nested messages as ``field -> (code, message)``, dotted where nested."""
    if isinstance(messages, Mapping):
        flat: dict[str, tuple[str, str]] = {}
        for name, inner in messages.items():
            here = prefix if name == "_schema" else f"{prefix}.{name}".lstrip(".")
            flat |= flatten(inner, here)
        return flat
    first = str(messages[0]) if messages else ""
    code, parted, message = first.partition("\n")
    return {prefix or "body": (code, message) if parted else _KNOWN.get(first, _OTHER)}


class Text(fields.String):
    """Text that a database and a page can hold: no NUL, no lone surrogate, no control code."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not is_storable(text):
            raise FieldError("not_storable", N_("This text holds characters that cannot be shown."))
        return text


class Flag(fields.Boolean):
    """true or false, and nothing that only equals them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Parser(FlaskParser):
    """webargs reading through the functions above."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        return read_json()

    def handle_error(
        self,
        error: MarshmallowError,
        req: Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        found = error.messages
        # webargs puts the place (json, query) on the outside.
        inner = next(iter(found.values())) if isinstance(found, dict) and len(found) == 1 else found
        raise ValidationFailed(flatten(inner))


class ApiBlueprint(Blueprint):
    """A blueprint of the JSON API whose arguments are read strictly."""

    ARGUMENTS_PARSER = Parser()
