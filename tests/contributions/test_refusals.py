"""What the terms rule out is refused by clause, on API and page, in both languages."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from service.contributions.model import Contribution
from service.controls import switches
from service.db import transaction
from tests.support.desk import ARTICLE, VERSION, Desk
from tests.support.forms import send

CARD = "4242 4242 4242 4242"

REFUSALS = [
    pytest.param(
        {"terms": {"version": VERSION, "accepted": False}}, 422, "terms_not_accepted", "6.1", id="6.1-no"
    ),
    pytest.param(
        {"terms": {"version": VERSION, "accepted": "true"}}, 422, "terms_not_accepted", "6.1", id="6.1-text"
    ),
    pytest.param({"terms": {"accepted": True}}, 422, "terms_not_accepted", "6.1", id="6.1-no-version"),
    pytest.param({"terms": None}, 422, "terms_not_accepted", "6.1", id="6.1-missing"),
    pytest.param(
        {"terms": {"version": "2020-01", "accepted": True}}, 409, "terms_outdated", "6.1", id="6.1-old"
    ),
    pytest.param({"recurring": False}, 422, "recurring_not_offered", "4.1", id="4.1-recurring"),
    pytest.param({"interval": "month"}, 422, "recurring_not_offered", "4.1", id="4.1-interval"),
    pytest.param({"frequency": 1}, 422, "recurring_not_offered", "4.1", id="4.1-frequency"),
    pytest.param({"subscription": {}}, 422, "recurring_not_offered", "4.1", id="4.1-subscription"),
    pytest.param({"article": {"url": "https://example.com/a"}}, 422, "article_not_allowed", "1.1", id="1.1"),
    pytest.param({"message": f"kartu {CARD}"}, 422, "payment_details_refused", "5.2", id="5.2-message"),
    pytest.param({"display_name": CARD}, 422, "payment_details_refused", "5.2", id="5.2-name"),
    pytest.param({"email": CARD}, 422, "payment_details_refused", "5.2", id="5.2-email"),
    pytest.param(
        {"article": {"url": ARTICLE, "title": CARD}}, 422, "payment_details_refused", "5.2", id="5.2-title"
    ),
    pytest.param(
        {"article": {"url": ARTICLE, "section": CARD}},
        422,
        "payment_details_refused",
        "5.2",
        id="5.2-section",
    ),
]


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize(("change", "status", "code", "clause"), REFUSALS)
def test_the_api_refuses_by_clause(
    desk: Desk, change: dict[str, object], status: int, code: str, clause: str, locale: str
) -> None:
    body = {"locale": locale, **change}
    if "terms" in change and change["terms"] is None:
        response = desk.give(locale=locale, terms=None)
    else:
        response = desk.give(**body)
    problem = response.get_json()
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert (problem["code"], problem["clause"], problem["status"]) == (code, clause, status)
    assert {"type", "title", "detail", "request_id"} <= set(problem)
    assert response.headers["X-Request-Id"] == problem["request_id"]
    assert CARD not in response.text
    assert desk.session.scalar(select(func.count()).select_from(Contribution)) == 0


def test_the_words_are_in_the_readers_language(desk: Desk) -> None:
    for change in ({"recurring": True}, {"message": CARD}, {"article": {"url": "https://example.com/a"}}):
        indonesian = desk.give(**change, locale="id").get_json()
        english = desk.give(**change, locale="en").get_json()
        assert indonesian["detail"] != english["detail"]
        assert indonesian["title"] != english["title"]


def test_outdated_terms_name_the_version_in_force(desk: Desk) -> None:
    problem = desk.give(terms={"version": "2020-01", "accepted": True}).get_json()
    assert problem["terms_version"] == VERSION


def test_clause_4_2_a_refund_is_never_offered(desk: Desk) -> None:
    answer = desk.paid()
    for id_ in (answer["id"], "0" * 32):
        response = desk.client.post(f"/api/v1/contributions/{id_}/refund", json={"amount": "1"})
        assert response.status_code == 403
        assert (response.get_json()["code"], response.get_json()["clause"]) == ("refund_not_offered", "4.2")
    assert desk.look(answer["id"])["status"] == "paid"


@pytest.mark.parametrize("reason", ["paused", "maintenance", "ended"])
def test_clause_4_3_a_closed_feature_refuses_and_says_why(desk: Desk, reason: str) -> None:
    with transaction(desk.session):
        switches.turn(desk.session, False, reason, "for the audit only", "test")
    problem = desk.give().get_json()
    assert (problem["status"], problem["code"], problem["clause"]) == (503, "feature_closed", "4.3")
    assert problem["public_reason"] == reason
    assert "audit" not in str(problem)
    feature = desk.client.get("/api/v1/feature").get_json()
    assert (feature["open"], feature["public_reason"]) == (False, reason)
    with transaction(desk.session):
        switches.turn(desk.session, True, "paused", "", "test")
    assert desk.give().status_code == 201


def test_clause_4_3_a_kept_contribution_may_still_go_on_with_its_key(desk: Desk) -> None:
    answer = desk.give(key="k").get_json()
    with transaction(desk.session):
        switches.turn(desk.session, False, "paused", "", "test")
    assert desk.give(key="k").get_json() == answer


FORM_REFUSALS = [
    pytest.param({"article": "https://example.com/a"}, 422, "1.1", id="1.1"),
    pytest.param({"message": CARD}, 422, "5.2", id="5.2-message"),
    pytest.param({"display_name": CARD}, 422, "5.2", id="5.2-name"),
    pytest.param({"email": CARD}, 422, "5.2", id="5.2-email"),
    pytest.param({"recurring": "yes"}, 422, "4.1", id="4.1"),
    pytest.param({"terms_version": "2020-01"}, 409, "6.1", id="6.1-old"),
    pytest.param({"terms_version": ""}, 422, "6.1", id="6.1-none"),
]


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize(("change", "status", "clause"), FORM_REFUSALS)
def test_the_page_refuses_by_clause(
    desk: Desk, change: dict[str, str], status: int, clause: str, locale: str
) -> None:
    response = send(desk.client, locale, **change)
    assert response.status_code == status
    assert response.content_type.startswith("text/html")
    word = "Pasal" if locale == "id" else "Clause"
    assert f"{word} {clause}" in response.text
    assert desk.session.scalar(select(func.count()).select_from(Contribution)) == 0


def test_the_page_of_a_closed_feature_says_why_and_has_no_form(desk: Desk) -> None:
    with transaction(desk.session):
        switches.turn(desk.session, False, "maintenance", "", "test")
    page = desk.client.get("/contribute", query_string={"article": ARTICLE, "lang": "en"})
    assert page.status_code == 503
    assert "under maintenance" in page.text
    assert "<form" not in page.text.partition("<main")[2]


def has_form(client: FlaskClient) -> bool:
    return "<form" in client.get("/contribute", query_string={"article": ARTICLE}).text


def test_the_page_of_an_open_feature_has_a_form(desk: Desk) -> None:
    assert has_form(desk.client)
