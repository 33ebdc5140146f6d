"""The identity provider as we see it: where to send somebody, and who came back.

OpenID Connect, authorization code with PKCE (RFC 7636, S256). The provider is any; the settings name it.
"""

import json
import urllib.request
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Protocol
from urllib.error import URLError
from urllib.parse import urlencode

from joserfc.jwk import KeySet

from api.access.id_token import Person, check_id_token, refused
from api.clock import Clock
from api.problems import Problem
from api.settings import Settings

TIMEOUT_SECONDS = 10
LARGEST_ANSWER = 1_000_000
Fetch = Callable[[str, Mapping[str, str] | None], dict[str, Any]]
"""Gets JSON from an address; with a form, posts it."""


class Provider(Protocol):
    """What signing in needs of a provider."""

    def authorization_url(self, *, state: str, nonce: str, challenge: str, redirect_uri: str) -> str:
        """Say where to send the browser."""

    def exchange(self, *, code: str, verifier: str, nonce: str, redirect_uri: str) -> Person:
        """Turn the code that came back into a person; raises Problem when it is not good."""


def fetch_json(url: str, form: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Get JSON over HTTPS (or plain HTTP on loopback, for development).

    Raises
    ------
    Problem
        503 ``provider_unreachable``.
    """
    if not url.startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
        raise refused("The provider's address must be https.")
    data = None if form is None else urlencode(form).encode()
    try:
        request = urllib.request.Request(url, data, {"Accept": "application/json"})  # noqa: S310 - scheme checked above
        with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - same
            found = json.loads(answer.read(LARGEST_ANSWER))
    except (URLError, ValueError, TimeoutError) as error:
        raise Problem(
            503,
            "provider_unreachable",
            "The identity provider does not answer",
            f"Signing in is not possible at the moment ({type(error).__name__}).",
            remedy="Try again in a minute.",
        ) from error
    if not isinstance(found, dict):
        raise refused("The provider's answer is not an object.")
    return found


class RemoteProvider:
    """A provider on the network, found by its issuer's discovery document."""

    def __init__(
        self, issuer: str, client_id: str, client_secret: str, clock: Clock, fetch: Fetch = fetch_json
    ) -> None:
        self.issuer, self.client_id, self.client_secret = issuer, client_id, client_secret
        self.clock, self.fetch = clock, fetch

    @cached_property
    def discovered(self) -> dict[str, Any]:
        """The discovery document; kept, and asked for again only after a failure."""
        document = self.fetch(self.issuer.rstrip("/") + "/.well-known/openid-configuration", None)
        if document.get("issuer") != self.issuer:
            raise refused("The provider calls itself by another name than the settings do.")
        return document

    def authorization_url(self, *, state: str, nonce: str, challenge: str, redirect_uri: str) -> str:
        """Say where to send the browser."""
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.discovered['authorization_endpoint']}?{urlencode(query)}"

    def exchange(self, *, code: str, verifier: str, nonce: str, redirect_uri: str) -> Person:
        """Turn the code into a person."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.client_id,
            "code_verifier": verifier,
        }
        if self.client_secret:
            form["client_secret"] = self.client_secret
        answer = self.fetch(str(self.discovered["token_endpoint"]), form)
        keys = KeySet.import_key_set(self.fetch(str(self.discovered["jwks_uri"]), None))  # type: ignore[arg-type]
        return check_id_token(
            str(answer.get("id_token", "")),
            keys,
            issuer=self.issuer,
            client_id=self.client_id,
            nonce=nonce,
            now=self.clock(),
        )


def make_provider(settings: Settings, clock: Clock) -> Provider | None:
    """Make the provider of the settings; none means that people cannot sign in, only tokens work."""
    from api.access.local_provider import LocalProvider

    if settings.oidc_issuer:
        secret = settings.oidc_client_secret.get_secret_value()
        return RemoteProvider(settings.oidc_issuer, settings.oidc_client_id, secret, clock)
    return LocalProvider(clock) if settings.demo else None
