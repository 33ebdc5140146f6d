"""The days of one admission year (antagningsår) and what each round sees on its day.

Source: GyF 7:7 (a preliminary decision early in the spring term, the final one if possible before 1 July) and the
calendars of the offices, which differ: every day is data of the rulebook.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, timedelta
from itertools import pairwise

from admissions.errors import AdmissionsError
from admissions.rules.build import Report, did_you_mean
from admissions.rules.schema import CalendarDays

DAYS = tuple(item.name for item in fields(CalendarDays) if item.name not in {"source", "certainty", "assumed", "years"})
# Each row must be in order. The preliminary result and the opening of the re-choice window may fall either way round.
ORDERS: tuple[tuple[str, ...], ...] = (
    ("application_opens", "application_closes", "preliminary", "rechoice_closes", "late_cutoff", "final"),
    ("application_closes", "rechoice_opens", "rechoice_closes", "supplements", "final"),
    ("final", "answer_by", "reserve_1", "reserve_2", "handover"),
    ("final", "automatic_until", "handover"),
)


@dataclass(frozen=True)
class Calendar:
    """The days of one admission year; one attribute for each day of the rulebook's calendar section."""

    year: int
    application_opens: date
    application_closes: date
    preliminary: date
    rechoice_opens: date
    rechoice_closes: date
    late_cutoff: date
    supplements: date
    final: date
    answer_by: date
    reserve_1: date
    reserve_2: date
    automatic_until: date
    handover: date

    def day_of(self, round_name: str) -> date:
        """Return the day a round is run; reserve rounds after the second share its day.

        Raises
        ------
        AdmissionsError
            If there is no such round.
        """
        number = round_number(round_name)
        return (self.preliminary, self.final, self.reserve_1, self.reserve_2)[min(number, 3)]

    def as_of(self, round_name: str) -> date:
        """Return the last day whose choices the round sees: the day before it is run.

        The preliminary round never sees the re-choice window, even where that opens first (Storsthlm in 2020).

        Examples
        --------
        The window of 16 April is not part of the round of 16 April: `as_of` is 15 April.
        """
        day = self.day_of(round_name)
        if round_name == "preliminary":
            day = min(day, self.rechoice_opens)
        return day - timedelta(days=1)


def round_number(round_name: str) -> int:
    """Return 0 for preliminary, 1 for final, 2 for reserve-1 and so on: rounds in the order of the year.

    Examples
    --------
    >>> round_number("reserve-2")
    3
    """
    if round_name == "preliminary":
        return 0
    if round_name == "final":
        return 1
    kind, _, number = round_name.partition("-")
    if kind == "reserve" and number.isdigit() and int(number) > 0:
        return 1 + int(number)
    raise AdmissionsError(f"There is no round {round_name!r}; rounds are preliminary, final, reserve-1, reserve-2 ...")


def calendar_for(days: CalendarDays, year: int, report: Report) -> Calendar | None:
    """Return the calendar of `year`, the days of that year before those of every year; problems go to `report`."""
    single = days.years.get(str(year), {})
    found: dict[str, date] = {}
    for name in DAYS:
        path = ("calendar", "years", str(year), name) if name in single else ("calendar", name)
        text = single.get(name, getattr(days, name))
        try:
            found[name] = date.fromisoformat(f"{year}-{text}")
        except ValueError:
            report.add(path, f"{text!r} is no day of {year}", 'Write month and day as "07-04".')
    for name in single:
        if name not in DAYS:
            report.add(("calendar", "years", str(year), name), "unknown day", did_you_mean(name, DAYS))
    if len(found) < len(DAYS):
        return None

    def path_of(name: str) -> tuple[str, ...]:
        return ("calendar", "years", str(year), name) if name in single else ("calendar", name)

    for order in ORDERS:
        for earlier, later in pairwise(order):
            if found[earlier] > found[later]:
                own = [name for name in (later, earlier) if report.place(path_of(name))[0] == report.file]
                report.add(
                    path_of((own or [later])[0]),  # the day this file states, not one it builds on
                    f"in {year} {later} ({found[later]}) comes before {earlier} ({found[earlier]})",
                    f"Move one of them: {earlier} must not be after {later}.",
                )
    return Calendar(year=year, **found)
