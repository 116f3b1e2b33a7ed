"""Reading the trail: filters, pages, files; the same by page and by API."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.db import transaction
from service.staff import audit
from service.staff.model import AuditEntry
from tests.support.desk import Desk
from tests.support.staff import person

AUDIT, PAGE = "/api/v1/desk/audit", "/desk/admin/audit"
FIRST, SECOND = datetime(2026, 11, 1, 16, 59, tzinfo=UTC), datetime(2026, 11, 1, 17, 1, tzinfo=UTC)


@pytest.fixture
def trail(desk: Desk) -> Desk:
    """Acts around a midnight in Jakarta, by two actors."""
    desk.headers("auditor")
    for moment, actor, action, subject, details in (
        (FIRST, "staff:7", "message.publish", "m1", {}),
        (FIRST, "staff:8", "message.reject", "m2", {"reason": "spam"}),
        (
            SECOND,
            "staff:7",
            "staff.roles_changed",
            "staff:9",
            {"before": ["lead"], "after": ["admin", "lead"]},
        ),
        (SECOND, "=cmd|' /C calc'!A0", "staff_file.odd", "@x", {"a": None, "b": {"c": 1}}),
    ):
        with time_machine.travel(moment, tick=False), transaction(desk.session):
            audit.record(desk.session, actor, action, subject, details)
    return desk


def subjects(desk: Desk, **query: str) -> list[str]:
    answer = desk.client.get(AUDIT, query_string=query, headers=desk.headers("auditor"))
    assert answer.status_code == 200, answer.text
    return [item["subject"] for item in answer.get_json()["items"] if item["action"] != "staff.token_issued"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["@x", "staff:9", "m2", "m1"]),
        ({"actor": "staff:7"}, ["staff:9", "m1"]),
        ({"action": "message"}, ["m2", "m1"]),
        ({"action": "message.reject"}, ["m2"]),
        ({"action": "mess"}, []),
        ({"action": "staff"}, ["staff:9"]),
        ({"action": "%"}, []),
        ({"subject": "m1"}, ["m1"]),
        ({"to": "2026-11-01"}, ["m2", "m1"]),
        ({"from": "2026-11-02", "to": "2026-11-02"}, ["@x", "staff:9"]),
        ({"from": "2026-11-02", "to": "2026-11-01"}, []),
        ({"actor": "staff:7", "from": "2026-11-02", "to": "2026-11-03"}, ["staff:9"]),
    ],
)
def test_filters(trail: Desk, query: dict[str, str], expected: list[str]) -> None:
    assert subjects(trail, **query) == expected
    rows = list(csv.DictReader(io.StringIO(export(trail, "csv", **query))))
    ours = ("staff.token_issued", "audit.exported")
    assert len([row for row in rows if row["action"] not in ours]) == len(expected)
    page = trail.client.get(PAGE, query_string=query, headers=trail.headers("auditor")).text
    for subject in ("@x", "staff:9", "m2", "m1"):
        assert (f">{subject}</a>" in page) == (subject in expected)


def export(desk: Desk, kind: str, **query: str) -> str:
    answer = desk.client.get(
        f"{PAGE}/export", query_string={"format": kind, **query}, headers=desk.headers("auditor")
    )
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"] == f'attachment; filename="audit.{kind}"'
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.data.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"limit": "0"},
        {"from": "yesterday"},
        {"cursor": "x"},
        {"actor": "a\x00"},
        {"verify": "a bit"},
        {"to": "1026-01-01"},
    ],
)
def test_what_is_no_filter_is_said(trail: Desk, query: dict[str, str]) -> None:
    headers = trail.headers("auditor")
    assert trail.client.get(AUDIT, query_string=query, headers=headers).status_code == 422
    page = trail.client.get(PAGE, query_string=query, headers=headers)
    known = "limit" not in query  # a page has its own
    assert page.status_code == (422 if known else 200)
    assert ('role="alert"' in page.text) == known
    assert ">m1</a>" in page.text, "the plain list stands below"


def test_older_ones_are_loaded_with_the_filters_kept(desk: Desk) -> None:
    with transaction(desk.session):
        for number in range(120):
            audit.record(desk.session, f"staff:{number % 2}", "message.publish", f"m{number}")
    headers, path, seen = desk.headers("auditor"), f"{PAGE}?actor=staff:1&lang=en", []
    for _ in range(3):
        page = desk.client.get(path, headers=headers).text
        seen += [int(part.partition("<")[0]) for part in page.split(">m")[1:] if part[0].isdigit()]
        path = page.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert seen == list(range(119, 0, -2))
    assert path == ""


def test_files_hold_everything_and_no_formula(trail: Desk) -> None:
    with transaction(trail.session):
        for number in range(2_100):
            audit.record(trail.session, "test", "many.acts", str(number))
    rows = list(csv.DictReader(io.StringIO(export(trail, "csv"))))
    lines = [json.loads(line) for line in export(trail, "jsonl").splitlines()]
    assert rows[0]["action"] == lines[0]["action"] == lines[1]["action"] == "audit.exported"
    rows, lines = rows[1:], lines[2:]
    assert len(rows) == len(lines) == 2_105
    assert (
        [int(row["sequence"]) for row in rows]
        == [line["sequence"] for line in lines]
        == list(range(2_105, 0, -1))
    )
    odd = next(row for row in rows if row["action"] == "staff_file.odd")
    assert (odd["actor"], odd["subject"]) == ("'=cmd|' /C calc'!A0", "'@x")
    assert json.loads(odd["details"]) == {"a": None, "b": {"c": 1}}
    exact = next(line for line in lines if line["action"] == "staff_file.odd")
    assert (exact["actor"], exact["at"]) == ("=cmd|' /C calc'!A0", "2026-11-01T17:01:00Z")
    assert _digests_match(trail, lines)


def _digests_match(desk: Desk, lines: list[dict[str, Any]]) -> bool:
    """Whoever has the file can verify the chain without the service."""
    desk.session.rollback()
    hashes = {entry.sequence: entry.hash for entry in desk.session.scalars(select(AuditEntry))}
    return all(hashes[line["sequence"]] == line["hash"] for line in lines)


def test_an_address_stands_for_its_account(desk: Desk) -> None:
    id_ = person(desk, "budi@contoh.id", "finance")
    headers = desk.headers("auditor")
    with transaction(desk.session):
        audit.record(desk.session, f"staff:{id_}", "message.publish", "m1")
        audit.record(desk.session, "staff:999", "message.publish", "m2")
    page = desk.client.get(PAGE, query_string={"actor": "Budi@contoh.id"}, headers=headers).text
    assert ">m1</a>" in page
    assert ">m2</a>" not in page
    assert f'value="staff:{id_}"' in page


def test_details_and_names_are_readable_and_escaped(desk: Desk) -> None:
    id_ = person(desk, "budi@contoh.id", "finance")
    headers = desk.headers("auditor")
    with transaction(desk.session):
        audit.record(
            desk.session, f"staff:{id_}", "staff.roles_changed", "<b>x</b>",
            {"before": ["lead"], "after": ["admin", "lead"], "open": True, "none": None, "deep": {"<i>": "a&b"}},
        )  # fmt: skip
    page = desk.client.get(PAGE, headers=headers).text
    assert ">lead → admin, lead; deep: &lt;i&gt;: a&amp;b; none: –; open: True<" in page
    assert ">budi</a>" in page
    assert "<b>x</b>" not in page


def test_a_day_ends_at_midnight_in_jakarta(trail: Desk) -> None:
    assert clock.jakarta_date(FIRST).day == 1
    assert clock.jakarta_date(SECOND).day == 2


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/export", AUDIT])
@pytest.mark.parametrize("name", ["actor", "subject"])
def test_an_address_that_is_none_is_said_before_it_is_looked_up(desk: Desk, path: str, name: str) -> None:
    query = {name: "a\x00@b"}
    assert desk.client.get(path, query_string=query, headers=desk.headers("auditor")).status_code == 422


def exports(desk: Desk) -> list[AuditEntry]:
    desk.session.rollback()
    made = select(AuditEntry).where(AuditEntry.action == "audit.exported").order_by(AuditEntry.sequence)
    return list(desk.session.scalars(made))


def test_who_takes_the_trail_away_is_in_it(trail: Desk) -> None:
    id_ = person(trail, "budi@contoh.id", "finance")
    export(trail, "csv", actor="budi@contoh.id", action="message", **{"from": "2026-11-01"})
    export(trail, "jsonl", subject="nobody@contoh.id")
    trail.client.get(f"{PAGE}/export?from=yesterday", headers=trail.headers("auditor"))
    first, second = exports(trail)
    assert first.actor.startswith("token:")
    assert first.subject == "audit"
    assert first.details == {
        "format": "csv", "actor": f"staff:{id_}", "action": "message", "from": "2026-11-01",
    }  # fmt: skip
    assert second.details == {"format": "jsonl", "subject": "an address without account"}
