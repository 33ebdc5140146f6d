"""``admissions explain RUN APPLICANT``: why an applicant got what they got, and what would have been enough."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer


class Language(enum.StrEnum):
    """Language of the sentences."""

    SV = "sv"
    EN = "en"


class Form(enum.StrEnum):
    """Form of the answer."""

    TEXT = "text"
    JSON = "json"


def register(app: typer.Typer) -> None:
    """Add the command to the application."""

    @app.command()
    def explain(
        run: Annotated[
            Path, typer.Argument(metavar="RUN", help="Folder of a finished run, made by `admissions replay`.")
        ],
        applicant: Annotated[str, typer.Argument(metavar="APPLICANT", help="The applicant's id.")],
        lang: Annotated[Language, typer.Option(help="Language of the sentences.")] = Language.SV,
        form: Annotated[
            Form, typer.Option("--format", help="Sentences, or everything behind them as JSON.")
        ] = Form.TEXT,
        round_name: Annotated[
            str,
            typer.Option(
                "--round", metavar="NAME", help="preliminary, final, reserve-1 ...; the last one if left out."
            ),
        ] = "",
    ) -> None:
        """Say why an applicant got what they got, choice by choice, and what would have been enough.

        For each choice: the rule that decided, the own merit beside the published cut-off, the step at which it was
        lost, the least change of one grade or one test that would have been enough, whether the lottery could have
        mattered, and whether the decision can be appealed. Nothing is said about any other person.

        Everything is read from the folder RUN. What would have been enough needs the grades, in RUN/intake; without
        them the rest is still said.
        """
        import json

        from admissions.explanations.catalogue import language_of
        from admissions.explanations.explaining import explain as explained
        from admissions.explanations.sentences import as_text, sentences
        from admissions.explanations.source import open_facts

        language = language_of(lang.value)
        facts, unknown = open_facts(run, round_name)
        found = explained(facts, applicant, unknown=unknown)
        if form is Form.JSON:
            said = [{"heading": heading, "sentences": lines} for heading, lines in sentences(found, language)]
            print(json.dumps({**found.as_dict(), "text": said}, ensure_ascii=False, indent=2))
        else:
            print(as_text(found, language))
