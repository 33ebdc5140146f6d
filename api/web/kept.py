"""A small cache of what is slow to read and never changes: the least recently used goes first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from fastapi import Request

One = TypeVar("One")
_MAKING = threading.Lock()


class Kept(Generic[One]):
    """At most so many things by key."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._found: OrderedDict[Hashable, One] = OrderedDict()
        self._turn = threading.RLock()

    def get(self, key: Hashable, read: Callable[[], One]) -> One:
        """Give what belongs to a key, reading it if it is not at hand; two never read at once."""
        with self._turn:
            if key not in self._found:
                self._found[key] = read()
            self._found.move_to_end(key)
            while len(self._found) > self._most:
                self._found.popitem(last=False)
            return self._found[key]


def kept(request: Request, name: str, most: int) -> Kept[One]:
    """Give the cache of that name of this application."""
    state = request.app.state
    with _MAKING:
        if not hasattr(state, name):
            setattr(state, name, Kept(most))
        found: Kept[One] = getattr(state, name)
        return found
