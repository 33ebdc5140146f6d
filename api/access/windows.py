"""Time windows: outside the office, some things may be changed in some weeks only."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, model_validator

from api.access.actor import Actor
from api.access.permissions import Role
from api.problems import Problem

SWEDEN = ZoneInfo("Europe/Stockholm")
WindowName = Literal["choices", "seats", "cases"]


class Window(BaseModel):
    """Days from and to which something may be changed, both included, Swedish time."""

    opens: date = Field(examples=["2026-04-15"])
    closes: date = Field(examples=["2026-05-15"])

    @model_validator(mode="after")
    def _in_order(self) -> "Window":
        if self.closes < self.opens:
            raise ValueError("a window closes on the day it opens at the earliest")
        return self


def check_window(windows: Mapping[str, Any], name: WindowName, actor: Actor, now: datetime) -> None:
    """Refuse a change outside its window; the office may always.

    Raises
    ------
    Problem
        403 ``window_closed``, with the days.
    """
    if actor.has_role(Role.OFFICE):
        return
    stored = windows.get(name)
    window = Window.model_validate(stored) if stored else None
    today = now.astimezone(SWEDEN).date()
    if window is not None and window.opens <= today <= window.closes:
        return
    when = f"open from {window.opens} to {window.closes}" if window else "not set for this intake"
    raise Problem(
        403,
        "window_closed",
        "Not in these weeks",
        f"The window for {name} is {when}.",
        remedy="Ask the office to make the change, or to move the window.",
    )
