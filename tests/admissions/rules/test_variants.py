"""What one exchanged rule changes, on an intake small enough to know the answer."""

from __future__ import annotations

from datetime import date

from admissions.rules import load_rulebook
from admissions.rules.variants import variant_effects, variants
from tests.admissions.rules.small import LOTTERY, YEAR, grades, make


def test_each_variant_is_its_own_rulebook():
    base = load_rulebook("storsthlm", YEAR)
    names = [name for name, _ in variants(base)]
    assert len(names) == len(set(names)) == 12
    assert all(rules.sections != base.sections for name, rules in variants(base) if "Sjuhärad" not in name)


def test_effects_are_counted_in_applicants():
    intake = make(
        applicants={"a": {"grades": grades("A")}, "b": {"grades": grades("E")}, "c": {"home": "Kiruna"}},
        choices=[("a", "r0", 1, date(YEAR, 6, 1)), ("b", "r0", 1), ("c", "r0", 1)],
        seats=[("r0", "", 2)],
    )
    effects = {effect.variant: effect for effect in variant_effects(intake, load_rulebook("storsthlm"), LOTTERY)}
    assert effects["as it is"].changed == 0
    # a is late: in Kalmarsund it is not tried before the reserve rounds, and c of second hand gets the seat
    kalmarsund = effects["late choices as in Kalmarsund"]
    assert (kalmarsund.gained, kalmarsund.lost, kalmarsund.rows_tried) == (1, 1, 2)
    switched = effects["late first hand after second hand on time"]
    assert (switched.gained, switched.lost, switched.rows_tried) == (1, 1, 3)
    assert effects["second hand only in reserve rounds"].rows_tried == 2
    assert effects["ties as in Halland"].changed == 0
