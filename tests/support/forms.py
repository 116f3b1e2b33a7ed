"""Fill in the reader's form as a browser without JavaScript does."""

import re
from typing import Any
from urllib.parse import urlencode

from flask.testing import FlaskClient

from tests.support.desk import ARTICLE, VERSION

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page."""
    return dict(_HIDDEN.findall(page))


def filled(client: FlaskClient, locale: str = "id", **changes: str) -> dict[str, str]:
    """The form's fields with a gift in them."""
    page = client.get(f"/contribute?{urlencode({'article': ARTICLE, 'lang': locale})}")
    fields = {"amount": "25000", "message": "Terima kasih", "display_name": "Sri"}
    return hidden(page.text) | {"terms_version": VERSION} | fields | changes


def send(client: FlaskClient, locale: str = "id", **changes: str) -> Any:
    """Send the form; the response."""
    return client.post(f"/contribute?lang={locale}", data=filled(client, locale, **changes))
