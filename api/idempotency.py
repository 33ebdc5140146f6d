"""Idempotency-Key: the same creating request sent again has one effect and gets the same answer.

The key is a row with a unique constraint, claimed first in the transaction that does the work: of twenty identical
requests at once, nineteen wait for the first one's row and then read its answer.
"""

import hashlib
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, Field, SerializeAsAny
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from api.access.actor import Actor
from api.clock import Clock
from api.problems import conflict
from api.store import Store
from api.store.models import IdempotencyKey

LONGEST_KEY = 200


class Created(BaseModel):
    """What a creating request gives back, before it is written out."""

    body: SerializeAsAny[BaseModel]
    status: int = 201
    location: str | None = None
    etag: str | None = None
    private: dict[str, Any] = Field(default_factory=dict, description="Fields shown once and never kept.")

    def response(self) -> Response:
        """Write the answer."""
        body = self.body.model_copy(update=self.private)
        return _response(body.model_dump_json(), self.status, self.etag, self.location)


def _response(body: str, status: int, etag: str | None, location: str | None, *, again: bool = False) -> Response:
    headers = {"ETag": etag, "Location": location, "Idempotency-Replayed": "true" if again else None}
    return Response(
        body, status, {name: value for name, value in headers.items() if value}, media_type="application/json"
    )


class Once:
    """Runs the work of a request, once per key."""

    def __init__(self, store: Store, clock: Clock, key: str | None, request_print: str) -> None:
        self.store, self.clock, self.key, self.request_print = store, clock, key, request_print

    def run(self, actor: Actor, work: Callable[[Session], Created], *, content: str = "") -> Response:
        """Do the work in one transaction, or give the kept answer.

        Parameters
        ----------
        actor
            Who asks; keys of different people never meet.
        work
            Does it and says what to answer.
        content
            Digest of an uploaded file, which is part of what makes two requests the same.

        Raises
        ------
        Problem
            409 ``idempotency_key_reused``: the key came before with another request.
        """
        with self.store.write() as session:
            if self.key is None:
                return work(session).response()
            request_print = hashlib.sha256(f"{self.request_print}|{content}".encode()).hexdigest()
            values = {"user_id": actor.id, "key": self.key, "fingerprint": request_print, "created_at": self.clock()}
            insert = sqlite.insert if self.store.embedded else postgresql.insert
            claim = insert(IdempotencyKey).values(values).on_conflict_do_nothing().returning(IdempotencyKey.key)
            if session.scalar(claim) is None:
                return self._kept(session, actor, request_print)
            created = work(session)
            row = session.get_one(IdempotencyKey, (actor.id, self.key))
            row.status, row.body = created.status, created.body.model_dump_json()
            row.etag, row.location = created.etag, created.location
            return created.response()

    def _kept(self, session: Session, actor: Actor, request_print: str) -> Response:
        row = session.get_one(IdempotencyKey, (actor.id, self.key))
        if row.fingerprint != request_print or row.status is None or row.body is None:
            raise conflict(
                "idempotency_key_reused",
                "This Idempotency-Key came before with another request.",
                place="header Idempotency-Key",
                remedy="Use a new random key for each new request.",
            )
        return _response(row.body, row.status, row.etag, row.location, again=True)


async def once(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(max_length=LONGEST_KEY, min_length=1, description="A random key; repeat it when repeating the request."),
    ] = None,
) -> Once:
    """Give the runner of this request."""
    body = b""
    if request.headers.get("content-type", "").startswith("application/json"):
        body = await request.body()
    line = f"{request.method} {request.url.path}?{request.url.query}"
    request_print = hashlib.sha256(line.encode() + b"\n" + body).hexdigest()
    return Once(request.app.state.store, request.app.state.clock, idempotency_key, request_print)


OncePerKey = Annotated[Once, Depends(once)]
