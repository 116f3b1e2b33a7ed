"""What the terms rule out is refused by clause, on API and page, in both languages."""

import html
import json
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from service import models
from service.errors import CLOSED_BECAUSE, RefundNotOffered
from service.terms.payment_details import holds_card_number, without_card_numbers
from service.web.language import translate
from tests.contributions.refusals import ASKED, CARD, Asked
from tests.support.desk import ARTICLE, VERSION, Desk
from tests.support.forms import filled, hidden, send

TYPED = {
    "message": "Liputan yang kuat, terima kasih",
    "display_name": "Dewi Anggraini",
    "email": "dewi@example.com",
}
STORED = ("contribution", "message", "acceptance", "attempt", "idempotency_key")
BY_CLAUSE = [pytest.param(it, id=it.name) for it in ASKED]
in_both_languages = pytest.mark.parametrize("locale", ["id", "en"])


def say(desk: Desk, locale: str, text: str) -> str:
    with desk.app.test_request_context(f"/?lang={locale}"):
        return translate(text)


def words(desk: Desk, locale: str, asked: Asked) -> tuple[str, str]:
    """Title and detail that a reader of this language has to meet."""
    refusal = asked.refusal
    detail = CLOSED_BECAUSE["paused"] if asked.closed else refusal.detail
    return say(desk, locale, refusal.title), say(desk, locale, detail)


def rows(desk: Desk) -> dict[str, int]:
    """What is stored of readers."""
    desk.session.rollback()
    tables = [models.metadata.tables[name] for name in STORED]
    return {it.name: desk.session.scalar(select(func.count()).select_from(it)) or 0 for it in tables}


def assert_nothing_happened(desk: Desk) -> None:
    assert set(rows(desk).values()) == {0}
    assert desk.bench.wire.calls == []


@pytest.mark.clause("1.1", "1.2", "3.1", "4.1", "4.2", "4.3", "5.2", "6.1")
@in_both_languages
@pytest.mark.parametrize("asked", BY_CLAUSE)
def test_the_api_refuses_by_clause(desk: Desk, asked: Asked, locale: str) -> None:
    if asked.closed:
        desk.close_feature()
    response = desk.give(locale=locale, **asked.by_api)
    problem = response.get_json()
    assert response.status_code == problem["status"] == asked.refusal.status
    assert response.content_type == "application/problem+json"
    assert (problem["code"], problem.get("clause")) == (asked.refusal.code, asked.clause)
    assert (problem["title"], problem["detail"]) == words(desk, locale, asked)
    assert {"type", "title", "detail", "request_id"} <= set(problem)
    assert response.headers["X-Request-Id"] == problem["request_id"]
    told = {name: found["code"] for name, found in problem.get("errors", {}).items()}
    assert asked.errors.items() <= told.items()
    assert not holds_card_number(json.dumps(problem))
    assert_nothing_happened(desk)


@pytest.mark.clause("1.1", "1.2", "3.1", "4.1", "4.2", "4.3", "5.2", "6.1")
@in_both_languages
@pytest.mark.parametrize("asked", BY_CLAUSE)
def test_the_page_refuses_by_clause_and_keeps_what_was_typed(desk: Desk, asked: Asked, locale: str) -> None:
    fields = filled(desk.client, locale, **{**TYPED, **asked.by_page})
    if asked.closed:
        desk.close_feature()
    response = desk.client.post(f"/contribute?lang={locale}", data=fields)
    text = html.unescape(response.text)
    assert response.status_code == asked.refusal.status
    assert response.content_type.startswith("text/html")
    assert response.headers["Cache-Control"] == "no-store"
    for word in words(desk, locale, asked):
        assert word in text
    if asked.clause:
        name = "Pasal" if locale == "id" else "Clause"
        assert f"{name} {asked.clause}" in text
        assert f"/terms?lang={locale}#clause-{asked.clause}" in text
    for name in asked.errors:
        assert f'id="{name}-error"' in text
    assert ("<form" in text.partition("<main")[2]) == asked.has_form
    kept = {name: without_card_numbers(fields[name]) for name in TYPED} if asked.has_form else {}
    for typed in kept.values():
        assert typed.strip() in text
    if asked.name != "5.2-address":
        assert CARD not in text
    assert_nothing_happened(desk)


@pytest.mark.clause("5.2")
def test_a_refused_form_goes_through_once_the_number_is_out(desk: Desk) -> None:
    refused = send(desk.client, message=f"Dari saya {CARD}", display_name="Dewi")
    assert "Dari saya •••• •••• •••• ••••" in refused.text
    again = {"amount": "25000", "message": "Dari saya", "display_name": "Dewi"}
    assert desk.client.post("/contribute", data=hidden(refused.text) | again).status_code == 303


def test_the_words_differ_between_the_languages(desk: Desk) -> None:
    for asked in ASKED:
        indonesian, english = words(desk, "id", asked), words(desk, "en", asked)
        assert all(one != other for one, other in zip(indonesian, english, strict=True)), asked.name


@pytest.mark.parametrize(
    "name", ["message", "displayName", "intervention", "planet", "badges_of_honour", "frequentist", "tiered"]
)
def test_other_words_are_only_unknown(desk: Desk, name: str) -> None:
    assert desk.give(**{name: "x"}).get_json().get("code") in (None, "validation_failed")


@pytest.mark.clause("6.1")
def test_outdated_terms_name_the_version_in_force(desk: Desk) -> None:
    problem = desk.give(terms={"version": "2020-01", "accepted": True}).get_json()
    assert problem["terms_version"] == VERSION


@pytest.mark.clause("4.2")
@in_both_languages
def test_clause_4_2_a_refund_is_never_offered(desk: Desk, locale: str) -> None:
    answer = desk.paid()
    title, detail = say(desk, locale, RefundNotOffered.title), say(desk, locale, RefundNotOffered.detail)
    for id_ in (answer["id"], "0" * 32):
        response = desk.client.post(f"/api/v1/contributions/{id_}/refund?lang={locale}", json={"amount": "1"})
        problem = response.get_json()
        assert response.status_code == 403
        assert (problem["code"], problem["clause"]) == ("refund_not_offered", "4.2")
        assert (problem["title"], problem["detail"]) == (title, detail)
        page = desk.client.post(f"/contributions/{id_}/refund?lang={locale}", data={"amount": "1"})
        assert page.status_code == 403
        assert title in page.text
        assert detail in page.text
        assert f"/terms?lang={locale}#clause-4.2" in page.text
    assert desk.look(answer["id"])["status"] == "paid"


@pytest.mark.clause("4.2")
@in_both_languages
def test_the_page_of_a_contribution_says_that_it_is_not_refunded(desk: Desk, locale: str) -> None:
    page = desk.client.get(f"/contributions/{desk.paid()['id']}?lang={locale}").text
    assert say(desk, locale, "A contribution that was made is not refunded.") in page
    assert re.search(rf'href="/terms/{VERSION}\?lang={locale}#clause-4.2"', page)


@pytest.mark.clause("1.2", "4.1", "4.2", "5.2")
@in_both_languages
@pytest.mark.parametrize(
    ("name", "value", "code", "clause"),
    [
        ("interval", "month", "recurring_not_offered", "4.1"),
        ("perks", "1", "entitlement_not_offered", "1.2"),
        ("refund", "1", "refund_not_offered", "4.2"),
        ("note", CARD, "payment_details_refused", "5.2"),
    ],
)
def test_going_on_to_pay_refuses_the_same(
    desk: Desk, locale: str, name: str, value: str, code: str, clause: str
) -> None:
    id_ = desk.given()["id"]
    calls = list(desk.bench.wire.calls)
    path = f"/api/v1/contributions/{id_}/attempts?lang={locale}"
    problem = desk.client.post(path, json={name: value}).get_json()
    assert (problem["code"], problem["clause"]) == (code, clause)
    fields = hidden(desk.client.get(f"/contributions/{id_}?lang={locale}").text) | {name: value}
    page = desk.client.post(f"/contributions/{id_}/pay?lang={locale}", data=fields)
    assert page.status_code == problem["status"]
    assert html.escape(problem["detail"], quote=False) in page.text
    assert CARD not in page.text
    assert desk.bench.wire.calls == calls


@pytest.mark.clause("4.3")
@pytest.mark.parametrize("reason", ["paused", "maintenance", "ended"])
def test_clause_4_3_a_closed_feature_refuses_and_says_why(desk: Desk, reason: str) -> None:
    desk.close_feature(public_reason=reason, reason="for the audit only")
    problem = desk.give().get_json()
    assert (problem["status"], problem["code"], problem["clause"]) == (503, "feature_closed", "4.3")
    assert problem["public_reason"] == reason
    assert "audit" not in str(problem)
    feature = desk.client.get("/api/v1/feature").get_json()
    assert (feature["open"], feature["public_reason"]) == (False, reason)
    desk.open_feature()
    assert desk.give().status_code == 201


@pytest.mark.clause("4.3")
def test_clause_4_3_a_kept_contribution_may_still_go_on_with_its_key(desk: Desk) -> None:
    answer = desk.give(key="k").get_json()
    desk.close_feature()
    assert desk.give(key="k").get_json() == answer


@pytest.mark.clause("4.3")
def test_the_page_of_a_closed_feature_says_why_and_has_no_form(desk: Desk) -> None:
    desk.close_feature(public_reason="maintenance")
    page = desk.client.get("/contribute", query_string={"article": ARTICLE, "lang": "en"})
    assert page.status_code == 503
    assert "under maintenance" in page.text
    assert "<form" not in page.text.partition("<main")[2]


def has_form(client: FlaskClient) -> bool:
    return "<form" in client.get("/contribute", query_string={"article": ARTICLE}).text


def test_the_page_of_an_open_feature_has_a_form(desk: Desk) -> None:
    assert has_form(desk.client)
