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
from polargrid_edge.long_work import Run, run_here
from polargrid_edge.models.pool import Timing

Body = TypeVar("Body")


@dataclass(slots=True)
class RequestContext(Generic[Body]):
    """A valid request. `closing` releases what the request opened, after the response is sent.

    `parameters` are those outside of the body, with the type of the operation; `key` is the identity of the API key,
    `is_usage` whether the request counts for it, and `base_url` that of the edge, as the client knows it. `obeyed` are
    the fields of the body that the document
    lets a server ignore and that this request's service obeys; the response names the others as ignored. `run` runs
    what takes long for a long body.
    """

    body: Body
    closing: AsyncExitStack
    metrics: Metrics
    upload: Upload | None = None
    query: list[tuple[str, str]] = field(default_factory=list)
    parameters: Any = None
    key: str = ""
    is_usage: bool = True
    base_url: str = ""
    timing: Timing = field(default_factory=lambda: Timing(time.perf_counter()))
    tokens: int = 0
    output_tokens: int = 0
    first_token_at: float | None = None
    obeyed: set[str] = field(default_factory=set)
    run: Run = run_here

    def obey(self, fields: Iterable[str]) -> None:
        """Say that fields which a server may ignore have their effect; call it before the response is returned."""
        self.obeyed.update(fields)

    def count_tokens(self, total: int, output: int = 0) -> None:
        """Set the number of tokens of the request and its response so far, and how many of them the model generated."""
        self.tokens, self.output_tokens = total, output
        if output and self.first_token_at is None:
            self.first_token_at = time.perf_counter()


Handler = Callable[[RequestContext[Any]], Awaitable[Response]]
