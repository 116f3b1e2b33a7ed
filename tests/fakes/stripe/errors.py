"""What Stripe refuses, in the shape of its error bodies, and what a payer or a bank cannot do."""

from typing import Any


class ApiError(Exception):
    """A refusal of the API: its HTTP status and the members of the ``error`` object."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        kind: str = "invalid_request_error",
    ) -> None:
        super().__init__(message)
        self.status = status
        members = {"type": kind, "code": code, "message": message, "param": param}
        self.error: dict[str, Any] = {name: value for name, value in members.items() if value is not None}


class NotPossible(Exception):
    """A test asked for an act that Stripe, a payer or a bank could not do in this state."""


def missing(param: str) -> ApiError:
    return ApiError(400, f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> ApiError:
    return ApiError(400, f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def no_such(name: str, id_: str, param: str = "id") -> ApiError:
    return ApiError(404, f"No such {name}: '{id_}'", code="resource_missing", param=param)
