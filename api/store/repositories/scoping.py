"""The one place where scopes become conditions: every list about schools or people passes through here.

A role's scope names organisers, schools or municipalities. For what belongs to a school (routes, pools, decisions on
choices) it is the school's; for what belongs to a person it is the home municipality or the school the person leaves.
"""

from typing import Any

import polars as pl
from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from api.access.actor import Actor, Scope
from api.access.permissions import Permission, Role
from api.store.models import Applicant, Choice, Route


def schools_within(scope: Scope, table: Any) -> ColumnElement[bool]:
    """Give the condition on a table with organiser, school and municipality."""
    if scope.everything:
        return true()
    return or_(
        false(),
        table.organiser.in_(sorted(scope.organisers)),
        table.school.in_(sorted(scope.schools)),
        table.municipality.in_(sorted(scope.municipalities)),
    )


def _split(actor: Actor, permission: Permission) -> tuple[Scope, Scope]:
    """Give the actor's scope over people at home or at school, and over applicants to routes (principals)."""
    held = actor.roles_with(permission)
    receiving = Actor(actor.id, "", tuple(one for one in held if one.role is Role.PRINCIPAL))
    sending = Actor(actor.id, "", tuple(one for one in held if one.role is not Role.PRINCIPAL))
    return sending.scope(permission), receiving.scope(permission)


def people_within(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Give the condition on Applicant: whom the actor may see; never a protected person."""
    sending, receiving = _split(actor, permission)
    seen = _people(sending)
    if receiving.everything or receiving.organisers or receiving.schools or receiving.municipalities:
        # looked up person by person through the list's key: seldom more than ten rows each
        same = and_(Route.intake_id == Choice.intake_id, Route.route_id == Choice.route_id)
        applied = (
            select(Choice.number)
            .join(Route, same)
            .where(
                Choice.intake_id == Applicant.intake_id,
                Choice.applicant == Applicant.applicant,
                schools_within(receiving, Route),
            )
            .correlate(Applicant)
        )
        seen = or_(seen, applied.exists())
    return and_(Applicant.protected.is_(False), seen)


def cases_within(actor: Actor, permission: Permission) -> ColumnElement[bool]:
    """Give the condition on Applicant and Route (outer) of case decisions: whose the actor may see.

    Those at the person's home or school see all of the person's; a receiving principal those about the own routes.
    """
    sending, receiving = _split(actor, permission)
    about = and_(Route.route_id.is_not(None), schools_within(receiving, Route))
    seen = true() if receiving.everything else or_(_people(sending), about)
    return and_(Applicant.protected.is_(False), seen)


def _people(scope: Scope) -> ColumnElement[bool]:
    if scope.everything:
        return true()
    return or_(
        false(),
        Applicant.home_municipality.in_(sorted(scope.municipalities)),
        Applicant.sending_school.in_(sorted(scope.schools)),
    )


def routes_seen(session: Session, actor: Actor, permission: Permission, person: Applicant) -> set[str] | None:
    """Give the routes whose rows of a person's list the actor may see; None for all of them.

    Those at the person's home or school see the list; a receiving principal sees the rows of the own routes.
    """
    sending, receiving = _split(actor, permission)
    home = person.home_municipality in sending.municipalities or person.sending_school in sending.schools
    if sending.everything or receiving.everything or home:
        return None
    own = select(Route.route_id).where(Route.intake_id == person.intake_id, schools_within(receiving, Route))
    return set(session.scalars(own))


def decisions_within(actor: Actor, permission: Permission) -> pl.Expr:
    """Give the condition on a run's decision rows: what the actor may see; never a protected person."""
    sending, receiving = _split(actor, permission)
    if sending.everything:
        return ~pl.col("protected")
    seen = pl.col("home_municipality").is_in(sorted(sending.municipalities)) | pl.col("sending_school").is_in(
        sorted(sending.schools)
    )
    seen = seen | routes_within(receiving)
    return ~pl.col("protected") & seen.fill_null(value=False)


def handed_over(actor: Actor, permission: Permission) -> pl.Expr:
    """Give the condition on a run's decision rows: those of the actor's own schools; never a protected person."""
    return ~pl.col("protected") & routes_within(actor.scope(permission)).fill_null(value=False)


def routes_within(scope: Scope) -> pl.Expr:
    """Give the condition on a result table with organiser, school and municipality."""
    if scope.everything:
        return pl.lit(value=True)
    return (
        pl.col("organiser").is_in(sorted(scope.organisers))
        | pl.col("school").is_in(sorted(scope.schools))
        | pl.col("municipality").is_in(sorted(scope.municipalities))
    )
