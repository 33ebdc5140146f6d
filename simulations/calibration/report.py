"""The diagnostics of a calibrated year as files: a page with charts and tables, the charts alone, the tables as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from admissions.rounds.staging import staged
from admissions.tables import write_table
from simulations.calibration.charts import ADMITTED, PANELS, draw

if TYPE_CHECKING:
    from simulations.diagnostics import Comparison

_SEED_PHRASE = "calibration report"


def generated_year(year: int) -> tuple[Comparison, dict[str, str]]:
    """Generate a calibrated year with seed 1, replay it, and compare its final round with the published one.

    Returns
    -------
    The comparison, and what its figures rest on, by name.
    """
    from admissions.rules import Lottery, load_rulebook
    from simulations.diagnostics import compare
    from simulations.population import generate_intake
    from simulations.replay import replay

    rules = load_rulebook("storsthlm", year)
    intake = generate_intake(year, None, 1)
    played = replay(intake, rules, Lottery(_SEED_PHRASE, ""), 1)
    about = {
        "year": str(year),
        "intake": f"generated, seed 1, {intake.digest()[:12]}",
        "rulebook": rules.name,
        "behaviour seed": "1",
        "lottery": f"seed phrase: {_SEED_PHRASE}",
        "runs": "1",
    }
    return compare(played.final, year, played.changes), about


def finished_run(folder: Path) -> tuple[Comparison, dict[str, str]]:
    """Compare the final round of a finished run folder with the published one; see `generated_year`."""
    from simulations.diagnostics import compare_run

    comparison, run = compare_run(folder)
    about = {
        "year": str(run["year"]),
        "run": run["id"],
        "rulebook": run["rules"],
        "behaviour seed": str(run["seeds"].get("behaviour", "none: as recorded")),
        "lottery": f"seed phrase: {run['lottery']['seed_phrase']}, public value: {run['lottery']['public_value']}",
        "runs": "1",
    }
    return comparison, about


def write_diagnostics(comparison: Comparison, about: Mapping[str, str], folder: Path) -> list[Path]:
    """Write ``diagnostics.html``, a ``.svg`` for each chart, and measures, programmes and routes as ``.csv``.

    Parameters
    ----------
    about
        What the figures rest on: year, run or intake, rulebook, seeds, number of runs.
    folder
        A folder that does not exist yet, or is empty.

    Returns
    -------
    The files, sorted.

    Raises
    ------
    FolderTakenError
        If something stands at `folder`.
    """
    charts = draw(comparison)
    with staged(folder) as place:
        for name, text in charts.items():
            (place / f"{name}.svg").write_text(text + "\n", encoding="utf-8")
        for name in ("measures", "programmes", "routes"):
            write_table(getattr(comparison, name), place / f"{name}.csv")
        (place / "diagnostics.html").write_text(_page(comparison, about, charts), encoding="utf-8")
    return sorted(folder.iterdir())


def _page(comparison: Comparison, about: Mapping[str, str], charts: Mapping[str, str]) -> str:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    look = Environment(loader=PackageLoader("admissions.reports"), autoescape=True)
    style = look.loader.get_source(look, "report.css")[0] if look.loader else ""
    environment = Environment(
        loader=PackageLoader("simulations.calibration"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    panels = [(panel.name, panel.title, panel.text, panel.status) for panel in PANELS]
    figures = [
        {"title": title, "text": text, "status": status, "svg": charts[name]}
        for name, title, text, status in (*panels, ADMITTED)
    ]
    return environment.get_template("diagnostics.html.j2").render(
        style=style,
        about=about,
        figures=figures,
        groups=[(status, _measures(comparison, status)) for status in ("fitted", "chosen", "not fitted")],
        programmes=comparison.programmes.rows(named=True),
        met=comparison.met,
    )


def _measures(comparison: Comparison, status: str) -> list[dict[str, Any]]:
    """Return the measures of one status as text: name, generated, published, bounds and whether they are kept."""
    from simulations.diagnostics import written

    shown = []
    for row in comparison.measures.iter_rows(named=True):
        if row["status"] != status:
            continue
        bounds = [row[name] for name in ("least", "most") if row[name] is not None]
        value = row["generated"]
        within = "" if not bounds else "yes" if value is not None and bounds[0] <= value <= bounds[-1] else "no"
        shown.append(
            {
                "name": row["measure"],
                "generated": written(value),
                "published": written(row["published"]),
                "bounds": " to ".join(written(bound) for bound in bounds),
                "within": within,
            }
        )
    return shown
