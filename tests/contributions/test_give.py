"""Giving: what is stored, what is answered, what is refused."""

import pytest
from sqlalchemy import func, select

from service.contributions.model import Attempt, Contribution, ContributionEvent, Message
from service.terms.model import Acceptance
from tests.support.desk import ARTICLE, VERSION, Desk


def test_a_gift_is_answered_with_a_checkout(desk: Desk) -> None:
    response = desk.give()
    answer = response.get_json()
    assert response.status_code == 201
    assert answer["status"] == "awaiting_payment"
    assert answer["message_state"] == "held"
    assert answer["amount"] == "25000"
    assert answer["currency"] == "IDR"
    assert answer["paid_at"] is None
    assert answer["checkout_url"].startswith("http://sandbox.test/checkout/")
    assert answer["reference"].startswith("AS-")
    assert answer["article"] == {"url": ARTICLE, "title": None, "section": "Kemensos"}
    assert answer["terms"]["version"] == VERSION
    assert len(answer["terms"]["sha256"]) == 64
    assert answer["created_at"].endswith("Z")
    assert set(answer) == {
        "id", "reference", "status", "amount", "currency", "message_state", "checkout_url",
        "expires_at", "terms", "article", "created_at", "paid_at",
    }  # fmt: skip


@pytest.mark.clause("5.1")
def test_looking_gives_the_same_object_and_nothing_personal(desk: Desk) -> None:
    answer = desk.given(email="sri@example.com", message="rahasia", display_name="Sri")
    seen = desk.client.get(f"/api/v1/contributions/{answer['id']}")
    assert seen.get_json() == answer
    for planted in ("sri@example.com", "rahasia", "Sri"):
        assert planted not in seen.text
    assert seen.headers["Cache-Control"] == "no-store"


def test_everything_is_stored_before_the_processor_hears_of_it(desk: Desk) -> None:
    desk.sandbox.away = True
    assert desk.give().status_code == 503
    contribution = desk.session.scalars(select(Contribution)).one()
    assert contribution.status == "created"
    for table in (Attempt, Acceptance, Message):
        assert desk.session.scalar(select(func.count()).select_from(table)) == 1
    kinds = set(desk.session.scalars(select(ContributionEvent.kind)))
    assert {"created", "attempt_added"} <= kinds


@pytest.mark.clause("6.1")
def test_clause_6_1_the_acceptance_names_the_exact_text(desk: Desk) -> None:
    desk.given(locale="en")
    acceptance = desk.session.scalars(select(Acceptance)).one()
    text = desk.wiring.terms.get(VERSION, "en")
    assert (acceptance.version, acceptance.locale) == (VERSION, "en")
    assert acceptance.sha256 == text.sha256
    assert acceptance.agreement == text.agreement


@pytest.mark.clause("5.1")
def test_clause_5_1_the_email_is_sealed_and_indexed(desk: Desk) -> None:
    answer = desk.given(email="Sri@Example.com")
    row = desk.session.get(Contribution, answer["id"])
    assert row is not None
    assert row.email_sealed is not None
    assert "example" not in row.email_sealed.lower()
    assert desk.wiring.sealer.unseal(row.email_sealed, row.id) == "Sri@Example.com"
    assert row.email_index == desk.wiring.sealer.index("sri@example.com")


@pytest.mark.clause("1.2", "5.1")
def test_clause_1_2_anonymous_drops_the_name_before_it_is_stored(desk: Desk) -> None:
    answer = desk.given(display_name="Sri", anonymous=True)
    row = desk.session.get(Contribution, answer["id"])
    assert row is not None
    assert row.display_name is None


@pytest.mark.clause("3.1")
@pytest.mark.parametrize("blank", ["", "   ", "\u3000\n"])
def test_a_blank_name_means_anonymous_and_a_blank_message_none(desk: Desk, blank: str) -> None:
    answer = desk.given(display_name=blank, message=blank, email="")
    assert answer["message_state"] == "none"
    row = desk.session.get(Contribution, answer["id"])
    assert row is not None
    assert row.display_name is None
    assert row.email_sealed is None


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("10000", "10000"), (10000, "10000"), ("25000.00", "25000"), (10_000_000, "10000000")],
)
def test_amounts_are_decimal_strings_or_integers(desk: Desk, amount: object, shown: str) -> None:
    assert desk.given(amount=amount)["amount"] == shown


@pytest.mark.clause("1.2")
@pytest.mark.parametrize(
    ("amount", "code"),
    [
        ("", "required"),
        ("9999", "too_small"),
        ("10000001", "too_large"),
        ("10000.50", "not_whole"),
        (25000.0, "not_an_amount"),
        (True, "not_an_amount"),
        ("25.000", "not_an_amount"),
        ("25,000", "not_an_amount"),
        ("1e5", "not_an_amount"),
        ("-25000", "not_an_amount"),
        ("+25000", "not_an_amount"),
        ("２５０００", "not_an_amount"),
        ("Infinity", "not_an_amount"),
        (["25000"], "not_an_amount"),
        ({"value": 1}, "not_an_amount"),
        (10**40, "not_an_amount"),
        ("0", "too_small"),
        ("25000 ", None),
    ],
)
def test_clause_1_2_amounts_outside_the_terms_are_refused(
    desk: Desk, amount: object, code: str | None
) -> None:
    response = desk.give(amount=amount)
    if code is None:
        assert response.status_code == 201
        return
    assert response.status_code == 422
    assert response.get_json()["errors"]["amount"]["code"] == code
    assert desk.session.scalar(select(func.count()).select_from(Contribution)) == 0


def test_a_missing_amount_is_an_error_of_its_field_in_the_readers_language(desk: Desk) -> None:
    indonesian = desk.give(amount=None).get_json()
    english = desk.give(amount=None, locale="en").get_json()
    assert indonesian["code"] == english["code"] == "validation_failed"
    assert indonesian["errors"]["amount"] == {"code": "required", "message": "Isian ini tidak boleh kosong."}
    assert english["errors"]["amount"]["message"] == "This field may not be empty."


FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.clause("3.1")
@pytest.mark.parametrize("letter", ["a", FAMILY, "é", "e\u0301", "ꦏꦺ", "🇮🇩", "م"])
def test_clause_3_1_messages_are_counted_in_graphemes(desk: Desk, letter: str) -> None:
    assert desk.give(message=letter * 280).status_code == 201
    response = desk.give(message=letter * 281)
    assert response.status_code == 422
    assert response.get_json()["errors"]["message"]["code"] == "too_long"


def test_one_grapheme_of_ten_thousand_marks_is_too_long(desk: Desk) -> None:
    assert desk.give(message="e" + "\u0301" * 10_000).get_json()["errors"]["message"]["code"] == "too_long"


@pytest.mark.clause("6.1")
def test_clause_6_1_the_limit_of_names_is_theirs(desk: Desk) -> None:
    assert desk.give(display_name="é" * 60).status_code == 201
    assert desk.give(display_name="é" * 61).get_json()["errors"]["display_name"]["code"] == "too_long"


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "\ud800", "x\x1b[31m"])
@pytest.mark.parametrize("field", ["message", "display_name", "email"])
def test_what_cannot_be_stored_is_refused_on_its_field(desk: Desk, field: str, text: str) -> None:
    response = desk.give(**{field: text})
    assert response.status_code == 422
    assert response.get_json()["errors"][field]["code"] == "not_storable"


def test_a_message_keeps_its_letters_and_line_breaks(desk: Desk) -> None:
    text = "Matur nuwun ꦩꦠꦸꦂ\nشكرا\n" + FAMILY
    answer = desk.given(message=f"  {text}\r\n\r\n\r\n")
    stored = desk.session.scalars(select(Message.text).where(Message.contribution_id == answer["id"])).one()
    assert stored == text


def test_titles_and_sections_of_clients_decide_nothing(desk: Desk) -> None:
    answer = desk.given(article={"url": ARTICLE, "title": "Judul palsu", "section": "Bola"})
    assert answer["article"] == {"url": ARTICLE, "title": None, "section": "Kemensos"}


def test_a_shared_computer_does_not_share_contributions(desk: Desk) -> None:
    first, second = desk.given(), desk.given()
    assert first["id"] != second["id"]
    assert first["reference"] != second["reference"]


def test_an_unknown_contribution_is_not_found(desk: Desk) -> None:
    for id_ in ("0" * 32, "x", "%00", "A" * 32):
        response = desk.client.get(f"/api/v1/contributions/{id_}")
        assert response.status_code == 404
        assert response.get_json()["code"] == "not_found"
