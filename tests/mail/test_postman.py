"""Letters reach the server once and whole, cannot smuggle headers, and name nobody in the log."""

import dataclasses
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from service.config import Settings
from service.environment import ConfigError
from service.errors import MailUnavailable
from service.mail import folder, postman
from service.mail.letter import Letter
from tests.house.test_money_text_and_settings import PRODUCTION
from tests.support.smtp import MailServer

LETTER = Letter(
    to="kembang@contoh.example",
    subject="Konfirmasi – permintaanmu",
    text="Buka tautan ini.\n.\nSelesai.\n",
    html="<p>Buka tautan ini.</p>",
    ref="privacy:1",
    at=datetime(2026, 11, 24, 7, 5, tzinfo=UTC),
    locale="id",
)


def settings(url: str = "", **changes: Any) -> Settings:
    made = Settings.from_environment({"APRESIASI_SMTP_URL": url, "APRESIASI_MAIL_FROM": "halo@kompas.com"})
    return dataclasses.replace(made, **changes)


def read(content: bytes) -> EmailMessage:
    message = message_from_bytes(content, policy=SMTP)
    assert isinstance(message, EmailMessage)
    return message


def test_a_letter_is_text_and_html_with_a_stable_id() -> None:
    with MailServer() as server:
        for _ in range(2):
            assert postman.send(LETTER, settings(server.url))
        assert postman.send(dataclasses.replace(LETTER, ref="privacy:2"), settings(server.url))
    first, again, other = (read(mail.content) for mail in server.mails)
    assert server.mails[0].recipients == [LETTER.to]
    assert server.mails[0].sender == "halo@kompas.com"
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]
    assert str(first["Message-ID"]).endswith("@kompas.com>")
    assert (first["Subject"], first["To"]) == (LETTER.subject, LETTER.to)
    assert first["From"] == '"KOMPAS.com" <halo@kompas.com>'
    assert (first["Auto-Submitted"], first["Content-Language"]) == ("auto-generated", "id")
    text, html = first.get_body(("plain",)), first.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().splitlines() == ["Buka tautan ini.", ".", "Selesai."]
    assert "<p>Buka" in html.get_content()


@pytest.mark.parametrize("where", ["subject", "to", "publisher"])
@pytest.mark.parametrize(
    "evil", ["x@y.example\r\nBcc: all@evil.example", "x@y.example\nBcc: a@b.example\n\nHi"]
)
def test_nothing_that_is_put_in_adds_a_header_or_a_recipient(where: str, evil: str) -> None:
    letter = dataclasses.replace(LETTER, **{where: evil}) if where != "publisher" else LETTER
    with MailServer() as server:
        sent = postman.send(
            letter, settings(server.url, publisher_name=evil if where == "publisher" else "K")
        )
    assert sent is (where != "to")
    for mail in server.mails:
        assert mail.recipients == [LETTER.to]
        assert read(mail.content)["Bcc"] is None
        assert mail.content.count(b"\r\nTo: ") == 1


@pytest.mark.parametrize(
    "to", ["", "@", "a@", "@b.example", "a, b@c.example", "a b@c.example", "a@b.example, c@d.example",
           "<a@b.example>", "a@b.example\x00", "a@" + "x" * 70 + "é.example",
           "victim(x)@b.example", "(x)victim@b.example", "victim@(x)b.example", '"victim"@b.example'],
)  # fmt: skip
def test_what_is_no_one_address_is_sent_nowhere(to: str) -> None:
    with MailServer() as server:
        assert not postman.send(dataclasses.replace(LETTER, to=to), settings(server.url))
    assert server.mails == []


def test_a_domain_of_another_script_is_written_for_the_network() -> None:
    with MailServer() as server:
        assert postman.send(dataclasses.replace(LETTER, to="a@contöh.example"), settings(server.url))
    assert server.mails[0].recipients == ["a@xn--conth-mua.example"]


@pytest.mark.parametrize(("answer", "for_good"), [("550 no such user", True), ("451 try later", False)])
def test_a_refusal_for_good_is_not_tried_again(answer: str, for_good: bool, capfd: Any) -> None:
    with MailServer() as server:
        server.answers.append(answer)
        if for_good:
            assert not postman.send(LETTER, settings(server.url))
        else:
            with pytest.raises(MailUnavailable) as refused:
                postman.send(LETTER, settings(server.url))
            assert "kembang" not in repr(refused.value.__cause__)
    assert server.mails == []
    assert "kembang" not in "".join(capfd.readouterr())


def test_a_server_that_is_away_is_tried_again_later() -> None:
    with MailServer() as server:
        url = server.url
    with pytest.raises(MailUnavailable):
        postman.send(LETTER, settings(url))


def test_another_machine_must_speak_tls() -> None:
    """The test server does not; it is reached under a name that is not known as this machine. No
    letter is given up for that: a server can be set up anew."""
    with MailServer("127.0.0.2") as server, pytest.raises(MailUnavailable):
        postman.send(LETTER, settings(server.url))
    assert (server.mails, server.connections) == ([], 1)


def test_a_server_that_lets_nobody_sign_in_is_tried_again_later() -> None:
    with MailServer() as server, pytest.raises(MailUnavailable):
        postman.send(LETTER, settings(server.url.replace("//", "//user:secret@")))
    assert (server.mails, server.connections) == ([], 1)


def test_an_address_that_the_server_has_no_letters_for_is_given_up() -> None:
    """It would have to speak SMTPUTF8."""
    with MailServer() as server:
        assert not postman.send(dataclasses.replace(LETTER, to="é@contoh.example"), settings(server.url))
    assert server.mails == []


def test_without_a_server_mails_lie_in_a_folder_once(tmp_path: Path) -> None:
    own = settings(mail_folder=tmp_path)
    for _ in range(2):
        assert postman.send(LETTER, own)
    (path,) = tmp_path.iterdir()
    assert read(path.read_bytes())["To"] == LETTER.to
    assert path.stat().st_mode & 0o077 == 0
    assert folder.forget(tmp_path, {"another@contoh.example"}) == 0
    assert folder.forget(tmp_path, {"Kembang@Contoh.example"}) == 1
    assert list(tmp_path.iterdir()) == []


def test_production_without_a_server_promises_no_mail(tmp_path: Path) -> None:
    own = dataclasses.replace(Settings.from_environment({}), mode="production", mail_folder=tmp_path)
    assert not postman.can_send(own)
    with pytest.raises(MailUnavailable):
        postman.send(LETTER, own)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "value"), [("SMTP_URL", "http://x"), ("SMTP_URL", "smtp://"), ("SMTP_URL", "mail.example"),
                        ("RETENTION_EMAIL_DAYS", "never")],
)  # fmt: skip
def test_a_bad_setting_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Settings.from_environment({f"APRESIASI_{name}": value})


def test_a_mail_server_needs_a_sender_in_production() -> None:
    stripe = {
        "APRESIASI_PROCESSOR": "stripe",
        "APRESIASI_STRIPE_API_KEY": "sk_x",
        "APRESIASI_STRIPE_WEBHOOK_SECRETS": "w",
        "APRESIASI_SMTP_URL": "smtps://mail.example",
    }
    with pytest.raises(ConfigError, match="MAIL_FROM"):
        Settings.from_environment(PRODUCTION | stripe)
    assert Settings.from_environment(PRODUCTION | stripe | {"APRESIASI_MAIL_FROM": "a@b.example"}).smtp_url


def test_a_mail_that_is_refused_for_good_once_it_is_read_is_not_sent_again() -> None:
    with MailServer() as server:
        server.to_mails = ["554 this looks like spam", "451 later"]
        assert postman.send(LETTER, settings(server.url)) is False
        with pytest.raises(MailUnavailable):
            postman.send(LETTER, settings(server.url))
    assert server.mails == []


def test_a_mail_that_was_taken_is_sent_whatever_the_goodbye_is() -> None:
    with MailServer() as server:
        server.to_quit = "421 closing"
        assert postman.send(LETTER, settings(server.url))
    assert len(server.mails) == 1
