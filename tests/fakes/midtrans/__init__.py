"""A faithful Midtrans in memory: Snap, the Core API, its pages, notifications and settlement file."""

from tests.fakes.midtrans.fake import FakeMidtrans
from tests.fakes.midtrans.records import Delivery, PayOut, Refused
from tests.support.wire import Hang

__all__ = ["Delivery", "FakeMidtrans", "Hang", "PayOut", "Refused"]
