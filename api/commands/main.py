"""The command `admissions`: one module per command, each importing what it needs only when it runs."""

from __future__ import annotations

import sys
from importlib import import_module

import typer

from admissions.errors import AdmissionsError

# In the order a newcomer meets them; `admissions --help` lists them so.
COMMANDS = (
    "demo",
    "sample",
    "check",
    "replay",
    "reserve",
    "verify",
    "publish_data",
    "explain",
    "affected",
    "compare",
    "whatif",
    "seats",
    "scenario",
    "sweep",
    "package",
    "policies",
    "risk",
    "forecast",
    "match",
    "rules",
    "serve",
    "load",
    "worker",
    "grant",
    "audit",
    "retention",
    "backup",
)


def build() -> typer.Typer:
    """Assemble the command line; a command module only declares itself here, so this stays quick."""
    app = typer.Typer(
        name="admissions",
        help="Upper-secondary admissions: seat an intake by the rules, check the result, explain it, and show where "
        "seats are short.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for name in COMMANDS:
        import_module(f"api.commands.{name}").register(app)
    return app


def main() -> None:
    """Run the command line; a refusal of the engine is printed in full and exits with status 1."""
    try:
        build()()
    except AdmissionsError as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("Interrupted; what was finished is kept, nothing half-written is left.", file=sys.stderr)
        sys.exit(130)
