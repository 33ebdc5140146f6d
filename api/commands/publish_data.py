"""``admissions publish-data RUN``: the statistics of a finished run as a data package."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command("publish-data")
    def publish_data(
        run: Annotated[Path, typer.Argument(metavar="RUN", help="Folder of a finished run.")],
        out: Annotated[Path, typer.Option(metavar="DIR", help="Folder to make.")],
        round_name: Annotated[str, typer.Option("--round", metavar="NAME", help="Round; the last if not given.")] = "",
    ) -> None:
        """Write the statistics of a round as a data package: CSV files and datapackage.json, which describes them.

        It holds what an office publishes: the result per study route, sums by programme, school, municipality and
        organiser, the cut-offs, and applicants without a seat by home with small counts hidden.
        """
        from admissions.rounds.stored import read_run
        from api.exchange.data_package import Published, write_package
        from api.exchange.run_tables import published_tables

        stored = read_run(run)
        one = stored.round(round_name) if round_name else stored.rounds[-1]
        about = stored.about
        published = Published(
            about["id"], about["roots"][one.name], about["year"], one.name, f"Admission {about['year']}",
            bool(about["assumption"] or about["notes"].get("simulated")),
        )  # fmt: skip
        write_package(out, published, published_tables(one))
        print(f"{out}: datapackage.json and the tables of round {one.name}")
