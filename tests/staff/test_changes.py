"""What administrators change takes effect at the next request, and never locks everybody out."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.db import db, transaction
from service.errors import LastAdmin, NotAllowed, OwnAccount
from service.staff import accounts, changes
from service.staff.model import AuditEntry
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, person, send, signed_in, try_to_sign_in

STAFF = "/desk/admin/staff"


@pytest.fixture
def admin(desk: Desk) -> FlaskClient:
    return signed_in(desk, "admin@example.com", "admin")


def last_entry(desk: Desk) -> tuple[str, str, str, dict[str, Any]]:
    desk.session.rollback()
    entry = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    return entry.actor, entry.action, entry.subject, entry.details


def test_new_roles_count_at_the_next_request(desk: Desk, admin: FlaskClient) -> None:
    colleague, id_ = signed_in(desk, "b@example.com", "moderator"), person(desk, "b@example.com")
    assert colleague.get("/desk/finance").status_code == 403
    assert send(admin, f"{STAFF}/{id_}/roles", roles=["finance", "editor"]).status_code == 303
    assert colleague.get("/desk/finance").status_code == 200
    assert colleague.get("/desk/moderation").status_code == 403
    me = person(desk, "admin@example.com")
    details = {"before": ["moderator"], "after": ["editor", "finance"], "tokens_revoked": 0}
    assert last_entry(desk) == (f"staff:{me}", "staff.roles_changed", f"staff:{id_}", details)


def test_the_same_roles_again_are_no_change(desk: Desk, admin: FlaskClient) -> None:
    id_ = person(desk, "b@example.com", "moderator")
    assert send(admin, f"{STAFF}/{id_}/roles", roles=["moderator"]).status_code == 303
    assert last_entry(desk)[1] != "staff.roles_changed"


@pytest.mark.parametrize("roles", [[], ["king"], ["moderator", "king"]])
def test_roles_that_do_not_exist_are_said(desk: Desk, admin: FlaskClient, roles: list[str]) -> None:
    id_ = person(desk, "b@example.com", "moderator")
    page = send(admin, f"{STAFF}/{id_}/roles?lang=en", roles=roles)
    assert page.status_code == 422
    assert "Please choose at least one role." in page.text


def test_who_is_deactivated_is_out_at_the_next_request(desk: Desk, admin: FlaskClient) -> None:
    colleague, id_ = signed_in(desk, "b@example.com", "finance"), person(desk, "b@example.com")
    assert send(admin, f"{STAFF}/{id_}/deactivate").status_code == 303
    assert colleague.get("/desk").status_code == 303
    assert colleague.get("/api/v1/desk/finance/books").status_code == 401
    details = {"before": "active", "after": "inactive", "tokens_revoked": 0}
    assert last_entry(desk)[1:] == ("staff.deactivated", f"staff:{id_}", details)
    assert try_to_sign_in(desk.client, "b@example.com", PASSWORD).status_code == 200
    assert send(admin, f"{STAFF}/{id_}/reactivate").status_code == 303
    assert last_entry(desk)[1:] == (
        "staff.reactivated",
        f"staff:{id_}",
        {"before": "inactive", "after": "active"},
    )
    assert colleague.get("/desk").status_code == 303, "sessions from before do not come back"
    assert try_to_sign_in(desk.client, "b@example.com", PASSWORD).status_code == 302


def test_tokens_of_who_is_deactivated_are_revoked(desk: Desk, admin: FlaskClient) -> None:
    other, id_ = signed_in(desk, "b@example.com", "admin"), person(desk, "b@example.com")
    shown = send(other, "/desk/admin/tokens", label="ekspor", role="finance").text
    secret = shown.partition('value="as_')[2].partition('"')[0]
    headers = {"Authorization": f"Bearer as_{secret}"}
    assert desk.client.get("/api/v1/desk/finance/books", headers=headers).status_code == 200
    assert send(admin, f"{STAFF}/{id_}/deactivate").status_code == 303
    assert desk.client.get("/api/v1/desk/finance/books", headers=headers).status_code == 401
    assert last_entry(desk)[3]["tokens_revoked"] == 1


def test_somebody_is_signed_out_everywhere(desk: Desk, admin: FlaskClient) -> None:
    phone, laptop = signed_in(desk, "b@example.com", "finance"), signed_in(desk, "b@example.com")
    id_ = person(desk, "b@example.com")
    assert send(admin, f"{STAFF}/{id_}/sign-out").status_code == 303
    assert [browser.get("/desk").status_code for browser in (phone, laptop, admin)] == [303, 303, 200]
    assert last_entry(desk)[1:3] == ("staff.sessions_ended", f"staff:{id_}")


@pytest.mark.parametrize(("act", "fields"), [("roles", {"roles": ["auditor"]}), ("deactivate", {})])
def test_nobody_changes_the_own_account(
    desk: Desk, admin: FlaskClient, act: str, fields: dict[str, Any]
) -> None:
    person(desk, "b@example.com", "admin")
    me = person(desk, "admin@example.com")
    page = send(admin, f"{STAFF}/{me}/{act}?lang=en", **fields)
    assert page.status_code == 409
    assert "Nobody changes their own roles" in page.text
    assert admin.get(STAFF).status_code == 200


def test_the_last_active_administrator_stays(desk: Desk, admin: FlaskClient) -> None:
    """Through the command line; through the desk there is always one who asks."""
    me, gone = person(desk, "admin@example.com"), person(desk, "gone@example.com", "admin")
    assert send(admin, f"{STAFF}/{gone}/deactivate").status_code == 303
    for command in (["roles", "admin@example.com", "--role", "finance"], ["deactivate", "admin@example.com"]):
        refused = desk.command("staff", *command)
        assert refused.exit_code == 1
        assert "administrator" in refused.output
    desk.session.rollback()
    found = accounts.get(desk.session, me)
    assert (accounts.roles_of(found), found.active) == (["admin"], True)
    more = ("--role", "admin", "--role", "auditor")
    assert desk.command("staff", "roles", "admin@example.com", *more).exit_code == 0
    assert desk.command("staff", "reactivate", "gone@example.com").exit_code == 0
    assert desk.command("staff", "deactivate", "admin@example.com").exit_code == 0


def test_two_administrators_who_remove_each_other_at_once_do_not_both_succeed(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    ids = [person(desk, f"{name}@example.com", "admin") for name in "ab"]
    engine = desk.session.get_bind()

    def remove(mine: int, theirs: int) -> bool:
        with Session(engine, expire_on_commit=False) as session:
            try:
                with transaction(session):
                    changes.deactivate(session, theirs, f"staff:{mine}")
            except (LastAdmin, NotAllowed):  # whoever comes second was shut out meanwhile
                return False
        return True

    for _ in range(5):
        with ThreadPoolExecutor(2) as pool:
            done = list(pool.map(remove, ids, reversed(ids)))
        assert sorted(done) == [False, True]
        for id_ in ids:
            with transaction(desk.session):
                changes.reactivate(desk.session, id_, "test")


def test_the_verbs_refuse_without_a_page(desk: Desk) -> None:
    id_ = person(desk, "only@example.com", "admin")
    with desk.app.app_context():
        with pytest.raises(OwnAccount), transaction(db.session):
            changes.set_roles(db.session, id_, ["finance"], f"staff:{id_}")
        with pytest.raises(LastAdmin), transaction(db.session):
            changes.deactivate(db.session, id_, "command line")
        assert accounts.roles_of(accounts.get(db.session, id_)) == ["admin"]


def test_the_trail_names_no_address(desk: Desk, admin: FlaskClient) -> None:
    send(admin, STAFF, email="rahasia.orang@contoh.id", roles=["finance"])
    id_ = person(desk, "rahasia.orang@contoh.id")
    for act in ("link", "sign-out", "deactivate", "reactivate"):
        send(admin, f"{STAFF}/{id_}/{act}")
    desk.session.rollback()
    trail = str([vars(entry) for entry in desk.session.scalars(select(AuditEntry))])
    assert "contoh.id" not in trail
    assert "rahasia" not in trail


@pytest.mark.parametrize("act", ["roles", "deactivate", "reactivate", "sign-out", "link"])
def test_each_form_needs_our_token(desk: Desk, admin: FlaskClient, act: str) -> None:
    id_ = person(desk, "b@example.com", "moderator")
    assert admin.post(f"{STAFF}/{id_}/{act}", data={"roles": "finance"}).status_code == 403
    assert admin.get(f"{STAFF}/{id_}/{act}").status_code == 405
    assert accounts_untouched(desk, id_)


def accounts_untouched(desk: Desk, id_: int) -> bool:
    desk.session.rollback()
    found = accounts.get(desk.session, id_)
    return found.active and accounts.roles_of(found) == ["moderator"] and found.link_sha256 is None


@pytest.mark.parametrize(("path", "fields"), [
    (STAFF, {"email": "c@example.com", "roles": "admin"}),
    ("/desk/admin/tokens", {"label": "x", "role": "admin"}),
])  # fmt: skip
def test_adding_needs_our_token(desk: Desk, admin: FlaskClient, path: str, fields: dict[str, str]) -> None:
    assert admin.post(path, data=fields).status_code == 403
    assert desk.command("staff", "list").output.count("\n") == 2


@pytest.mark.parametrize(
    ("email", "told"),
    [
        ("nobody", "not an e-mail"),
        ("ADMIN@example.com ", "an account already"),
        ("a@" + "b" * 300 + ".id", "not"),
    ],
)
def test_somebody_new_needs_an_address_of_their_own(
    desk: Desk, admin: FlaskClient, email: str, told: str
) -> None:
    page = send(admin, f"{STAFF}?lang=en", email=email, roles=["finance"])
    assert page.status_code == 422
    assert told in page.text
    assert "checked" in page.text, "what was chosen stays"


def test_the_auditor_sees_everything_and_is_offered_nothing(desk: Desk) -> None:
    auditor = signed_in(desk, "auditor@example.com", "auditor")
    id_ = person(desk, "b@example.com", "moderator")
    for path in ("/desk/admin", STAFF, f"{STAFF}/{id_}", "/desk/admin/tokens", "/desk/admin/audit"):
        page = auditor.get(path)
        assert page.status_code == 200
        main = page.text.partition("<main")[2].partition("</main")[0]
        assert 'method="post"' not in main
