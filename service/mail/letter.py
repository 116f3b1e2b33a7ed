"""A letter to one person as a message of RFC 5322; nothing that is put in can add a header."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from service.plain_text import clean_line


class Undeliverable(Exception):
    """The address is none that a mail can be sent to."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written to whom. ``ref`` names the occasion: the same one has the same Message-ID
    however often it is sent, so that mail programs show it once."""

    to: str
    subject: str
    text: str
    html: str
    ref: str
    at: datetime
    locale: str


def compose(letter: Letter, sender: str, sender_name: str) -> EmailMessage:
    """The message as it is sent. Raises Undeliverable."""
    message = EmailMessage(policy=SMTP)
    message["From"] = _address(sender, sender_name)
    message["To"] = _address(letter.to)
    message["Subject"] = clean_line(letter.subject)
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{_name(letter.ref)}@{_domain(sender)}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    message.add_alternative(letter.html, subtype="html")
    message["Content-Language"] = letter.locale  # last: setting the content drops it
    return message


def _address(spec: str, name: str = "") -> Address:
    """One address (ASVS 1.3.11): what holds line breaks, or more than an address, is none."""
    local, at, domain = spec.rpartition("@")
    if not local or not at or not domain or any(char.isspace() or not char.isprintable() for char in spec):
        raise Undeliverable
    given = f"{local}@{_ascii(domain)}"
    try:
        found = Address(display_name=clean_line(name), addr_spec=given)
    except (ValueError, IndexError, MessageError) as error:
        raise Undeliverable from error
    if found.addr_spec != given:  # what comments and quotes hide would be another person
        raise Undeliverable
    return found


def plain(address: str) -> str:
    """An address as it is compared: its domain as it is written for the network, without case."""
    local, at, domain = address.rpartition("@")
    try:
        return f"{local}{at}{_ascii(domain)}".casefold()
    except Undeliverable:
        return address.casefold()


def _ascii(domain: str) -> str:
    try:
        return domain if domain.isascii() else domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise Undeliverable from error


def _name(ref: str) -> str:
    return hashlib.sha256(ref.encode()).hexdigest()[:32]


def _domain(sender: str) -> str:
    return _ascii(sender.rpartition("@")[2])
