"""A stand-in identity provider for demo mode, development and tests: ready accounts, no passwords, loopback only.

It speaks the same protocol in memory (code, PKCE, signed identity token), so that the way through it is the way
through a real one.
"""

import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from api.access.actor import Held
from api.access.id_token import Person, check_id_token, refused
from api.access.permissions import Role
from api.clock import Clock

ISSUER = "local"
CLIENT = "admissions"
CODE_LIFE = timedelta(minutes=1)


@dataclass(frozen=True)
class Account:
    """A ready account of demo mode."""

    subject: str
    name: str
    held: tuple[Held, ...]


ACCOUNTS = (
    Account("office", "Olga Office", (Held(Role.OFFICE),)),
    Account("second-signer", "Sven Second-Signer", (Held(Role.SECOND_SIGNER),)),
    Account("planner", "Petra Planner", (Held(Role.PLANNER),)),
    Account("analyst", "Anders Analyst", (Held(Role.ANALYST),)),
    Account("auditor", "Aina Auditor", (Held(Role.AUDITOR),)),
    Account("principal", "Pia Principal", (Held(Role.PRINCIPAL, "organiser", "Stockholms kommun"),)),
    Account("counsellor", "Carl Counsellor", (Held(Role.COUNSELLOR, "municipality", "Stockholm"),)),
)


def code_challenge(verifier: str) -> str:
    """Give the S256 challenge of a PKCE verifier (RFC 7636, 4.2).

    Examples
    --------
    >>> code_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@dataclass(frozen=True)
class _Code:
    subject: str
    nonce: str
    challenge: str
    redirect_uri: str
    expires: float


class LocalProvider:
    """The stand-in; its codes live in memory and work once."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.key = ECKey.generate_key("P-256", {"kid": "local"})
        self._codes: dict[str, _Code] = {}

    def authorization_url(self, *, state: str, nonce: str, challenge: str, redirect_uri: str) -> str:
        """Send the browser to our own page of ready accounts."""
        query = {"state": state, "nonce": nonce, "code_challenge": challenge, "redirect_uri": redirect_uri}
        return f"/sign-in/local?{urlencode(query)}"

    def choose(self, subject: str, *, nonce: str, challenge: str, redirect_uri: str) -> str:
        """Give the code for a chosen account."""
        if subject not in {account.subject for account in ACCOUNTS}:
            raise refused("There is no such ready account.")
        now = self.clock()
        self._codes = {code: kept for code, kept in self._codes.items() if kept.expires > now.timestamp()}
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(subject, nonce, challenge, redirect_uri, (now + CODE_LIFE).timestamp())
        return code

    def exchange(self, *, code: str, verifier: str, nonce: str, redirect_uri: str) -> Person:
        """Turn the code into a person, over a signed identity token as a real provider would."""
        kept = self._codes.pop(code, None)
        now = self.clock()
        if kept is None or kept.expires <= now.timestamp():
            raise refused("The code is unknown, used or too old.")
        if not compare_digest(kept.challenge, code_challenge(verifier)) or kept.redirect_uri != redirect_uri:
            raise refused("The code belongs to another sign-in.")
        issued = int(now.timestamp())
        account = next(account for account in ACCOUNTS if account.subject == kept.subject)
        claims = {
            "iss": ISSUER,
            "sub": account.subject,
            "aud": CLIENT,
            "name": account.name,
            "nonce": kept.nonce,
            "iat": issued,
            "exp": issued + 60,
        }
        token = jwt.encode({"alg": "ES256", "kid": "local"}, claims, self.key)
        keys = KeySet([self.key])
        return check_id_token(token, keys, issuer=ISSUER, client_id=CLIENT, nonce=nonce, now=now)
