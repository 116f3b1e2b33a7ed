"""Clause 5.2: every field in which a reader can send text refuses a card number, or says why it need not."""

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.web.access import PUBLIC, declared
from tests.support.desk import ARTICLE, Desk, gift
from tests.support.forms import filled, hidden

pytestmark = pytest.mark.clause("5.2")
CARD = "4929 6715 3804 2274"
SOLID = CARD.replace(" ", "")

# Fields of bodies in the API's own description that may hold any digits, and why.
NO_TEXT = {"article.url": "only the key that is kept of an address is looked at; see below"}
# What comes in an address or a header is looked up, compared or hashed, and never kept.
LOOKED_UP = {
    "article", "locale", "limit", "cursor", "version", "contribution_id", "message_id", "Idempotency-Key",
}  # fmt: skip
# Fields of pages that are no text, and why.
NO_TEXT_ON_PAGES = {"token": "signed by the service", "article": "as article.url"}
# Pages that readers send a form to; every other one has to be added here.
PAGES = {
    "pages.send_form": "below, field by field",
    "status_pages.go_on_paying": "below, field by field",
    "status_pages.refuse_refund": "refused whatever it holds",
    "embed.check_form": "looked at as pages.send_form is, and not kept; tests/embed",
    "reports.send_form": "a reason out of a list; anything else is refused and not kept",
    "security.login": "for the staff; compared and not kept",
    "privacy_confirmation.confirm": "a signed address and no field",
    "account_desk.set_password": "for the staff; hashed",
}


def bodies(app: Flask, document: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each public call with each field of its body, dotted where it is nested."""
    endpoints = {
        (_documented(rule.rule), method.lower()): rule.endpoint
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            if method == "parameters" or "requestBody" not in call:
                continue
            if declared(app, endpoints[path, method]) == PUBLIC:
                schema = call["requestBody"]["content"]["application/json"]["schema"]
                for name in fields_of(schema, document):
                    yield method, path, name


def _documented(rule: str) -> str:
    return re.sub(r"<(?:[^:>]+:)?(\w+)>", r"{\1}", rule)


def fields_of(schema: Mapping[str, Any], document: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """Where anything but a truth value or an object stands."""
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    for alternative in [*schema.get("anyOf", []), *schema.get("allOf", []), *schema.get("oneOf", [])]:
        yield from fields_of(alternative, document, before)
    if "properties" in schema:
        for name, inner in schema["properties"].items():
            yield from fields_of(inner, document, f"{before}.{name}".lstrip("."))
    elif before and not _is_object(schema):
        yield before


def _is_object(schema: Mapping[str, Any]) -> bool:
    return bool({"anyOf", "allOf", "oneOf"} & set(schema)) or schema.get("type") == "null"


def with_card(body: dict[str, Any], name: str, card: str = CARD) -> dict[str, Any]:
    """A body whose field holds a card number."""
    first, _, rest = name.partition(".")
    inner = with_card(dict(body.get(first) or {}), rest, card) if rest else card
    return body | {first: inner}


def test_every_field_of_every_public_body_refuses_a_card_number(desk: Desk) -> None:
    document = desk.client.get("/api/v1/openapi.json").get_json()
    found = list(bodies(desk.app, document))
    contribution, message = desk.given()["id"], "0" * 32
    names = {"contribution_id": contribution, "message_id": message}
    assert {"message", "display_name", "email", "amount", "article.title"} <= {name for _, _, name in found}
    for method, path, name in found:
        if name in NO_TEXT:
            continue
        for card in (CARD, SOLID, int(SOLID), [CARD]):
            body = with_card(gift() if path.endswith("contributions") else {}, name, card)
            headers = {"Idempotency-Key": secrets.token_hex(8)}
            answer = desk.client.open(path.format(**names), method=method.upper(), json=body, headers=headers)
            assert (answer.status_code, answer.get_json()["code"]) == (422, "payment_details_refused"), (
                path,
                name,
            )
            assert SOLID not in answer.text.replace(" ", "")


def test_what_is_in_addresses_and_headers_is_known(desk: Desk) -> None:
    document = desk.client.get("/api/v1/openapi.json").get_json()
    for path, calls in document["paths"].items():
        if not path.startswith("/api/v1/desk"):
            listed = [
                *calls.get("parameters", []),
                *(it for name in calls if name != "parameters" for it in calls[name].get("parameters", [])),
            ]
            assert {it["name"] for it in listed if "name" in it} <= LOOKED_UP, path


@pytest.mark.parametrize("place", ["path", "last part", "encoded"])
def test_of_an_article_only_what_is_kept_is_looked_at(desk: Desk, place: str) -> None:
    kept = {
        "path": f"{ARTICLE}/{SOLID}",
        "last part": f"{ARTICLE}-{CARD.replace(' ', '-')}",
        "encoded": f"{ARTICLE}/%34{SOLID[1:]}",
    }
    assert desk.give(article={"url": kept[place]}).get_json()["code"] == "payment_details_refused"
    assert desk.give(article={"url": f"{ARTICLE}?utm_id={SOLID}#{SOLID}"}).status_code == 201
    assert desk.give(article={"url": "https://kompas.com/read/2026/11/24/123456789/judul"}).status_code == 201


def test_fields_that_nobody_knows_refuse_it_too(desk: Desk) -> None:
    for body in (
        {"kartu": CARD},
        {SOLID: 1},
        {"x": {"y": [{"z": CARD}]}},
        {"x": [[[[CARD]]]]},
        {"terms": CARD},
    ):
        answer = desk.give(**body)
        assert answer.get_json()["code"] == "payment_details_refused", body
        assert SOLID not in answer.text.replace(" ", "")
    deep: Any = CARD
    for _ in range(900):
        deep = [deep]
    assert desk.give(x=deep).status_code == 422


def test_every_page_that_takes_a_form_is_known(session_app: Flask) -> None:
    taking = {
        rule.endpoint
        for rule in session_app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
        and not rule.rule.startswith(("/api/", "/webhooks/"))
        and declared(session_app, rule.endpoint) == PUBLIC
    }
    assert taking == set(PAGES)


def test_every_field_of_the_readers_form_refuses_a_card_number(desk: Desk) -> None:
    page = desk.client.get("/contribute", query_string={"article": ARTICLE, "title": "Judul"}).text
    form = page.partition("<main")[2]
    names = set(re.findall(r'<(?:input|textarea)[^>]* name="(\w+)"', form)) | {"again"}
    assert {"message", "display_name", "email", "other_amount", "title", "website"} <= names
    for name in names - set(NO_TEXT_ON_PAGES):
        answer = desk.client.post("/contribute?lang=en", data=filled(desk.client, **{name: CARD}))
        assert answer.status_code == 422, name
        assert "Please leave out payment details" in answer.text
        assert CARD not in answer.text, name


def test_every_field_of_going_on_refuses_a_card_number(desk: Desk) -> None:
    id_ = desk.given()["id"]
    fields = hidden(desk.client.get(f"/contributions/{id_}").text)
    assert "terms_version" in fields
    for name in {*fields, "anything"} - set(NO_TEXT_ON_PAGES):
        answer = desk.client.post(f"/contributions/{id_}/pay?lang=en", data=fields | {name: CARD})
        assert answer.status_code == 422, name
        assert "Please leave out payment details" in answer.text
        assert CARD not in answer.text


def test_an_address_that_fills_in_the_form_puts_no_card_number_into_it(desk: Desk) -> None:
    client: FlaskClient = desk.client
    page = client.get("/contribute", query_string={"article": ARTICLE, "title": f"Judul {CARD}"})
    assert CARD not in page.text.replace("+", " ").partition("<main")[2]
