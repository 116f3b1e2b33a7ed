"""The four ways to pay: their Snap names, limits, lifetimes, prices and answer fields."""

from collections.abc import Callable
from typing import Any

from tests.fakes.midtrans.records import Page, Refused
from tests.fakes.midtrans.world import World

VIRTUAL_ACCOUNTS = (
    *("bca_va", "bni_va", "bri_va", "permata_va", "cimb_va", "danamon_va"),
    *("bsi_va", "seabank_va", "saqu_va", "other_va", "echannel"),
)
SNAP_NAMES = frozenset((
    *("credit_card", "gopay", "shopeepay", "other_qris", *VIRTUAL_ACCOUNTS),
    *("cimb_clicks", "bca_klikbca", "bca_klikpay", "bri_epay", "danamon_online", "uob_ezpay"),
    *("indomaret", "alfamart", "akulaku", "kredivo", "dana", "ovo", "google_pay"),
))  # fmt: skip
NEEDS = {
    "qris": ("other_qris", "gopay", "shopeepay"),
    "gopay": ("gopay",),
    "bank_transfer": VIRTUAL_ACCOUNTS,
    "credit_card": ("credit_card",),
}
LIMITS = {"qris": 10_000_000}
LIFETIMES = {"qris": 15 * 60, "gopay": 15 * 60, "bank_transfer": 24 * 3600, "credit_card": 10 * 60}


def _share(amount: int, per_mille: int) -> int:
    """Per mille of an amount, rounded half up to whole rupiah."""
    return (amount * per_mille + 500) // 1000


FEES: dict[str, Callable[[int], int]] = {
    "qris": lambda amount: _share(amount, 7),
    "gopay": lambda amount: _share(amount, 20),
    "bank_transfer": lambda _: 4_000,
    "credit_card": lambda amount: _share(amount, 29) + 2_000,
}


def fee(method: str, amount: int) -> int:
    """Midtrans's price for one payment, in whole rupiah."""
    return FEES[method](amount)


def offered(page: Page) -> tuple[str, ...]:
    """The methods a page shows: enabled by the merchant and not below the amount."""
    return tuple(
        method
        for method, names in NEEDS.items()
        if (page.enabled is None or any(name in page.enabled for name in names))
        and page.amount <= LIMITS.get(method, page.amount)
    )


def require_offered(page: Page, method: str) -> None:
    if method not in offered(page):
        raise Refused(f"{method} is not offered for {page.order_id}")


def details(world: World, page: Page, method: str) -> dict[str, Any]:
    """The answer fields that only this method has."""
    if method == "qris":
        return {
            "transaction_type": "off-us",
            "acquirer": "gopay",
            "reference_id": f"QR{world.digits(16)}",
        }
    if method == "bank_transfer":
        bank = _bank(page)
        return {
            "va_numbers": [{"bank": bank, "va_number": world.digits(11)}],
            "payment_amounts": [],
        }
    if method == "credit_card":
        return {
            "masked_card": "48111111-1114",
            "card_type": "credit",
            "bank": "bni",
            "eci": "05",
            "approval_code": world.digits(13),
            "channel_response_code": "00",
            "channel_response_message": "Approved",
        }
    return {}


def _bank(page: Page) -> str:
    banks = ("bca", "bni", "bri")
    return next((bank for bank in banks if page.enabled is None or f"{bank}_va" in page.enabled), "bca")
