import pytest
from fastapi import APIRouter, FastAPI

from api.access.allow import Allow, Open, allow, declared, open_to_all
from api.access.permissions import ROLES, Permission
from api.settings import DEMO_SECRET, Settings


def app_with(*dependencies):
    router = APIRouter(prefix="/inner")
    router.get("/x", dependencies=list(dependencies))(lambda: None)
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(router)
    return app


def test_a_route_without_a_declared_permission_stops_the_boot():
    with pytest.raises(RuntimeError, match="/inner/x declares 0"):
        declared(app_with())


def test_a_route_with_two_declarations_stops_the_boot():
    with pytest.raises(RuntimeError, match="declares 2"):
        declared(app_with(allow(Permission.MATCH), open_to_all("both")))


def test_a_declared_route_is_listed():
    rules = declared(app_with(allow(Permission.MATCH)))
    assert rules["/inner/x", "GET"].permission is Permission.MATCH


def test_at_most_eight_operations_are_open_and_say_so(service):
    document = service.app.openapi()
    operations = [one for path in document["paths"].values() for one in path.values()]
    opened = [one for one in operations if one.get("security") == []]
    assert len(opened) <= 8
    assert all(one["x-open-because"] for one in opened)
    assert document["security"] == [{"token": []}, {"session": []}]
    assert all(isinstance(rule, Allow | Open) for rule in declared(service.app).values())


def test_every_permission_is_held_by_some_role():
    assert set(Permission) == set().union(*ROLES.values())


def test_the_office_cannot_sign_its_own_runs():
    assert Permission.SIGN_RUNS not in ROLES["office"]


LONG, OTHER = "a" * 32, "b" * 32


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"demo": True, "host": "0.0.0.0"}, "loopback"),  # noqa: S104 - refused
        ({"demo": False}, "SECRET_KEY"),
        ({"demo": False, "secret_key": LONG}, "IDENTITY_KEY"),
        ({"demo": False, "secret_key": LONG, "identity_key": LONG}, "differ"),
        ({"demo": False, "secret_key": "short", "identity_key": OTHER}, "32"),
        ({"demo": False, "secret_key": LONG, "identity_key": OTHER, "oidc_issuer": "https://i"}, "PUBLIC_URL"),
    ],
)
def test_unsafe_settings_are_refused(tmp_path, values, word):
    with pytest.raises(ValueError, match=word) as error:
        Settings(data_dir=tmp_path, **values)
    assert "short" not in str(error.value).replace("shorter", "")


def test_secrets_are_never_shown(tmp_path):
    assert DEMO_SECRET not in repr(Settings(data_dir=tmp_path))
