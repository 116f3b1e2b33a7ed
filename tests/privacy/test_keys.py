"""Encryption keys are rotated: everything opens with the new one, and addresses are still found."""

import base64
import dataclasses
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select, update

from service.contributions.model import Contribution
from service.db import transaction
from service.jobs import retaining
from service.privacy import keys
from service.privacy.model import PrivacyRequest
from service.sealing import Sealer
from tests.privacy.people import EMAIL, asked, empty_mails, given, link_in, mails, record, send_mails
from tests.support.desk import Desk

NEW = b"n" * 32


@pytest.fixture
def old_key(desk: Desk) -> Iterator[bytes]:
    """The key that the service began with; afterwards it is back."""
    wiring = desk.wiring
    yield wiring.settings.encryption_keys[0]
    desk.app.extensions["wiring"] = wiring


def with_keys(desk: Desk, *configured: bytes) -> Sealer:
    """The service started anew with other keys."""
    sealer = Sealer(configured, desk.wiring.settings.secret_key.encode())
    desk.app.extensions["wiring"] = dataclasses.replace(desk.wiring, sealer=sealer)
    return sealer


def test_after_a_rotation_the_old_key_can_go(desk: Desk, old_key: bytes) -> None:
    ids = [given(desk)["id"] for _ in range(3)]
    waiting = asked(desk, "correct", email=EMAIL, display_name="Melati")
    both = with_keys(desk, NEW, old_key)
    assert desk.broken() == []
    said = json.loads(desk.command("privacy", "rotate-keys", "--json").output)
    assert said == {"resealed": 5, "left": 0, "unreadable": 0}
    assert keys.rotate(desk.session, both) == keys.Rotated(0, 0, 0)
    alone = with_keys(desk, NEW)
    desk.session.rollback()
    rows = desk.session.scalars(select(Contribution)).all()
    assert {alone.unseal(it.email_sealed or "", it.id) for it in rows} == {EMAIL}
    assert desk.broken() == []
    assert asked(desk, "export", email=EMAIL)["state"] == "awaiting_confirmation"
    empty_mails(desk)
    assert send_mails(desk) == 2
    opened = [mail for mail in mails(desk) if EMAIL in mail]
    assert len(opened) == 2
    for mail in opened:
        assert desk.client.post(link_in(mail)).status_code == 200
    assert record(desk, waiting["id"])["outcome"]["names"] == len(ids)


def test_a_key_that_goes_too_early_is_found(desk: Desk, old_key: bytes) -> None:
    id_ = given(desk)["id"]
    with_keys(desk, NEW)
    (found,) = desk.broken()
    assert (found.invariant, found.ids) == ("sealed_by_known_keys", [id_])
    said = json.loads(desk.command("privacy", "rotate-keys", "--json").output)
    assert said == {"resealed": 0, "left": 1, "unreadable": 1}
    with_keys(desk, NEW, old_key)
    assert desk.broken() == []


def test_a_rotation_goes_in_batches_and_is_gone_on_with(
    desk: Desk, old_key: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        given(desk)
    sealer = with_keys(desk, NEW, old_key)
    monkeypatch.setattr(keys, "_BATCH", 2)
    desk.session.rollback()
    assert keys.rotate(desk.session, sealer, most=2) == keys.Rotated(2, 3, 0)
    assert retaining.rotate_keys(desk.session, desk.wiring) == keys.Rotated(3, 0, 0)


def test_a_value_that_changes_meanwhile_is_left_to_the_next_run(desk: Desk, old_key: bytes) -> None:
    id_ = given(desk)["id"]
    sealer = with_keys(desk, NEW, old_key)
    desk.session.rollback()
    batch = next(keys._older(desk.session, Contribution.email_sealed, sealer))
    with transaction(desk.session):
        changed = update(Contribution).values(email_sealed=Sealer([old_key], b"i").seal("b@c.example", id_))
        desk.session.execute(changed)
    keys._reseal(desk.session, Contribution.email_sealed, batch, sealer)
    desk.session.rollback()
    found = desk.session.scalars(select(Contribution.email_sealed)).one()
    assert sealer.unseal(found or "", id_) == "b@c.example"
    assert keys.left(desk.session, sealer) == 1


def test_keys_are_named_in_the_setting_the_first_one_seals() -> None:
    first, second = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
    sealer = Sealer([base64.b64decode(first), base64.b64decode(second)], b"i")
    assert sealer.seal("x", "o").startswith(f"{sealer.current}.")
    assert sealer.current in sealer.known
    assert len(sealer.known) == 2
    assert PrivacyRequest.changes_sealed in keys.SEALED
