"""``admissions forecast`` and ``admissions backtest``: next year's published results from those of earlier years."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from simulations.forecast import Score


def register(app: typer.Typer) -> None:
    """Add both commands to the application."""

    @app.command()
    def forecast(
        history: Annotated[
            Path,
            typer.Option(
                metavar="ROUTES.csv", help="Published final results of earlier years, consecutive, in one table."
            ),
        ],
        catalogue: Annotated[
            Path,
            typer.Option(
                metavar="ROUTES.csv",
                help="The study routes and seats of the year to forecast; result columns may be left out.",
            ),
        ],
        out: Annotated[
            Path, typer.Option(metavar="FILE", help="Where to write the forecast: .csv, .xlsx or .parquet.")
        ],
    ) -> None:
        """Forecast cut-off, admitted, reserves and vacant seats of every study route, with 80 % intervals.

        Reads the published results of one or more earlier years and the catalogue of the year after them. Routes may be
        new, gone, renamed, recoded or resized: each row of the catalogue gets one row of the forecast, with the
        probability that nobody eligible is turned down (no competition). See also: admissions backtest.
        """
        from admissions.tables import write_table
        from simulations.forecast import forecast_table, read_inputs

        years, routes = read_inputs(history, catalogue)
        predicted = forecast_table(years, routes)
        write_table(predicted, out)
        span = f"{years[0].year}-{years[-1].year}" if len(years) > 1 else str(years[0].year)
        print(f"{out}: {len(predicted):,} study routes of {predicted['year'][0]} forecast from the results of {span}.")
        if len(years) == 1:
            print("One earlier year shows no change from year to year: documented prior values were used instead.")

    @app.command()
    def backtest(
        history: Annotated[
            Path | None,
            typer.Option(
                metavar="ROUTES.csv",
                help="Published final results of at least two consecutive years; without it those that come along, "
                "Stockholm 2020-2023.",
            ),
        ] = None,
        out: Annotated[
            Path | None, typer.Option(metavar="FILE", help="Also write the scores: .csv, .xlsx or .parquet.")
        ] = None,
    ) -> None:
        """Show how the forecast would have done: each year forecast from the years before it, and scored.

        The rivals are last year's value, the mean of the earlier years, and the constant-width interval around last
        year's value that turns out best when the judged year is already known.
        """
        from admissions.tables import write_table
        from simulations.forecast import backtest as judge_all
        from simulations.forecast import read_history, score_table

        if history is None:
            from sample_data.catalogue import published
            from simulations.forecast import HISTORY

            results = HISTORY.conform(published().rename({"school_unit_code": "skolenhetskod"}))
        else:
            results = read_history(history)
        scores = judge_all(results)
        if out is not None:
            write_table(score_table(scores), out)
        for score in scores:
            _show(score)


def _show(score: Score) -> None:
    before = "1 year" if score.years_before == 1 else f"{score.years_before} years"
    gain = 1.0 - score.interval_score / score.interval_score_constant
    print(f"{score.year} from {before} before: {score.routes:,} routes forecast, {score.scored:,} scored")
    print(
        f"  cut-off, points   error {score.cutoff_error:6.2f}   last year {score.cutoff_error_last:6.2f}"
        f"   mean {score.cutoff_error_mean:6.2f}   80 % interval holds {score.cutoff_coverage:6.1%}"
    )
    print(
        f"  reserves          error {score.reserve_error:6.2f}   last year {score.reserve_error_last:6.2f}"
        f"   mean {score.reserve_error_mean:6.2f}   80 % interval holds {score.reserve_coverage:6.1%}"
    )
    print(
        f"  interval score    {score.interval_score:12.1f}   best constant width {score.interval_score_constant:6.1f}"
        f"   better by {gain:.1%}"
    )
    print(f"  no competition    Brier {score.brier:6.3f}   as last year {score.brier_last:6.3f}")
    print(
        f"  over every route  admitted error {score.admitted_error:.2f}, interval holds {score.admitted_coverage:.1%}; "
        f"vacant seats error {score.vacant_error:.2f}, interval holds {score.vacant_coverage:.1%}"
    )
