"""Only people who are administrators now administer: no tokens, nobody who was shut out meanwhile."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from service.db import transaction
from service.errors import NotAllowed, ValidationFailed
from service.staff import accounts, changes, links, tokens
from service.staff.model import AuditEntry, Role, StaffToken
from tests.support.desk import Desk
from tests.support.locks import holding, until_somebody_waits
from tests.support.staff import person, send, signed_in

STAFF, TOKENS = "/desk/admin/staff", "/desk/admin/tokens"


@pytest.fixture
def admin(desk: Desk) -> FlaskClient:
    return signed_in(desk, "admin@example.com", "admin")


def issued(client: FlaskClient, role: str) -> dict[str, str]:
    page = send(client, TOKENS, label=role, role=role).text
    secret = page.partition('value="as_')[2].partition('"')[0]
    return {"Authorization": f"Bearer as_{secret}"}


@pytest.mark.parametrize("act", ["roles", "deactivate", "reactivate", "sign-out", "link"])
def test_a_token_changes_no_account(desk: Desk, admin: FlaskClient, act: str) -> None:
    id_, headers = person(desk, "b@example.com", "moderator"), issued(admin, "admin")
    assert desk.client.get(f"{STAFF}/{id_}", headers=headers).status_code == 200
    answer = desk.client.post(f"{STAFF}/{id_}/{act}", data={"roles": "admin"}, headers=headers)
    assert answer.status_code == 403
    desk.session.rollback()
    found = accounts.get(desk.session, id_)
    assert (accounts.roles_of(found), found.active, found.link_sha256) == (["moderator"], True, None)


def test_a_token_makes_no_accounts_and_no_tokens(desk: Desk, admin: FlaskClient) -> None:
    headers = issued(admin, "admin")
    fields = {"email": "c@example.com", "roles": "admin", "label": "x", "role": "admin"}
    assert desk.client.post(STAFF, data=fields, headers=headers).status_code == 403
    assert desk.client.post(TOKENS, data=fields, headers=headers).status_code == 403
    desk.session.rollback()
    id_ = desk.session.scalars(select(StaffToken.id)).one()
    assert desk.client.post(f"{TOKENS}/{id_}/revoke", headers=headers).status_code == 403
    assert desk.command("staff", "list").output.count("\n") == 3


def works(desk: Desk, headers: dict[str, str]) -> bool:
    return desk.client.get("/api/v1/desk/feature", headers=headers).status_code == 200


def test_who_loses_a_role_loses_the_tokens_with_it(desk: Desk, admin: FlaskClient) -> None:
    other, id_ = signed_in(desk, "b@example.com", "admin", "finance"), person(desk, "b@example.com")
    made = {role: issued(other, role) for role in ("admin", "finance", "editor")}
    theirs = issued(admin, "finance")
    for roles, left in (
        (["admin", "auditor"], {"admin", "editor"}),
        (["editor"], {"editor"}),
        (["moderator"], set()),
    ):
        assert send(admin, f"{STAFF}/{id_}/roles", roles=roles).status_code == 303
        assert {role for role, headers in made.items() if works(desk, headers)} == left
    assert works(desk, theirs)
    desk.session.rollback()
    changed = select(AuditEntry.details).where(AuditEntry.action == "staff.roles_changed")
    assert [entry["tokens_revoked"] for entry in desk.session.scalars(changed)] == [1, 1, 1]


def test_nobody_makes_a_link_for_the_own_account(desk: Desk, admin: FlaskClient) -> None:
    me = person(desk, "admin@example.com")
    page = send(admin, f"{STAFF}/{me}/link?lang=en")
    assert page.status_code == 409
    assert "/desk/password/" not in page.text
    assert f"{STAFF}/{me}/link" not in admin.get(f"{STAFF}/{me}").text


@pytest.mark.parametrize(("act", "fields"), [("sign-out", {}), ("roles", {"roles": ["lead"]})])
def test_a_link_ends_with_the_sessions_and_the_roles_of_its_time(
    desk: Desk, admin: FlaskClient, act: str, fields: dict[str, list[str]]
) -> None:
    id_ = person(desk, "b@example.com", "moderator")
    page = send(admin, f"{STAFF}/{id_}/link").text
    link = page.partition('value="http://localhost')[2].partition('"')[0]
    assert desk.client.get(link).status_code == 200
    assert send(admin, f"{STAFF}/{id_}/{act}", **fields).status_code == 303
    assert desk.client.get(link).status_code == 410


def verbs(desk: Desk, mine: int, theirs: int) -> dict[str, Callable[[Session], object]]:
    actor, key = f"staff:{mine}", desk.app.extensions["settings"].secret_key
    return {
        "roles": lambda session: changes.set_roles(session, theirs, ["lead"], actor),
        "deactivate": lambda session: changes.deactivate(session, theirs, actor),
        "reactivate": lambda session: changes.reactivate(session, theirs, actor),
        "sign-out": lambda session: changes.end_sessions(session, theirs, actor),
        "add": lambda session: accounts.add(session, "new@example.com", None, ["lead"], actor),
        "link": lambda session: links.make(session, accounts.get(session, theirs), key, actor),
        "token": lambda session: tokens.issue(session, "lead", "x", actor),
    }


VERBS = ["roles", "deactivate", "reactivate", "sign-out", "add", "link", "token"]


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("how", ["deactivated", "no administrator"])
def test_who_may_no_longer_administer_is_refused_by_the_verbs(desk: Desk, verb: str, how: str) -> None:
    mine, theirs = person(desk, "me@example.com", "admin"), person(desk, "b@example.com", "moderator")
    person(desk, "other@example.com", "admin")
    with transaction(desk.session):
        if how == "deactivated":
            changes.deactivate(desk.session, mine, "test")
        else:
            changes.set_roles(desk.session, mine, ["finance"], "test")
    with desk.app.app_context(), pytest.raises(NotAllowed), transaction(desk.session):
        verbs(desk, mine, theirs)[verb](desk.session)


@pytest.mark.parametrize("verb", VERBS)
def test_who_was_shut_out_while_waiting_is_refused(postgresql_desk: Desk, verb: str) -> None:
    desk = postgresql_desk
    mine, theirs = person(desk, "me@example.com", "admin"), person(desk, "b@example.com", "moderator")
    person(desk, "other@example.com", "admin")
    engine = desk.session.get_bind()
    role = desk.session.scalars(select(Role.id).where(Role.name == "admin")).one()

    def act() -> str:
        with Session(engine, expire_on_commit=False) as session:
            try:
                with desk.app.app_context(), transaction(session):
                    verbs(desk, mine, theirs)[verb](session)
            except NotAllowed:
                return "refused"
        return "done"

    with ThreadPoolExecutor(1) as pool:
        with holding(desk, "role", role) as other:
            waiting = pool.submit(act)
            until_somebody_waits(other)
            other.exec_driver_sql(f"UPDATE staff SET active = false WHERE id = {mine}")
        assert waiting.result(20) == "refused"


def at_once(*acts: Callable[[], object]) -> list[object]:
    """What each gives when all begin together."""
    start = Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def adding(desk: Desk, email: str, role: str) -> Callable[[], object]:
    engine = desk.session.get_bind()

    def act() -> object:
        with Session(engine, expire_on_commit=False) as session:
            try:
                with desk.app.app_context(), transaction(session):
                    accounts.add(session, email, None, [role], "test")
                    time.sleep(0.05)  # so that the other one has looked, too
            except ValidationFailed as refusal:
                return refusal.errors["email"][0]
        return "added"

    return act


def test_one_address_added_at_once_is_taken(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    for number in range(4):
        email = f"n{number}@example.com"
        roles = ("moderator", "finance", "lead")
        done = at_once(*(adding(desk, email, role) for role in roles))
        assert sorted(map(str, done)) == ["added", "taken", "taken"]


def test_the_first_two_of_a_role_are_both_added(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    for role in ("moderator", "finance", "editor"):
        assert at_once(*(adding(desk, f"{role}{n}@example.com", role) for n in "abc")) == ["added"] * 3


def test_revoking_while_the_issuer_is_deactivated_ends_well(postgresql_desk: Desk) -> None:
    desk = postgresql_desk
    engine = desk.session.get_bind()

    def act(do: Callable[[Session], object]) -> Callable[[], object]:
        def run() -> object:
            with Session(engine, expire_on_commit=False) as session, transaction(session):
                return do(session)

        return run

    for number in range(8):
        id_ = person(desk, f"a{number}@example.com", "admin")
        person(desk, "other@example.com", "admin")
        with transaction(desk.session):
            made = [tokens.issue(desk.session, "lead", "x", f"staff:{id_}")[0].id for _ in range(4)]
        made.sort()
        at_once(
            act(lambda session, id_=id_: changes.deactivate(session, id_, "test")),
            act(lambda session, one=made[-1]: tokens.revoke(session, one, "test")),
            act(lambda session, one=made[0]: tokens.revoke(session, one, "test")),
        )
        desk.session.rollback()
        ended = select(AuditEntry.subject).where(
            AuditEntry.action == "staff.token_revoked", AuditEntry.subject.in_(made)
        )
        assert sorted(desk.session.scalars(ended)) == sorted(made), "each ended once"
