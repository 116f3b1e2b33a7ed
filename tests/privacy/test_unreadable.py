"""An address whose key is gone keeps nobody from the own rights: it is passed over."""

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from service.contributions.model import Contribution
from service.db import transaction
from service.sealing import Sealer
from tests.privacy.people import (
    API,
    EMAIL,
    asked,
    empty_mails,
    given,
    link_in,
    mails,
    record,
    send_mails,
    traces,
)
from tests.support.desk import Desk

pytestmark = pytest.mark.clause("5.1")


@pytest.fixture
def restart(desk: Desk) -> Iterator[Any]:
    """Starts the service anew with another key; afterwards the first one is back."""
    wiring = desk.wiring
    sealer = Sealer([b"n" * 32], wiring.settings.secret_key.encode())
    yield lambda: desk.app.extensions.update(wiring=dataclasses.replace(wiring, sealer=sealer))
    desk.app.extensions["wiring"] = wiring


def damage(desk: Desk, contribution_id: str) -> None:
    """Its address can be opened by nobody."""
    desk.session.rollback()
    with transaction(desk.session):
        own = update(Contribution).where(Contribution.id == contribution_id)
        desk.session.execute(own.values(email_sealed="00000000.eA=="))


@pytest.mark.parametrize("kind", ["erase", "withdraw"])
def test_whoever_cannot_be_written_to_is_forgotten_all_the_same(desk: Desk, kind: str) -> None:
    answer = given(desk)
    damage(desk, answer["id"])
    empty_mails(desk)  # the development folder's go after seven days: nobody can say to whom they were
    told = asked(desk, kind, reference=answer["reference"])
    assert (told["state"], told["outcome"]["emails"]) == ("done", 1)
    assert traces(desk) == []
    assert desk.broken() == []


def test_the_copy_says_that_the_address_cannot_be_told(desk: Desk) -> None:
    answer = given(desk)
    damage(desk, answer["id"])
    told = asked(desk, "export", reference=answer["reference"])
    copy = desk.client.get(f"{API}/requests/{told['id']}/export", headers=desk.headers("admin"))
    assert copy.status_code == 200
    assert copy.get_json()["contributions"][0]["email"] is None


@pytest.mark.parametrize("kind", ["erase", "withdraw", "export", "restrict", "correct"])
def test_a_link_that_was_sent_before_the_key_was_lost(desk: Desk, restart: Any, kind: str) -> None:
    """It is still good, but for a correction: what was to be written is gone with the key."""
    given(desk)
    empty_mails(desk)
    told = asked(desk, kind, email=EMAIL, **({"display_name": "Melati"} if kind == "correct" else {}))
    send_mails(desk)
    link = link_in(mails(desk)[0])
    restart()
    done = desk.client.post(link)
    assert done.status_code == (410 if kind == "correct" else 200)
    state = "awaiting_confirmation" if kind == "correct" else "done"
    assert record(desk, told["id"])["state"] == state
