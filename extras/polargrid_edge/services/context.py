"""One request on its way through a service."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from starlette.responses import Response

from polargrid_edge.http.forms import Upload
from polargrid_edge.http.metrics import Metrics
from polargrid_edge.models.pool import Timing

Body = TypeVar("Body")


@dataclass(slots=True)
class RequestContext(Generic[Body]):
    """A valid request. `closing` releases what the request opened, after the response is sent.

    `parameters` are those outside of the body, with the type of the operation; `key` is the API key,
    and `base_url` that of the edge, as the client knows it. `obeyed` are the fields of the body that the document
    lets a server ignore and that this request's service obeys; the response names the others as ignored.
    """

    body: Body
    closing: AsyncExitStack
    metrics: Metrics
    upload: Upload | None = None
    query: list[tuple[str, str]] = field(default_factory=list)
    parameters: Any = None
    key: str = ""
    base_url: str = ""
    timing: Timing = field(default_factory=lambda: Timing(time.perf_counter()))
    tokens: int = 0
    obeyed: set[str] = field(default_factory=set)

    def obey(self, fields: Iterable[str]) -> None:
        """Say that fields which a server may ignore have their effect; call it before the response is returned."""
        self.obeyed.update(fields)

    def count_tokens(self, total: int) -> None:
        """Set the number of tokens of the request and its response so far, for the usage of the key."""
        self.tokens = total


Handler = Callable[[RequestContext[Any]], Awaitable[Response]]
