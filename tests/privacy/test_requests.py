"""Requests: who may take them in, how they are confirmed, what their record says."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.contributions.model import Contribution
from service.jobs import retaining
from service.mail import postman
from service.outbox.model import OutboxRow
from service.privacy.kinds import KINDS
from service.privacy.model import PrivacyRequest
from service.staff.model import AuditEntry
from tests.privacy.people import (
    API,
    EMAIL,
    NAME,
    PROOF,
    ask,
    asked,
    by_email,
    empty_mails,
    given,
    link_in,
    mails,
    published,
    record,
    send_mails,
    traces,
)
from tests.support.desk import Desk

pytestmark = pytest.mark.clause("5.1")

PAGE = "/desk/admin/privacy"


def waiting(desk: Desk, kind: str = "erase", **body: Any) -> tuple[dict[str, Any], str]:
    """A request by e-mail and the path of the link that was sent."""
    empty_mails(desk)
    told = asked(desk, kind, email=EMAIL, **body)
    send_mails(desk)
    return told, link_in(mails(desk)[0])


@pytest.mark.clause("5.1")
@pytest.mark.parametrize("locale", ["id", "en"])
def test_clause_5_1_a_request_by_email_acts_after_its_link_is_confirmed(desk: Desk, locale: str) -> None:
    answer = published(desk, locale=locale)
    told, link = waiting(desk)
    assert (told["state"], told["done_at"], told["certificate"]) == ("awaiting_confirmation", None, None)
    assert desk.look(answer["id"])["message_state"] == "published"
    (mail,) = mails(desk)
    assert EMAIL in mail
    assert f"lang={locale}" in link
    for _ in range(2):  # looking changes nothing, also when a mail program looks first
        page = desk.client.get(link)
        assert page.status_code == 200
        assert {"id": "Konfirmasi", "en": "Confirm"}[locale] in page.text
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert EMAIL not in page.text
    assert desk.look(answer["id"])["message_state"] == "published"
    done = desk.client.post(link, headers={"Origin": "null", "Sec-Fetch-Site": "same-origin"})
    assert done.status_code == 200
    found = record(desk, told["id"])
    assert (found["state"], found["done_by"], found["contributions"]) == ("done", "reader", 1)
    assert found["certificate"] in done.text
    assert desk.look(answer["id"])["message_state"] == "erased"


def test_a_link_is_good_once(desk: Desk) -> None:
    published(desk)
    told, link = waiting(desk, "export")
    assert desk.client.post(link).status_code == 200
    done_at = record(desk, told["id"])["done_at"]
    for method in ("GET", "POST"):
        again = desk.client.open(link, method=method)
        assert again.status_code == 410
        assert 'role="alert"' in again.text
    assert record(desk, told["id"])["done_at"] == done_at


def test_a_link_ends_with_the_deadline_and_so_does_its_request(desk: Desk) -> None:
    answer = published(desk)
    told, link = waiting(desk)
    with time_machine.travel(clock.now() + timedelta(hours=73)):
        assert desk.client.get(link).status_code == 410
        assert desk.client.post(link).status_code == 410
        assert record(desk, told["id"])["overdue"] is True
        desk.session.rollback()
        assert retaining.end_old_requests(desk.session, desk.wiring) == 1
        found = record(desk, told["id"])
    assert found["state"] == "expired"
    assert desk.look(answer["id"])["message_state"] == "published"
    desk.session.rollback()
    row = desk.session.scalars(select(PrivacyRequest)).one()
    assert (row.email_sealed, row.email_index, row.changes_sealed) == (None, None, None)


@pytest.mark.parametrize("token", ["x", "ImFiYyI.aaaa", "é", "a" * 500, "../desk"])
def test_a_link_of_somebody_elses_opens_nothing(desk: Desk, token: str) -> None:
    for method in ("GET", "POST"):
        assert desk.client.open(f"/privacy/confirm/{token}", method=method).status_code in (404, 303)


def test_neither_the_outbox_nor_the_address_of_the_link_names_the_person(desk: Desk) -> None:
    published(desk)
    told, link = waiting(desk, "correct", display_name="Melati", new_email="melati@contoh.example")
    desk.session.rollback()
    row = desk.session.scalars(select(OutboxRow).where(OutboxRow.subject.startswith("privacy:"))).one()
    assert (row.kind, row.subject, row.data) == ("mail", f"privacy:{told['id']}", {})
    assert row.done_at is not None
    assert EMAIL not in link
    assert traces(desk, ("melati",)) == []


def test_a_mail_server_that_is_away_delays_the_letter(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    published(desk)
    empty_mails(desk)

    def away(*_: object) -> None:
        raise OSError(f"{EMAIL} cannot be reached")

    with monkeypatch.context() as patched:
        patched.setattr("service.mail.folder.lay", away)
        asked(desk, "export", email=EMAIL)
        assert send_mails(desk) == 0
    assert mails(desk) == []
    assert traces(desk, ("cannot be reached",)) == []
    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        assert send_mails(desk) == 1
    assert len(mails(desk)) == 1


def test_a_letter_that_has_become_pointless_is_not_sent(desk: Desk) -> None:
    answer = published(desk)
    empty_mails(desk)
    told = asked(desk, "export", email=EMAIL)
    asked(desk, "erase", reference=answer["reference"])
    assert record(desk, told["id"])["state"] == "expired"
    assert send_mails(desk) == 1
    assert mails(desk) == []


@pytest.mark.parametrize("lang", ["id", "en"])
def test_an_address_that_takes_no_mail_is_told_to_who_handles_the_request(desk: Desk, lang: str) -> None:
    """An address with a comment (RFC 5322) would go to another than the one it is found under."""
    nowhere = "kembang(x)@contoh.example"
    published(desk, email=nowhere)
    empty_mails(desk)
    told = asked(desk, "erase", email=nowhere)
    assert told["undeliverable_at"] is None
    assert send_mails(desk) == 1
    assert mails(desk) == []
    assert record(desk, told["id"])["undeliverable_at"] is not None
    for path in (f"{PAGE}/{told['id']}", PAGE):
        page = desk.client.get(f"{path}?lang={lang}", headers=desk.headers("admin")).text
        assert {"id": "tidak dapat dikirimi e-mail", "en": "takes no mail"}[lang] in page
        assert nowhere not in page
    one = desk.client.get(f"{PAGE}/{told['id']}?lang={lang}", headers=desk.headers("admin")).text
    assert {"id": "tautan sudah dikirim", "en": "A link was sent"}[lang].lower() not in one.lower()


def test_where_no_mail_can_be_sent_none_is_promised(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    published(desk)
    monkeypatch.setattr(postman, "can_send", lambda _: False)
    refused = ask(desk, "erase", email=EMAIL)
    assert (refused.status_code, refused.get_json()["code"]) == (503, "mail_unavailable")
    desk.session.rollback()
    assert desk.session.scalars(select(PrivacyRequest)).all() == []


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "reference", "required"),
        ({"reference": "AS-0000-0000", "email": EMAIL}, "email", "ambiguous"),
        ({"email": "nowhere"}, "email", "not_email"),
        ({"email": EMAIL, "proof": ""}, "proof", "required"),
        ({"email": EMAIL, "proof": "  "}, "proof", "required"),
        ({"email": EMAIL, "proof": None}, "proof", "required"),
        ({"email": EMAIL, "proof": "x" * 501}, "proof", "too_long"),
        ({"email": EMAIL, "kind": "refund"}, "kind", "invalid"),
        ({"email": EMAIL, "amount": "1"}, "amount", "unknown"),
        ({"email": EMAIL, "display_name": "Melati"}, "display_name", "unknown"),
        ({"email": EMAIL, "kind": "correct"}, "display_name", "required"),
        ({"email": EMAIL, "kind": "correct", "display_name": "x" * 61}, "display_name", "too_long"),
        ({"email": EMAIL, "kind": "correct", "new_email": "nowhere"}, "new_email", "not_email"),
    ],
)
def test_what_is_wrong_with_a_request_is_said(
    desk: Desk, body: dict[str, Any], field: str, code: str
) -> None:
    published(desk)
    refused = ask(desk, **{"kind": "erase", **body})
    assert refused.status_code == 422, refused.text
    assert refused.get_json()["errors"][field]["code"] == code
    desk.session.rollback()
    assert desk.session.scalars(select(PrivacyRequest)).all() == []


@pytest.mark.parametrize(
    "proof",
    [
        f"datang sendiri, {NAME.upper()}",
        f"surat dari {EMAIL}",
        "dipanggil: kembang   sepatu-ungu",
        "lewat 0812-3456-7890",
        "KTP 3171014101900001",
    ],
)
def test_a_proof_says_how_and_not_who(desk: Desk, proof: str) -> None:
    answer = published(desk)
    refused = ask(desk, "erase", reference=answer["reference"], proof=proof)
    assert (refused.status_code, refused.get_json()["errors"]["proof"]["code"]) == (422, "personal")
    card = ask(desk, "erase", reference=answer["reference"], proof="kartu 4111 1111 1111 1111")
    assert card.get_json()["code"] == "payment_details_refused"
    assert desk.look(answer["id"])["message_state"] == "published"


@pytest.mark.parametrize(
    ("name", "proof"),
    [
        ("Ida", "kartu tidak diperlihatkan, dipanggil kembali"),
        ("An", "tanda tangan an sesuai"),
        ("Sri Wahyuni", "sri lanka, bukan wahyuni"),
        ("…", "dipanggil kembali … dan dijawab"),
    ],
)
def test_a_name_is_found_as_words_not_as_letters(desk: Desk, name: str, proof: str) -> None:
    answer = published(desk, display_name=name)
    assert ask(desk, "restrict", reference=answer["reference"], proof=proof).status_code == 201
    if name == "Ida":
        refused = ask(desk, "restrict", reference=answer["reference"], proof="dengan IDA, di kantor")
        assert refused.get_json()["errors"]["proof"]["code"] == "personal"


def test_a_reference_of_nobodys_is_not_found(desk: Desk) -> None:
    assert ask(desk, "erase", reference="AS-0000-0000").status_code == 404


def test_each_request_has_a_deadline_of_three_days_and_the_late_come_first(desk: Desk) -> None:
    given(desk)
    with time_machine.travel(clock.now() - timedelta(days=4), tick=False):
        late, _ = waiting(desk)
    soon, _ = waiting(desk)
    done = asked(desk, "restrict", reference=given(desk)["reference"])
    items = desk.client.get(f"{API}/requests", headers=desk.headers("admin")).get_json()["items"]
    assert [it["id"] for it in items] == [late["id"], soon["id"], done["id"]]
    assert [it["overdue"] for it in items] == [True, False, False]
    desk.session.rollback()
    for row in desk.session.scalars(select(PrivacyRequest)):
        assert row.deadline - row.received_at == timedelta(hours=72)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_leaves_a_record_and_an_entry_in_the_audit(desk: Desk, kind: str) -> None:
    answer = published(desk)
    changes = {"display_name": "Melati"} if kind == "correct" else {}
    told = asked(desk, kind, reference=answer["reference"], **changes)
    assert (told["state"], told["kind"], told["reference"]) == ("done", kind, answer["reference"])
    assert told["asked_by"] == told["done_by"]
    desk.session.rollback()
    entries = desk.session.scalars(select(AuditEntry).where(AuditEntry.subject == told["id"])).all()
    assert [it.action for it in entries] == ["privacy.requested", f"privacy.{kind}"]
    said = str([it.details for it in entries]).lower()
    assert not [word for word in (NAME, EMAIL, "melati", answer["reference"]) if word.lower() in said]
    assert desk.broken() == []


def test_an_auditor_reads_the_record_without_the_proof(desk: Desk) -> None:
    told = asked(desk, "restrict", reference=published(desk)["reference"])
    path = f"{API}/requests/{told['id']}"
    assert desk.client.get(path, headers=desk.headers("admin")).get_json()["proof"] == PROOF
    found = desk.client.get(path, headers=desk.headers("auditor")).get_json()
    assert "proof" not in found
    for page in (PAGE, f"{PAGE}/{told['id']}"):
        text = desk.client.get(f"{page}?lang=en", headers=desk.headers("auditor")).text
        assert not [word for word in (PROOF, NAME, EMAIL) if word in text]
        assert "<form" not in text.partition("<main")[2].partition("</main>")[0]
    assert ask(desk, "erase", role="auditor", reference=told["reference"]).status_code == 403


def test_several_contributions_of_one_address_are_one_person(desk: Desk) -> None:
    first, second = published(desk), given(desk)
    other = given(desk, email="orang.lain@contoh.example", display_name="Orang lain")
    assert by_email(desk, "erase")["contributions"] == 2
    desk.session.rollback()
    left = desk.session.scalars(select(Contribution.id).where(Contribution.erased_at.is_(None))).all()
    assert left == [other["id"]]
    assert {desk.look(it["id"])["message_state"] for it in (first, second)} == {"erased"}


def test_the_address_is_found_however_it_was_written(desk: Desk) -> None:
    given(desk, email=EMAIL.title())
    told, _ = waiting(desk)
    assert told["state"] == "awaiting_confirmation"
