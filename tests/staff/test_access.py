"""Everyone stays out of where they do not belong."""

import re

import pytest
from flask import Flask

from service.app import create_app
from service.db import db
from service.staff.permissions import ROLES, of_roles
from service.web import access
from tests.conftest import environment
from tests.support.desk import Desk

ID = "0" * 32

READERS, DECIDERS = {"moderator", "lead", "auditor"}, {"moderator", "lead"}
API, PAGE = "/api/v1/desk/moderation", "/desk/moderation"
MONEY = "/api/v1/desk/finance"
PRIVACY, CERTIFICATE = "/api/v1/desk/privacy", "certificates/PD-0000-0000"
READ = (
    "summary?from=2026-11-01&to=2026-11-30", "exports", f"exports/{ID}", f"exports/{ID}/content", "exceptions",
    "bank-lines", "payouts", f"payouts/{ID}", "periods", "periods/2026-11",
)  # fmt: skip
WRITTEN = ("bank-lines", "bank-lines/1/match", "exceptions/1/explanation", "periods/2026-11/close")
ADMINISTRATION_READ = ("", "/staff", "/staff/1", "/tokens", "/audit", "/audit/export")
_ACTS = ("roles", "deactivate", "reactivate", "sign-out", "link")
ADMINISTRATION_WRITTEN = ("staff", *(f"staff/1/{act}" for act in _ACTS), "tokens", f"tokens/{ID}/revoke")
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
    ("GET", f"/api/v1/desk/contributions/{ID}/acceptances"): {"finance", "auditor"},
    ("GET", "/api/v1/desk/feature"): set(ROLES),
    ("PUT", "/api/v1/desk/feature"): {"editor", "admin"},
    ("GET", "/desk/switch"): set(ROLES),
    ("POST", "/desk/switch"): {"editor", "admin"},
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
    **{
        ("GET", f"{PRIVACY}/{path}"): {"admin", "auditor"}
        for path in ("requests", f"requests/{ID}", CERTIFICATE)
    },
    ("POST", f"{PRIVACY}/requests"): {"admin"},
    ("GET", f"{PRIVACY}/requests/{ID}/export"): {"admin"},
    ("POST", f"{PRIVACY}/requests/{ID}/lift"): {"admin"},
    **{
        ("GET", f"/desk/admin/privacy{path}"): {"admin", "auditor"}
        for path in ("", f"/{ID}", f"/{CERTIFICATE}")
    },
    **{("POST", f"/desk/admin/privacy{path}"): {"admin"} for path in ("", f"/{ID}/lift", f"/{ID}/export")},
    ("GET", "/desk/account"): set(ROLES),
    ("POST", "/desk/account/password"): set(ROLES),
    ("POST", "/desk/account/sign-out-everywhere"): set(ROLES),
    **{("GET", f"/desk/admin{path}"): {"admin", "auditor"} for path in ADMINISTRATION_READ},
    **{("POST", f"/desk/admin/{path}"): {"admin"} for path in ADMINISTRATION_WRITTEN},
}
# What is answered to those who may, where it is not the usual.
ANSWERS = {
    ("POST", f"{API}/claims"): 200,
    ("PUT", "/api/v1/desk/feature"): 422,
    ("DELETE", f"{API}/claims"): 204,
    ("POST", f"{PAGE}/claims"): 303,
    ("POST", f"{PAGE}/release"): 303,
    ("POST", f"{PAGE}/{ID}/flags/link"): 404,
    ("POST", "/desk/finance/bank-lines/1"): 404,
    ("POST", f"{PRIVACY}/requests/{ID}/lift"): 404,
    **{("GET", f"{path}/{CERTIFICATE}"): 404 for path in (PRIVACY, "/desk/admin/privacy")},
    **{("POST", f"/desk/admin/privacy/{ID}/{act}"): 404 for act in ("lift", "export")},
    ("POST", "/desk/finance/periods/2026-11"): 409,
    # A token is nobody who has an account; and nobody is number one.
    ("GET", "/desk/account"): 404,
    ("POST", "/desk/account/password"): 404,
    ("POST", "/desk/account/sign-out-everywhere"): 404,
    ("GET", "/desk/admin/staff/1"): 404,
}
# No token does what only people who signed in may do.
BY_PEOPLE = {("POST", f"/desk/admin/{path}") for path in ADMINISTRATION_WRITTEN}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(("method", "path"), ALLOWED)
def test_each_role_enters_its_own_rooms_only(desk: Desk, role: str, method: str, path: str) -> None:
    response = desk.client.open(
        path, method=method, headers=desk.headers(role), json={} if method == "POST" else None
    )
    if role in ALLOWED[method, path] and (method, path) not in BY_PEOPLE:
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


@pytest.mark.parametrize(("method", "path"), ALLOWED)
def test_the_page_of_permissions_says_the_same(session_app: Flask, method: str, path: str) -> None:
    endpoint, _ = session_app.url_map.bind("localhost").match(path.partition("?")[0], method=method)
    permission = access.declared(session_app, endpoint)
    assert {role for role in ROLES if permission in of_roles([role])} == ALLOWED[method, path]


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
    stand_ins = {"<string:kind>": "link", "<period>": "2026-11", "<string:number>": "PD-0000-0000"}

    def stood_in(rule: str) -> str:
        for placeholder, value in stand_ins.items():
            rule = rule.replace(placeholder, value)
        return re.sub(r"<int\(max=\d+\):\w+>", "1", rule)

    assert {(method, stood_in(rule)) for method, rule in named} == shapes


def test_metrics_are_for_this_machine_only(desk: Desk) -> None:
    assert desk.client.get("/metrics").status_code == 200
    assert desk.client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.9"}).status_code == 403
    assert desk.client.get("/metrics", headers={"X-Forwarded-For": "10.0.0.9"}).status_code == 403
