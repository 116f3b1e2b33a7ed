"""A faithful fake of the part of Stripe that takes payments and pays them out."""

from tests.fakes.stripe.errors import NotPossible
from tests.fakes.stripe.events import Delivery
from tests.fakes.stripe.fake import FakeStripe
from tests.fakes.stripe.params import WrongParams, check, strictly_checked
from tests.fakes.stripe.store import API_VERSION
from tests.support.wire import Hang

__all__ = [
    "API_VERSION",
    "Delivery",
    "FakeStripe",
    "Hang",
    "NotPossible",
    "WrongParams",
    "check",
    "strictly_checked",
]
