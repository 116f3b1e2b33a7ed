"""The command line does the same as the pages, for whoever has the server and no account."""

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.staff.model import AuditEntry
from tests.support.desk import Desk
from tests.support.staff import PASSWORD, person, signed_in, try_to_sign_in


def told(desk: Desk, *arguments: str) -> Any:
    done = desk.command("staff", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_add_change_deactivate_and_reactivate(desk: Desk) -> None:
    added = told(desk, "add", "A@contoh.id", "--role", "admin", "--password", PASSWORD)
    assert (added["name"], added["roles"], added["ended"]) == ("a@contoh.id", "admin", None)
    told(desk, "add", "b@contoh.id", "--role", "finance", "--password", PASSWORD)
    assert told(desk, "roles", "b@contoh.id", "--role", "lead", "--role", "editor")["roles"] == "editor,lead"
    client = signed_in(desk, "b@contoh.id")
    gone = told(desk, "deactivate", "b@contoh.id")
    assert (gone["ended"], gone["tokens_revoked"]) == ("inactive", 0)
    assert client.get("/desk").status_code == 303
    assert told(desk, "reactivate", "b@contoh.id")["ended"] is None
    assert try_to_sign_in(desk.client, "b@contoh.id", PASSWORD).status_code == 302
    assert [row["last"] is None for row in told(desk, "list")] == [True, False]
    desk.session.rollback()
    actors = desk.session.scalars(select(AuditEntry.actor).where(AuditEntry.action != "staff.signed_in"))
    assert set(actors) == {"command line"}


def test_reset_prints_a_link_alone_on_the_last_line(desk: Desk) -> None:
    person(desk, "a@contoh.id", "admin")
    done = desk.command("staff", "reset", "a@contoh.id")
    assert done.exit_code == 0
    link = done.stdout.splitlines()[-1]
    assert link.startswith("http://localhost/desk/password/")
    assert desk.client.get(link.removeprefix("http://localhost")).status_code == 200
    again = told(desk, "reset", "a@contoh.id")
    assert desk.client.get(link.removeprefix("http://localhost")).status_code == 410
    path = again["link"].removeprefix("http://localhost")
    assert desk.client.get(path).status_code == 200
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=False):
        assert desk.client.get(path).status_code == 410


@pytest.mark.parametrize(
    ("arguments", "told_"),
    [
        (("deactivate", "a@contoh.id"), "last active administrator"),
        (("roles", "a@contoh.id", "--role", "finance"), "last active administrator"),
        (("reset", "nobody@contoh.id"), "nobody has the address"),
        (("add", "a@contoh.id", "--role", "admin", "--password", PASSWORD), "an account already"),
        (("add", "b@contoh.id", "--role", "admin", "--password", "katasandi1234"), "easy to guess"),
        (("add", "b@contoh.id", "--role", "admin", "--password", "pendek"), "at least 12"),
        (("add", "b", "--role", "admin", "--password", PASSWORD), "not an e-mail address"),
    ],
)
def test_what_is_refused_is_one_line(desk: Desk, arguments: tuple[str, ...], told_: str) -> None:
    person(desk, "a@contoh.id", "admin")
    done = desk.command("staff", *arguments)
    assert done.exit_code == 1
    assert told_ in done.output
    assert len(done.output.strip().splitlines()) == 1
