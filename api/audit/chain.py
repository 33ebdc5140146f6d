"""The arithmetic of the chain: pure functions over values, so that an outsider can redo it.

``digest`` of an event = SHA-256 of the UTF-8 JSON array (no spaces, no escapes of non-ASCII)
``[number, at, kind, actor, intake, object type, object id, payload digest, previous digest]``; the first event's
previous digest is 64 zeros. ``payload digest`` = HMAC-SHA-256 of the payload's JSON under a random key kept beside
the payload: both are erased together, after which the digest tells nothing, not even to a guesser.
"""

import hashlib
import hmac
import json
from typing import Any, NamedTuple

GENESIS = "0" * 64


class Link(NamedTuple):
    """One event as the chain sees it."""

    number: int
    at: str
    kind: str
    actor: str
    intake_id: str
    object_type: str
    object_id: str
    payload_digest: str
    previous: str

    def digest(self) -> str:
        """Give the digest that the next event names as its previous one."""
        return hashlib.sha256(canonical(list(self)).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Write JSON in one way only."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def payload_digest(key: str, body: str) -> str:
    """Give the keyed digest of a payload."""
    return hmac.new(bytes.fromhex(key), body.encode(), hashlib.sha256).hexdigest()


def seal(secret: bytes, number: int, digest: str) -> str:
    """Seal the head of the chain with the service's key."""
    return hmac.new(secret, f"audit-head|{number}|{digest}".encode(), hashlib.sha256).hexdigest()
