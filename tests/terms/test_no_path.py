"""No path leads to a recurring object, a refund request, or a public message that nobody moderated.

Every route of the service, its commands and its processors' events are driven with asks for these
in every place. What leaves for the processor is watched, and what is public.
"""

import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from service.contributions import queries
from service.contributions.model import Message
from service.contributions.states import MessageState
from service.errors import Refusal
from service.processors.http import Client
from service.processors.midtrans.adapter import MidtransProcessor
from service.processors.sandbox.adapter import SandboxProcessor
from service.processors.stripe import adapter as stripe_adapter
from tests.support.desk import Desk
from tests.terms.asks import ASKS, NOBODY, PLANTED, WITHOUT_MODERATORS, Call
from tests.terms.driving import Driver, Reached, drive, each_once, rules_of
from tests.terms.watching import watch

pytestmark = [
    pytest.mark.clause("3.2", "4.1", "4.2"),
    pytest.mark.parametrize("backend", ["sqlite"], indirect=True),
]


def count(desk: Desk, *which: Any) -> int:
    desk.session.rollback()
    return desk.session.scalar(select(func.count()).select_from(Message).where(*which)) or 0


def test_nothing_leads_there(any_desk: Desk) -> None:
    driver = drive(any_desk, examples=5)
    if any_desk.bench.name == "sandbox":  # most routes know nothing of processors
        each_once(driver, WITHOUT_MODERATORS)
    else:
        each_once(driver, (NOBODY, "finance"))
    for ask in ASKS:
        driver.give(dict(ask))
    driver.look()
    # The run saw something: waiting messages, refusals, and checkouts that were opened.
    assert count(any_desk, Message.state == MessageState.PENDING) > 0
    assert count(any_desk, Message.state == MessageState.PUBLISHED) == 0
    assert {"recurring_not_offered", "refund_not_offered", "not_allowed", "not_authenticated"} <= driver.codes
    assert [it for it in driver.watched.told if it[0] == "POST"]
    assert any_desk.give(message=PLANTED).status_code == 201


def test_not_even_moderators_get_money_back_or_repeated(desk: Desk) -> None:
    driver = Driver(desk, watch(desk))
    for what in ("pay", "pay", "pay", "refund"):
        driver.happen(what)
    rooms = [
        place for place, it in enumerate(rules_of(desk)) if "/moderation" in it.rule and "POST" in it.methods
    ]
    for place in rooms:
        for ask in ASKS:
            driver.call(Call(place, 0, random.choice(("moderator", "lead")), (ask,), "body", True))
    assert desk.published(message="Terima kasih")["message_state"] == "published"
    assert driver.watched.found("sandbox") == []


def repeats_payments(patch: pytest.MonkeyPatch, app: Flask) -> None:
    """The sandbox's checkouts ask for a mandate."""
    call = Client.call

    def calling(self: Any, method: str, path: str, **rest: Any) -> Any:
        if path == "/v1/checkouts" and method == "POST":
            rest["json"] = rest["json"] | {"recurring": {"interval": "month"}}
        return call(self, method, path, **rest)

    patch.setattr(Client, "call", calling)


def keeps_cards(patch: pytest.MonkeyPatch, app: Flask) -> None:
    """Stripe's sessions keep the card for later."""
    made = stripe_adapter._session_params

    def keeping(order: Any) -> Any:
        params = made(order)
        params["payment_intent_data"] = {**params["payment_intent_data"], "setup_future_usage": "off_session"}
        return params

    patch.setattr(stripe_adapter, "_session_params", keeping)


def _beside(patch: pytest.MonkeyPatch, processor: type[Any], client: str, path: str) -> None:
    """Asking how a payment stands also asks for something else."""
    ask = processor.ask

    def asking(self: Any, checkout_ref: str) -> Any:
        with suppress(Refusal):
            getattr(self, client).call("POST", path)
        return ask(self, checkout_ref)

    patch.setattr(processor, "ask", asking)


def gives_back(patch: pytest.MonkeyPatch, app: Flask) -> None:
    _beside(patch, SandboxProcessor, "_client", "/v1/refunds")


def cancels_what_is_paid(patch: pytest.MonkeyPatch, app: Flask) -> None:
    _beside(patch, MidtransProcessor, "_api", "/v2/order/cancel")


def shows_what_waits(patch: pytest.MonkeyPatch, app: Flask) -> None:
    patch.setattr(queries, "is_public", queries.keeps_payment)


def lets_finance_decide(patch: pytest.MonkeyPatch, app: Flask) -> None:
    view = app.view_functions["moderation_acts.decide_message"]
    patch.setattr(view, "apresiasi_access", "read and export the books")


@pytest.mark.parametrize(
    ("any_desk", "fault"),
    [
        ("sandbox", repeats_payments),
        ("stripe", keeps_cards),
        ("sandbox", gives_back),
        ("midtrans", cancels_what_is_paid),
        ("sandbox", shows_what_waits),
        ("sandbox", lets_finance_decide),
    ],
    indirect=["any_desk"],
)
def test_a_planted_fault_is_found(
    any_desk: Desk, monkeypatch: pytest.MonkeyPatch, fault: Callable[[pytest.MonkeyPatch, Flask], None]
) -> None:
    fault(monkeypatch, any_desk.app)
    with pytest.raises(Reached):
        each_once(drive(any_desk, examples=1), (NOBODY, "finance"))
