"""The rulebook (regelbok) of an office: read, completed by what it extends, dated by admission year, checked.

A file may extend another (``extends = "sweden"``: the national law every preset builds on) and may date changes
(``[[changes]]`` with ``from_year``): the rules of a year are the file's tables with every change up to that year laid
over them. All problems are reported at once, each with file, line, key and remedy.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from importlib.resources import files
from pathlib import Path as FilePath
from typing import Any

from admissions.errors import AdmissionsError
from admissions.rules.build import Report, build, did_you_mean, failed
from admissions.rules.calendar import Calendar, calendar_for
from admissions.rules.checks import check_sections
from admissions.rules.errors import RulebookError, RulebookProblem
from admissions.rules.schema import Sections
from admissions.rules.toml_lines import Path, error_line, key_lines, parse_toml

BASE = "sweden"
_ADMINISTRATIVE = ("extends", "changes")


@dataclass(frozen=True)
class Rulebook:
    """The rules of one office in one admission year; ``rulebook.merit``, ``rulebook.late`` ... are its sections.

    Attributes
    ----------
    year
        The admission year the sections hold for.
    sections
        All sections, see `admissions.rules.schema`.
    calendar
        The days of that year.
    """

    year: int
    sections: Sections
    calendar: Calendar
    raw: Mapping[str, Any] = field(repr=False)
    places: Mapping[Path, tuple[str, int]] = field(repr=False)
    file: str = field(repr=False)

    def __getattr__(self, name: str) -> Any:
        sections = self.__dict__.get("sections")
        if sections is None or name.startswith("_") or not hasattr(sections, name):
            raise AttributeError(name)
        return getattr(sections, name)

    @property
    def name(self) -> str:
        """Short name, e.g. ``storsthlm``."""
        return self.sections.name

    def for_year(self, year: int) -> Rulebook:
        """Return the rules of another admission year.

        Raises
        ------
        RulebookError
            If the rulebook does not hold for that year, or its rules of that year are not sound.
        """
        return self if year == self.year else _assemble(self.raw, self.places, self.file, year)

    @cached_property
    def is_assumption(self) -> bool:
        """Whether any part rests on an assumption."""
        return any(section_assumes(getattr(self.sections, item.name)) for item in fields(self.sections))


def section_assumes(section: Any) -> bool:
    """Tell whether a section, or a part of it, rests on an assumption."""
    if isinstance(section, dict):
        return any(section_assumes(part) for part in section.values())
    if not hasattr(section, "certainty"):
        return False
    parts = (getattr(section, item.name) for item in fields(section))
    return section.certainty == "assumption" or bool(section.assumed) or any(map(section_assumes, parts))


def preset_names() -> list[str]:
    """Return the names of the rulebooks that come with the engine, sorted; the national base is not one of them."""
    folder = files("admissions.rules") / "presets"
    names = (entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return sorted(name for name in names if name != BASE)


def load_rulebook(name_or_path: str | FilePath, year: int | None = None) -> Rulebook:
    """Return a rulebook by preset name, e.g. ``"storsthlm"``, or from a TOML file.

    Parameters
    ----------
    name_or_path
        Name of a preset, or path of a file ending in ``.toml``.
    year
        Admission year; without it the last year the rulebook holds for. `compile_static` takes the intake's year.

    Raises
    ------
    RulebookError
        With every problem of the file: its line, its key and the remedy.
    AdmissionsError
        If there is neither such a preset nor such a file.

    Examples
    --------
    >>> load_rulebook("storsthlm", 2023).ties.chain
    ('lottery',)
    """
    file, text, folder = _read(name_or_path, None)
    raw, places = _merged(file, text, folder, ())
    return _assemble(raw, places, file, year)


def rulebook_text(rulebook: Rulebook) -> str:
    """Return the rulebook of the year as one self-contained TOML text: what a run keeps beside its results."""
    from admissions.rules.writing import toml_text

    return toml_text(_of_year(rulebook.raw, rulebook.year))


def stated_keys(rulebook: Rulebook) -> frozenset[str]:
    """Return the dotted keys its files state for the year, down to the keys of sections."""
    found: set[str] = set()

    def walk(table: Mapping[str, Any], path: str) -> None:
        for name, value in table.items():
            found.add(path + name)
            if isinstance(value, dict):
                walk(value, f"{path}{name}.")

    walk(_of_year(rulebook.raw, rulebook.year), "")
    return frozenset(found)


def _read(name_or_path: str | FilePath, folder: FilePath | None) -> tuple[str, str, FilePath | None]:
    name = str(name_or_path)
    if name.endswith(".toml"):
        path = FilePath(name) if folder is None else folder / name
        if not path.is_file():
            raise AdmissionsError(f"There is no rulebook file {name}. Presets: {', '.join(preset_names())}.")
        try:
            return path.name, path.read_text(encoding="utf-8-sig"), path.parent
        except UnicodeDecodeError as error:
            problem = RulebookProblem(path.name, None, "", "the file is not UTF-8 text", "Save it as UTF-8.")
            raise RulebookError([problem]) from error
    preset = files("admissions.rules") / "presets" / f"{name}.toml"
    if not name.replace("-", "").replace("_", "").isalnum() or not preset.is_file():
        remedy = did_you_mean(name, preset_names())
        raise AdmissionsError(f"There is no rulebook {name!r}. {remedy} A file of your own must end in .toml.")
    return f"{name}.toml", preset.read_text(encoding="utf-8"), None


def _merged(
    file: str, text: str, folder: FilePath | None, above: tuple[str, ...]
) -> tuple[dict[str, Any], dict[Path, tuple[str, int]]]:
    """Return the tables of a file laid over those it extends, and where each key stands."""
    try:
        raw = parse_toml(text)
    except tomllib.TOMLDecodeError as error:
        problem = RulebookProblem(
            file, error_line(error), "", f"not well-formed: {error}", "Correct the line; a TOML editor marks the place."
        )
        raise RulebookError([problem]) from error
    own = {path: (file, line) for path, line in key_lines(text).items()}
    base = raw.get("extends")
    if base is None:
        return raw, own
    if base in above or len(above) > 8:
        at, line = own.get(("extends",), (file, 0))
        raise RulebookError(
            [RulebookProblem(at, line or None, "extends", "rulebooks extend each other", "Break the circle.")]
        )
    try:
        below, places = _merged(*_read(base, folder), (*above, str(base)))
    except RulebookError:
        raise
    except AdmissionsError as error:
        at, line = own.get(("extends",), (file, 0))
        raise RulebookError(
            [RulebookProblem(at, line or None, "extends", str(error).rstrip("."), "Correct the name.")]
        ) from error
    changes = [*below.get("changes", []), *raw.get("changes", [])]
    merged = _laid_over(below, {name: value for name, value in raw.items() if name != "extends"})
    if changes:
        merged["changes"] = changes
    return merged, {**places, **own}


def _laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return `below` with `above` on top: tables are merged key by key, everything else is replaced.

    Where a section states its certainty anew, the marks of single assumed keys below do not linger.
    """
    merged = dict(below)
    if "certainty" in above and "assumed" not in above:
        merged.pop("assumed", None)
    for name, value in above.items():
        old = merged.get(name)
        merged[name] = _laid_over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _of_year(raw: Mapping[str, Any], year: int) -> dict[str, Any]:
    rules: dict[str, Any] = {name: value for name, value in raw.items() if name not in _ADMINISTRATIVE}
    dated = [change for change in raw.get("changes", []) if change["from_year"] <= year]
    for change in sorted(dated, key=lambda change: change["from_year"]):  # sorted is stable: base before region
        rules = _laid_over(rules, {name: value for name, value in change.items() if name != "from_year"})
    return rules


def _assemble(raw: Mapping[str, Any], places: Mapping[Path, tuple[str, int]], file: str, year: int | None) -> Rulebook:
    report = Report(places, file)
    first, last = raw.get("first_year"), raw.get("last_year")
    for number, change in enumerate(raw.get("changes", []), start=1):
        if not isinstance(change, dict) or not isinstance(change.get("from_year"), int):
            report.add(("changes",), f"change {number} has no from_year", "Say from which admission year it holds.")
    if report.problems:
        raise RulebookError(report.problems)
    wanted = year if year is not None else last if isinstance(last, int) else 0
    tables = _of_year(raw, wanted)
    sections = build(Sections, tables, (), report)
    if failed(sections):  # the sections that are sound are still checked, beside the national ones for the others
        sections = _patched(tables, wanted)
    elif isinstance(first, int) and isinstance(last, int) and not first <= wanted <= last:
        remedy = f"Choose a year from {first} to {last}, or extend the rulebook."
        report.add(("first_year",), f"does not hold for the admission year {wanted}", remedy)
    calendar = None
    if sections is not None:
        check_sections(sections, report)
        calendar = calendar_for(sections.calendar, wanted, report)
    if report.problems or calendar is None or sections is None:
        in_order = sorted(report.problems, key=lambda problem: (problem.file, problem.line or 0))
        raise RulebookError(in_order)
    return Rulebook(wanted, sections, calendar, raw, places, file)


def _patched(tables: Mapping[str, Any], year: int) -> Sections | None:
    """Return the sections with every one that could not be built replaced by that of the national base."""
    file, text, folder = _read(BASE, None)
    base = _of_year(_merged(file, text, folder, ())[0], year)
    sound = dict(base)
    for item in fields(Sections):
        if item.name in tables:
            trial = build(Sections, {**base, item.name: tables[item.name]}, (), Report({}, file))
            if not failed(trial):
                sound[item.name] = tables[item.name]
    built = build(Sections, sound, (), Report({}, file))
    return None if failed(built) else built
