"""What each role gets from each operation: asked of a running service, written as a table that people can read."""

import csv
import io
from pathlib import Path

from api.access.allow import Open
from api.access.permissions import ROLES, WHOLE_REGION, Role
from api.store.database import Store, make_engine
from tests.api.conftest import Service, clone
from tests.api.world import ELSEWHERE, OWN, STREAMS, World, operations

TABLE = Path(__file__).with_name("permissions.csv")
SCOPE_KINDS = {Role.COUNSELLOR: "municipality", Role.PLANNER: "municipality"}
"""The kind of scope that a role usually has; the others an organiser's."""
YES, NO, NOT_THERE, SIGN_IN, BROKEN = "yes", "no", "-", "sign in", "broken"
HEADER = ("method", "path", "permission", "stranger", *Role)


def outcome(answer):
    """Say in a word what came of a request.

    ``yes``: somebody with this role and scope may, whatever else the content or the state of things refused. ``no``:
    the role does not include it. ``-``: there is nothing of the kind within the scope. ``sign in``: not for strangers.
    """
    if answer.status_code >= 500:
        return BROKEN
    code = answer.json()["code"] if answer.headers.get("content-type", "").endswith("problem+json") else ""
    named = {(401, "unauthorised"): SIGN_IN, (403, "forbidden"): NO, (404, "not_found"): NOT_THERE}
    return named.get((answer.status_code, code), YES)


def scoped(role, where):
    """Write a role as in a claim: over everything, over what the world's ids name, or over something else."""
    if where == "all":
        return str(role)
    return f"{role}:{SCOPE_KINDS.get(role, 'organiser')}:{OWN if where == 'own' else ELSEWHERE}"


class Matrix:
    """Asks a service at a stage everything, each asker with a copy of the stage of its own."""

    def __init__(self, template, folder, app, clock):
        self.template, self.folder, self.app, self.clock = template, folder, app, clock

    def ask(self, *roles, stranger=False, only=None):
        """Give the outcome of every operation for somebody."""
        store = Store(make_engine(clone(self.template, self.folder)))
        self.app.state.store = store
        service = Service(self.app, store, self.clock)
        world = World(service).look_up()
        found = {}
        for (path, method), _ in operations(self.app):
            if path not in STREAMS and (only is None or (path, method) in only):
                # a sign-out must not end the asker: everybody comes with a fresh client, tokens stay
                client = service.stranger() if stranger else service.as_(*roles, name=f"asker {roles}")
                found[path, method] = outcome(world.ask(client, path, method))
        store.close()
        return found

    def table(self):
        """Give the whole table: for each role what it gets over everything, its own, and what is another's."""
        columns = {"stranger": self.ask(stranger=True)}
        for role in Role:
            everywhere = self.ask(scoped(role, "all"))
            passed = {operation for operation, word in everywhere.items() if word != NO}
            narrower = () if role in WHOLE_REGION else ("own", "other")
            parts = [everywhere, *(self.ask(scoped(role, where), only=passed) for where in narrower)]
            columns[str(role)] = {
                operation: " / ".join(part.get(operation, NO) for part in parts) for operation in everywhere
            }
        for (path, method), rule in operations(self.app):
            if path not in STREAMS:
                permission = "open" if isinstance(rule, Open) else str(rule.permission)
                words = (short(column[path, method]) for column in columns.values())
                yield method, path, permission, *words


def short(words):
    """Write three equal words once."""
    parts = words.split(" / ")
    return parts[0] if len(set(parts)) == 1 else words


def written(rows):
    """Write the table as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([HEADER, *rows])
    return text.getvalue()


def declared_words(rule, role):
    """Say what the declaration of an operation means for a role over everything."""
    return YES if isinstance(rule, Open) or rule.permission in ROLES[role] else NO
