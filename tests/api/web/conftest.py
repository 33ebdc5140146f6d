import html
import re

import polars as pl
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from api.web.pictures import read_picture
from tests.pages_run import make_run


@pytest.fixture
def backend():
    return "sqlite"  # what a page shows does not depend on the database


@pytest.fixture(scope="session")
def run_folder(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("pages"))


@pytest.fixture(scope="session")
def picture(run_folder):
    return read_picture(run_folder, "final")


@pytest.fixture(scope="session")
def before(run_folder):
    return read_picture(run_folder, "preliminary")


@pytest.fixture(scope="session")
def app(run_folder, tmp_path_factory):
    return create_app(Settings(data_dir=tmp_path_factory.mktemp("data")), run_folder=run_folder)


def browser_like(app):
    client = TestClient(app, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 40000))
    client.headers |= {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    return client


@pytest.fixture
def guest(app):
    return browser_like(app)


def sign_in(client, subject):
    """Sign in with a ready account, as a browser would."""
    page = client.get("/sign-in").text
    fields = {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    }
    answer = client.post("/sign-in/local", data={**fields, "subject": subject})
    assert answer.status_code == 200
    return answer


@pytest.fixture
def office(app):
    client = browser_like(app)
    sign_in(client, "office")
    return client


@pytest.fixture(scope="session")
def route(picture):
    """Give the most sought-after route."""
    return picture.routes.sort("reserves", "route_id", descending=True)["route_id"][0]


@pytest.fixture(scope="session")
def applicant(picture):
    """Give somebody with a reserve place, who is not protected."""
    queue = picture.decisions.filter(
        (pl.col("status") == "reserve") & ~pl.col("applicant").is_in(sorted(picture.protected))
    )
    return queue["applicant"][0]


@pytest.fixture
def addresses(route, applicant):
    def give(pages):
        return [page.format(route=route, applicant=applicant) for page in pages]

    return give
