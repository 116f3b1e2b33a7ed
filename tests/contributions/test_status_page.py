"""The status page: where a contribution stands, and how to go on."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.contributions.model import Contribution
from tests.support.desk import Desk
from tests.support.forms import hidden, send


def test_the_status_page_thanks_only_when_the_money_is_known(desk: Desk) -> None:
    client = desk.client
    checkout = send(client, "en").headers["Location"]
    id_ = desk.session.scalars(select(Contribution.id)).one()
    assert "Thank you" not in client.get(f"/contributions/{id_}?lang=en").text
    desk.sandbox.choose(checkout, "pending_pay")
    desk.deliver_all()
    page = client.get(f"/contributions/{id_}?lang=en&checkout=done").text
    assert "Being processed" in page
    assert '<noscript><meta http-equiv="refresh"' in page
    assert "data-waiting" in page
    assert "Thank you" not in page


def test_the_landing_page_asks_the_processor_itself(desk: Desk) -> None:
    client = desk.client
    back = desk.sandbox.choose(send(client).headers["Location"], "pay")
    desk.sandbox.take_deliveries()  # the webhook is late
    page = client.get(back.removeprefix("http://localhost") + "&lang=en").text
    assert "Thank you" in page
    assert 'http-equiv="refresh"' not in page


@pytest.mark.parametrize(("locale", "word"), [("id", "Terima kasih"), ("en", "Thank you")])
def test_the_status_page_speaks_the_language_in_which_the_reader_gave(
    desk: Desk, locale: str, word: str
) -> None:
    answer = desk.paid(locale=locale)
    for preferred in ("id", "en", "fr"):
        page = desk.client.get(f"/contributions/{answer['id']}", headers={"Accept-Language": preferred})
        assert word in page.text
    assert "Thank you" in desk.client.get(f"/contributions/{answer['id']}?lang=en").text


def test_a_declined_payment_can_be_tried_again(desk: Desk) -> None:
    client = desk.client
    back = desk.sandbox.choose(send(client).headers["Location"], "decline")
    page = client.get(back.removeprefix("http://localhost") + "&lang=en").text
    assert "did not go through" in page
    id_ = desk.session.scalars(select(Contribution.id)).one()
    again = client.post(f"/contributions/{id_}/pay", data=hidden(page))
    assert again.status_code == 303
    desk.sandbox.choose(again.headers["Location"], "pay")
    desk.deliver_all()
    assert desk.look(id_)["status"] == "paid"


def test_the_status_page_is_never_indexed_cached_or_referred(desk: Desk) -> None:
    answer = desk.paid()
    response = desk.client.get(f"/contributions/{answer['id']}")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response.headers["X-Robots-Tag"]


def test_paying_on_works_where_the_browser_hides_its_origin(desk: Desk) -> None:
    """The status page sends no referrer, so browsers without Sec-Fetch-Site send a null origin."""
    answer = desk.given()
    fields = hidden(desk.client.get(f"/contributions/{answer['id']}").text)
    path = f"/contributions/{answer['id']}/pay"
    assert desk.client.post(path, data=fields, headers={"Origin": "null"}).status_code == 303
    assert desk.client.post(path, data=fields, headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_double_click_is_told_that_it_is_being_processed(desk: Desk) -> None:
    desk.sandbox.away = True
    send(desk.client)
    id_ = desk.session.scalars(select(Contribution.id)).one()
    page = desk.client.get(f"/contributions/{id_}?lang=en").text
    assert "Being processed" in page
    with time_machine.travel(clock.now() + timedelta(seconds=61), tick=False):
        page = desk.client.get(f"/contributions/{id_}?lang=en").text
    assert "Sending did not work" in page
    assert "data-waiting" not in page


def test_a_payment_that_takes_hours_says_until_when_and_how_to_come_back(any_desk: Desk) -> None:
    """A virtual account: its number stands on the processor's page, which stays."""
    desk = any_desk
    answer = desk.given(locale="en")
    desk.bench.pay_slowly(answer["checkout_url"])
    desk.deliver_all()
    desk.retry_waiting()
    assert desk.look(answer["id"])["status"] == "processing"
    page = desk.client.get(f"/contributions/{answer['id']}").text
    for told in ("Being processed", "Pay until", "Keep this link to come back", answer["reference"]):
        assert told in page
    assert ("See how to pay" in page) is (desk.bench.processor.name == "midtrans")
    assert (f'href="{answer["checkout_url"]}"' in page) is (desk.bench.processor.name == "midtrans")
