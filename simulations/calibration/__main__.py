"""Calibrate a year of the sample data, or show how near a calibrated one comes.

``python -m simulations.calibration --year 2023`` writes the demand table; with ``--report DIR`` it leaves the table
alone and writes the diagnostics of the year generated from it; with ``--run RUN --report DIR`` those of a finished run.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from admissions.errors import AdmissionsError
from sample_data.catalogue import YEARS
from simulations.calibration.calibrate import calibrate, write_demand
from simulations.calibration.report import finished_run, generated_year, write_diagnostics

_TABLES = Path(__file__).parents[2] / "sample_data" / "tables"


def main(arguments: list[str] | None = None) -> int:
    """Calibrate and write the demand table, or write the diagnostics; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m simulations.calibration", description=__doc__.partition("\n")[0])
    parser.add_argument("--year", type=int, choices=YEARS, help="a year of the published results")
    parser.add_argument(
        "--out", type=Path, default=_TABLES, help="folder of the demand table (default: the sample data)"
    )
    parser.add_argument(
        "--report",
        type=Path,
        metavar="DIR",
        help="write the diagnostics of the calibrated year there (page, charts, tables) instead of calibrating",
    )
    parser.add_argument(
        "--run", type=Path, metavar="RUN", help="with --report: of this finished replay instead of a generated year"
    )
    asked = parser.parse_args(arguments)
    if asked.run and not asked.report:
        parser.error("--run goes with --report DIR")
    if not asked.run and asked.year is None:
        parser.error("--year is needed, or --run with --report")
    try:
        if asked.report:
            comparison, about = finished_run(asked.run) if asked.run else generated_year(asked.year)
            for path in write_diagnostics(comparison, about, asked.report):
                print(path)
            print(comparison.text())
        else:
            published, demand = calibrate(asked.year)
            print(f"wrote {write_demand(published, demand, asked.out)}")
    except AdmissionsError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
