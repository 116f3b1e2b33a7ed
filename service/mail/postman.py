"""The postman: carries a letter to the SMTP server, or lays it into a folder while developing."""

import smtplib
import ssl
from contextlib import suppress
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

import structlog

from service.config import Settings
from service.errors import MailUnavailable
from service.mail import folder
from service.mail.letter import Letter, Undeliverable, compose

log = structlog.get_logger()

_SECONDS = 20
_PORTS = {"smtp": 587, "smtps": 465}
_HERE = ("localhost", "127.0.0.1", "::1")
_NOBODY = "apresiasi@localhost"


def can_send(settings: Settings) -> bool:
    """Whether a mail may be promised: in production only where a server is set up."""
    return bool(settings.smtp_url) or not settings.in_production


def require(settings: Settings) -> None:
    """Raises MailUnavailable where no mail may be promised."""
    if not can_send(settings):
        raise MailUnavailable


def send(letter: Letter, settings: Settings) -> bool:
    """Send a letter; False for an address that no mail can be sent to, which another try would not
    change. Raises MailUnavailable where the server does not take it now."""
    require(settings)
    try:
        message = compose(letter, settings.mail_from or _NOBODY, settings.publisher_name)
    except Undeliverable:
        log.warning("mail_undeliverable", ref=letter.ref)
        return False
    if not settings.smtp_url:
        folder.lay(settings.mail_folder, message)
        return True
    return _by_smtp(message, urlsplit(settings.smtp_url), letter.ref)


def _by_smtp(message: EmailMessage, server: SplitResult, ref: str) -> bool:
    try:
        connection = _connect(server)
        try:
            _open(connection, server)
            return _hand_over(connection, message, ref)
        finally:
            _leave(connection)
    except (smtplib.SMTPException, OSError) as away:
        log.warning("mail_not_sent", ref=ref, kind=type(away).__name__)
        raise MailUnavailable from None  # the cause may name the address


def _connect(server: SplitResult) -> smtplib.SMTP:
    host, port = server.hostname or "", server.port or _PORTS[server.scheme]
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=_SECONDS)


def _open(connection: smtplib.SMTP, server: SplitResult) -> None:
    """Encrypt, and verify whom it is with (ASVS 12.3), unless the server is this machine; sign in. A
    server that cannot do so yet says nothing about the letter: it waits."""
    if server.scheme == "smtp" and server.hostname not in _HERE:
        connection.starttls(context=ssl.create_default_context())
    if server.username:
        connection.login(unquote(server.username), unquote(server.password or ""))


def _leave(connection: smtplib.SMTP) -> None:
    """Say goodbye; whatever the server answers to that, a letter it took is taken."""
    with suppress(smtplib.SMTPException, OSError):
        connection.quit()
    connection.close()


def _hand_over(connection: smtplib.SMTP, message: EmailMessage, ref: str) -> bool:
    """False for a letter that the server refuses for good, which another try would not change."""
    try:
        connection.send_message(message)
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError) as refused:
        if not _is_for_good(refused):
            raise
        log.warning("mail_refused", ref=ref, kind=type(refused).__name__)
        return False
    return True


def _is_for_good(refused: Exception) -> bool:
    """A refusal by 5xx stays one; 4xx asks for another try (RFC 5321, 4.2.1). An address in letters
    that the server cannot write (SMTPUTF8) stays so too."""
    if isinstance(refused, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in refused.recipients.values())
    if isinstance(refused, smtplib.SMTPDataError):
        return refused.smtp_code >= 500
    return True
