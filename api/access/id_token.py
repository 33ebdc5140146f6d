"""Checking an identity token: signature, issuer, audience, time, and that it answers our own request.

Source: OpenID Connect Core 1.0, section 3.1.3.7.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from api.problems import Problem

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
CLOCK_SKEW = 60


class Person(NamedTuple):
    """Who the provider says signed in."""

    issuer: str
    subject: str
    name: str
    claims: Mapping[str, Any]


def refused(detail: str) -> Problem:
    """Refuse a sign-in."""
    return Problem(403, "sign_in_refused", "The sign-in was not accepted", detail, remedy="Start again at /sign-in.")


def check_id_token(token: str, keys: KeySet, *, issuer: str, client_id: str, nonce: str, now: datetime) -> Person:
    """Give who a token names.

    Raises
    ------
    Problem
        403 ``sign_in_refused``: the token is not the provider's, not for us, not for now or not for this request.
    """
    try:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        registry = jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=CLOCK_SKEW,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(claims)
    except (JoseError, ValueError) as error:
        raise refused(f"The identity token is not valid ({type(error).__name__}).") from error
    if isinstance(claims["aud"], list) and len(claims["aud"]) > 1 and claims.get("azp") != client_id:
        raise refused("The identity token was made for another party.")
    return Person(issuer, str(claims["sub"]), str(claims.get("name") or claims["sub"]), claims)
