"""Accounts: who gets one."""

import pytest
from flask import Flask

from service.db import db, transaction
from service.errors import ValidationFailed
from service.staff import accounts
from tests.support.desk import Desk
from tests.support.staff import PASSWORD


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


def test_commands_of_libraries_do_not_go_round_the_audit(session_app: Flask) -> None:
    assert not {"users", "roles", "limiter", "openapi"} & set(session_app.cli.commands)
