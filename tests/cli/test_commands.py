"""The command line, as people and programs call it."""

import dataclasses
import json
import socket
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import Result

from service import clock
from service.config import keep_address, kept_address
from service.demo import seed
from tests.support.desk import ARTICLE, Desk

END = f"{clock.now().year + 1}-12-31"


@pytest.fixture
def command(desk: Desk) -> Callable[..., Result]:
    runner = desk.app.test_cli_runner()

    def call(*arguments: str) -> Result:
        desk.session.rollback()
        return runner.invoke(args=list(arguments))

    return call


def as_json(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_a_token_stands_alone_on_the_last_line_and_works(desk: Desk, command: Callable[..., Result]) -> None:
    result = command("staff", "token", "--role", "admin", "--label", "accounting")
    secret = result.stdout.splitlines()[-1]
    response = desk.client.get("/api/v1/desk/audit", headers={"Authorization": f"Bearer {secret}"})
    assert response.status_code == 200
    (row,) = as_json(command("staff", "list", "--json"))
    assert (row["kind"], row["roles"], row["name"]) == ("token", "admin", "accounting")
    assert command("staff", "revoke", row["id"]).exit_code == 0
    assert command("staff", "revoke", row["id"]).exit_code == 1
    assert (
        desk.client.get("/api/v1/desk/audit", headers={"Authorization": f"Bearer {secret}"}).status_code
        == 401
    )


def test_people_are_added_with_roles(command: Callable[..., Result]) -> None:
    added = command("staff", "add", "a@example.com", "--role", "finance", "--password", "long enough here")
    assert added.exit_code == 0, added.output
    assert (
        command(
            "staff", "add", "a@example.com", "--role", "finance", "--password", "long enough here"
        ).exit_code
        == 1
    )
    assert command("staff", "add", "b@example.com", "--role", "finance", "--password", "short").exit_code == 1
    assert (
        command("staff", "add", "b@example.com", "--role", "king", "--password", "long enough here").exit_code
        == 2
    )
    assert "a@example.com" in command("staff", "list").output


def test_the_switch(desk: Desk, command: Callable[..., Result]) -> None:
    assert as_json(command("feature", "show", "--json"))["open"] is True
    assert command("feature", "close", "--public-reason", "ended", "--reason", "drill").exit_code == 0
    assert as_json(command("feature", "show", "--json"))["public_reason"] == "ended"
    assert desk.give().status_code == 503
    assert command("feature", "open").exit_code == 0
    assert desk.give().status_code == 201


def test_explain_tells_everything_known(desk: Desk, command: Callable[..., Result]) -> None:
    answer = desk.published(email="sri@example.com")
    told = as_json(command("explain", answer["reference"].lower(), "--json"))
    assert told["id"] == answer["id"]
    assert told["acceptances"][0]["sha256"] == answer["terms"]["sha256"]
    assert [row["type"] for row in told["movements"]] == ["contribution", "fee"]
    assert {fact["kind"] for fact in told["facts"]} == {"succeeded", "settled"}
    assert told["decisions"][0]["decision"] == "publish"
    assert told["attempts"][0]["state"] == "paid"
    assert told["has_email"] is True
    assert "sri@example.com" not in json.dumps(told)
    assert answer["reference"] in command("explain", answer["id"]).output
    assert command("explain", "AS-0000-0000").exit_code == 1


def test_webhooks_are_listed_with_their_deliveries_and_replayed(
    desk: Desk, command: Callable[..., Result]
) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    for delivery in desk.sandbox.take_deliveries():
        for _ in range(3):
            desk.deliver(delivery)
    rows = as_json(command("webhooks", "list", "--json"))
    assert [row["deliveries"] for row in rows] == [3, 3]
    assert as_json(command("webhooks", "list", "--status", "quarantined", "--json")) == []
    assert command("webhooks", "replay", rows[0]["id"]).stdout.strip() == "applied"
    assert command("webhooks", "replay", "evt_unknown").exit_code == 1


def test_sweep_and_check_exit_as_their_findings_say(desk: Desk, command: Callable[..., Result]) -> None:
    answer = desk.given()
    desk.sandbox.choose(answer["checkout_url"], "pay")
    desk.sandbox.take_deliveries()
    assert as_json(command("sweep", "--json"))["applied"] == 2
    assert as_json(command("check", "--json"))["ok"] is True
    desk.given()
    desk.sandbox.away = True
    assert command("sweep").exit_code == 1
    broken = desk.session.get_bind()
    with broken.begin() as connection:
        connection.exec_driver_sql("UPDATE contribution SET status = 'expired'")
    result = command("check", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["ok"] is False
    assert "BROKEN  status_follows_facts" in command("check").output


def test_articles_are_registered(desk: Desk, command: Callable[..., Result]) -> None:
    assert command("articles", "add", f"{ARTICLE}?utm_source=x", "Judul").stdout.strip() == ARTICLE
    assert as_json(command("articles", "list", "--json"))[0]["title"] == "Judul"
    assert command("articles", "add", "https://example.com/a", "x").exit_code == 1
    assert desk.given()["article"]["title"] == "Judul"


def test_export_writes_the_same_bytes_as_the_desk(
    desk: Desk, command: Callable[..., Result], tmp_path: Path
) -> None:
    desk.paid()
    target = tmp_path / "out.csv"
    result = command("export", "--from", "2026-01-01", "--to", END, "--output", str(target))
    assert result.exit_code == 0, result.output
    query = {"from": "2026-01-01", "to": END}
    served = desk.client.get(
        "/api/v1/desk/finance/export", query_string=query, headers=desk.headers("finance")
    )
    assert target.read_bytes() == served.data
    told = as_json(command("export", "--from", END, "--to", END, "--output", str(target), "--json"))
    assert (told["state"], told["rows_done"]) == ("finished", told["rows"])
    assert "--output" not in command("export", "--from", END, "--to", END, "--json").output
    assert command("export", "--from", END, "--to", END, "--section", "x" * 300).exit_code == 2


def test_an_export_whose_days_are_not_in_order_is_refused(command: Callable[..., Result]) -> None:
    result = command("export", "--from", "2026-11-25", "--to", "2026-11-24")
    assert result.exit_code == 2
    assert "after the last" in result.output


def test_a_port_in_use_stops_the_start_with_one_clear_line(
    command: Callable[..., Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        result = command("run-all", "--prepare")
    assert result.exit_code == 1
    assert "is in use" in result.output


def test_later_commands_find_where_the_service_runs(tmp_path: Path) -> None:
    keep_address(tmp_path, "127.0.0.1", 9876)
    environ = {"APRESIASI_INSTANCE_FOLDER": str(tmp_path)}
    assert kept_address(environ) == {"HOST": "127.0.0.1", "PORT": "9876"}
    assert kept_address(environ | {"PORT": "1"}) == {}
    assert kept_address({"APRESIASI_INSTANCE_FOLDER": str(tmp_path / "none")}) == {}


def test_terms_are_shown(command: Callable[..., Result]) -> None:
    assert len(as_json(command("terms", "show", "--json"))["clauses"]) == 15


def test_the_demo_sets_up_staff_and_article_and_keeps_them(
    desk: Desk, command: Callable[..., Result], tmp_path: Path
) -> None:
    settings = dataclasses.replace(desk.wiring.settings, instance_folder=tmp_path)
    desk.app.extensions["wiring"] = dataclasses.replace(desk.wiring, settings=settings)
    first, second = as_json(command("demo", "--json")), as_json(command("demo", "--json"))
    assert first["staff"] == second["staff"]
    assert {login["role"] for login in first["staff"]} == {
        "moderator",
        "lead",
        "finance",
        "editor",
        "admin",
        "auditor",
    }
    assert (tmp_path / "demo-staff.json").stat().st_mode & 0o777 == 0o600
    assert desk.client.get("/demo/article").status_code == 200
    assert first["staff"][0]["password"] in command("demo").output


def test_demo_messages_are_decided_as_moderators_would(desk: Desk) -> None:
    own = [desk.paid(message="promo murah" if number == 0 else f"m{number}")["id"] for number in range(6)]
    desk.paid(message="of a real reader")
    desk.session.rollback()
    assert 0 < seed.moderate(desk.session, desk.wiring, own, Random(1)) <= 6
    shown = {item["message"] for item in desk.wall()}
    assert shown
    assert not shown & {"promo murah", "of a real reader"}
    assert desk.broken() == []
