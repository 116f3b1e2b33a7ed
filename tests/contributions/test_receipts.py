"""Receipts: one mail for each contribution that was paid, and the same content as a page to print."""

import dataclasses
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import select

from service import clock
from service.articles import registry
from service.config import ROOT
from service.contributions import receipts, settle
from service.contributions.model import Attempt, Contribution
from service.db import transaction
from service.outbox.model import OutboxRow
from service.processors.base import PaymentSucceeded
from service.processors.registry import Processors
from tests.support.desk import ARTICLE, VERSION, Desk
from tests.support.smtp import MailServer

EMAIL, NAME, MESSAGE = "sri.tertanam@contoh.example", "Sri Tertanam", "Pesan tertanam untuk redaksi"
HERS = {"email": EMAIL, "display_name": NAME, "message": MESSAGE}
TITLE = "Di Era Digital, Humas <Pemerintah> & “Warga”"
# What readers must be told, by language: facts, and the clauses 1.2, 4.1, 4.2 and 7.2 in short.
TOLD = {
    "id": ("KOMPAS.com", "Rp25.000", "dua puluh lima ribu rupiah", "24 November 2026 pukul 14.05 WIB", TITLE, "Sandbox", VERSION,
           "secara sukarela", "bukan biaya langganan", "tidak dapat diminta kembali", "tidak menimbulkan hubungan kerja"),
    "en": ("KOMPAS.com", "Rp25,000", "twenty-five thousand rupiah", "24 November 2026, 14:05 WIB", TITLE, "Sandbox", VERSION,
           "A contribution is voluntary", "not a subscription fee", "cannot be claimed back", "creates no employment"),
}  # fmt: skip
FORBIDDEN = r"invoice|faktur|kuitansi|kwitansi|\btax\b|pajak|deduct|donat|compensat|kompensasi"


@pytest.fixture
def server(desk: Desk) -> Iterator[MailServer]:
    with mails_go_to(desk) as listening:
        yield listening


@contextmanager
def mails_go_to(desk: Desk) -> Iterator[MailServer]:
    """The service sends its mails to this server."""
    wiring = desk.wiring
    with MailServer() as listening:
        settings = dataclasses.replace(wiring.settings, smtp_url=listening.url, mail_from="halo@kompas.com")
        desk.app.extensions["wiring"] = dataclasses.replace(wiring, settings=settings)
        yield listening
    desk.app.extensions["wiring"] = wiring


class _Words(HTMLParser):
    """What a page says, and every attribute of it."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read_html(html: str) -> tuple[str, _Words]:
    parser = _Words()
    parser.feed(html)
    return " ".join("".join(parser.words).split()), parser


def one_line(text: str) -> str:
    return " ".join(text.split())


def rows(desk: Desk) -> list[str]:
    desk.session.rollback()
    return list(desk.session.scalars(select(OutboxRow.subject).where(OutboxRow.kind == "mail")))


def change(desk: Desk, contribution_id: str, **values: Any) -> None:
    with transaction(desk.session):
        contribution = desk.session.get_one(Contribution, contribution_id)
        for name, value in values.items():
            setattr(contribution, name, value)


def paid_at_five_past_two(desk: Desk, **changes: Any) -> dict[str, Any]:
    """Paid on 24 November 2026 at 14.05 in Jakarta, for an article with a title."""
    with transaction(desk.session):
        registry.register(desk.session, ARTICLE, TITLE)
    answer = desk.paid(**(HERS | changes))
    at = clock.now().replace(2026, 11, 24, 7, 5)
    change(desk, answer["id"], paid_at=at)
    return answer


def mail_of(server: MailServer) -> EmailMessage:
    (taken,) = server.mails
    assert taken.recipients == [EMAIL]
    message = message_from_bytes(taken.content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    assert found is not None
    assert found.get_content_charset() == "utf-8"
    text: str = found.get_content()
    return text


def link_to_print(desk: Desk, answer: dict[str, Any], language: str = "id") -> str:
    contribution = desk.session.get_one(Contribution, answer["id"])
    found = receipts.link(contribution, desk.wiring.settings)
    assert found is not None
    return f"{found}&lang={language}"


@pytest.mark.clause("1.2", "4.1", "4.2", "7.2")
@pytest.mark.parametrize("language", ["id", "en"])
def test_text_html_and_page_state_every_fact_and_clause(
    desk: Desk, server: MailServer, language: str
) -> None:
    answer = paid_at_five_past_two(desk, locale=language)
    assert desk.work_off() == 1
    message = mail_of(server)
    assert [it.get_content_type() for it in message.walk()] == [
        "multipart/alternative", "text/plain", "text/html",
    ]  # fmt: skip
    page = desk.client.get(link_to_print(desk, answer, language)).text
    for told in (
        one_line(part(message, "plain")),
        read_html(part(message, "html"))[0],
        read_html(page)[0],
    ):
        for fact in (*TOLD[language], answer["reference"]):
            assert fact in told, fact
        for other in TOLD["en" if language == "id" else "id"][-4:]:
            assert other not in told
        assert not re.search(FORBIDDEN, told, re.IGNORECASE)
        for planted in (MESSAGE, NAME, EMAIL):
            assert planted not in told
    assert answer["reference"] in str(message["Subject"])
    assert message["Content-Language"] == language


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_mail_loads_nothing_and_every_program_can_take_it(
    desk: Desk, server: MailServer, language: str
) -> None:
    answer = paid_at_five_past_two(desk, locale=language)
    desk.work_off()
    lines = server.mails[0].content.split(b"\r\n")
    assert max(len(line) for line in lines) < 998
    message = mail_of(server)
    text, (_, html) = part(message, "plain"), read_html(part(message, "html"))
    for line in text.splitlines():
        assert len(line) <= 72 or line.strip().startswith("http"), line
    assert not {"img", "script", "link", "table", "iframe", "form", "style"} & set(html.tags)
    assert ("html", "lang", language) in html.attributes
    assert not [it for it in html.attributes if it[1] in ("src", "background", "class") or "url(" in it[2]]
    own = f"http://localhost/contributions/{answer['id']}?lang={language}"
    assert own in text.splitlines()
    assert ("a", "href", own) in html.attributes
    assert message["From"] == '"KOMPAS.com" <halo@kompas.com>'


def test_the_links_in_the_mail_lead_somewhere(desk: Desk, server: MailServer) -> None:
    paid_at_five_past_two(desk)
    desk.work_off()
    _, html = read_html(part(mail_of(server), "html"))
    ours = [value for _, name, value in html.attributes if name == "href" and "//localhost/" in value]
    assert len(ours) == 3  # the terms, the own page, the page to print
    for url in ours:
        assert desk.client.get(url.removeprefix("http://localhost")).status_code == 200, url


def test_without_an_address_no_letter_is_put_down(desk: Desk) -> None:
    desk.paid()
    assert rows(desk) == []


def test_a_letter_is_put_down_by_the_payment_and_not_before(desk: Desk) -> None:
    answer = desk.given(**HERS)
    assert rows(desk) == []
    desk.bench.pay(answer["checkout_url"])
    desk.deliver_all()
    assert rows(desk) == [f"receipt:{answer['id']}"]


def test_events_again_a_look_and_a_sweep_make_no_second_receipt(any_desk: Desk) -> None:
    desk = any_desk
    answer = desk.given(**HERS)
    desk.bench.pay(answer["checkout_url"])
    desk.bench.settle()
    deliveries = list(desk.bench.deliveries())
    with mails_go_to(desk) as server:
        for delivery in (*deliveries, *deliveries, *reversed(deliveries)):
            assert desk.deliver(delivery).status_code == 200
            desk.work_off()
        desk.client.get(f"/contributions/{answer['id']}?checkout=done")
        desk.sweep()
        desk.retry_waiting()
        assert desk.work_off() == 0
    assert rows(desk) == [f"receipt:{answer['id']}"]
    assert len(server.mails) == 1


def second_payment(desk: Desk, contribution_id: str) -> None:
    """Another attempt of the same contribution turns out to be paid, too."""
    with transaction(desk.session):
        contribution = desk.session.get_one(Contribution, contribution_id)
        first = contribution.latest_attempt
        other = Attempt(
            contribution_id=contribution_id,
            number=first.number + 1,
            processor=first.processor,
            terms_version=first.terms_version,
            checkout_ref="another",
            expires_at=first.expires_at,
            created_at=clock.now(),
        )
        desk.session.add(other)
        desk.session.flush()
        settle.apply(
            desk.session,
            first.processor,
            PaymentSucceeded(
                attempt_id=other.id,
                ref="another payment",
                at=clock.now() - timedelta(hours=1),
                live=False,
                amount=contribution.amount,
                payment_ref="another payment",
                charge_ref=None,
                method=None,
            ),
            live=False,
        )


def test_two_attempts_that_are_paid_have_one_receipt(desk: Desk, server: MailServer) -> None:
    answer = desk.paid(**HERS)
    assert desk.work_off() == 1
    second_payment(desk, answer["id"])
    assert desk.work_off() == 0
    assert rows(desk) == [f"receipt:{answer['id']}"]
    assert len(server.mails) == 1


def test_sent_again_after_a_crash_it_is_the_same_mail(desk: Desk, server: MailServer) -> None:
    desk.paid(**HERS)
    desk.work_off()
    with transaction(desk.session):
        desk.session.scalars(select(OutboxRow)).one().done_at = None
    desk.work_off()
    first, again = (message_from_bytes(mail.content, policy=SMTP) for mail in server.mails)
    assert first["Message-ID"] == again["Message-ID"]
    assert first["Date"] == again["Date"]


def test_a_server_that_is_away_gets_it_later(desk: Desk, server: MailServer) -> None:
    desk.paid(**HERS)
    server.answers.append("451 later")
    assert desk.work_off() == 0
    with transaction(desk.session):
        desk.session.scalars(select(OutboxRow)).one().due_at = clock.now()
    assert desk.work_off() == 1
    assert len(server.mails) == 1


@pytest.mark.clause("5.1")
@pytest.mark.parametrize(
    "values",
    [
        {"withdrawn_at": True}, {"restricted_at": True}, {"email_sealed": None, "erased_at": True}, {"status": "reversed"},
        {"email_sealed": "00000000.AAAA"},
    ],
    ids=lambda values: next(iter(values)),
)  # fmt: skip
def test_nothing_is_sent_to_whom_nothing_may_be_sent(
    desk: Desk, server: MailServer, values: dict[str, Any]
) -> None:
    answer = desk.paid(**HERS)
    now = clock.now()
    change(desk, answer["id"], **{name: now if it is True else it for name, it in values.items()})
    assert desk.work_off() == 1
    assert server.mails == []
    assert desk.session.scalars(select(OutboxRow)).one().last_error is None


def test_a_name_with_line_breaks_adds_no_header(desk: Desk, server: MailServer) -> None:
    with transaction(desk.session):
        registry.register(desk.session, ARTICLE, "Judul\r\nBcc: semua@jahat.example\n\nHalo")
    desk.paid(**HERS)
    desk.work_off()
    message = mail_of(server)
    assert message["Bcc"] is None
    assert "Judul Bcc: semua@jahat.example Halo" in one_line(part(message, "plain"))


def test_a_processor_that_is_not_set_up_any_more_is_still_named(desk: Desk, server: MailServer) -> None:
    desk.paid(**HERS)
    wiring = desk.wiring
    others = Processors([_Other()], "other")  # type: ignore[list-item]  # only its name is asked for
    desk.app.extensions["wiring"] = dataclasses.replace(wiring, processors=others)
    assert desk.work_off() == 1
    assert "Sandbox" in part(mail_of(server), "plain")


class _Other:
    name, display_name = "other", "Other"


def test_the_page_needs_our_signature_for_this_contribution(desk: Desk) -> None:
    one, other = desk.paid(), desk.paid()
    path, _, key = link_to_print(desk, one).partition("?")
    assert desk.client.get(f"{path}?{key}").status_code == 200
    others = link_to_print(desk, other).partition("?")[2]
    for wrong in ("", "key=", "key=x", "key=%00%ff", "key=🙂", key[:-9], others):
        assert desk.client.get(f"{path}?{wrong}").status_code == 404, wrong
    assert desk.client.get(path).status_code == 404


def test_the_page_is_not_there_until_it_is_paid(desk: Desk) -> None:
    answer = desk.given()
    contribution = desk.session.get_one(Contribution, answer["id"])
    assert receipts.link(contribution, desk.wiring.settings) is None
    path = receipts.path(answer["id"], desk.wiring.settings)
    assert desk.client.get(path).status_code == 404


def test_the_page_is_private_and_in_the_language_asked_for(desk: Desk) -> None:
    answer = desk.paid(locale="en")
    path = link_to_print(desk, answer).partition("&lang")[0]
    response = desk.client.get(path, headers={"Accept-Language": "id"})
    assert '<html lang="en">' in response.text
    assert '<html lang="id">' in desk.client.get(f"{path}&lang=id").text
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response.headers["X-Robots-Tag"]


def test_the_page_says_when_the_payment_went_back(desk: Desk) -> None:
    answer = desk.paid(locale="en")
    words = "The payment processor returned this payment to the payer."
    assert words not in desk.client.get(link_to_print(desk, answer, "en")).text
    desk.bench.refund(desk.bench.took()[0].payment_ref)
    desk.deliver_all()
    assert desk.look(answer["id"])["status"] == "reversed"
    assert words in desk.client.get(link_to_print(desk, answer, "en")).text


@pytest.mark.clause("7.2")
def test_no_template_of_a_receipt_has_a_word_for_a_bill() -> None:
    folder = ROOT / "service/contributions/templates/contributions"
    templates = sorted(folder.glob("receipt*"))
    assert len(templates) == 3
    for path in templates:
        assert not re.search(FORBIDDEN, path.read_text(), re.IGNORECASE), path
