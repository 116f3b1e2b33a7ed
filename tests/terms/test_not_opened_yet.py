"""A contribution whose checkout is not open yet when its terms are replaced (clause 6.1)."""

from typing import Any

import pytest
from sqlalchemy import select

from service.contributions.model import Attempt, Contribution
from tests.support.desk import VERSION
from tests.support.forms import filled, hidden
from tests.terms.conftest import NEXT, Changing

pytestmark = pytest.mark.clause("6.1")
NEW = {"version": NEXT, "accepted": True}


def lost(changing: Changing, **given: Any) -> str:
    """A contribution that was sent while the processor was away."""
    desk = changing.desk
    desk.sandbox.away = True
    assert desk.give("lost", **given).status_code == 503
    desk.sandbox.away = False
    return only(changing).contribution_id


def only(changing: Changing) -> Attempt:
    changing.desk.session.rollback()
    return changing.desk.session.scalars(select(Attempt)).one()


def go_on(changing: Changing, id_: str, **body: Any) -> Any:
    return changing.desk.client.post(f"/api/v1/contributions/{id_}/attempts", json=body)


def told(response: Any) -> tuple[int, str, str]:
    body = response.get_json()
    return response.status_code, body["code"], body["terms_version"]


def test_going_on_needs_the_terms_in_force(changing: Changing) -> None:
    id_ = lost(changing)
    with changing.later():
        assert told(go_on(changing, id_)) == (409, "terms_outdated", NEXT)
        old = {"version": VERSION, "accepted": True}
        assert told(go_on(changing, id_, terms=old)) == (409, "terms_outdated", NEXT)
        assert changing.desk.look(id_)["status"] == "created"
        assert changing.accepted() == [(VERSION, "id")]
        went_on = go_on(changing, id_, terms=NEW)
        assert (went_on.status_code, went_on.get_json()["status"]) == (200, "awaiting_payment")
        assert went_on.get_json()["terms"]["version"] == NEXT
        assert changing.accepted() == [(VERSION, "id"), (NEXT, "id")]
        changing.desk.bench.pay(went_on.get_json()["checkout_url"])
        changing.desk.deliver_all()
        (booked,) = [row for row in changing.desk.export() if row["type"] == "contribution"]
        assert booked["terms_version"] == NEXT
        assert changing.desk.look(id_)["message_state"] == "pending", "the message is still there"


@pytest.mark.parametrize("version", ["2020-01", NEXT])
def test_an_agreement_that_comes_along_is_judged(changing: Changing, version: str) -> None:
    """Also while what was accepted at first is in force."""
    id_ = lost(changing)
    refused = go_on(changing, id_, terms={"version": version, "accepted": True})
    assert told(refused) == (409, "terms_outdated", VERSION)
    assert only(changing).checkout_ref is None
    assert go_on(changing, id_, terms={"version": VERSION, "accepted": True}).status_code == 200
    assert changing.accepted() == [(VERSION, "id")], "the same is not agreed to twice"


def test_new_terms_bring_their_limits(changing: Changing) -> None:
    id_ = lost(changing, amount="10000")
    with changing.later():
        refused = go_on(changing, id_, terms=NEW)
        assert refused.get_json()["errors"]["amount"]["code"] == "too_small"
    assert changing.accepted() == [(VERSION, "id")]


def test_the_same_key_again_needs_the_terms_in_force_too(changing: Changing) -> None:
    desk, id_ = changing.desk, lost(changing)
    with changing.later():
        for _ in range(2):
            assert told(desk.give("lost")) == (409, "terms_outdated", NEXT)
        assert desk.give("lost", terms=NEW, amount="50000").get_json()["code"] == "idempotency_conflict"
        given = desk.give("lost", terms=NEW)
        assert (given.status_code, given.get_json()["id"]) == (201, id_)
        assert given.get_json()["terms"]["version"] == NEXT
        assert desk.give("lost", terms=NEW).headers["Idempotent-Replayed"] == "true"
        assert desk.give("lost").get_json()["code"] == "idempotency_conflict"
    assert changing.accepted() == [(VERSION, "id"), (NEXT, "id")]


def test_a_checkout_that_was_opened_unheard_is_a_running_one(changing: Changing) -> None:
    """The processor opened it, and its answer was lost: the reader keeps what was accepted."""
    desk, id_ = changing.desk, lost(changing)
    attempt = only(changing)
    opened = desk.bench.processor.open_checkout(desk.order(attempt.id))
    with changing.later():
        again = go_on(changing, id_)
        assert (again.status_code, again.get_json()["checkout_url"]) == (200, opened.url)
    assert only(changing).checkout_ref == opened.ref
    assert changing.accepted() == [(VERSION, "id")]


def test_the_form_comes_back_with_the_new_terms_and_goes_on(changing: Changing) -> None:
    desk = changing.desk
    client = desk.client
    desk.sandbox.away = True
    typed = filled(client, "id", amount="25000", message="Terima kasih banyak")
    away = client.post("/contribute?lang=id", data=typed)
    assert away.status_code == 503
    desk.sandbox.away = False
    with changing.later():
        back = client.post("/contribute?lang=id", data=typed | hidden(away.text) | {"terms_version": VERSION})
        assert back.status_code == 409
        assert "Terima kasih banyak" in back.text
        sent = client.post("/contribute?lang=id", data=typed | hidden(back.text))
        assert sent.status_code == 303
        assert sent.headers["Location"].startswith("http://sandbox") or "checkout" in sent.headers["Location"]
    desk.session.rollback()
    assert len(desk.session.scalars(select(Contribution)).all()) == 1
    assert changing.accepted() == [(VERSION, "id"), (NEXT, "id")]


@pytest.mark.parametrize("locale", ["id", "en"])
def test_the_status_page_comes_back_with_the_new_terms_and_goes_on(changing: Changing, locale: str) -> None:
    client, id_ = changing.desk.client, lost(changing)
    address = f"/contributions/{id_}"
    with changing.later():
        page = hidden(client.get(f"{address}?lang={locale}").text)
        refused = client.post(f"{address}/pay?lang={locale}", data=page | {"terms_version": VERSION})
        assert refused.status_code == 409
        assert hidden(refused.text)["terms_version"] == NEXT
        sent = client.post(f"{address}/pay?lang={locale}", data=hidden(refused.text))
        assert sent.status_code == 303
    assert changing.accepted() == [(VERSION, "id"), (NEXT, locale)]
