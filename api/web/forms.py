"""What forms have in common: their fields become the body of the JSON operation they stand for."""

from typing import Annotated, Any, TypeVar

from fastapi import Form, Request
from pydantic import BaseModel, ValidationError

from api.idempotency import Once
from api.problems import unprocessable

Model = TypeVar("Model", bound=BaseModel)
Text = Annotated[str, Form(max_length=500)]


def filled(model: type[Model], **values: Any) -> Model:
    """Make a form's content.

    Raises
    ------
    Problem
        422: it does not fit.
    """
    try:
        return model(**values)
    except ValidationError as error:
        place = str((error.errors()[0]["loc"] or ("form",))[-1])
        raise unprocessable(
            "invalid_request", "The form is not complete.", place=place, remedy="Correct the field."
        ) from None


def once(request: Request) -> Once:
    """Give the runner of a form: a browser repeats nothing by itself."""
    return Once(request.app.state.store, request.app.state.clock, None, "")
