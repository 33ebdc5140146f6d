"""Who applies: opaque ids, home municipalities, ages and certificates of a generated cohort.

A pupil has a latent ability around the municipality's level; a subject's grade is the step the ability, with noise of
its own, reaches. Two published figures a municipality set the level: the mean merit value and the share eligible for a
vocational programme (Skolverket, year 9). Final grades are the autumn's grown by `simulations.behaviour.growth`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from simulations.behaviour.growth import Growth, grow
from simulations.population.published import SUBJECTS, Published, levels_passed, merit, rules
from simulations.streams import Keys, generator, person_keys

ELIGIBLE, HOPEFUL, INTRODUCTION, FOURTH_YEAR = range(4)
_ALPHABET = np.array(list("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
_LEVELS = np.arange(-1.0, 6.6, 0.2)


@dataclass(frozen=True, eq=False)
class Cohort:
    """A generated cohort, sorted by id.

    Attributes
    ----------
    ids
        Opaque random ids.
    home
        int64[n], index into the municipalities of `Published`.
    autumn, final
        int8[n, 17], grade steps 0 (F) to 5 (A) of ``SUBJECTS``.
    group
        int8[n]: eligible, eligible for nothing listed, introduction programmes, fourth year.
    applied
        bool[n]: applies in February; the others are registered pupils who may apply in the re-choice window.
    """

    ids: npt.NDArray[Any]
    home: npt.NDArray[np.int64]
    birth_year: npt.NDArray[np.int64]
    autumn: npt.NDArray[np.int8]
    final: npt.NDArray[np.int8]
    language: npt.NDArray[np.bool_]
    second_language: npt.NDArray[np.bool_]
    group: npt.NDArray[np.int8]
    applied: npt.NDArray[np.bool_]
    keys: Keys

    @property
    def merit(self) -> npt.NDArray[np.int64]:
        """Final merit value, hundredths."""
        return merit(self.final, self.language)


def default_size(published: Published, settings: Any) -> dict[int, int]:
    """Return how many applicants of each group the published totals need."""
    share = settings["cohort"]
    seated = int(published.admitted[published.ordinary].sum())
    eligible = round(seated / share["placed_of_eligible"])
    introduction = round(int(published.admitted[published.introduction].sum()) * share["introduction_per_admitted"])
    fourth = int(published.admitted[published.fourth_year].sum())
    nothing = share["eligible_for_nothing"]
    hopeful = round((eligible + introduction + fourth) * nothing / (1 - nothing))
    return {ELIGIBLE: eligible, HOPEFUL: hopeful, INTRODUCTION: introduction, FOURTH_YEAR: fourth}


def scaled(sizes: dict[int, int], applicants: int | None) -> dict[int, int]:
    """Return group sizes that add up to ``applicants``, in the same proportions."""
    total = sum(sizes.values())
    if applicants is None or applicants == total:
        return sizes
    parts = {group: size * applicants // total for group, size in sizes.items()}
    parts[ELIGIBLE] += applicants - sum(parts.values())
    return parts


def draw_cohort(
    published: Published, year9: Any, sizes: dict[int, int], settings: Any, growth: Growth, seed: int
) -> Cohort:
    """Draw a cohort with exactly the given number of applicants of each group.

    Parameters
    ----------
    year9
        Frame of the year: municipality, pupils, mean_merit, eligible_vocational_percent.
    sizes
        Applicants per group.
    """
    ability = settings["ability"]
    total = sum(sizes.values())
    rng = generator(seed, "cohort")
    behind_share, level = _levels(year9, ability, growth)
    drawn = int(total * 1.5) + 400
    pupils = year9["pupils"].to_numpy().astype(float)
    home = rng.choice(len(pupils), drawn, p=pupils / pupils.sum())
    behind = rng.random(drawn) < behind_share[home]
    latent = level[home] + ability["between"] * rng.standard_normal(drawn) - ability["behind"] * behind
    language = rng.random(drawn) < np.where(behind, ability["language_behind"], ability["language"])
    second = rng.random(drawn) < np.where(behind, ability["second_language_behind"], ability["second_language"])
    autumn = _steps(latent, ability["within"], rng)
    final = grow(autumn, rng.integers(0, 2**64, drawn, dtype=np.uint64), growth)
    able = levels_passed(final, rules(published.year))[:, 0]
    eligible = np.flatnonzero(able)[: sizes[ELIGIBLE] + sizes[FOURTH_YEAR]]
    others = np.flatnonzero(~able)[: sizes[HOPEFUL] + sizes[INTRODUCTION]]
    if len(eligible) + len(others) < total:
        message = "the cohort is too small to hold its groups"
        raise ValueError(message)
    take = np.concatenate([eligible, others])
    group = np.repeat(
        np.array([ELIGIBLE, FOURTH_YEAR, HOPEFUL, INTRODUCTION], dtype=np.int8),
        [sizes[ELIGIBLE], sizes[FOURTH_YEAR], sizes[HOPEFUL], sizes[INTRODUCTION]],
    )
    older = rng.random(total) < settings["cohort"]["older"]
    born = published.year - 16 - older - (older & (rng.random(total) < 0.3))
    born = np.where(group == FOURTH_YEAR, published.year - 19, born)
    applied = (rng.random(total) >= settings["cohort"]["not_yet_applied"]) | (group == FOURTH_YEAR)
    ids = _ids(total, generator(seed, "ids"))
    order = np.argsort(ids)
    place = rng.permutation(total)[order]
    pick = take[place]
    return Cohort(
        ids=ids[order],
        home=home[pick],
        birth_year=born[place],
        autumn=autumn[pick],
        final=final[pick],
        language=language[pick],
        second_language=second[pick],
        group=group[place],
        applied=applied[place],
        keys=person_keys(ids[order], seed, "taste"),
    )


def _steps(latent: Any, within: float, rng: np.random.Generator) -> npt.NDArray[np.int8]:
    noise = rng.standard_normal((len(latent), len(SUBJECTS)), dtype=np.float32)
    steps: npt.NDArray[np.int8] = np.clip(np.floor(latent[:, None] + within * noise), 0, 5).astype(np.int8)
    return steps


def _levels(year9: Any, ability: Any, growth: Growth) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return per municipality the share far behind and the level that gives the published mean merit."""
    rng = generator(0, "merit curve")
    means = []
    for level in _LEVELS:
        steps = _steps(level + ability["between"] * rng.standard_normal(2000), ability["within"], rng)
        grown = grow(steps, rng.integers(0, 2**64, 2000, dtype=np.uint64), growth)
        means.append(merit(grown, rng.random(2000) < ability["language"]).mean() / 100)
    curve = np.array(means)
    eligible = year9["eligible_vocational_percent"].fill_null(strategy="mean").to_numpy()
    behind = np.clip((100 - eligible) / 100 * ability["behind_share"], 0.01, 0.3)
    fine = np.arange(0.0, 6.0, 0.01)
    ahead, back = np.interp(fine, _LEVELS, curve), np.interp(fine - ability["behind"], _LEVELS, curve)
    wanted = year9["mean_merit"].to_numpy() - ability["below_pupils"]
    mixed = (1 - behind)[:, None] * ahead + behind[:, None] * back
    return behind, fine[np.abs(mixed - wanted[:, None]).argmin(axis=1)]


def _ids(count: int, rng: np.random.Generator) -> npt.NDArray[Any]:
    """Return distinct random ids of ten characters: opaque, derived from nothing."""
    letters = _ALPHABET[rng.integers(0, 32, (count + 64, 10))]
    letters[:, 0] = _ALPHABET[rng.integers(10, 32, count + 64)]  # a letter first: never mistaken for a number
    drawn = np.array(["".join(row) for row in letters])
    _, first = np.unique(drawn, return_index=True)
    return drawn[np.sort(first)[:count]]
