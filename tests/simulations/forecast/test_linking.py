from __future__ import annotations

import random

import pytest

from simulations.forecast.linking import RouteKeys, link, programme_of, special_of

Row = tuple[str, str, str, str, str, int]


def keys(*rows: Row) -> RouteKeys:
    columns = list(zip(*rows, strict=True)) if rows else [()] * 6
    return RouteKeys(*columns)  # type: ignore[arg-type]


def row(code: str, name: str, school: str = "Ekskolan", unit: str = "", seats: int = 30, place: str = "Nacka") -> Row:
    return (place, school, unit, code, name, seats)


def test_the_same_full_name_is_the_same_route():
    years = keys(row("NANAT", "NA - Naturvetenskap"), row("EKEKO", "EK - Ekonomi"))
    assert link(years, years).tolist() == [0, 1]


def test_a_recoded_programme_is_followed_by_what_its_name_says():
    old = keys(row("HAHAN", "Handels- och administrationsprogrammet HA - Handel och service"))
    new = keys(row("FSFOR", "Försäljnings- och serviceprogrammet FS - Försäljnings- och service"))
    assert link(new, old).tolist() == [0]


@pytest.mark.parametrize(
    ("new_code", "old_code", "name"),
    [
        ("EKEKI", "EKEKO", "Ekonomiprogrammet EK - Ekonomi"),
        ("TEINM", "TEINF", "Teknikprogrammet TE - Informations- och medieteknik"),
        ("IMVBAG", "IMVBA", "Introduktionsprogram IM - Programinriktat val; mot Bygg- och anläggningsprogrammet"),
    ],
)
def test_the_codes_of_gy25_continue_the_old_ones(new_code: str, old_code: str, name: str):
    assert link(keys(row(new_code, name)), keys(row(old_code, name))).tolist() == [0]


def test_hairdressing_moves_from_the_handicraft_programme_to_its_own():
    old = keys(row("HVFRS", "Hantverksprogrammet HV - Frisör, barberare och hår- och makeupstylist"))
    new = keys(row("FRFRR", "Frisör- och stylistprogrammet FR - Frisör"))
    assert programme_of("FRFRR") == programme_of("HVFRS")
    assert link(new, old).tolist() == [0]


def test_a_renamed_school_is_recognised_by_its_unit_code_or_its_words():
    old = keys(
        row("NANAT", "NA", "Didaktus Jakobsberg", "85214294"),
        row("NANAT", "NA", "JENSEN gymnasium Södra"),
    )
    new = keys(
        row("NANAT", "NA", "JENSEN gymnasium Gamla stan (fd Södra)"),
        row("NANAT", "NA", "Drottning Blankas Gymnasieskola", "85214294"),
    )
    assert link(new, old).tolist() == [1, 0]


def test_another_municipality_is_another_school():
    assert link(keys(row("NANAT", "NA", place="Täby")), keys(row("NANAT", "NA", place="Nacka"))).tolist() == [-1]


def test_kinds_that_are_judged_or_applied_for_differently_are_never_linked():
    plain = row("ESMUS", "Estetiska programmet ES - Musik")
    for special in (
        row("ESMUS0S", "Estetiska programmet ES - Musik (spetsutbildning)"),
        row("ESMUS0L", "Estetiska programmet ES - Musik, lärling"),
        row("ESMUS", "Estetiska programmet ES - Musik, Specialpedagogisk verksamhet"),
    ):
        assert link(keys(special), keys(plain)).tolist() == [-1]
    assert special_of("IBfp", "International Baccalaureate") == (False, True, False)


def test_profiles_that_share_a_code_go_by_their_names():
    old = keys(row("SABET", "SA - Beteendevetenskap, Psykologi"), row("SABET", "SA - Beteendevetenskap, Juridik"))
    new = keys(row("SABET", "SA - Beteendevetenskap, Juridik"), row("SABET", "SA - Beteendevetenskap, Psykologi"))
    assert link(new, old).tolist() == [1, 0]


def test_parallel_classes_with_one_name_go_by_their_seats_and_none_is_used_twice():
    old = keys(row("EK", "EK", seats=12), row("EK", "EK", seats=30))
    new = keys(row("EK", "EK", seats=28), row("EK", "EK", seats=13), row("EK", "EK", seats=60))
    assert link(new, old).tolist() == [1, 0, -1]


def test_a_new_school_has_no_past():
    assert link(keys(row("EK", "EK", "Nya skolan")), keys(row("EK", "EK", "Gamla läroverket"))).tolist() == [-1]


def test_the_order_of_the_rows_changes_nothing():
    rng = random.Random(3)
    codes = ["NANAT", "EKEKO", "SASAM", "SABET", "TETEK"]
    make = [row(c, f"{c[:2]} - {profile}", f"Skola {s}") for c in codes for profile in ("A", "B") for s in "XYZ"]
    old, new = make[: len(make) * 4 // 5], make[len(make) // 5 :]
    expected = {new[i]: old[j] if j >= 0 else None for i, j in enumerate(link(keys(*new), keys(*old)))}
    for _ in range(5):
        rng.shuffle(old)
        rng.shuffle(new)
        assert {new[i]: old[j] if j >= 0 else None for i, j in enumerate(link(keys(*new), keys(*old)))} == expected
