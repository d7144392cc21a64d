"""One request on its way through a service."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from starlette.responses import Response

from polargrid_edge.requests import Upload
from polargrid_edge.traffic import Traffic
from polargrid_edge.workers import Timing

Body = TypeVar("Body")


@dataclass(slots=True)
class Call(Generic[Body]):
    """A request that is valid. What is opened for it is closed with `closing`, after the answer has left."""

    body: Body
    closing: AsyncExitStack
    traffic: Traffic
    upload: Upload | None = None
    query: list[tuple[str, str]] = field(default_factory=list)
    timing: Timing = field(default_factory=lambda: Timing(time.perf_counter()))


Handler = Callable[[Call[Any]], Awaitable[Response]]
