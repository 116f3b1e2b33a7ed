"""People of the desk in tests: accounts, browsers that are signed in, forms with our token."""

import re
from typing import Any

from flask.testing import FlaskClient

from service.db import db, transaction
from service.staff import accounts
from tests.support.desk import Desk

PASSWORD = "correct horse battery"
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


def person(desk: Desk, email: str, *roles: str, password: str = PASSWORD) -> int:
    """The id of an account, made where there is none."""
    desk.session.rollback()
    with desk.app.app_context():
        found = accounts.find(db.session, email)
        db.session.rollback()
        if found is None:
            with transaction(db.session):
                found = accounts.add(db.session, email, password, roles, "test")
        return found.id


def form_token(page: str) -> str:
    """Our token of the first form on a page."""
    found = _TOKEN.search(page)
    assert found is not None
    return found[1]


def try_to_sign_in(client: FlaskClient, email: str, password: str, query: str = "") -> Any:
    """Send the form of the door; the response."""
    fields = {"email": email, "password": password, "csrf_token": form_token(client.get("/desk/login").text)}
    return client.post(f"/desk/login{query}", data=fields)


def sign_in(desk: Desk, role: str = "moderator", password: str = PASSWORD) -> tuple[FlaskClient, int]:
    """A browser of somebody with this role, and the status of signing in."""
    person(desk, f"{role}@example.com", role)
    client = desk.client
    return client, try_to_sign_in(client, f"{role}@example.com", password).status_code


def signed_in(desk: Desk, email: str, *roles: str) -> FlaskClient:
    """A browser in which this person is signed in."""
    person(desk, email, *roles)
    client = desk.client
    assert try_to_sign_in(client, email, PASSWORD).status_code == 302
    return client


def send(client: FlaskClient, path: str, page: str = "/desk", **fields: Any) -> Any:
    """Send a form with the token of a page that shows one; the response."""
    token = form_token(client.get(page).text)
    return client.post(path, data={"csrf_token": token, **fields})
