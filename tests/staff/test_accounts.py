"""Accounts: who gets one."""

import unicodedata

import pytest
from flask import Flask

from service.db import db, transaction
from service.errors import ValidationFailed
from service.staff import accounts
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, try_to_sign_in


@pytest.mark.parametrize(("password", "roles"), [("short", ["admin"]), (PASSWORD, ["king"]), (PASSWORD, [])])
def test_accounts_need_a_long_password_and_a_known_role(desk: Desk, password: str, roles: list[str]) -> None:
    with (
        desk.app.app_context(),
        pytest.raises(ValidationFailed),
        transaction(desk.session),
    ):
        accounts.add(desk.session, "x@example.com", password, roles, "test")


@pytest.mark.parametrize("email", ["nobody at all", "a@", "@b.c", "a\x00@b.co"])
def test_accounts_need_an_address(desk: Desk, email: str) -> None:
    with desk.app.app_context(), pytest.raises(ValidationFailed), transaction(db.session):
        accounts.add(db.session, email, PASSWORD, ["admin"], "test")


@pytest.mark.parametrize(
    ("given", "also"),
    [
        (unicodedata.normalize("NFD", "réné@example.com"), "réné@example.com"),
        ("a@xn--bcher-kva.example", "a@bücher.example"),
        ("ÉMILE@example.com", "émile@EXAMPLE.com"),
    ],
)
def test_an_address_is_the_same_however_it_is_typed(desk: Desk, given: str, also: str) -> None:
    with desk.app.app_context():
        with transaction(db.session):
            made = accounts.add(db.session, given, PASSWORD, ["admin"], "test").id
        for typed in (given, also, f" {also.upper()} "):
            found = accounts.find(db.session, typed)
            assert found is not None
            assert found.id == made
            with pytest.raises(ValidationFailed), transaction(db.session):
                accounts.add(db.session, typed, PASSWORD, ["admin"], "test")
    for typed in (given, also, also.upper()):
        assert try_to_sign_in(desk.client, typed, PASSWORD).status_code == 302


def test_commands_of_libraries_do_not_go_round_the_audit(session_app: Flask) -> None:
    assert not {"users", "roles", "limiter", "openapi"} & set(session_app.cli.commands)
