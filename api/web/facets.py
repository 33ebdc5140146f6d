"""Filters of a table of study routes: what may be chosen, and what was, from the URL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl
from fastapi import Request

from admissions.reports.wording import KINDS, programme_text
from api.sorting import sort_key
from api.web.texts import Texts

FORMS: Mapping[str, tuple[str, str]] = {
    "municipal": ("Kommunal", "Municipal"),
    "independent": ("Fristående", "Independent"),
    "region": ("Regional", "Regional"),
}
BY_VALUE = ("municipality", "organiser_form", "organiser", "school", "kind", "programme")


@dataclass(frozen=True)
class Field:
    """One field of the filter form; without options it is a search field."""

    name: str
    label: str
    value: str
    options: list[tuple[str, str]] | None


def choice(name: str, label: str, value: str, options: Iterable[tuple[str, str]]) -> Field:
    """Make a field to choose from."""
    return Field(name, label, value, list(options))


def route_fields(request: Request, routes: pl.DataFrame, t: Texts) -> list[Field]:
    """Give the filters of study routes, each with the values there are."""

    def words(name: str, value: str) -> str:
        if name == "programme":
            return programme_text(value, t.language)
        named = {"kind": KINDS, "organiser_form": FORMS}.get(name, {})
        return named[value][t.word] if value in named else value

    found = []
    for name in BY_VALUE:
        options = sorted(
            ((value, words(name, value)) for value in routes[name].unique().to_list() if value),
            key=lambda one: sort_key(one[1]),
        )
        value = request.query_params.get(name, "")
        found.append(choice(name, t(f"facet.{name}"), value, [("", t("base.all")), *options]))
    found.append(Field("q", t("facet.q"), request.query_params.get("q", "")[:100], None))
    return found


def narrowed(request: Request, routes: pl.DataFrame) -> tuple[pl.DataFrame, bool]:
    """Apply the filters of the URL; say whether there was any."""
    asked = {name: request.query_params.get(name, "") for name in BY_VALUE}
    wanted = [pl.col(name) == value for name, value in asked.items() if value]
    search = request.query_params.get("q", "").strip()[:100].lower()
    if search:
        text = pl.concat_str("school", "route_name", "route_code", "municipality", "organiser", separator=" ")
        wanted += [text.str.to_lowercase().str.contains(word, literal=True) for word in search.split()]
    return (routes.filter(wanted), True) if wanted else (routes, False)
