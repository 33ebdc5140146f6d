"""``admissions load RUN``: a finished run folder into the store, verified, with its intake and rulebook."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from api.audit import Trail
    from api.store import Store


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def load(
        run: Annotated[
            Path, typer.Argument(metavar="RUN", help="Folder of a finished run with its intake in RUN/intake.")
        ],
        name: Annotated[str, typer.Option(help="Name of the intake; its year if not given.")] = "",
        data: Annotated[Path | None, typer.Option(metavar="DIR", help="Folder of the embedded database.")] = None,
    ) -> None:
        """Load a finished run into the service's store: the intake, the rulebook and a verified run for each round.

        The run is verified first, as `admissions verify` does, and nothing is matched again. All of it is stored, or
        nothing. A run that was loaded before is found, and nothing changes. Signing off and publishing is done in the
        service, by people.
        """
        from api.audit import Trail
        from api.commands.progress import steps
        from api.commands.serve import settings_from
        from api.loading.loading import load_run
        from api.store import open_store

        settings = settings_from(data_dir=data)
        store = open_store(settings.database)
        try:
            with steps() as tell:
                trail = Trail(settings.secret_key.get_secret_value().encode())
                loaded = load_run(store, trail, run, "command line", name=name, tell=tell)
        finally:
            store.close()
        what = "loaded, its rounds verified" if loaded.fresh else "was loaded before; nothing was changed"
        print(f"Intake {loaded.name} ({loaded.intake_id}): {what}.")


def load_shown_run(store: Store, trail: Trail, run: Path) -> str:
    """Load the run that demo mode shows and publish it to the ready accounts; say what happened.

    A folder without a finished run, or without its intake, is shown as it is and not loaded.
    """
    from admissions.errors import AdmissionsError
    from api.commands.progress import steps
    from api.loading.demo import load_sample

    found = sorted(run.glob("**/run.json"), key=lambda path: (len(path.parts), path.as_posix()))
    if not found or not (found[0].parent / "intake").exists():
        return "The folder holds no finished run with its intake: nothing is loaded into the store."
    try:
        with steps() as tell:
            loaded = load_sample(store, trail, found[0].parent, tell)
    except AdmissionsError as refusal:
        return f"The run is not loaded into the store: {refusal}"
    how = "loaded and published" if loaded.fresh else "in the store since before"
    return f"Intake {loaded.name}: {how}; every ready account sees it."
