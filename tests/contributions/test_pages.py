"""The reader's pages, as a browser without JavaScript uses them."""

import dataclasses
import re

import pytest
from sqlalchemy import func, select

from service.contributions.model import Attempt, Contribution
from service.mail import postman
from tests.support.desk import ARTICLE, Desk
from tests.support.forms import filled, hidden, send


def count(desk: Desk) -> int:
    desk.session.rollback()
    return desk.session.scalar(select(func.count()).select_from(Contribution)) or 0


def test_sending_leads_to_the_processors_page(desk: Desk) -> None:
    response = send(desk.client)
    assert response.status_code == 303
    assert response.headers["Location"].startswith("http://sandbox.test/checkout/")
    assert count(desk) == 1


@pytest.mark.clause("1.2", "5.2")
def test_nothing_is_ticked_beforehand_and_no_field_for_payment_details_exists(desk: Desk) -> None:
    page = desk.client.get("/contribute", query_string={"article": ARTICLE}).text
    assert "checked" not in page
    names = set(re.findall(r'name="(\w+)"', page))
    assert names == {
        "viewport", "color", "robots", "token", "article", "title", "terms_version", "amount", "other_amount",
        "message", "display_name", "anonymous", "email", "website",
    } - {"color"}  # fmt: skip


@pytest.mark.clause("5.1", "5.2", "6.1", "7.1")
@pytest.mark.parametrize(
    ("locale", "words"),
    [("id", ["menyetujui", "Sandbox", "Kebijakan privasi"]), ("en", ["agreed", "Sandbox", "Privacy policy"])],
)
def test_agreement_processor_and_policies_stand_beside_the_button(
    desk: Desk, locale: str, words: list[str]
) -> None:
    page = desk.client.get("/contribute", query_string={"article": ARTICLE, "lang": locale}).text
    around = page[page.index('class="agreement"') : page.index("</form>")]
    for word in words:
        assert word in around
    assert 'href="/terms' in around


def test_those_who_only_look_get_no_cookie(desk: Desk) -> None:
    client = desk.client
    answer = desk.paid()
    for path in ("/", f"/contribute?article={ARTICLE}", f"/wall?article={ARTICLE}", "/terms", "/demo/article",
                 f"/contributions/{answer['id']}"):  # fmt: skip
        response = client.get(path)
        assert response.status_code == 200, path
        assert "Set-Cookie" not in response.headers, path


@pytest.mark.parametrize("locale", ["id", "en"])
def test_a_missing_amount_is_an_inline_error_and_nothing_is_lost(desk: Desk, locale: str) -> None:
    response = send(desk.client, locale, amount="", message="Halo <b>dunia</b>", email="sri@example.com")
    assert response.status_code == 422
    text = {"id": "Isian ini tidak boleh kosong.", "en": "This field may not be empty."}[locale]
    assert f'id="amount-error">{text}' in response.text
    assert "Halo &lt;b&gt;dunia&lt;/b&gt;" in response.text
    assert "sri@example.com" in response.text
    again = desk.client.post(f"/contribute?lang={locale}", data=filled(desk.client) | hidden(response.text))
    assert again.status_code == 303


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("37500", 37_500),
        ("37.500", 37_500),
        ("Rp37.500", 37_500),
        ("Rp 37,500", 37_500),
        ("1.000.000,-", 1_000_000),
    ],
)
def test_other_amounts_are_read_as_people_write_them(desk: Desk, typed: str, amount: int) -> None:
    assert send(desk.client, amount="other", other_amount=typed).status_code == 303
    assert desk.session.scalars(select(Contribution.amount_minor)).one() == amount * 100


@pytest.mark.parametrize("typed", ["37,5", "3e4", "dua puluh ribu", "37.50", "-5000", "25.000.00"])
def test_other_amounts_that_could_be_misread_are_asked_again(desk: Desk, typed: str) -> None:
    response = send(desk.client, amount="other", other_amount=typed)
    assert response.status_code == 422
    assert "amount-error" in response.text
    assert typed in response.text


def test_a_double_click_is_one_contribution(desk: Desk) -> None:
    fields = filled(desk.client)
    first = desk.client.post("/contribute", data=fields)
    second = desk.client.post("/contribute", data=fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert count(desk) == 1


def test_going_back_and_changing_makes_another_and_closes_the_first(desk: Desk) -> None:
    client = desk.client
    fields = filled(client)
    first = client.post("/contribute", data=fields).headers["Location"]
    second = client.post("/contribute", data=fields | {"amount": "50000"}).headers["Location"]
    assert first != second
    assert desk.sandbox.parts.payments.checkout(first.rpartition("/")[2])["status"] == "expired"
    assert desk.sandbox.parts.payments.checkout(second.rpartition("/")[2])["status"] == "open"


def test_an_unreachable_processor_keeps_the_form_and_the_same_form_goes_on(desk: Desk) -> None:
    client = desk.client
    desk.sandbox.away = True
    refused = send(client, "en", message="Tetap di sini")
    assert refused.status_code == 503
    assert "The transaction has not succeeded yet" in refused.text
    assert "Tetap di sini" in refused.text
    desk.sandbox.away = False
    fields = filled(client, message="Tetap di sini") | hidden(refused.text)
    assert client.post("/contribute?lang=en", data=fields).status_code == 303
    assert count(desk) == 1


def test_a_cancelled_checkout_keeps_the_form_for_its_reader_only(desk: Desk) -> None:
    client = desk.client
    checkout = send(
        client, message="Jangan hilang", email="sri@example.com", amount="other", other_amount="33000"
    )
    back = desk.sandbox.choose(checkout.headers["Location"], "cancel").removeprefix("http://localhost")
    page = client.get(back)
    assert "Jangan hilang" in page.text
    change = re.search(r'href="(/contribute\?again=[^"]+)"', page.text)
    assert change is not None
    form = client.get(change[1].replace("&amp;", "&"))
    for kept in ("Jangan hilang", "sri@example.com", "33000"):
        assert kept in form.text
    stranger = desk.app.test_client()
    assert "Jangan hilang" not in stranger.get(back).text
    assert stranger.get(change[1].replace("&amp;", "&")).status_code == 422


def test_a_changed_form_replaces_the_cancelled_contribution(desk: Desk) -> None:
    client = desk.client
    first = send(client).headers["Location"]
    id_ = desk.session.scalars(select(Contribution.id)).one()
    form = client.get(f"/contribute?again={id_}")
    fields = filled(client, amount="100000") | hidden(form.text)
    second = client.post("/contribute", data=fields).headers["Location"]
    assert desk.sandbox.parts.payments.checkout(first.rpartition("/")[2])["status"] == "expired"
    desk.sandbox.choose(second, "pay")
    desk.deliver_all()
    desk.session.rollback()
    statuses = sorted(desk.session.scalars(select(Contribution.status)))
    assert statuses == ["expired", "paid"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(desk: Desk, headers: dict[str, str]) -> None:
    response = desk.client.post("/contribute", data=filled(desk.client), headers=headers)
    assert response.status_code == 403
    assert count(desk) == 0


def test_a_form_without_our_token_is_asked_again_with_all_it_held(desk: Desk) -> None:
    for token in ("", "x", "eyJ.x.y", "é"):
        response = send(desk.client, "en", token=token, message="Masih ada")
        assert response.status_code == 422
        assert "Masih ada" in response.text
    assert count(desk) == 0


def test_what_people_do_not_see_stays_empty(desk: Desk) -> None:
    response = send(desk.client, website="https://spam.example")
    assert response.status_code == 422
    assert count(desk) == 0


@pytest.mark.parametrize("text", ["a\x00b", "\x07", "x" * 30_000])
def test_odd_text_in_the_form_is_an_error_of_its_field(desk: Desk, text: str) -> None:
    response = send(desk.client, message=text)
    assert response.status_code == 422
    assert "message-error" in response.text


def test_a_form_larger_than_64_kib_is_refused(desk: Desk) -> None:
    assert send(desk.client, message="x" * 70_000).status_code == 413


def test_pages_speak_the_language_that_is_asked_for(desk: Desk) -> None:
    client = desk.client
    assert '<html lang="id">' in client.get("/").text
    assert '<html lang="en">' in client.get("/?lang=en").text
    assert '<html lang="en">' in client.get("/", headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert '<html lang="id">' in client.get("/", headers={"Accept-Language": "fr"}).text
    assert '<html lang="id">' in client.get("/?lang=fr").text


@pytest.mark.clause("1.1")
def test_clause_1_1_a_form_needs_an_article_of_the_publisher(desk: Desk) -> None:
    for article in ("", "https://evil.example/a", "javascript:alert(1)"):
        response = desk.client.get("/contribute", query_string={"article": article})
        assert response.status_code == 422
        assert "evil.example" not in response.text.partition("<main")[2]


def test_a_token_of_one_form_goes_on_only_with_its_own_contribution(desk: Desk) -> None:
    desk.sandbox.away = True
    refused = send(desk.client)
    desk.sandbox.away = False
    fields = filled(desk.client) | hidden(refused.text) | {"amount": "100000"}
    assert desk.client.post("/contribute", data=fields).status_code == 303
    assert count(desk) == 2
    assert (
        desk.session.scalar(
            select(func.count()).select_from(Attempt).where(Attempt.checkout_ref.is_not(None))
        )
        == 1
    )


def test_the_demo_is_not_there_in_production(desk: Desk) -> None:
    wiring = desk.wiring
    settings = dataclasses.replace(wiring.settings, mode="production")
    desk.app.extensions["wiring"] = dataclasses.replace(wiring, settings=settings)
    assert desk.client.get("/demo/article").status_code == 404


def test_an_amount_that_is_typed_beside_another_choice_is_asked_about(desk: Desk) -> None:
    response = send(desk.client, "en", amount="50000", other_amount="15000")
    assert response.status_code == 422
    assert "Two amounts were given" in response.text
    assert "15000" in response.text
    assert count(desk) == 0


@pytest.mark.clause("4.3")
def test_closing_while_somebody_writes_loses_nothing_they_wrote(desk: Desk) -> None:
    fields = filled(desk.client, message="Ditulis lama sekali")
    desk.close_feature()
    closed = desk.client.post("/contribute", data=fields)
    assert closed.status_code == 503
    assert "Ditulis lama sekali" in closed.text


def test_language_links_of_a_page_that_answers_a_form_lead_somewhere(desk: Desk) -> None:
    client = desk.client
    page = send(client, amount="").text
    link = re.search(r'href="(/contribute\?[^"]*lang=en)"', page)
    assert link is not None
    assert client.get(link[1].replace("&amp;", "&")).status_code == 200
    answer = desk.given()
    page = client.post(f"/contributions/{answer['id']}/pay", data={}).text
    assert f'href="/contributions/{answer["id"]}?lang=en"' in page


def test_a_changed_form_replaces_what_an_absent_processor_kept(desk: Desk) -> None:
    client = desk.client
    desk.sandbox.away = True
    refused = send(client)
    desk.sandbox.away = False
    fields = filled(client) | hidden(refused.text) | {"amount": "100000"}
    assert client.post("/contribute", data=fields).status_code == 303
    desk.sweep()
    states = sorted(desk.session.scalars(select(Contribution.status)))
    assert states.count("awaiting_payment") == 1


@pytest.mark.parametrize("act", ["erase", "withdraw"])
def test_the_same_form_again_brings_nobody_back_who_wanted_to_be_forgotten(desk: Desk, act: str) -> None:
    """A browser that goes back sends what its form still holds."""
    client = desk.client
    fields = filled(client, email="sri@example.com")
    desk.sandbox.choose(client.post("/contribute?lang=id", data=fields).headers["Location"], "pay")
    desk.deliver_all()
    id_, reference = desk.session.execute(select(Contribution.id, Contribution.reference)).one()
    desk.session.rollback()
    desk.command("privacy", act, "--reference", reference, "--proof", "kartu identitas")
    again = client.post("/contribute?lang=id", data=fields)
    assert again.status_code == 303
    assert again.headers["Location"].startswith(f"/contributions/{id_}")
    desk.session.rollback()
    assert desk.session.execute(select(Contribution.id, Contribution.email_sealed)).all() == [(id_, None)]


def test_no_address_is_asked_for_where_no_receipt_can_be_sent(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'name="email"' in desk.client.get(f"/contribute?article={ARTICLE}").text
    monkeypatch.setattr(postman, "can_send", lambda _settings: False)
    assert 'name="email"' not in desk.client.get(f"/contribute?article={ARTICLE}").text
    assert send(desk.client).status_code == 303
