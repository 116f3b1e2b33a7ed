"""Acceptance as evidence: kept, exported whole, and verified with and without a database."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from service import clock
from service.app import create_app
from service.db import transaction
from service.terms.library import Library
from service.terms.model import Acceptance
from tests.conftest import environment
from tests.support.desk import VERSION, Desk
from tests.support.versions import serve, terms_folder

EXPORTED = "/api/v1/desk/contributions/{}/acceptances"


def verify(desk: Desk, *arguments: str) -> Any:
    return desk.command("terms", "verify", *arguments)


def export(desk: Desk, path: Path, **given: Any) -> dict[str, Any]:
    reference = desk.given(**given)["reference"]
    done = verify(desk, reference, "--export", str(path))
    assert done.exit_code == 0, done.output
    told: dict[str, Any] = json.loads(path.read_text())
    return told


@pytest.mark.clause("6.1")
@pytest.mark.parametrize("locale", ["id", "en"])
def test_an_acceptance_is_verified_against_the_published_text(desk: Desk, locale: str) -> None:
    answer = desk.given(locale=locale)
    told = verify(desk, answer["reference"].lower())
    assert told.exit_code == 0
    assert told.output.startswith(f"holds   {answer['reference']} {VERSION}/{locale} ")
    assert answer["terms"]["sha256"] in told.output
    (row,) = json.loads(verify(desk, answer["reference"], "--json").output)["acceptances"]
    assert (row["holds"], row["problems"]) == (True, [])
    assert row["accepted_at"] == answer["terms"]["accepted_at"]


@pytest.mark.clause("6.1", "7.1")
def test_the_exported_file_stands_alone(desk: Desk, tmp_path: Path) -> None:
    told = export(desk, tmp_path / "a.json", locale="en", display_name="Kembang", email="sri@contoh.example")
    (accepted,) = told["acceptances"]
    text = accepted["text"]
    rebuilt = "".join(f"{it['id']} {it['title']}\n{it['text']}\n" for it in text["clauses"])
    assert f"{text['title']}\n{rebuilt}{text['agreement']}\n" == accepted["canonical"]
    assert hashlib.sha256(accepted["canonical"].encode()).hexdigest() == accepted["sha256"]
    assert accepted["agreement"] == text["agreement"]
    assert "not liable for direct or indirect loss" in accepted["canonical"]
    for personal in ("Kembang", "sri@contoh", "Terima kasih, Kompas!"):
        assert personal not in json.dumps(told)


def test_staff_with_evidence_get_the_same_file(desk: Desk, tmp_path: Path) -> None:
    told = export(desk, tmp_path / "a.json")
    response = desk.client.get(EXPORTED.format(told["reference"]), headers=desk.headers("finance"))
    assert response.get_json() == told
    wanted = f'attachment; filename="acceptances-{told["reference"]}.json"'
    assert response.headers["Content-Disposition"] == wanted
    assert (
        desk.client.get(EXPORTED.format("AS-0000-0000"), headers=desk.headers("auditor")).status_code == 404
    )


@pytest.mark.clause("6.1")
def test_a_file_is_verified_without_a_database(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    told = export(desk, path)
    nowhere = create_app(environ=environment("postgresql://nobody@127.0.0.1:1/none"))
    done = nowhere.test_cli_runner().invoke(args=["terms", "verify", "--file", str(path)])
    assert done.exit_code == 0, done.output
    assert done.output.startswith(f"holds   {told['reference']} {VERSION}/id ")


def change(told: dict[str, Any], place: str, value: Any) -> None:
    *path, last = [int(part) if part.isdecimal() else part for part in place.split(".")]
    for part in path:
        told = told[part]
    told[last] = value


@pytest.mark.parametrize(
    ("place", "value", "problem"),
    [
        ("acceptances.0.sha256", "0" * 64, "the published text has another hash"),
        ("acceptances.0.version", "2030-01", "no such text is published here"),
        ("acceptances.0.locale", "en", "the published text has another hash"),
        ("acceptances.0.agreement", "x", "the wording beside the button is not that of the published text"),
        ("acceptances.0.accepted_at", "2026-10-01T00:00:00Z", "it was accepted before it took effect"),
        ("acceptances.0.accepted_at", "2026-11-12T00:00:00Z", "the file is not as this service sealed it"),
        ("acceptances.0.text.clauses.3.text", "x", "the text as shown is not the form that is hashed"),
        ("acceptances.0.text.clauses.3.section", "x", "the text in the file is not the published one"),
        ("acceptances.0.text.publisher", "Tempo", "the text in the file is not the published one"),
        ("acceptances.0.canonical", "x", "the text in the file gives another hash"),
        ("acceptances.0.canonical", None, "the file holds no text"),
        ("reference", "AS-0000-0000", "the file is not as this service sealed it"),
        ("seal", "x", "the file is not as this service sealed it"),
    ],
)
def test_whatever_is_changed_in_a_file_is_told(
    desk: Desk, tmp_path: Path, place: str, value: Any, problem: str
) -> None:
    path = tmp_path / "a.json"
    told = export(desk, path)
    change(told, place, value)
    path.write_text(json.dumps(told))
    done = verify(desk, "--file", str(path))
    assert done.exit_code == 1
    assert done.output.startswith("BROKEN")
    assert problem in done.output
    assert json.loads(verify(desk, "--file", str(path), "--json").output)["holds"] is False


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", "null", '{"format": "x"}', "\ud800".encode("utf-8", "surrogatepass"), '{"format": "apresiasi-spesial acceptance 1"}',
     '{"format": "apresiasi-spesial acceptance 1", "reference": 1, "seal": 1, "acceptances": []}',
     '{"format": "apresiasi-spesial acceptance 1", "reference": 1, "seal": 1, "acceptances": [{}]}',
     '{"format": "apresiasi-spesial acceptance 1", "reference": 1, "seal": 1, "acceptances": [1]}', "[" * 100_000],
)  # fmt: skip
def test_what_is_no_such_file_is_told_in_one_line(desk: Desk, tmp_path: Path, content: str | bytes) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    done = verify(desk, "--file", str(path))
    assert done.exit_code == 1
    assert done.output == f"Error: {path}: no file of an acceptance, or a damaged one\n"


@pytest.mark.parametrize(
    ("column", "value", "problem"),
    [
        ("sha256", "0" * 64, "the published text has another hash"),
        ("version", "2030-01", "no such text is published here"),
        ("agreement", "x", "the wording beside the button is not that of the published text"),
    ],
)
def test_a_stored_acceptance_that_does_not_hold_is_told(
    desk: Desk, tmp_path: Path, column: str, value: str, problem: str
) -> None:
    answer = desk.given()
    text = desk.wiring.terms.get(VERSION, "id")
    kept = {"version": VERSION, "locale": "id", "sha256": text.sha256, "agreement": text.agreement}
    with transaction(desk.session):
        made = kept | {column: value}
        desk.session.add(Acceptance(contribution_id=answer["id"], accepted_at=clock.now(), **made))
    reference = answer["reference"]
    done = verify(desk, reference, "--export", str(tmp_path / "a.json"))
    assert done.exit_code == 1
    good, bad = done.output.splitlines()
    assert good.startswith("holds")
    assert bad.startswith("BROKEN")
    assert problem in bad
    assert verify(desk, "--file", str(tmp_path / "a.json")).exit_code == 1


def test_a_text_that_is_not_published_any_more_is_not_made_up(desk: Desk, tmp_path: Path) -> None:
    reference = desk.given()["reference"]
    serve(desk, Library([]), terms_folder(tmp_path))
    told = desk.client.get(EXPORTED.format(reference), headers=desk.headers("finance")).get_json()
    assert [(it["text"], it["canonical"]) for it in told["acceptances"]] == [(None, None)]
    assert verify(desk, reference).exit_code == 1


def test_it_asks_for_one_thing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    for arguments in ([], ["AS-1", "--file", str(tmp_path / "a.json")]):
        assert verify(desk, *arguments).exit_code == 2
    assert verify(desk, "AS-0000-0000").output == "Error: no contribution AS-0000-0000\n"
    reference = desk.given()["reference"]
    refused = verify(desk, reference, "--export", str(tmp_path / "none" / "a.json"))
    assert (refused.exit_code, "cannot be written" in refused.output) == (1, True)
