"""The link that confirms a request: signed, and good once, until the request's deadline."""

import re

from itsdangerous import BadData, URLSafeSerializer

from service.errors import NotFound
from service.identifiers import ID_PATTERN

_SALT = "privacy-link"


def make(request_id: str, secret: str) -> str:
    """The last part of the link's address: the same whenever it is made, so nothing is stored."""
    return str(URLSafeSerializer(secret, salt=_SALT).dumps(request_id))


def read(token: str, secret: str) -> str:
    """The request's id again. Raises NotFound for a token that is none of ours."""
    try:
        found = URLSafeSerializer(secret, salt=_SALT).loads(token)
    except BadData as error:
        raise NotFound from error
    if not isinstance(found, str) or not re.fullmatch(ID_PATTERN, found):
        raise NotFound
    return found
