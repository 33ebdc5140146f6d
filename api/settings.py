"""Settings of the service: environment variables with safe defaults.

Every setting is an environment variable with the prefix ``ADMISSIONS_``. Without any, the service runs in demo mode:
loopback only, an embedded database in the user's data folder, ready accounts. Outside demo mode a default secret is
refused at start, so that a forgotten setting is an error and not a hole.
"""

import os
from functools import cached_property
from ipaddress import ip_address
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEMO_SECRET = "demo-secret-never-for-real-data"  # noqa: S105 - refused outside demo mode, see _refuse_defaults
SHORTEST_SECRET = 32
DEFAULT_LIMIT = 1200
"""Requests a minute where a real installation sets no limit of its own."""


def default_data_dir() -> Path:
    """Name the folder where the embedded database of this user lives."""
    base = os.environ.get("XDG_DATA_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".local" / "share") / "admissions"


def is_loopback(host: str) -> bool:
    """Say whether a host name or address can be reached from this machine only.

    Examples
    --------
    >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("0.0.0.0")
    (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """What an installation decides; see docs/operations.md for each variable."""

    model_config = SettingsConfigDict(env_prefix="ADMISSIONS_", extra="ignore", frozen=True)

    demo: bool = Field(default=True, description="Loopback only, ready accounts. Set to false for anything real.")
    host: str = Field("127.0.0.1", description="Address to listen on; demo mode accepts loopback only.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen on.")
    data_dir: Path = Field(default_factory=default_data_dir, description="Folder of the embedded database.")
    database_url: str = Field("", description="postgresql://... ; empty: SQLite in the data folder.")
    secret_key: SecretStr = Field(
        SecretStr(DEMO_SECRET), description="Key of digests and cookies; at least 32 characters."
    )
    identity_key: SecretStr = Field(
        SecretStr(DEMO_SECRET), description="Key that seals identity numbers; at least 32 characters, kept apart."
    )
    public_url: str = Field("", description="Address people use; needed for sign-in by OIDC.")
    oidc_issuer: str = Field("", description="Issuer of the identity provider; empty: the local provider in demo mode.")
    oidc_client_id: str = Field("", description="Our name at the provider.")
    oidc_client_secret: SecretStr = Field(
        SecretStr(""), description="Our secret at the provider; empty: public client."
    )
    oidc_roles_claim: str = Field("", description="Claim that lists roles; empty: roles are given by hand.")
    session_idle_minutes: int = Field(30, ge=1, description="A session ends after this long without use.")
    session_hours: int = Field(8, ge=1, description="A session ends after this long in any case.")
    upload_limit_mb: int = Field(200, ge=1, description="Largest file of an import.")
    page_limit: int = Field(1000, ge=1, description="Most rows of one page of a list.")
    lease_seconds: int = Field(30, ge=1, description="A job whose worker is silent for this long is taken over.")
    worker_threads: int = Field(0, ge=0, description="Threads of a job; 0: all cores but one.")
    requests_per_minute: int | None = Field(
        None, ge=1, description="Requests a minute for one identity or address; empty: none in demo mode, else 1200."
    )
    attempts_per_minute: int = Field(
        30, ge=1, description="Steps of signing in, and wrong tokens, a minute from one address."
    )
    rate_limit_storage: str = Field(
        "memory://", description="Where limits are counted; memory: each process for itself."
    )
    log_format: Literal["json", "console"] = Field("json", description="Form of the log lines.")

    @property
    def request_limit(self) -> int | None:
        """Requests a minute for one identity or address; None: not limited."""
        return self.requests_per_minute or (None if self.demo else DEFAULT_LIMIT)

    @model_validator(mode="after")
    def _refuse_defaults(self) -> Self:
        if self.demo:
            if not is_loopback(self.host):
                raise ValueError(
                    f"demo mode has ready accounts and listens on loopback only, not on {self.host}; "
                    "set ADMISSIONS_DEMO=false and the secrets for a real installation"
                )
            return self
        problems = [
            f"ADMISSIONS_{name.upper()} must be set to at least {SHORTEST_SECRET} random characters outside demo mode"
            for name in ("secret_key", "identity_key")
            if len(getattr(self, name).get_secret_value()) < SHORTEST_SECRET
            or getattr(self, name).get_secret_value() == DEMO_SECRET
        ]
        if self.secret_key.get_secret_value() == self.identity_key.get_secret_value():
            problems.append("ADMISSIONS_SECRET_KEY and ADMISSIONS_IDENTITY_KEY must differ")
        if self.oidc_issuer and not self.public_url:
            problems.append(
                "ADMISSIONS_PUBLIC_URL is needed with ADMISSIONS_OIDC_ISSUER: the provider sends people back"
            )
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @cached_property
    def database(self) -> str:
        """The database URL in force."""
        if not self.database_url:
            return f"sqlite:///{(self.data_dir / 'admissions.sqlite').as_posix()}"
        scheme, separator, rest = self.database_url.partition("://")
        return f"postgresql+psycopg{separator}{rest}" if scheme in {"postgres", "postgresql"} else self.database_url
