"""Sharing an article: the article and nothing else, whatever page offers it, open or closed."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask_babel import gettext as _

from service.articles.address import Address
from service.wiring import current_wiring

_WHATSAPP = "https://wa.me/?"


@dataclass(frozen=True, slots=True)
class Share:
    """What is shared: the article's address, a generic line about it, and both as a link that
    needs no script."""

    url: str
    text: str
    whatsapp: str


def of(address: Address, title: str | None) -> Share:
    """The article to share. A title is the registered one, or there is none."""
    publisher = current_wiring().settings.publisher_name
    text = title or str(_("An article on %(publisher)s", publisher=publisher))
    return Share(address.key, text, _WHATSAPP + urlencode({"text": f"{text}\n{address.key}"}))
