"""Identity numbers at rest: a keyed digest to find a person by, the number itself sealed; both under keys of their own.

The digest is HMAC-SHA-256 and the seal AES-256-GCM, bound to the intake, so that a stored value means nothing in
another one. Everything else in the service knows the opaque id only.
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class IdentityVault:
    """Seals and finds identity numbers under the installation's identity key."""

    def __init__(self, key: bytes) -> None:
        self._find = hmac.new(key, b"identity|find", hashlib.sha256).digest()
        self._seal = AESGCM(hmac.new(key, b"identity|seal", hashlib.sha256).digest())

    def lookup_key(self, intake_id: str, number: str) -> str:
        """Give what a number is found by: the same for the same number written with or without its hyphen."""
        return hmac.new(self._find, f"{intake_id}|{_plain(number)}".encode(), hashlib.sha256).hexdigest()

    def seal(self, intake_id: str, number: str) -> bytes:
        """Seal a number; never the same twice."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._seal.encrypt(nonce, _plain(number).encode(), intake_id.encode())

    def unseal(self, intake_id: str, sealed: bytes) -> str:
        """Give a number back.

        Raises
        ------
        ValueError
            The value was changed, belongs to another intake, or was sealed under another key.
        """
        try:
            return self._seal.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], intake_id.encode()).decode()
        except InvalidTag as error:
            raise ValueError("the sealed identity number cannot be opened with this key") from error


def _plain(number: str) -> str:
    return number.replace("-", "").replace("+", "").replace(" ", "").upper()
