"""Calibrate a year of the sample data: ``python -m simulations.calibration --year 2023``."""

from __future__ import annotations

import argparse
from pathlib import Path

from simulations.calibration.calibrate import calibrate, write_demand


def main() -> None:
    """Calibrate and write the demand table."""
    parser = argparse.ArgumentParser(prog="python -m simulations.calibration", description=__doc__)
    parser.add_argument("--year", type=int, required=True, help="a year of the published results")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path(__file__).parents[2] / "sample_data" / "tables",
        help="folder of the demand table (default: the sample data)",
    )
    arguments = parser.parse_args()
    published, demand = calibrate(arguments.year)
    print(f"wrote {write_demand(published, demand, arguments.out)}")


if __name__ == "__main__":
    main()
