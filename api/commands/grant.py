"""``admissions grant``: give somebody roles; how the first person of an installation gets in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def grant(
        issuer: Annotated[str, typer.Argument(help="The identity provider, as ADMISSIONS_OIDC_ISSUER names it.")],
        subject: Annotated[str, typer.Argument(help="What the provider calls the person (the claim sub).")],
        roles: Annotated[
            list[str], typer.Argument(metavar="ROLE...", help="Such as office, or principal:organiser:Nacka.")
        ],
        data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the embedded database.")] = None,
    ) -> None:
        """Give somebody exactly these roles, in place of those held before.

        Roles: office, second_signer, principal, counsellor, planner, analyst, auditor; each may be followed by a scope,
        :organiser:NAME, :school:NAME or :municipality:NAME. Recorded in the audit trail.
        """
        from admissions.errors import AdmissionsError
        from api.access.roles_claim import parse_role
        from api.audit import EventKind, Trail
        from api.commands.serve import settings_from
        from api.store import open_store
        from api.store.repositories import accounts

        try:
            held = [parse_role(role) for role in roles]
        except ValueError as error:
            raise AdmissionsError(f"{error}.") from None
        settings = settings_from(data_dir=data)
        store = open_store(settings.database)
        trail = Trail(settings.secret_key.get_secret_value().encode())
        with store.write() as session:
            user = accounts.user_for(session, issuer, subject, subject, trail.clock())
            accounts.set_grants(session, user.id, held)
            payload = {"roles": sorted(set(roles))}
            kind = EventKind.USER_CHANGED
            trail.record(session, kind, actor="command line", object_type="user", object_id=user.id, payload=payload)
        store.close()
        print(f"{subject} holds: {', '.join(sorted(set(roles)))}")
