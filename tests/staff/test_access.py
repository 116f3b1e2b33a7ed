"""Everyone stays out of where they do not belong."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from service.app import create_app
from service.db import db, transaction
from service.staff import accounts, tokens
from service.staff.model import AuditEntry, StaffToken
from service.staff.permissions import ROLES
from service.web import access
from tests.conftest import environment
from tests.support.desk import Desk

PASSWORD = "correct horse battery"
ID = "0" * 32

READERS, DECIDERS = {"moderator", "lead", "auditor"}, {"moderator", "lead"}
API, PAGE = "/api/v1/desk/moderation", "/desk/moderation"
MONEY = "/api/v1/desk/finance"
READ = (
    "summary?from=2026-11-01&to=2026-11-30", "exports", f"exports/{ID}", f"exports/{ID}/content", "exceptions",
    "bank-lines", "payouts", f"payouts/{ID}", "periods", "periods/2026-11",
)  # fmt: skip
WRITTEN = ("bank-lines", "bank-lines/1/match", "exceptions/1/explanation", "periods/2026-11/close")
# Which roles may call each staff route; every other caller is refused.
ALLOWED = {
    ("GET", f"{API}/queue"): READERS,
    ("POST", f"{API}/claims"): DECIDERS,
    ("DELETE", f"{API}/claims"): DECIDERS,
    ("POST", f"{API}/messages/{ID}/decision"): DECIDERS,
    ("POST", f"{API}/decisions"): DECIDERS,
    ("DELETE", f"{API}/messages/{ID}/flags/link"): DECIDERS,
    ("GET", f"{API}/messages/{ID}/history"): {"moderator", "lead", "admin", "auditor"},
    ("GET", f"{API}/statistics"): {"lead", "admin", "auditor"},
    ("GET", "/api/v1/desk/finance/export?from=2026-11-01&to=2026-11-30"): {"finance", "auditor"},
    ("POST", "/api/v1/desk/finance/reconciliations"): {"finance"},
    ("GET", f"/api/v1/desk/finance/reconciliations/{ID}"): {"finance", "auditor"},
    ("GET", "/api/v1/desk/finance/books"): {"finance", "auditor"},
    ("GET", "/api/v1/desk/audit"): {"admin", "auditor"},
    ("GET", f"/api/v1/desk/contributions/{ID}"): set(ROLES),
    ("GET", f"/api/v1/desk/contributions/{ID}/evidence"): {"finance", "auditor"},
    ("GET", "/desk/contributions"): set(ROLES),
    ("GET", f"/desk/contributions/{ID}"): set(ROLES),
    ("GET", "/desk"): set(ROLES),
    ("GET", PAGE): READERS,
    ("GET", f"{PAGE}/arrivals"): READERS,
    ("GET", f"{PAGE}/statistics"): {"lead", "admin", "auditor"},
    ("GET", f"{PAGE}/shift"): DECIDERS,
    ("GET", f"{PAGE}/messages/{ID}"): {"moderator", "lead", "admin", "auditor"},
    ("POST", f"{PAGE}/claims"): DECIDERS,
    ("POST", f"{PAGE}/release"): DECIDERS,
    ("POST", f"{PAGE}/bulk"): DECIDERS,
    ("POST", f"{PAGE}/{ID}"): DECIDERS,
    ("POST", f"{PAGE}/{ID}/flags/link"): DECIDERS,
    **{("GET", f"{MONEY}/{path}"): {"finance", "auditor"} for path in READ},
    **{("POST", f"{MONEY}/{path}"): {"finance"} for path in WRITTEN},
    ("POST", f"{MONEY}/exports"): {"finance"},
    ("GET", "/desk/finance"): {"finance", "auditor"},
    **{
        ("GET", f"/desk/finance/{path}"): {"finance", "auditor"}
        for path in (
            "exports",
            f"exports/{ID}",
            "payouts",
            f"payouts/{ID}",
            "exceptions",
            "periods",
            "periods/2026-11",
            f"reconciliations/{ID}",
        )
    },
    **{
        ("POST", f"/desk/finance/{path}"): {"finance"}
        for path in ("bank-lines", "bank-lines/1", "exceptions/1", "periods/2026-11")
    },
    ("POST", "/desk/finance/exports"): {"finance"},
}
# What is answered to those who may, where it is not the usual.
ANSWERS = {
    ("POST", f"{API}/claims"): 200,
    ("DELETE", f"{API}/claims"): 204,
    ("POST", f"{PAGE}/claims"): 303,
    ("POST", f"{PAGE}/release"): 303,
    ("POST", f"{PAGE}/{ID}/flags/link"): 404,
    ("POST", "/desk/finance/bank-lines/1"): 404,
    ("POST", "/desk/finance/periods/2026-11"): 409,
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), ALLOWED)
def test_each_role_enters_its_own_rooms_only(desk: Desk, role: str, method: str, path: str) -> None:
    response = desk.client.open(
        path, method=method, headers=desk.headers(role), json={} if method == "POST" else None
    )
    if role in ALLOWED[method, path]:
        # Reading is answered; the writes name nothing, and there is no such message.
        usual = 422 if method == "POST" else 404 if ID in path else 200
        assert response.status_code == ANSWERS.get((method, path), usual)
    else:
        assert response.status_code == 403


@pytest.mark.parametrize(("method", "path"), ALLOWED)
def test_nobody_unknown_enters(desk: Desk, method: str, path: str) -> None:
    response = desk.client.open(path, method=method)
    if path.startswith("/api/"):
        assert (response.status_code, response.get_json()["code"]) == (401, "not_authenticated")
    else:
        assert response.status_code == 303
        assert response.headers["Location"].startswith("/desk/login?next=")


def test_every_route_says_who_may_call_it(session_app: Flask) -> None:
    missing = [
        rule.rule
        for rule in session_app.url_map.iter_rules()
        if access.declared(session_app, rule.endpoint) is None
    ]
    assert missing == []


def test_a_route_that_says_nothing_is_closed_and_found(desk: Desk) -> None:
    app = create_app(environ=environment(desk.app.extensions["settings"].database_url))
    app.add_url_rule("/forgotten", "forgotten", lambda: "open")
    assert access.declared(app, "forgotten") is None
    assert app.test_client().get("/forgotten").status_code == 303
    response = app.test_client().get("/forgotten", headers=desk.headers("admin"))
    with app.app_context():
        db.engine.dispose()
    assert response.status_code == 403


def test_all_staff_routes_are_covered_here(session_app: Flask) -> None:
    staff = {
        (method, rule.rule)
        for rule in session_app.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if access.declared(session_app, rule.endpoint) not in (access.PUBLIC, access.LOCAL)
        and not rule.endpoint.startswith("security.")
    }
    shapes = {(method, re.sub(ID, "<id>", path.partition("?")[0])) for method, path in ALLOWED}
    named = {(method, re.sub(r"<(key:\w+|string:reference|ref)>", "<id>", rule)) for method, rule in staff}
    stand_ins = {"<string:kind>": "link", "<period>": "2026-11"}

    def stood_in(rule: str) -> str:
        for placeholder, value in stand_ins.items():
            rule = rule.replace(placeholder, value)
        return re.sub(r"<int\(max=\d+\):\w+>", "1", rule)

    assert {(method, stood_in(rule)) for method, rule in named} == shapes


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


def sign_in(desk: Desk, role: str = "moderator", password: str = PASSWORD) -> tuple[FlaskClient, int]:
    with desk.app.app_context():
        if accounts.find(db.session, f"{role}@example.com") is None:
            db.session.rollback()
            with transaction(db.session):
                accounts.add(db.session, f"{role}@example.com", PASSWORD, [role], "test")
    client = desk.client
    page = client.get("/desk/login")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    response = client.post(
        "/desk/login", data={"email": f"{role}@example.com", "password": password, "csrf_token": token[1]}
    )
    return client, response.status_code


def test_signing_in_opens_the_rooms_of_the_role(desk: Desk) -> None:
    client, status = sign_in(desk)
    assert status == 302
    assert client.get("/desk").status_code == 200
    assert client.get("/desk/moderation").status_code == 200
    assert client.get("/desk/finance").status_code == 403
    assert client.get("/api/v1/desk/moderation/queue").status_code == 200


def test_a_wrong_password_and_an_unknown_address_are_told_the_same(desk: Desk) -> None:
    answers = []
    sign_in(desk)
    for email in ("moderator@example.com", "unknown@example.com"):
        client = desk.client
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/desk/login").text)
        assert token is not None
        fields = {"email": email, "password": "wrong password!", "csrf_token": token[1]}
        page = client.post("/desk/login", data=fields)
        assert page.status_code == 200
        assert client.get("/desk").status_code == 303
        answers.append(re.sub(r'value="[^"]*"', "", page.text))
    assert 'role="alert"' in answers[0]
    assert answers[0] == answers[1]


def test_the_session_cookie_is_for_http_only(desk: Desk) -> None:
    client, _ = sign_in(desk)
    cookie = client.get_cookie("desk")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_signing_out_ends_the_session_and_needs_our_form(desk: Desk) -> None:
    client, _ = sign_in(desk)
    assert client.post("/desk/logout").status_code == 403
    page = client.get("/desk").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    assert client.post("/desk/logout", data={"csrf_token": token[1]}).status_code == 302
    assert client.get("/desk").status_code == 303


def test_a_write_by_session_needs_our_token_and_our_site(desk: Desk) -> None:
    id_ = desk.message_id(desk.paid()["id"])
    client, _ = sign_in(desk)
    page = client.get("/desk/moderation").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    fields = {"decision": "publish", "revision": "1"}
    path = f"/desk/moderation/{id_}"
    assert client.post(path, data=fields).status_code == 403
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert client.post(path, data=fields | {"csrf_token": token[1]}, headers=foreign).status_code == 403
    api = f"/api/v1/desk/moderation/messages/{id_}/decision"
    assert client.post(api, json={"decision": "publish", "revision": 1}).status_code == 403
    assert desk.wall() == []
    assert client.post(path, data=fields | {"csrf_token": token[1]}).status_code == 303
    assert len(desk.wall()) == 1


def test_the_desk_page_tells_why_a_decision_was_refused(desk: Desk) -> None:
    id_ = desk.message_id(desk.published()["id"])
    client, _ = sign_in(desk)
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', client.get("/desk/moderation?state=published").text
    )
    assert token is not None
    fields = {"csrf_token": token[1], "state": "published", "revision": "2", "decision": "remove"}
    refused = client.post(f"/desk/moderation/{id_}?lang=en", data=fields)
    assert refused.status_code == 422
    assert "Removing a message needs a reason." in refused.text
    assert client.post(f"/desk/moderation/{id_}", data=fields | {"reason": "spam"}).status_code == 303
    assert desk.wall() == []


def test_signing_in_never_leads_away_from_here(desk: Desk) -> None:
    with desk.app.app_context(), transaction(db.session):
        accounts.add(db.session, "a@example.com", PASSWORD, ["admin"], "test")
    client = desk.client
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/desk/login").text)
    assert token is not None
    response = client.post(
        "/desk/login?next=https://evil.example/",
        data={"email": "a@example.com", "password": PASSWORD, "csrf_token": token[1]},
    )
    assert "evil.example" not in response.headers.get("Location", "")


@pytest.mark.parametrize(("password", "roles"), [("short", ["admin"]), (PASSWORD, ["king"]), (PASSWORD, [])])
def test_accounts_need_a_long_password_and_a_known_role(desk: Desk, password: str, roles: list[str]) -> None:
    with (
        desk.app.app_context(),
        pytest.raises(ValueError, match=r"roles|password"),
        transaction(desk.session),
    ):
        accounts.add(desk.session, "x@example.com", password, roles, "test")


def test_signing_in_is_audited(desk: Desk) -> None:
    sign_in(desk)
    desk.session.rollback()
    assert "staff.signed_in" in set(desk.session.scalars(select(AuditEntry.action)))


def test_metrics_are_for_this_machine_only(desk: Desk) -> None:
    assert desk.client.get("/metrics").status_code == 200
    assert desk.client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403
    assert desk.client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 403


def test_signing_out_ends_a_session_whose_cookie_was_kept(desk: Desk) -> None:
    client, _ = sign_in(desk)
    kept = client.get_cookie("desk")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/desk").text)
    assert kept is not None
    assert token is not None
    client.post("/desk/logout", data={"csrf_token": token[1]})
    thief = desk.client
    thief.set_cookie("desk", kept.value)
    assert thief.get("/desk").status_code == 303


@pytest.mark.parametrize(
    ("email", "password"), [("a@example.com", "x" * 5000), ("a\x00@example.com", "x"), ("é", "\x00")]
)
def test_odd_sign_ins_are_just_not_right(desk: Desk, email: str, password: str) -> None:
    client = desk.client
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/desk/login").text)
    assert token is not None
    response = client.post("/desk/login", data={"email": email, "password": password, "csrf_token": token[1]})
    assert response.status_code == 200
    assert 'role="alert"' in response.text


def test_tokens_of_the_sign_in_library_open_nothing(desk: Desk) -> None:
    sign_in(desk)
    with desk.app.test_request_context():
        person = accounts.find(db.session, "moderator@example.com")
        assert person is not None
        token = person.get_auth_token()
    path = "/api/v1/desk/moderation/queue"
    for address, headers in ((f"{path}?auth_token={token}", {}), (path, {"Authentication-Token": token})):
        assert desk.client.get(address, headers=headers).status_code == 401


@pytest.mark.parametrize("password", ["kata-sandi-é-panjang", "Kata sandi ② panjang", "x" * 1024])
def test_every_password_that_is_taken_signs_in(desk: Desk, password: str) -> None:
    with desk.app.app_context(), transaction(db.session):
        accounts.add(db.session, "admin@example.com", password, ["admin"], "test")
    client, status = sign_in(desk, "admin", password)
    assert status == 302
    assert client.get("/desk").status_code == 200


@pytest.mark.parametrize("email", ["nobody at all", "a@", "@b.c", "a\x00@b.co"])
def test_accounts_need_an_address(desk: Desk, email: str) -> None:
    with desk.app.app_context(), pytest.raises(ValueError, match="address"), transaction(db.session):
        accounts.add(db.session, email, PASSWORD, ["admin"], "test")


def test_commands_of_libraries_do_not_go_round_the_audit(session_app: Flask) -> None:
    assert not {"users", "roles", "limiter", "openapi"} & set(session_app.cli.commands)
