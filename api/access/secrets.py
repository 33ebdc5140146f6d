"""Secrets of browsers and machines: random, shown once, stored as digests."""

import hashlib
import secrets

TOKEN_PREFIX = "adm_"  # noqa: S105 - lets a scanner find a token that leaked, and is none itself


def new_secret(prefix: str = "") -> str:
    """Make a secret of 256 random bits."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Give what is stored of a random secret; with 256 bits of chance a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
