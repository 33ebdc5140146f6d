"""One simulated year: preliminary round, re-choice, summer, final round, reserve round; the rules of a real run.

The static part is compiled once for a sweep. Of the preliminary round only the lottery changes from year to year, of
the final round the lists, the grades, the seats and the lottery.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from admissions.errors import AdmissionsError
from admissions.matching import Market, Matching, match
from admissions.matching import extra_seat_values as values_of
from admissions.rules import CompiledRound, Rulebook, Static, compile_round, compile_static
from simulations.sweeps.draws import Draws, Seeds, YearDraws
from simulations.sweeps.reserve import reserve_round
from simulations.sweeps.summer import Certificates, final_seats
from simulations.sweeps.tally import tally
from simulations.sweeps.window import Window

if TYPE_CHECKING:
    from admissions.intake import Intake
    from simulations.behaviour.parameters import Behaviour

ROUNDS = ("preliminary", "final", "reserve-1")
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class FirstRound:
    """A compiled preliminary round whose lottery is drawn anew each year."""

    compiled: CompiledRound
    applicant: Ints

    @classmethod
    def of(cls, static: Static, lottery: npt.NDArray[np.uint64]) -> FirstRound:
        """Compile it once."""
        compiled = compile_round(static, "preliminary", lottery=lottery)
        return cls(compiled, compiled.applicant[compiled.market_row])

    def drawn(self, lottery: npt.NDArray[np.uint64]) -> tuple[CompiledRound, Market]:
        """Return the round and its market under another lottery."""
        compiled = self.compiled
        if compiled.groups is not None:  # the orders of seat groups hold the lottery too
            compiled = compile_round(compiled.static, "preliminary", lottery=lottery)
            return compiled, compiled.market
        market = compiled.market
        row = compiled.market_row
        drawn = lottery[self.applicant]
        again = Market.from_points(
            market.indptr, market.route, compiled.points[row], drawn, compiled.seats, pool=market.pool
        )
        return compiled, again


@dataclass(frozen=True, eq=False)
class SimulatedYear:
    """What one simulated year came to.

    Attributes
    ----------
    by_route
        int32[rounds, ROUTE_MEASURES, routes]; the rounds are the first two or all three of `ROUNDS`.
    by_home
        int32[rounds, HOME_MEASURES, municipalities].
    route, rank
        int16[applicants]: granted route of the final round, -1 for none; place of it in the list from 0, -2 for
        persons who were not tried.
    seat_values
        int32[2, routes]: better off and newly placed with one more seat in the final round; empty unless asked for.
    compiled, matching
        The final round itself, for whoever asks more of it.
    """

    by_route: npt.NDArray[np.int32]
    by_home: npt.NDArray[np.int32]
    route: npt.NDArray[np.int16]
    rank: npt.NDArray[np.int16]
    seat_values: npt.NDArray[np.int32]
    compiled: CompiledRound
    matching: Matching


@dataclass(frozen=True, eq=False)
class YearModel:
    """An intake, its rules and its behaviours, ready to be simulated year after year.

    Attributes
    ----------
    static
        The intake the rounds are run on.
    first
        Its preliminary round.
    window
        The window people go through. It may belong to another intake with the same people and routes: then lists,
        and what schools do with seats, react to that one's preliminary result ("lists held fixed").
    reacts_to
        The preliminary round the window reacts to; `first` itself unless lists are held fixed.
    """

    static: Static
    first: FirstRound
    window: Window
    reacts_to: FirstRound
    certificates: Certificates
    behaviour: Behaviour
    draws: Draws
    seeds: Seeds
    homes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        intake: Intake,
        rulebook: Rulebook,
        behaviour: Behaviour,
        seeds: Seeds,
        *,
        lists_of: tuple[Intake, Rulebook] | None = None,
    ) -> YearModel:
        """Compile what does not change from year to year.

        Parameters
        ----------
        lists_of
            Intake and rulebook whose preliminary round people and schools react to, where it is not the intake's own:
            the same applicants, routes and choices.

        Raises
        ------
        AdmissionsError
            If the rulebook draws a lottery per choice, which sweeps do not simulate, or `lists_of` has other people or
            routes.
        """
        rules = rulebook.for_year(intake.year)
        if rules.sections.ties.lottery != "applicant":
            raise AdmissionsError(
                f"The rulebook {rules.name} draws the lottery for each choice; sweeps simulate one number a person. "
                'Set ties.lottery = "applicant" to sweep with it.'
            )
        static = compile_static(intake, rules)
        ids = static.applicants.series.to_list()
        draws = Draws.of(ids, static.routes.series.to_list(), seeds)
        any_lottery = np.arange(len(ids), dtype=np.uint64)
        first = reacts_to = FirstRound.of(static, any_lottery)
        routes = intake.routes
        if lists_of is not None:
            other = compile_static(lists_of[0], lists_of[1].for_year(intake.year))
            same = other.applicants.series.equals(static.applicants.series)
            if not same or not other.routes.series.equals(static.routes.series):
                raise AdmissionsError("Lists can be held fixed only with the same applicants and routes.")
            reacts_to = FirstRound.of(other, any_lottery)
            routes = lists_of[0].routes
        return cls(
            static=static,
            first=first,
            window=Window.of(reacts_to.compiled, routes),
            reacts_to=reacts_to,
            certificates=Certificates.of(static),
            behaviour=behaviour,
            draws=draws,
            seeds=seeds,
            homes=homes_of(intake),
        )

    def simulate(self, number: int, *, seat_values: bool = False, reserve: bool = False) -> SimulatedYear:
        """Simulate year `number` (from 0); the same numbers on any thread and machine with this environment."""
        return self.simulate_with(self.draws.year(number), seat_values=seat_values, reserve=reserve)

    def simulate_with(self, draws: YearDraws, *, seat_values: bool = False, reserve: bool = False) -> SimulatedYear:
        """Simulate a year with the given draws; with `reserve` its first reserve round too."""
        homes = len(self.homes)
        preliminary, market = self.first.drawn(draws.preliminary)
        matching = match(market)
        seen, found = (preliminary, market), matching
        if self.reacts_to is not self.first:
            seen = self.reacts_to.drawn(draws.preliminary)
            found = match(seen[1])
        _, lists = self.window.after(found, draws.window, self.behaviour)
        static = replace(
            self.static,
            decisions=self.window.decisions(lists, self.static.decisions),
            seat_rows=final_seats(self.static, seen[0], found, self.behaviour.seats),
        )
        grades = self.certificates.grown(draws.growth, self.behaviour.growth)
        history = self.window.history(draws.window, lists)
        compiled = compile_round(static, "final", lottery=draws.final, grades=grades, choices=history)
        final = match(compiled.market)
        counted = [tally(preliminary, market, matching, homes), tally(compiled, compiled.market, final, homes)]
        if reserve:
            after, last = reserve_round(static, compiled, final, grades, history, self.behaviour, draws)
            counted.append(tally(after, after.market, last, homes))
        worth = np.zeros((2, 0), np.int32)
        if seat_values:
            gains = values_of(compiled.market, final)
            worth = np.stack([gains.better_off, gains.newly_placed]).astype(np.int32)
        return SimulatedYear(
            by_route=np.stack([routes for routes, _ in counted]),
            by_home=np.stack([home for _, home in counted]),
            route=final.route.astype(np.int16),
            rank=ranks(compiled, final),
            seat_values=worth,
            compiled=compiled,
            matching=final,
        )


def homes_of(intake: Intake) -> tuple[str, ...]:
    """Return the municipalities of schools and homes in the order of the compiled codes."""
    names = [*intake.routes["municipality"].to_list(), *intake.applicants["home_municipality"].to_list()]
    return tuple(sorted(set(names)))


def ranks(compiled: CompiledRound, matching: Matching) -> npt.NDArray[np.int16]:
    """Return the place of everybody's granted route in the list from 0; -1 for no seat, -2 for not tried."""
    rank = np.full(len(compiled.applicants), -1, np.int16)
    rank[np.diff(np.asarray(compiled.market.indptr)) == 0] = -2
    seated = np.flatnonzero(matching.choice >= 0)
    row = compiled.market_row[matching.choice[seated]]
    rank[seated] = row - compiled.indptr[seated]
    return rank
