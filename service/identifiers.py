"""Names for rows: ids that nobody can guess, and references that can be read over the phone."""

import secrets

ID_PATTERN = "[0-9a-f]{32}"

# Crockford's base 32: no I, L, O or U, so nothing is misheard or misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_id() -> str:
    """32 hexadecimal digits holding 128 random bits (OWASP ASVS 5.0, 11.5.1)."""
    return secrets.token_hex(16)


def new_reference() -> str:
    """A short reference such as ``AS-7K3M-9QXT``: 40 random bits, unique by the database."""
    letters = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    return f"AS-{letters[:4]}-{letters[4:]}"


def read_reference(text: str) -> str:
    """The canonical form of a reference as somebody typed or dictated it."""
    letters = "".join(text.upper().split()).replace("-", "")
    letters = letters.removeprefix("AS") if len(letters) == 10 else letters
    letters = letters.translate(_MISREAD)
    return f"AS-{letters[:4]}-{letters[4:]}"
