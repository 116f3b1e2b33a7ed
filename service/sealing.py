"""Personal data at rest: sealed with an AEAD, found again through a keyed index."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12


class CannotUnseal(Exception):
    """The sealed value was changed, belongs elsewhere, or its key is gone."""


def derive(key: bytes, purpose: str) -> bytes:
    """A 32-byte key for one purpose out of a master key (HKDF-SHA256, RFC 5869)."""
    return HKDF(SHA256(), 32, salt=None, info=purpose.encode()).derive(key)


class Sealer:
    """Seals short texts with the first of several 32-byte keys; opens with any of them.

    The index key derives from ``index_key`` and not from the encryption keys, so that
    rotating those does not lose the index.
    """

    def __init__(self, keys: Sequence[bytes], index_key: bytes) -> None:
        self._ciphers = {self._key_id(key): AESGCM(derive(key, "seal")) for key in keys}
        self._current = self._key_id(keys[0])
        self._index_key = derive(index_key, "index")

    @staticmethod
    def _key_id(key: bytes) -> str:
        return hashlib.sha256(b"key id" + key).hexdigest()[:8]

    @property
    def current(self) -> str:
        """The name of the key that seals; a sealed text begins with it and a dot."""
        return self._current

    @property
    def known(self) -> frozenset[str]:
        """The names of all keys that open."""
        return frozenset(self._ciphers)

    def seal(self, text: str, owner: str) -> str:
        """Encrypt a text for one owner (a contribution id); it opens for no other."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self._current].encrypt(nonce, text.encode(), owner.encode())
        return f"{self._current}.{base64.b64encode(nonce + sealed).decode()}"

    def unseal(self, sealed: str, owner: str) -> str:
        """The text again. Raises CannotUnseal for a wrong owner, key or content."""
        key_id, _, body = sealed.partition(".")
        try:
            raw = base64.b64decode(body, validate=True)
            cipher = self._ciphers[key_id]
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], owner.encode()).decode()
        except (KeyError, ValueError, InvalidTag) as error:
            raise CannotUnseal from error

    def find(self, sealed: str | None, owner: str) -> str | None:
        """The text again; None where there is none, or its key is gone."""
        try:
            return self.unseal(sealed, owner) if sealed else None
        except CannotUnseal:
            return None

    def blind(self, purpose: str, text: str) -> str:
        """A keyed hash that tells whether two texts are the same, and nothing else."""
        return hmac.new(derive(self._index_key, purpose), text.encode(), "sha256").hexdigest()

    def index(self, email: str) -> str:
        """A keyed hash under which an e-mail address can be found without being stored."""
        return hmac.new(self._index_key, email.strip().lower().encode(), "sha256").hexdigest()
