"""The page of a contribution: in both languages, sections by role, nothing lost, nothing executed."""

from datetime import datetime

import pytest

from service.staff.permissions import ROLES
from service.web.language import moment
from tests.dossier.test_everything import tell
from tests.support.desk import Desk

PAGE = "/desk/contributions"
HOSTILE = '<script>alert(1)</script> "><img src=x onerror=alert(2)> {{ 7 * 7 }}'


def page(desk: Desk, role: str, reference: str, locale: str = "id") -> str:
    response = desk.client.get(f"{PAGE}/{reference}?lang={locale}", headers=desk.headers(role))
    assert response.status_code == 200, response.text
    assert response.headers["Cache-Control"] == "no-store"
    return response.text


@pytest.mark.parametrize("locale", ["id", "en"])
@pytest.mark.parametrize("role", ROLES)
def test_every_role_reads_it_in_both_languages(desk: Desk, role: str, locale: str) -> None:
    answer = desk.published()
    text = page(desk, role, answer["reference"], locale)
    assert f'<html lang="{locale}">' in text
    assert ("Terima kasih, Kompas!" in text) == (role != "editor")
    assert (f"Rp25{'.' if locale == 'id' else ','}000" in text) == (role in ("finance", "admin", "auditor"))
    assert ("pukul" in text) == (locale == "id")


@pytest.mark.parametrize("locale", ["id", "en"])
def test_a_wrong_reference_is_told_and_kept(desk: Desk, locale: str) -> None:
    asked = {"reference": 'as "9999" 9999', "lang": locale}
    response = desk.client.get(PAGE, query_string=asked, headers=desk.headers("editor"))
    assert response.status_code == 404
    assert 'value="as &#34;9999&#34; 9999"' in response.text
    assert f'<html lang="{locale}">' in response.text
    assert 'aria-invalid="true"' in response.text
    empty = desk.client.get(PAGE, query_string={"reference": " "}, headers=desk.headers("editor"))
    assert (empty.status_code, 'role="alert"' in empty.text) == (200, False)


def test_the_desk_leads_there(desk: Desk) -> None:
    for role in ROLES:
        assert f'href="{PAGE}?lang=id"' in desk.client.get("/desk?lang=id", headers=desk.headers(role)).text


def test_names_and_messages_are_text(desk: Desk) -> None:
    answer = desk.published(display_name=HOSTILE[:60], message=HOSTILE, article={
        "url": "https://kompas.com/a/b", "title": HOSTILE})  # fmt: skip
    for role in ("moderator", "finance", "admin"):
        text = page(desk, role, answer["reference"])
        assert "<script>alert" not in text
        assert "<img" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
        assert "{{ 7 * 7 }}" in text


@pytest.mark.parametrize("role", ["finance", "auditor", "admin"])
def test_an_open_dispute_shows_its_deadline_with_the_evidence(desk: Desk, role: str) -> None:
    reference = desk.paid()["reference"]
    assert "notice" not in page(desk, role, reference)
    name = desk.bench.dispute(desk.bench.took()[0].payment_ref)
    desk.deliver_all()
    text = page(desk, role, reference)
    due = datetime.fromisoformat(tell(desk, reference)["disputes"][0]["due_at"])
    assert moment(due, "id") in text[text.index('class="notice"') :]
    assert ("/evidence?locale=id" in text) == (role != "admin")
    desk.bench.close_dispute(name, "won")
    desk.deliver_all()
    assert "notice" not in page(desk, role, reference)
