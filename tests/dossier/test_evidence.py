"""Evidence for a dispute: one file that stands alone, the same for the same facts, without an e-mail."""

import re
from datetime import datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from service import clock
from service.dossier.everything import find
from service.dossier.evidence import gather
from service.staff.model import AuditEntry
from service.terms.library import Library
from service.web.language import moment
from tests.dossier.test_everything import tell
from tests.dossier.test_pages import HOSTILE
from tests.support.desk import ARTICLE, VERSION, Desk

API = "/api/v1/desk/contributions"


class Outline(HTMLParser):
    """The elements, addresses and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.said: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())


def make(desk: Desk, reference: str, role: str = "finance", locale: str = "en") -> Any:
    return desk.client.get(
        f"{API}/{reference}/evidence", query_string={"locale": locale}, headers=desk.headers(role)
    )


def disputed(desk: Desk, **given: Any) -> str:
    reference: str = desk.published(**given)["reference"]
    desk.bench.dispute(desk.bench.took()[0].payment_ref)
    desk.deliver_all()
    desk.retry_waiting()
    return reference


@pytest.mark.clause("6.1")
def test_it_holds_what_answers_a_dispute(listing_desk: Desk) -> None:
    desk = listing_desk
    reference = disputed(desk, email="sri@contoh.example", amount="75000")
    response = make(desk, reference)
    assert response.content_type == "text/html; charset=utf-8"
    assert response.headers["Content-Disposition"] == f'attachment; filename="evidence-{reference}.html"'
    told, text = tell(desk, reference), Outline(response.text).text
    (dispute,), accepted = told["disputes"], told["acceptances"][0]
    terms = desk.wiring.terms.get(VERSION, "id")
    for wanted in (
        "KOMPAS.com", reference, ARTICLE, "Rp75,000 IDR", "Terima kasih, Kompas!", dispute["ref"],
        moment(datetime.fromisoformat(dispute["due_at"]), "en"), dispute["due_at"].replace("T", " ")[:19],
        accepted["sha256"], accepted["agreement"], terms.title, VERSION, "Publish", "Moderator",
    ):  # fmt: skip
        assert wanted in text, wanted
    assert all(" ".join(clause.text.split()) in text for clause in terms.clauses)
    for movement in told["movements"]:
        for name in ("payment_ref", "charge_ref", "balance_transaction"):
            assert (movement[name] or "") in text
    assert "–Rp75,000" in text or "-Rp75,000" in text


def test_it_stands_alone(desk: Desk) -> None:
    text = make(desk, disputed(desk, display_name="Sri", message=HOSTILE)).text
    outline = Outline(text)
    assert not outline.tags & {"script", "link", "img", "a", "iframe", "form", "object", "base", "svg"}
    assert not outline.attributes & {"src", "href", "style", "onerror", "onload", "action", "srcset"}
    assert not re.search(r"url\(|@import|@font-face", text)
    assert HOSTILE in outline.text


def test_the_same_facts_are_the_same_bytes(desk: Desk) -> None:
    reference = disputed(desk)
    first = make(desk, reference).data
    with time_machine.travel(clock.now() + timedelta(days=30)):
        assert make(desk, reference.lower(), role="auditor").data == first
    assert make(desk, reference, locale="id").data != first


@pytest.mark.clause("5.1")
def test_it_names_neither_address_nor_reader_nor_moderator(desk: Desk) -> None:
    reference = disputed(desk, email="sri@contoh.example", display_name="Kembang Sepatu")
    text = make(desk, reference).text
    decider = tell(desk, reference)["decisions"][0]["by"]
    for hidden in ("sri@contoh", "Kembang Sepatu", decider, decider.partition(":")[2], "e-mail"):
        assert hidden not in text


def test_without_a_dispute_it_says_so(desk: Desk) -> None:
    unpaid, paid = desk.given(message=None)["reference"], desk.paid(locale="en")["reference"]
    for reference, wanted in (
        (unpaid, "No payment is known."),
        (paid, "Terms of Apresiasi Spesial at KOMPAS.com"),
    ):
        text = make(desk, reference).text
        assert "No dispute of this contribution is known." in text
        assert wanted in text
    assert make(desk, "AS-0000-0000").status_code == 404


def test_a_dispute_without_a_deadline_says_so(midtrans_desk: Desk) -> None:
    reference = disputed(midtrans_desk)
    (dispute,) = tell(midtrans_desk, reference)["disputes"]
    assert dispute["due_at"] is None
    assert "The processor named none." in make(midtrans_desk, reference).text


def test_a_text_that_is_not_published_is_not_made_up(desk: Desk) -> None:
    reference = desk.paid()["reference"]
    desk.session.rollback()
    made = gather(desk.session, find(desk.session, reference), Library([]))
    assert [it.text for it in made.accepted] == [None]


def test_making_it_is_audited(desk: Desk) -> None:
    reference = disputed(desk)
    make(desk, reference)
    desk.session.rollback()
    last = desk.session.scalars(select(AuditEntry).order_by(AuditEntry.sequence.desc()).limit(1)).one()
    assert (last.action, last.subject, last.details) == ("finance.evidence_made", reference, {"disputes": 1})
    assert last.actor.startswith("token:")


@pytest.mark.parametrize("role", ["moderator", "lead", "editor", "admin"])
def test_others_cannot_make_it(desk: Desk, role: str) -> None:
    assert make(desk, desk.paid()["reference"], role=role).status_code == 403
