"""``admissions rules``: list, read and check rulebooks."""

from __future__ import annotations

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    group = typer.Typer(
        no_args_is_help=True,
        help="Read the rules of an admissions office in plain words, and check a rulebook of your own.",
    )
    group.command("list")(list_rules)
    group.command("show")(show_rules)
    group.command("check")(check_rules)
    group.command("variants")(show_variants)
    group.command("audit")(audit_rules)
    app.add_typer(group, name="rules")


def list_rules() -> None:
    """List the rulebooks that come with the engine."""
    from admissions.rules.rulebook import load_rulebook, preset_names

    for name in preset_names():
        rulebook = load_rulebook(name)
        title = rulebook.sections.title
        print(f"{name:<14}{rulebook.sections.first_year}-{rulebook.sections.last_year}  {title.sv} ({title.en})")


def show_rules(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A rulebook by name, or a file ending in .toml.")],
    lang: Annotated[str, typer.Option(help="Language of the document: sv or en.")] = "sv",
    year: Annotated[
        int | None, typer.Option(help="Admission year; without it the last year the rulebook holds for.")
    ] = None,
) -> None:
    """Print a rulebook as a numbered document in plain words, each rule with its source.

    The text is made from the same data the engine runs on. ANTAGANDE (ASSUMPTION) marks what nobody has confirmed.
    """
    from admissions.errors import AdmissionsError
    from admissions.rules.rulebook import load_rulebook
    from admissions.rules.show import plain_text

    if lang not in {"sv", "en"}:
        raise AdmissionsError(f"There is no text in language {lang!r}; choose sv or en.")
    print(plain_text(load_rulebook(name, year), "sv" if lang == "sv" else "en"), end="")


def check_rules(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The rulebook file, ending in .toml.")],
) -> None:
    """Check a rulebook in every year it holds for; every problem with its line, its key and what to do.

    Exit status 1 if there is any problem.
    """
    from admissions.rules.rulebook import load_rulebook

    rulebook = load_rulebook(file)
    years = range(rulebook.sections.first_year, rulebook.sections.last_year + 1)
    for year in years:
        rulebook.for_year(year)
    print(f"{file}: sound in every admission year from {years[0]} to {years[-1]}.")


def show_variants(
    intake: Annotated[str, typer.Argument(metavar="DIR", help="An intake, e.g. made by `admissions sample`.")],
    rules: Annotated[str, typer.Option(help="The rulebook to vary, by name or file.")] = "storsthlm",
    seed_phrase: Annotated[
        str, typer.Option(help="The lottery's secret phrase; the same for every variant.")
    ] = "variants",
    public_value: Annotated[str, typer.Option(help="The lottery's public value.")] = "none",
) -> None:
    """Show what each regional rule alone would change: applicants with another seat, with one more, with one less.

    Each line exchanges one rule of the rulebook and runs the final round again on the same intake and lottery.
    """
    from admissions.intake import read_intake
    from admissions.rules import Lottery, load_rulebook
    from admissions.rules.variants import variant_effects

    data = read_intake(intake)
    effects = variant_effects(data, load_rulebook(rules, data.year), Lottery(seed_phrase, public_value))
    print(f"{'one rule exchanged':<54}{'changed':>9}{'another':>9}{'gained':>9}{'lost':>9}{'tried rows':>12}")
    for effect in effects:
        numbers = (
            f"{effect.changed:>9,}{effect.other_seat:>9,}{effect.gained:>9,}{effect.lost:>9,}{effect.rows_tried:>12,}"
        )
        print(f"{effect.variant:<54}{numbers}")


def audit_rules(
    intake: Annotated[str, typer.Argument(metavar="DIR", help="An intake, e.g. made by `admissions sample`.")],
    rules: Annotated[str, typer.Option(help="The rulebook to audit, by name or file.")] = "storsthlm",
    round_name: Annotated[str, typer.Option("--round", metavar="NAME", help="preliminary or final.")] = "final",
    seed_phrase: Annotated[str, typer.Option(help="The lottery's secret phrase.")] = "audit",
    public_value: Annotated[str, typer.Option(help="The lottery's public value.")] = "none",
    lang: Annotated[str, typer.Option(help="Language of the sentences: sv or en.")] = "sv",
) -> None:
    """Say where a rulebook can punish an honest list, and how many applicants of an intake are exposed.

    For each rule that can do so: whether the rulebook has it, how many would have been given a higher choice but for
    the rule, and one example without any id. This is for those who decide on rules, never advice to an applicant.
    """
    from admissions.explanations.audit_text import audit_text
    from admissions.explanations.catalogue import language_of
    from admissions.explanations.facts import facts_of
    from admissions.explanations.strategy import audit
    from admissions.intake import read_intake
    from admissions.rounds.run import run_round
    from admissions.rules import Lottery, compile_round, compile_static, load_rulebook

    language = language_of(lang)
    data = read_intake(intake)
    static = compile_static(data, load_rulebook(rules, data.year))
    compiled = compile_round(static, round_name, lottery=Lottery(seed_phrase, public_value))
    facts = facts_of(run_round(compiled, data))
    print("\n\n".join(audit_text(audit(facts), facts.titles, language)))
