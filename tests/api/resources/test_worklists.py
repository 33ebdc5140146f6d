import polars as pl
import pytest
from sqlalchemy import select

from api.store.models import Answer, Applicant, CaseDecision, Choice, Departure, Intake, Route
from api.store.repositories.intakes import touch
from tests.api import stages

HERE = "/api/v1/intakes/i/worklists"
PEOPLE = "/api/v1/intakes/i/applicants"


@pytest.fixture
def filled(at_stage):
    return at_stage(stages.filled)


@pytest.fixture
def published(at_stage):
    return at_stage(stages.published)


def counts(client, where=HERE):
    return {row["name"]: row["rows"] for row in client.get(where).json()["data"]}


def opened(client, name, where=HERE, **asked):
    answer = client.get(f"{where}/{name}", params={"limit": 1000, **asked})
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


def change(service, work):
    """Change the tables by hand, as an edit would."""
    with service.store.write() as session:
        work(session)
        touch(session, "i")


def somebody(session, protected=False, at=0):
    rows = select(Choice).join(
        Applicant, (Applicant.intake_id == Choice.intake_id) & (Applicant.applicant == Choice.applicant)
    )
    rows = rows.where(Applicant.protected.is_(protected)).order_by(Choice.applicant, Choice.rank)
    return session.scalars(rows).all()[at]


def add_case(kind, value, *, route=True, protected=False):
    def work(session):
        choice = somebody(session, protected)
        known = {one.number for one in session.scalars(select(CaseDecision)) if one.applicant == choice.applicant}
        session.add(
            CaseDecision(
                intake_id="i", applicant=choice.applicant, number=max(known, default=-1) + 1, version=1, kind=kind,
                value=value, route_id=choice.route_id if route else None,
            )
        )  # fmt: skip

    return work


def test_what_is_pending_is_listed_by_the_responsible_school(filled):
    office = filled.as_("office")
    before = counts(office)
    for kind, name in (("free_quota", "free_quota"), ("reception", "reception"), ("english_dispens", "dispens")):
        change(filled, add_case(kind, "pending", route=kind != "english_dispens"))
        after = counts(office)
        assert after[name] == before[name] + 1, name
        (row,) = opened(office, name)
        with filled.store.read() as session:
            choice = somebody(session)
            route = session.get_one(Route, ("i", choice.route_id))
            person = session.get_one(Applicant, ("i", choice.applicant))
        assert row["applicant"] == choice.applicant
        assert row["responsible"] == (person.home_municipality if kind == "english_dispens" else route.school)
        assert row["remedy"]
        assert opened(office, name, responsible=row["responsible"]) == [row]
        assert opened(office, name, responsible="nobody") == []
    change(filled, add_case("free_quota", "pending", protected=True))
    assert counts(office)["free_quota"] == before["free_quota"] + 1


def test_what_a_route_needs_and_nobody_gave_is_listed(filled):
    office, modes = filled.as_("office"), {"rank": "rank", "sport": "approval", "special_needs": "approval"}
    with filled.store.read() as session:
        choice = somebody(session)
        listed = session.scalars(
            select(Choice.applicant)
            .join(Applicant, (Applicant.intake_id == Choice.intake_id) & (Applicant.applicant == Choice.applicant))
            .where(Choice.route_id == choice.route_id, Applicant.protected.is_(False))
        ).all()
    for mode, name in modes.items():

        def work(session, mode=mode):
            session.get_one(Route, ("i", choice.route_id)).mode = mode

        change(filled, work)
        assert {row["applicant"] for row in opened(office, name)} == set(listed), mode
    change(filled, add_case("target_group", "rejected"))
    assert choice.applicant not in {row["applicant"] for row in opened(office, "approval")}

    def tested(session):
        route = session.get_one(Route, ("i", choice.route_id))
        route.mode, route.test_rule = "merit", "passed_test"

    change(filled, tested)
    assert {row["applicant"] for row in opened(office, "test")} == set(listed)
    change(filled, add_case("test_passed", "yes"))
    assert choice.applicant not in {row["applicant"] for row in opened(office, "test")}


def test_suspect_codes_and_missing_certificates_are_listed(filled):
    office = filled.as_("office")
    with filled.store.read() as session:
        who = somebody(session).applicant
    where = f"{PEOPLE}/{who}/grades/final"
    assert counts(office)["language_code"] == counts(office)["certificate"] == 0
    sheet = office.get(where)
    grades = {subject: mark for subject, mark in sheet.json()["grades"].items() if subject != "M2"} | {"M1": "B"}
    tag = office.put(where, json={"grades": grades}, headers={"If-Match": sheet.headers["etag"]}).headers["etag"]
    final = {"round": "final"}
    assert [row["applicant"] for row in opened(office, "language_code", **final)] == [who]
    assert opened(office, "language_code", round="preliminary") == []
    assert office.put(where, json={"grades": {}}, headers={"If-Match": tag}).status_code == 200
    assert [row["applicant"] for row in opened(office, "certificate", **final)] == [who]
    assert opened(office, "certificate", round="preliminary") == []


def test_somebody_above_the_age_limit_needs_an_agreement(filled):
    office = filled.as_("office")
    with filled.store.read() as session:
        choice = somebody(session)

    def older(session):
        session.get_one(Applicant, ("i", choice.applicant)).birth_year = 2000

    change(filled, older)
    rows = opened(office, "agreement")
    assert {row["applicant"] for row in rows} == {choice.applicant}
    change(filled, add_case("reception", "approved"))
    assert len(opened(office, "agreement")) == len(rows) - 1


def test_the_same_person_under_two_numbers_is_suspected(filled):
    office = filled.as_("office")
    new = {"home_municipality": "Nacka", "birth_year": 2010}
    made = [
        office.post(PEOPLE, json=new | {"identity_number": number}).json()["applicant"]
        for number in ("20100230-TF01", "20100230-0000", "20100231-0000")
    ]
    (row,) = opened(office, "double_identity")
    assert (row["applicant"], row["detail"]) == (made[0], made[1])
    assert "20100230" not in str(row)
    assert office.put(f"{PEOPLE}/{made[0]}/identity", json={"number": "20100229-0000"}).status_code == 204
    assert opened(office, "double_identity") == []


def test_seats_wait_for_their_confirmation(filled):
    office = filled.as_("office")
    total = counts(office)["seats"]
    assert total == 8
    seat = office.get("/api/v1/intakes/i/seats", params={"round": "preliminary"}).json()["data"][0]
    assert office.post(f"/api/v1/intakes/i/seats/{seat['id']}/confirm").status_code == 200
    assert counts(office)["seats"] == total - 1
    assert len(opened(office, "seats", round="final")) == total


def test_everybody_sees_the_own_lists(filled):
    change(filled, add_case("free_quota", "pending"))
    with filled.store.read() as session:
        choice = somebody(session)
        route = session.get_one(Route, ("i", choice.route_id))
        home = session.get_one(Applicant, ("i", choice.applicant)).home_municipality
    own = filled.as_(f"principal:organiser:{route.organiser}")
    assert [row["applicant"] for row in opened(own, "free_quota")] == [choice.applicant]
    assert counts(own)["seats"] == 2
    assert opened(filled.as_("principal:organiser:nobody"), "free_quota") == []
    assert [row["applicant"] for row in opened(filled.as_(f"counsellor:municipality:{home}"), "free_quota")] == [
        choice.applicant
    ]
    assert opened(filled.as_("counsellor:municipality:nowhere"), "free_quota") == []
    assert counts(filled.as_(f"counsellor:municipality:{home}"))["seats"] == 0
    for role in ("planner", "analyst", "auditor"):
        assert filled.as_(role).get(HERE).status_code == 403
    by_school = own.get(f"{HERE}/by-school").json()["data"]
    assert sum(row["rows"] for row in by_school) == sum(counts(own).values())


def test_lists_are_files_too_and_unknown_ones_are_not_found(filled):
    office = filled.as_("office")
    file = office.get(f"{HERE}/seats", params={"format": "csv"})
    assert pl.read_csv(file.content).height == 8
    assert office.get(HERE, params={"lang": "sv", "format": "csv-sv"}).status_code == 200
    assert office.get(f"{HERE}/nothing").status_code == 404
    assert office.get(f"{HERE}/no_answer").status_code == 404
    assert office.get("/api/v1/intakes/x/worklists").status_code == 404


def test_after_a_run_people_are_listed_by_what_they_need(published):
    run = f"/api/v1/runs/{stages.the_run(published)}"
    office = published.as_("office")
    rows = office.get(f"{run}/decisions", params={"limit": 1000}).json()["data"]
    decisions = pl.DataFrame(rows, infer_schema_length=None)
    reserves = decisions.filter(pl.col("status") == "reserve")["applicant"].unique()
    admitted = decisions.filter(pl.col("status") == "admitted")["applicant"].unique()
    wanted = set(reserves) - set(admitted)
    found = opened(office, "without_offer", f"{run}/worklists")
    assert {row["applicant"] for row in found} == wanted
    assert counts(office, f"{run}/worklists")["without_offer"] == len(wanted)
    assert counts(office, f"{run}/worklists")["no_answer"] == 0  # nobody answers a preliminary round
    ineligible = {row["applicant"] for row in opened(office, "ineligible", f"{run}/worklists")}
    tried = decisions.filter(pl.col("status").is_in(["admitted", "reserve", "struck"]))["applicant"].unique()
    assert not ineligible & set(tried)
    who, other = sorted(admitted)[:2]

    def work(session):
        session.add(Answer(intake_id="i", applicant=who, round="preliminary", answer="no"))
        session.add(
            Departure(
                intake_id="i", applicant=other, kind="no_show", noted_on="2026-08-20", noted_by="u",
                noted_at=published.clock(),
            )
        )  # fmt: skip

    change(published, work)
    assert [row["applicant"] for row in opened(office, "declined", f"{run}/worklists")] == [who]
    (gone,) = opened(office, "no_show", f"{run}/worklists")
    assert (gone["applicant"], gone["detail"]) == (other, "no_show")
    seat = decisions.filter((pl.col("applicant") == other) & (pl.col("status") == "admitted"))
    assert gone["route_id"] == seat["route_id"][0]


def test_a_protected_person_is_in_no_list(published):
    with published.store.read() as session:
        canary = session.scalars(select(Applicant.applicant).where(Applicant.protected)).one()
        intake = session.get_one(Intake, "i")
    assert intake.revision
    run = f"/api/v1/runs/{stages.the_run(published)}"
    office = published.as_("office")
    for where in (HERE, f"{run}/worklists"):
        for name in counts(office, where):
            assert canary not in office.get(f"{where}/{name}", params={"limit": 1000}).text
    assert canary not in office.get(f"{run}/handover", params={"limit": 1000}).text


def test_each_school_gets_its_admitted_and_its_reserves(published):
    run = f"/api/v1/runs/{stages.the_run(published)}"
    office = published.as_("office")
    whole = office.get(f"{run}/handover", params={"limit": 1000}).json()["data"]
    schools = office.get(f"{run}/handover/schools", params={"limit": 1000}).json()["data"]
    assert sum(row["admitted"] + row["reserves"] for row in schools) == len(whole)
    own = published.as_("principal:organiser:Nacka").get(f"{run}/handover", params={"limit": 1000}).json()["data"]
    assert own == [row for row in whole if row["organiser"] == "Nacka"]
    for route in {row["route_id"] for row in own}:
        rows = [row for row in own if row["route_id"] == route]
        assert [row["status"] for row in rows] == sorted(row["status"] for row in rows)
        queue = [row["reserve_position"] for row in rows if row["status"] == "reserve"]
        assert queue == sorted(queue)
    assert published.as_("counsellor:municipality:Nacka").get(f"{run}/handover").status_code == 403
    assert published.as_("principal:organiser:nowhere").get(f"{run}/handover").json()["total"] == 0
