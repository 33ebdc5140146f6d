"""Numbers in addresses: counted from the start, and never larger than both databases and every client can hold."""

from typing import Annotated

from fastapi import Path

Number = Annotated[int, Path(ge=0, le=2**53 - 1)]
