"""``admissions serve``: the service on this machine, ready to try; or a real installation by its settings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from api.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def serve(
        port: Annotated[
            int | None, typer.Option(min=0, max=65535, help="Port to listen on; 8000 if not given.")
        ] = None,
        data: Annotated[
            Path | None,
            typer.Option(metavar="DIR", help="Folder of the embedded database; your data folder if not given."),
        ] = None,
        run: Annotated[
            Path | None,
            typer.Option(
                metavar="RUN",
                help="Finished run folder to show; demo mode loads it into the store and publishes it.",
                exists=True,
                file_okay=False,
            ),
        ] = None,
        worker: Annotated[bool, typer.Option(help="Start a worker beside it, for long work such as runs.")] = True,
    ) -> None:
        """Serve the pages and the API.

        Without settings this is demo mode: reachable from this machine only, with ready accounts, the data in your own
        data folder. A real installation sets ADMISSIONS_DEMO=false and its secrets (docs/operations.md).

        Ends with Ctrl-C.
        """
        from threading import Thread

        import uvicorn

        from api.app import create_app
        from api.commands.load import load_shown_run
        from api.observe import configure_logs
        from api.web.assets import bundle

        settings = settings_from(port=port, data_dir=data)
        configure_logs(settings.log_format)
        service = create_app(settings, run_folder=run)
        Thread(target=bundle, args=(settings.data_dir / "cache",), daemon=True).start()  # before anybody's first chart
        if settings.demo and run is not None:
            print(load_shown_run(service.state.store, service.state.trail, run), flush=True)
        helper = start_worker(settings) if worker else None
        print(f"Serving on http://{settings.host}:{settings.port} (Ctrl-C ends it)", flush=True)
        if settings.demo:
            print("Demo mode: this machine only, ready accounts, for generated data.", flush=True)
        try:
            uvicorn.run(
                service,
                host=settings.host,
                port=settings.port,
                log_level="warning",
                access_log=False,
                server_header=False,
            )
        finally:
            if helper is not None:
                helper.terminate()
                helper.wait()


def settings_from(**given: Any) -> Settings:
    """Give the settings of the environment, with what the command line says on top.

    Raises
    ------
    AdmissionsError
        Settings that are refused, in words.
    """
    from pydantic import ValidationError

    from admissions.errors import AdmissionsError
    from api.settings import Settings

    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        reasons = "\n".join(f"  {item['msg'].removeprefix('Value error, ')}" for item in error.errors())
        raise AdmissionsError(f"The settings are refused:\n{reasons}") from None


def start_worker(settings: Settings) -> Any:
    """Start a worker process with the same settings."""
    import os
    import subprocess
    import sys

    environment = {**os.environ, "ADMISSIONS_DATA_DIR": str(settings.data_dir)}
    command = [sys.executable, "-m", "api.commands.worker", str(os.getpid())]
    return subprocess.Popen(command, env=environment)  # noqa: S603 - our own program
