"""The switch for staff: API, page and command line (clause 4.3); who may, and what is kept of it."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from service import clock
from service.clock import JAKARTA, rfc3339
from service.controls import switches
from service.controls.scopes import EVERYTHING
from service.db import transaction
from service.staff import accounts
from service.staff.model import AuditEntry
from service.staff.permissions import ROLES
from tests.support.desk import ARTICLE, Desk
from tests.support.forms import hidden

API, PAGE = "/api/v1/desk/feature", "/desk/switch"
CLOSE = {"scope": "all", "open": False, "reason": "the processor is slow"}
WRITERS = {"editor", "admin"}
HOUR = timedelta(hours=1)


def put(desk: Desk, role: str = "editor", **body: Any) -> Any:
    return desk.client.put(API, json={**CLOSE, **body}, headers=desk.headers(role))


def is_open(desk: Desk) -> bool:
    desk.session.rollback()
    return switches.current(desk.session, ARTICLE, "Kemensos").open


@pytest.mark.parametrize("role", ROLES)
def test_editors_and_administrators_turn_and_everybody_reads(desk: Desk, role: str) -> None:
    turned = put(desk, role)
    assert turned.status_code == (200 if role in WRITERS else 403)
    tapped = desk.client.post(PAGE, data={"scope": "all", "open": "no"}, headers=desk.headers(role))
    assert tapped.status_code == (303 if role in WRITERS else 403)
    assert is_open(desk) is (role not in WRITERS)
    assert desk.client.get(API, headers=desk.headers(role)).status_code == 200
    page = desk.client.get(f"{PAGE}?lang=en", headers=desk.headers(role))
    assert page.status_code == 200
    assert ("Open again" in page.text) is (role in WRITERS)
    assert "Close now" not in page.text


def test_nobody_unknown_turns_or_reads(desk: Desk) -> None:
    assert desk.client.put(API, json=CLOSE).status_code == 401
    assert desk.client.get(API).status_code == 401
    assert desk.client.post(PAGE, data={"scope": "all", "open": "no"}).status_code == 303
    assert is_open(desk)


def test_the_switch_answers_with_live_counts(desk: Desk) -> None:
    desk.given()
    late = desk.given()
    desk.sandbox.choose(late["checkout_url"], "pay")
    answer = put(desk, public_reason="maintenance", walls="hide", widget="hide").get_json()
    assert answer["scope"] == "all"
    assert (answer["open"], answer["state"], answer["public_reason"]) == (False, "closed", "maintenance")
    assert (answer["walls"], answer["widget"]) == ("hide", "hide")
    assert (answer["open_checkouts"], answer["expired"], answer["paid_late"]) == (2, 0, 0)
    desk.work_off()
    again = put(desk).get_json()
    assert (again["open_checkouts"], again["expired"], again["paid_late"]) == (0, 1, 1)
    reopened = put(desk, open=True).get_json()
    assert (reopened["open"], reopened["expired"], reopened["paid_late"]) == (True, 1, 1)


def test_a_scheduled_closing_is_told_as_such(desk: Desk) -> None:
    begins, ends = clock.now().replace(microsecond=0) + HOUR, clock.now().replace(microsecond=0) + 2 * HOUR
    answer = put(
        desk,
        scope="section:Kemensos",
        **{"from": begins.astimezone(JAKARTA).isoformat(), "until": rfc3339(ends)},
    ).get_json()
    assert (answer["open"], answer["state"]) == (True, "scheduled")
    assert (answer["from"], answer["until"]) == (rfc3339(begins), rfc3339(ends))
    listed = desk.client.get(API, headers=desk.headers("auditor")).get_json()["items"]
    assert [it["scope"] for it in listed] == ["all", "section:Kemensos"]
    assert [it["state"] for it in listed] == ["open", "scheduled"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"scope": None}, "scope", "required"),
        ({"scope": "everything"}, "scope", "unknown_scope"),
        ({"scope": "section:Sports"}, "scope", "unknown_scope"),
        ({"scope": "article:https://example.com/a"}, "scope", "unknown_scope"),
        ({"open": None}, "open", "required"),
        ({"open": "false"}, "open", "not_boolean"),
        ({"public_reason": "bored"}, "public_reason", "invalid"),
        ({"walls": "paint"}, "walls", "invalid"),
        ({"widget": "keep"}, "widget", "invalid"),
        ({"from": "2026-11-24 14:05"}, "from", "not_a_moment"),
        ({"until": 5}, "until", "not_a_moment"),
        ({"until": "2020-01-01T00:00:00Z"}, "until", "invalid"),
        ({"reason": "x" * 501}, "reason", "invalid"),
        ({"colour": "red"}, "colour", "unknown"),
    ],
)
def test_bodies_that_make_no_sense_change_nothing(
    desk: Desk, body: dict[str, Any], field: str, code: str
) -> None:
    answer = put(desk, **body)
    assert answer.status_code == 422
    assert {name: found["code"] for name, found in answer.get_json()["errors"].items()} == {field: code}
    assert is_open(desk)


def test_the_caller_is_in_the_audit_trail(desk: Desk) -> None:
    put(desk)
    entry = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert entry.actor.startswith("token:")
    assert (entry.action, entry.details["reason"]) == ("feature.closed", "the processor is slow")
    assert desk.broken() == []


def signed_in(desk: Desk, *roles: str) -> Any:
    with desk.app.app_context(), transaction(desk.session):
        accounts.add(desk.session, "redaktur@example.com", "a long enough password", list(roles), "test")
    client = desk.client
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/desk/login").text)
    assert token is not None
    client.post(
        "/desk/login",
        data={
            "csrf_token": token[1],
            "email": "redaktur@example.com",
            "password": "a long enough password",
        },
    )
    return client


def tap(client: Any, page: Any, **fields: str) -> Any:
    data = {"csrf_token": hidden(page.text)["csrf_token"], "scope": "all", **fields}
    return client.post(f"{PAGE}?lang=en", data=data, follow_redirects=True)


def test_one_tap_closes_and_one_tap_opens_again(desk: Desk) -> None:
    desk.given()
    client = signed_in(desk, "editor")
    page = client.get(f"{PAGE}?lang=en")
    assert "Close now" in page.text
    closed = tap(client, page, open="no")
    assert not is_open(desk)
    assert "Contributions are paused for now." in closed.text
    assert "Open again" in closed.text
    assert "redaktur" in closed.text
    opened = tap(client, closed, open="yes")
    assert is_open(desk)
    assert "Close now" in opened.text


def test_a_tap_without_the_pages_token_does_nothing(desk: Desk) -> None:
    client = signed_in(desk, "editor")
    assert client.post(PAGE, data={"scope": "all", "open": "no"}).status_code == 403
    assert is_open(desk)


def test_the_page_closes_an_article_with_choices_until_a_time(desk: Desk) -> None:
    client = signed_in(desk, "editor")
    page = client.get(PAGE, query_string={"article": f"{ARTICLE}?utm_source=x", "lang": "en"})
    until = clock.now().astimezone(JAKARTA).replace(second=0, microsecond=0) + HOUR
    scope = f"article:{ARTICLE}"
    assert hidden(page.text)["scope"] == scope
    tap(client, page, scope=scope, open="no", walls="hide", until=f"{until:%Y-%m-%dT%H:%M}")
    desk.session.rollback()
    switch = next(iter(switches.every(desk.session)))
    assert (switch.scope, switch.walls, switch.until_at) == (scope, "hide", until)
    everything = client.get(f"{PAGE}?lang=en")
    assert "kompas.com/kemensos" in everything.text.partition("Also closed")[2]


def test_times_that_make_no_sense_are_said_and_nothing_typed_is_lost(desk: Desk) -> None:
    client = signed_in(desk, "editor")
    page = client.get(f"{PAGE}?lang=en")
    answer = tap(
        client, page, open="no", until="2020-01-01T00:00", reason="kept words", public_reason="ended"
    )
    assert answer.status_code == 422
    assert "The end must come after the beginning" in answer.text
    assert "kept words" in answer.text
    assert 'value="ended" checked' in answer.text
    assert is_open(desk)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("scope=section:Sports", "No such section"),
        ("article=https://example.com/", "an article of the publisher"),
    ],
)
def test_an_unknown_part_is_said(desk: Desk, query: str, said: str) -> None:
    page = desk.client.get(f"{PAGE}?{query}&lang=en", headers=desk.headers("editor"))
    assert page.status_code == 422
    assert said in page.text


def test_a_section_that_is_closed_as_a_whole_says_so(desk: Desk) -> None:
    desk.close_feature()
    page = desk.client.get(f"{PAGE}?scope=section:Kemensos&lang=en", headers=desk.headers("editor"))
    assert "closed all the same" in page.text


def test_the_page_speaks_indonesian(desk: Desk) -> None:
    page = desk.client.get(PAGE, headers=desk.headers("editor"))
    assert "Tutup sekarang" in page.text
    desk.close_feature()
    page = desk.client.get(PAGE, headers=desk.headers("editor"))
    assert "Buka kembali" in page.text


def test_the_command_line_breaks_the_glass(desk: Desk) -> None:
    until = rfc3339(clock.now() + HOUR)
    closed = desk.command(
        "feature", "close", "--section", "Kemensos", "--public-reason", "maintenance", "--walls", "hide",
        "--until", until, "--reason", "fire", "--json",
    )  # fmt: skip
    answer = json.loads(closed.output)
    assert (answer["scope"], answer["open"], answer["until"]) == ("section:Kemensos", False, until)
    assert not is_open(desk)
    shown = json.loads(desk.command("feature", "show", "--json").output)
    assert shown["open"] is True, "everything, beside the scopes"
    assert [(it["scope"], it["state"]) for it in shown["scopes"]] == [
        ("all", "open"),
        ("section:Kemensos", "closed"),
    ]
    assert "Kemensos" in desk.command("feature", "show").output
    one = json.loads(desk.command("feature", "show", "--article", ARTICLE, "--json").output)
    assert (one["scope"], one["state"]) == (f"article:{ARTICLE}", "open")
    assert desk.command("feature", "open", "--section", "Kemensos").exit_code == 0
    assert is_open(desk)
    entry = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence)).first()
    assert (entry.actor, entry.details["reason"]) == ("command line", "fire")


@pytest.mark.parametrize(
    "arguments",
    [
        ("close", "--section", "Sports"),
        ("close", "--article", "https://example.com/"),
        ("close", "--article", ARTICLE, "--section", "Kemensos"),
        ("close", "--until", "tomorrow"),
        ("close", "--until", "2020-01-01T00:00:00Z"),
        ("close", "--public-reason", "bored"),
        ("open", "--from", "2099-01-01T00:00:00Z"),
    ],
)
def test_commands_that_make_no_sense_fail_and_change_nothing(desk: Desk, arguments: tuple[str, ...]) -> None:
    done = desk.command("feature", *arguments)
    assert done.exit_code != 0
    assert "Error" in done.output
    assert "Traceback" not in done.output
    assert switches.find(desk.session, EVERYTHING) is None
    assert is_open(desk)


def test_the_command_line_closes_nothing_by_mistake(desk: Desk) -> None:
    for wrong in (("--section", ""), ("--article", ""), ("--section", "a", "--article", "")):
        assert desk.command("feature", "close", *wrong).exit_code != 0
    card = desk.command("feature", "close", "--reason", "4111 1111 1111 1111")
    assert (card.exit_code, "Traceback" in card.output) == (1, False)
    assert desk.command("feature", "close", "--reason", "x" * 600).exit_code == 2
    assert is_open(desk)


@pytest.mark.parametrize("query", ["scope=article:%00", "scope=section:%00x", "article=%00"])
def test_a_scope_that_nothing_can_keep_is_refused(desk: Desk, query: str) -> None:
    headers = desk.headers("editor")
    assert desk.client.get(f"{PAGE}?{query}", headers=headers).status_code == 422
