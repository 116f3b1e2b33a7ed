"""A dossier as programs and the command line read it: amounts and times as text."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from service.clock import rfc3339
from service.money import Money


def printed(told: Mapping[str, Any]) -> dict[str, Any]:
    """The reader's amount in the public API's notation; the books' with all decimals."""
    amount = {"amount": told["amount"].json_text()} if "amount" in told else {}
    return {**_plain(told), **amount}


def _plain(value: Any) -> Any:
    match value:
        case Money():
            return value.export_text()
        case datetime():
            return rfc3339(value)
        case date():
            return value.isoformat()
        case Mapping():
            return {name: _plain(inner) for name, inner in value.items()}
        case list():
            return [_plain(inner) for inner in value]
    return value
