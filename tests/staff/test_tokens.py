"""Bearer tokens: kept as hashes, each a caller of its own, ended at once."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.db import transaction
from service.staff import tokens
from service.staff.model import AuditEntry, StaffToken
from tests.support.desk import Desk
from tests.support.staff import person, send, signed_in


def test_a_token_is_kept_as_a_hash_and_ends_when_revoked(desk: Desk) -> None:
    secret = desk.token("admin")
    row = desk.session.scalars(select(StaffToken)).one()
    assert secret not in str(vars(row))
    assert desk.client.get("/api/v1/desk/audit", headers=desk.headers("admin")).status_code == 200
    with transaction(desk.session):
        assert tokens.revoke(desk.session, row.id, "test")
    assert desk.client.get("/api/v1/desk/audit", headers=desk.headers("admin")).status_code == 401


def test_each_token_is_a_caller_of_its_own(desk: Desk) -> None:
    with transaction(desk.session):
        first, _ = tokens.issue(desk.session, "moderator", "a", "test")
        second, _ = tokens.issue(desk.session, "moderator", "a", "test")
        assert first.id != second.id


def show(desk: Desk, path: str = "/api/v1/desk/finance/books", **headers: str) -> int:
    return desk.client.get(path, headers=headers).status_code


def test_a_token_is_shown_once_works_and_is_revoked_at_once(desk: Desk) -> None:
    admin = signed_in(desk, "admin@example.com", "admin")
    page = send(admin, "/desk/admin/tokens?lang=en", label="  Ekspor   malam ", role="finance")
    assert page.headers["Cache-Control"] == "no-store"
    secret = "as_" + page.text.partition('value="as_')[2].partition('"')[0]
    assert show(desk, Authorization=f"Bearer {secret}") == 200
    listed = admin.get("/desk/admin/tokens?lang=en").text
    assert "Ekspor malam" in listed
    assert secret not in listed
    desk.session.rollback()
    token = desk.session.scalars(select(StaffToken)).one()
    me = person(desk, "admin@example.com")
    assert token.issued_by == f"staff:{me}"
    assert admin.post(f"/desk/admin/tokens/{token.id}/revoke").status_code == 403
    assert send(admin, f"/desk/admin/tokens/{token.id}/revoke").status_code == 303
    assert show(desk, Authorization=f"Bearer {secret}") == 401
    assert send(admin, f"/desk/admin/tokens/{token.id}/revoke").status_code == 404
    desk.session.rollback()
    entries = desk.session.scalars(
        select(AuditEntry).where(AuditEntry.subject == token.id).order_by(AuditEntry.sequence)
    ).all()
    assert [(entry.action, entry.actor) for entry in entries] == [
        ("staff.token_issued", f"staff:{me}"),
        ("staff.token_revoked", f"staff:{me}"),
    ]


@pytest.mark.parametrize(
    "fields",
    [
        {"label": " ", "role": "finance"},
        {"label": "x" * 101, "role": "finance"},
        {"label": "x", "role": "king"},
    ],
)
def test_a_token_needs_a_label_and_a_role(desk: Desk, fields: dict[str, str]) -> None:
    admin = signed_in(desk, "admin@example.com", "admin")
    page = send(admin, "/desk/admin/tokens", **fields)
    assert page.status_code == 422
    assert desk.session.scalars(select(StaffToken)).all() == []


def test_the_last_use_is_noted_once_an_hour(desk: Desk) -> None:
    headers = desk.headers("finance")
    start = clock.now()

    def used_at() -> object:
        desk.session.rollback()
        return desk.session.scalars(select(StaffToken.last_used_at)).one()

    seen = []
    for minutes in (0, 59, 61, 62):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=False):
            assert show(desk, **headers) == 200
            seen.append(used_at())
    assert seen[0] == seen[1] != seen[2] == seen[3]


def test_looking_for_a_token_that_is_none_notes_nothing(desk: Desk) -> None:
    desk.headers("finance")
    assert show(desk, Authorization="Bearer as_nothing") == 401
    desk.session.rollback()
    assert desk.session.scalars(select(StaffToken.last_used_at)).one() is None
