"""Keys, faults, lists and expansion are as at Stripe."""

from typing import Any

import pytest
import requests
import stripe

from tests.fakes.merchant import START, opened, paid, priced, unchecked
from tests.fakes.stripe import FakeStripe


def test_an_equal_request_is_answered_from_what_was_saved(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    first, second = opened(client, "k"), opened(client, "k")
    assert first.id == second.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert len(fake.every("checkout.session")) == 1


def test_a_saved_answer_stays_as_it_was(fake: FakeStripe, client: stripe.StripeClient) -> None:
    first = opened(client, "k")
    fake.pay(first.id)
    assert opened(client, "k").status == "open"


def test_another_request_under_the_same_key_is_refused(client: stripe.StripeClient) -> None:
    session = opened(client, "k")
    with pytest.raises(stripe.IdempotencyError) as caught:
        opened(client, "k", client_reference_id="c-2")
    assert caught.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError, match="endpoint"):
        client.v1.checkout.sessions.expire(session.id, options={"idempotency_key": "k"})


def test_refused_validation_leaves_the_key_unused_and_executed_refusals_are_kept(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    assert unchecked(fake, **{"Idempotency-Key": "k", "X-Form": '{"foo": "1"}'}).status_code == 400
    assert unchecked(fake, **{"Idempotency-Key": "k"}).status_code == 200
    for replayed in (None, "true"):
        with pytest.raises(stripe.InvalidRequestError) as caught:
            opened(client, "small", line_items=priced(1))
        assert caught.value.headers.get("Idempotent-Replayed") == replayed


def test_a_key_is_forgotten_after_a_day(client: stripe.StripeClient, clock: Any) -> None:
    first = opened(client, "k")
    clock.shift(24 * 3600)
    assert opened(client, "k").id != first.id


@pytest.mark.parametrize("kind", ["500", "409"])
def test_what_failed_before_it_began_is_not_saved(
    fake: FakeStripe, client: stripe.StripeClient, kind: str
) -> None:
    fake.fail_next(kind)
    with pytest.raises(stripe.APIError) as caught:
        opened(client, "k")
    assert caught.value.http_status == int(kind)
    assert opened(client, "k").status == "open"


def test_a_500_after_it_began_is_saved(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.fail_next("500_saved")
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            opened(client, "k")
    assert len(fake.every("checkout.session")) == 1


def test_a_timeout_after_success_is_repaired_by_the_same_key(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    fake.fail_next("timeout_after_success")
    with pytest.raises(stripe.APIConnectionError) as caught:
        opened(client, "k")
    assert isinstance(caught.value.__cause__, requests.exceptions.ReadTimeout)
    assert opened(client, "k").id == fake.every("checkout.session")[0]["id"]
    assert len(fake.every("checkout.session")) == 1


def test_other_faults(fake: FakeStripe, client: stripe.StripeClient) -> None:
    fake.fail_next("429", on="POST /v1/checkout")
    fake.fail_next("malformed")
    fake.fail_next("timeout_before")
    with pytest.raises(stripe.APIError, match="Invalid response body"):
        client.v1.payouts.list()
    with pytest.raises(stripe.APIConnectionError):
        client.v1.payouts.list()
    with pytest.raises(stripe.RateLimitError):
        opened(client)
    with pytest.raises(ValueError, match="none of"):
        fake.fail_next("503")


def test_lists_are_newest_first_and_paged(client: stripe.StripeClient, clock: Any) -> None:
    ids = []
    for _ in range(5):
        ids.append(opened(client).id)
        clock.shift(10)
    sessions = client.v1.checkout.sessions
    first = sessions.list(params={"limit": 2})
    assert [one.id for one in first.data] == [ids[4], ids[3]]
    assert first.has_more
    rest = sessions.list(params={"limit": 100, "starting_after": ids[3]})
    assert [one.id for one in rest.data] == [ids[2], ids[1], ids[0]]
    assert not rest.has_more
    assert [one.id for one in sessions.list(params={"limit": 2}).auto_paging_iter()] == ids[::-1]
    between = sessions.list(params={"created": {"gte": START + 10, "lte": START + 20}})
    assert [one.id for one in between.data] == [ids[2], ids[1]]
    before = sessions.list(params={"limit": 1, "ending_before": ids[2]})
    assert ([one.id for one in before.data], before.has_more) == ([ids[3]], True)
    with pytest.raises(stripe.InvalidRequestError, match="No such"):
        sessions.list(params={"starting_after": "cs_none"})
    with pytest.raises(stripe.InvalidRequestError, match="limit"):
        sessions.list(params={"limit": 101})


def test_sessions_are_found_by_payment_intent_and_status(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    session = opened(client)
    intent = fake.pay(session.id)["payment_intent"]
    opened(client)
    found = client.v1.checkout.sessions.list(params={"payment_intent": intent}).data
    assert [one.id for one in found] == [session.id]
    assert [one.status for one in client.v1.checkout.sessions.list(params={"status": "open"}).data] == [
        "open"
    ]


def test_expansion_follows_paths_and_refuses_what_cannot_be_expanded(
    fake: FakeStripe, client: stripe.StripeClient
) -> None:
    intent = paid(fake, client)
    fake.settle()
    fake.refund(intent, 10)
    fake.charge_stripe_fee(5)
    fake.pay_out()
    rows = client.v1.balance_transactions.list(params={"expand": ["data.source.charge"]}).data
    found = {row.type: row.source for row in rows}
    assert found["refund"].charge.id == found["charge"].id
    assert (found["stripe_fee"], found["payout"].object) == (None, "payout")
    retrieve = client.v1.payment_intents.retrieve
    assert isinstance(retrieve(intent).latest_charge, str)
    assert retrieve(intent, params={"expand": ["latest_charge.refunds"]}).latest_charge.refunds.data
    for path in ("amount", "latest_charge.nothing", "a.b.c.d.e"):
        with pytest.raises(stripe.InvalidRequestError, match="expand"):
            retrieve(intent, params={"expand": [path]})
