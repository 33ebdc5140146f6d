"""The decision paper of a package of seats: where seats are short, which are proposed, what they would change."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from admissions.reports import numbers
from admissions.reports.wording import programme_text, round_text
from api.papers import Paper, PaperTable
from api.web.intervals import figure
from api.web.pictures import Picture
from api.web.texts import Texts
from simulations.reports import words

MOST = 20
"""Programmes and routes on paper; the workbook has all."""
SIDES = ("baseline", "scenario", "difference")


def decision_paper(
    about: Mapping[str, Any], held: Mapping[str, pl.DataFrame], said: Mapping[str, str], picture: Picture, t: Texts
) -> Paper:
    """Put a decision paper together.

    Parameters
    ----------
    about
        What every figure of the package says.
    held
        Its tables: ``package``, and where it could be matched again ``totals``, ``programmes`` ...
    said
        Its effect and bound in words.
    picture
        The round it stands on.
    t
        The texts.
    """
    parts = [_shortfalls(picture, t), _package(held["package"], t)]
    if "totals" in held:
        parts.append(_compared(held["totals"], "measure", t("papers.totals"), t, words.column))
        parts.append(_changed_programmes(held["programmes"], t))
    region = picture.region
    return Paper(
        language=t.language,
        title=t("papers.title", year=about["year"]),
        stamp=t("papers.stamp"),
        about=[
            (t("papers.run"), str(about["run"])),
            (t("papers.round"), round_text(str(about["round"]), t.language)),
            (t("papers.rules"), str(about["rules"])),
            (t("papers.when"), said["when"]),
            (words.said("rulebook_sha256", t.language), str(about["rulebook_sha256"])[:16]),
            (words.said("intake_sha256", t.language), str(about["intake_sha256"])[:16]),
        ],
        paragraphs=[
            t(
                "papers.shortage",
                gap=numbers.whole(region["first_choice_shortage"], t.language),
                vacant=numbers.whole(region["vacancies"], t.language),
            ),
            " ".join(part for part in (said["effect"], said["cost"]) if part),
            f"{said['bound']} {said['settled']}",
            t("papers.assumption"),
        ],
        tables=[table for table, _ in parts],
        frames=[(t(f"papers.sheet_{number}"), frame) for number, (_, frame) in enumerate(parts, 1)],
        page=t("papers.page"),
        of=t("papers.of"),
    )


def _set(
    caption: str, heads: Sequence[str], frame: pl.DataFrame, t: Texts, *, signed: Sequence[str] = ()
) -> tuple[PaperTable, pl.DataFrame]:
    is_text = [kind == pl.String for kind in frame.dtypes]
    rows = [
        [
            str(value or "") if text else figure(value, t.language, signed=name in signed)
            for value, text, name in zip(row, is_text, frame.columns, strict=True)
        ]
        for row in frame.head(MOST).iter_rows()
    ]
    return PaperTable(caption, list(heads), is_text, rows), frame


def _programme(frame: pl.DataFrame, t: Texts) -> pl.DataFrame:
    name = pl.col("programme").map_elements(lambda code: programme_text(code, t.language), pl.String)
    return frame.with_columns(name.alias("programme"))


def _shortfalls(picture: Picture, t: Texts) -> tuple[PaperTable, pl.DataFrame]:
    names = ("programme", "seats", "first_choices", "first_choice_shortage", "vacancies")
    frame = picture.levels["programme"].filter(pl.col("first_choice_shortage") > 0)
    frame = frame.sort("first_choice_shortage", "programme", descending=[True, False]).select(names)
    heads = [words.column(name, t.language) for name in names]
    return _set(t("papers.shortfalls"), heads, _programme(frame, t), t)


def _package(package: pl.DataFrame, t: Texts) -> tuple[PaperTable, pl.DataFrame]:
    names = ("school", "route_name", "municipality", "programme", "seats_before", "extra_seats")
    heads = [words.column(name, t.language) for name in names]
    return _set(t("papers.package"), heads, _programme(package.select(names), t), t)


def _compared(frame: pl.DataFrame, key: str, caption: str, t: Texts, say: Any) -> tuple[PaperTable, pl.DataFrame]:
    name = pl.col(key).map_elements(lambda one: say(one, t.language), pl.String).alias(key)
    shown = frame.with_columns(name).select(key, *SIDES)
    heads = [t("papers.measure"), *(words.column(side, t.language) for side in SIDES)]
    return _set(caption, heads, shown, t, signed=("difference",))


def _changed_programmes(programmes: pl.DataFrame, t: Texts) -> tuple[PaperTable, pl.DataFrame]:
    named = programmes.filter(pl.col("without_seat_difference") != 0).select(
        "programme", *(pl.col(f"without_seat_{side}").alias(side) for side in SIDES)
    )
    return _compared(named.sort("difference", "programme"), "programme", t("papers.programmes"), t, programme_text)
