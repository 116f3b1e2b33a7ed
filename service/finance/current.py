"""What routes and commands of finance take from the running app, and hand on."""

from flask import current_app

from service import clock
from service.finance.exports.make import Workshop


def current_workshop() -> Workshop:
    """Where the running app makes its files."""
    shop: Workshop = current_app.extensions["workshop"]
    return shop


def home_currency() -> str:
    """The currency that readers give in, by the terms in force."""
    terms = current_app.extensions["wiring"].terms
    return str(terms.limits_in_force(clock.now()).currency)
