"""Another system's result beside a run: equal, different by a known cause, unreadable; who may see which persons."""

import polars as pl
import pytest
from sqlalchemy import func, select

from admissions.explanations.shadow_routes import ours_published
from admissions.reports.published_layout import write_published
from admissions.rounds.stored import read_run
from api.run_folders import unpacked
from api.store.models import Applicant, Comparison, RunArtifact
from tests.api import stages
from tests.api.resources.test_answers import decisions


@pytest.fixture
def verified(at_stage):
    return at_stage(stages.verified)


def official(service):
    """Give the run's own decisions as another system would deliver them; the protected person's too."""
    run = stages.the_run(service)
    with service.store.read() as session:
        frame = service.app.state.results.get(session, run, "decisions")
    return frame.select(
        "applicant", "route_id", "status", "reserve_position",
        (pl.col("merit") / 100).round(2).cast(pl.String).alias("merit"),
    )  # fmt: skip


def hand_in(service, frame, name="beslut.csv", role="office"):
    content = frame if isinstance(frame, bytes) else frame.write_csv().encode()
    return service.as_(role).post(path(service), files={"file": (name, content)})


def path(service, tail=""):
    return f"/api/v1/runs/{stages.the_run(service)}/comparisons{tail}"


def test_the_own_result_differs_in_nothing(verified):
    made = hand_in(verified, official(verified))
    assert made.status_code == 201, made.text
    assert made.json()["counts"] == {"ours": 800, "theirs": 800, "rows": 0, "persons": 0, "routes": 0}
    assert verified.as_("office").get(path(verified)).json()["total"] == 1


def changed(service):
    """Give one person's merit a point more in the other system."""
    frame = official(service)
    hidden = set()
    with service.store.read() as session:
        hidden = set(session.scalars(select(Applicant.applicant).where(Applicant.protected)))
    reserve = frame.filter((pl.col("status") == "reserve") & ~pl.col("applicant").is_in(sorted(hidden)))
    row = reserve.sort("route_id", "reserve_position").row(0, named=True)
    last = frame.filter((pl.col("status") == "admitted") & (pl.col("route_id") == row["route_id"]))["applicant"].sort()
    mine = (pl.col("applicant") == row["applicant"]) & (pl.col("route_id") == row["route_id"])
    theirs = (pl.col("applicant") == last[-1]) & (pl.col("route_id") == row["route_id"])
    status = pl.when(mine).then(pl.lit("antagen")).when(theirs).then(pl.lit("reserv")).otherwise("status")
    merit = pl.when(mine).then(pl.lit("345.5")).otherwise("merit")
    return frame.with_columns(status.alias("status"), merit.alias("merit")).drop("reserve_position"), row


def test_a_difference_has_its_cause(verified):
    frame, row = changed(verified)
    made = hand_in(verified, frame).json()
    totals = {one["cause"]: one["rows"] for one in made["totals"]}
    assert totals["merit"] >= 1
    rows = verified.as_("office").get(path(verified, f"/{made['id']}/rows"), params={"cause": "merit"}).json()
    (mine,) = [
        one for one in rows["data"] if (one["applicant"], one["route_id"]) == (row["applicant"], row["route_id"])
    ]
    assert (mine["status"], mine["their_status"], mine["how"]) == ("reserve", "admitted", "direct")
    assert mine["school"]
    for part in ("persons", "routes"):
        answer = verified.as_("office").get(path(verified, f"/{made['id']}/{part}"))
        assert answer.json()["total"] == made["counts"][part]
        assert verified.as_("office").get(path(verified, f"/{made['id']}/{part}"), params={"format": "xlsx"}).content
    assert verified.as_("office").get(path(verified, f"/{made['id']}/nothing")).status_code == 422


def test_every_problem_of_a_file_is_told_and_nothing_kept(verified):
    frame = official(verified).with_columns(pl.lit("hm").alias("status"))
    refused = hand_in(verified, frame.head(5)).json()
    assert (refused["code"], len(refused["problems"])) == ("invalid_rows", 5)
    assert refused["problems"][0]["row"] == 2
    for content in (b"", b"\x00\x01", b"applicant,status\na,b\n", b"PK\x03\x04"):
        for name in ("x.csv", "x.xlsx"):
            assert hand_in(verified, content, name).status_code == 422
    with verified.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Comparison)) == 0


def test_protected_persons_and_other_schools_are_left_out(verified):
    with verified.store.read() as session:
        hidden = session.scalars(select(Applicant.applicant).where(Applicant.protected)).one()
    frame = official(verified)
    wrong = frame.with_columns(
        pl.lit("struken").alias("status"), pl.lit(None, dtype=pl.Int64).alias("reserve_position")
    )
    made = hand_in(verified, wrong).json()
    for part in ("rows", "persons"):
        for role in ("office", "analyst", "auditor", "second_signer"):
            answer = verified.as_(role).get(path(verified, f"/{made['id']}/{part}"), params={"format": "csv"})
            assert (answer.status_code == 200) == (role != "analyst"), role
            assert hidden not in answer.text
    known = set(decisions(verified)["applicant"].to_list())
    auditor = verified.as_("auditor").get(path(verified, f"/{made['id']}/rows"), params={"limit": 1000}).json()["data"]
    assert not known & {one["applicant"] for one in auditor}
    assert verified.as_("planner").get(path(verified)).json()["code"] == "forbidden"
    assert hand_in(verified, frame, role="second_signer").json()["code"] == "forbidden"


def test_one_key_makes_one_comparison(verified):
    client = verified.as_("office")
    content = official(verified).write_csv().encode()
    ids = {
        client.post(path(verified), files={"file": ("a.csv", content)}, headers={"Idempotency-Key": "k"}).json()["id"]
        for _ in range(2)
    }
    assert len(ids) == 1


def test_a_result_in_the_published_layout_is_compared_route_by_route(verified, tmp_path):
    with verified.store.read() as session:
        packed = session.get_one(RunArtifact, (stages.the_run(verified), "run.zip")).content
    with unpacked(packed) as folder:
        ours = ours_published(read_run(folder).round("preliminary"))
    fewer = ours.with_columns(seats=pl.when(pl.int_range(pl.len()) == 0).then(pl.col("seats") + 1).otherwise("seats"))
    write_published(fewer, tmp_path / "published.xlsx")
    made = hand_in(verified, (tmp_path / "published.xlsx").read_bytes(), "published.xlsx")
    assert made.status_code == 201, made.text
    assert (made.json()["kind"], made.json()["counts"]["routes"]) == ("routes", 1)
    assert made.json()["totals"] == [{"cause": "seats", "routes": 1}]
    rows = verified.as_("office").get(path(verified, f"/{made.json()['id']}/routes")).json()
    assert rows["data"][0]["cause"] == "seats"
    assert verified.as_("office").get(path(verified, f"/{made.json()['id']}/rows")).status_code == 404
    page = verified.as_("office").get(f"/round/comparison?comparison={made.json()['id']}")
    assert page.status_code == 200
