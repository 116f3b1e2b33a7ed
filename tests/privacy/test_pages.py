"""The administrator's pages: the form, what is wrong with it, one request, its buttons, the certificate."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient

from service import clock
from tests.privacy.people import API, EMAIL, NAME, PROOF, empty_mails, link_in, mails, published, send_mails
from tests.support.desk import Desk
from tests.support.forms import hidden
from tests.support.staff import PASSWORD, sign_in

pytestmark = pytest.mark.clause("5.1")
HOME = "/desk/admin/privacy"


def admin(desk: Desk) -> FlaskClient:
    client, status = sign_in(desk, "admin")
    assert status == 302
    return client


def send(client: FlaskClient, path: str, lang: str = "en", page: str = HOME, **fields: str) -> Any:
    """Fill in a form of a page and send it."""
    token = hidden(client.get(f"{page}?lang={lang}").text)["csrf_token"]
    return client.post(f"{path}?lang={lang}", data={"csrf_token": token, **fields})


@pytest.mark.parametrize("lang", ["id", "en"])
def test_a_request_is_taken_in_by_the_form_and_carried_out(desk: Desk, lang: str) -> None:
    answer = published(desk)
    client = admin(desk)
    sent = send(client, HOME, lang, kind="erase", reference=answer["reference"], proof=PROOF)
    assert sent.status_code == 303
    page = client.get(sent.headers["Location"]).text
    assert {"id": "Penghapusan", "en": "Erasure"}[lang] in page
    assert answer["reference"] in page
    assert NAME not in page
    number = re.search(r"PD-\w{4}-\w{4}", page)
    assert number is not None
    certificate = client.get(f"{HOME}/certificates/{number[0]}?lang={lang}").text
    assert {"id": "cocok", "en": "fits"}[lang] in certificate
    assert answer["id"] in certificate
    assert desk.look(answer["id"])["message_state"] == "erased"


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(desk: Desk) -> None:
    answer = published(desk)
    client = admin(desk)
    refused = send(client, HOME, kind="erase", reference=answer["reference"], proof=f"surat dari {EMAIL}")
    assert refused.status_code == 422
    assert 'id="proof-error"' in refused.text
    assert "without the name, address or number" in refused.text
    assert answer["reference"] in refused.text
    unknown = send(client, HOME, kind="erase", reference="AS-0000-0000", proof=PROOF)
    assert unknown.status_code == 404
    assert 'role="alert"' in unknown.text
    assert send(client, HOME, kind="erase").status_code == 422


def test_by_email_the_page_says_what_it_waits_for(desk: Desk) -> None:
    answer = published(desk)
    empty_mails(desk)
    client = admin(desk)
    sent = send(client, HOME, kind="withdraw", email=EMAIL, proof=PROOF)
    page = client.get(sent.headers["Location"]).text
    assert "Nothing is done before it is confirmed." in page
    assert EMAIL not in page
    send_mails(desk)
    assert desk.client.post(link_in(mails(desk)[0])).status_code == 200
    assert "the person, by the link" in client.get(sent.headers["Location"]).text
    assert desk.look(answer["id"])["message_state"] == "removed"


def test_a_correction_writes_what_is_ticked(desk: Desk) -> None:
    answer = published(desk)
    client = admin(desk)
    fields = {"kind": "correct", "reference": answer["reference"], "proof": PROOF}
    nothing = send(client, HOME, **fields, display_name="Melati")
    assert nothing.status_code == 422
    done = send(
        client, HOME, **fields, display_name="Melati", change_display_name="yes", change_new_email="yes"
    )
    assert done.status_code == 303
    told = desk.client.get(
        f"/api/v1/desk/contributions/{answer['reference']}", headers=desk.headers("admin")
    ).get_json()
    assert (told["display_name"], told["has_email"]) == ("Melati", False)


def test_the_copy_is_downloaded_and_the_restriction_lifted_by_buttons(desk: Desk) -> None:
    answer = published(desk)
    client = admin(desk)
    copy = send(client, HOME, kind="export", reference=answer["reference"], proof=PROOF)
    path = copy.headers["Location"].partition("?")[0]
    downloaded = send(client, f"{path}/export", page=path)
    assert downloaded.status_code == 200
    assert downloaded.get_json()["contributions"][0]["email"] == EMAIL
    restricted = send(client, HOME, kind="restrict", reference=answer["reference"], proof=PROOF)
    path = restricted.headers["Location"].partition("?")[0]
    assert send(client, f"{path}/lift", page=path).status_code == 303
    assert "Restriction lifted" in client.get(f"{path}?lang=en").text
    again = send(client, f"{path}/lift", page=path)
    assert again.status_code == 409
    assert 'role="alert"' in again.text


def test_some_time_after_signing_in_the_password_is_asked_for(desk: Desk) -> None:
    """ASVS 7.5.1: nobody at an unlocked screen erases, copies or lifts."""
    answer = published(desk)
    client = admin(desk)
    fields = {"kind": "erase", "reference": answer["reference"], "proof": PROOF}
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert 'name="confirm_password"' in client.get(f"{HOME}?lang=en").text
        for password in ({}, {"confirm_password": "wrong password!"}):
            assert send(client, HOME, **fields, **password).status_code == 422
        assert desk.look(answer["id"])["message_state"] == "published"
        assert send(client, HOME, **fields, confirm_password=PASSWORD).status_code == 303
    assert desk.look(answer["id"])["message_state"] == "erased"


def test_a_form_of_somebody_elses_does_nothing(desk: Desk) -> None:
    answer = published(desk)
    client = admin(desk)
    fields = {"kind": "erase", "reference": answer["reference"], "proof": PROOF}
    assert client.post(HOME, data=fields).status_code == 403
    assert desk.look(answer["id"])["message_state"] == "published"
    for method in ("GET", "HEAD"):
        client.open(f"{HOME}?kind=erase&reference={answer['reference']}&proof=x", method=method)
    assert desk.look(answer["id"])["message_state"] == "published"


def test_overdue_requests_are_named_so(desk: Desk) -> None:
    published(desk)
    client = admin(desk)
    send(client, HOME, kind="erase", email=EMAIL, proof=PROOF)
    assert "overdue" not in client.get(f"{HOME}?lang=en").text
    with time_machine.travel(clock.now() + timedelta(hours=80)):
        late, _ = sign_in(desk, "admin")
        assert "overdue" in late.get(f"{HOME}?lang=en").text
        assert "Privacy requests that wait: 1" in late.get("/desk/admin?lang=en").text


@pytest.mark.parametrize("number", ["%00", "PD-%00-AAAA", "x" * 20, "PD-0000-0000", "AS-0000-0000", "é"])
def test_what_is_no_certificate_is_not_found(desk: Desk, number: str) -> None:
    for path in (f"{HOME}/certificates/{number}", f"{API}/certificates/{number}"):
        assert desk.client.get(path, headers=desk.headers("admin")).status_code == 404, path
