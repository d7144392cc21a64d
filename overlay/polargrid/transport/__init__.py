"""The HTTP seam: httpx clients as the SDK needs them, requests for them, and open answers (`replies`).

All network traffic passes here. A client that the user hands in is always asked by its own `send`, never below it:
its hooks, proxies and certificates serve.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from polargrid.config import TIMEOUT
from polargrid.patience import Patience
from polargrid.progress import Progress
from polargrid.transport.failures import FAILURES, closed, translated
from polargrid.transport.pools import AsyncPools, Pools
from polargrid.transport.replies import AsyncReply, Reply

__all__ = ["AsyncReply", "Reply", "closed", "new_async_client", "new_client", "patience", "request_of"]


def new_client() -> httpx.Client:
    """A client with a pool of its own. Redirects are not followed: the key goes to the edge alone."""
    return httpx.Client(transport=Pools())


def new_async_client() -> httpx.AsyncClient:
    """The same for event loops."""
    return httpx.AsyncClient(transport=AsyncPools())


def patience(
    http: httpx.Client | httpx.AsyncClient, timeout: httpx.Timeout | None, idle: float | None, deadline: float | None
) -> Patience:
    """The patience of a call; a client of the user's has its own timeout."""
    return Patience(timeout or (TIMEOUT if _is_ours(http) else http.timeout), idle, deadline)


def _is_ours(http: httpx.Client | httpx.AsyncClient) -> bool:
    return isinstance(http._transport, Pools | AsyncPools)  # noqa: SLF001 - guarded by a test


@contextmanager
def request_of(http: httpx.Client | httpx.AsyncClient, progress: Progress) -> Iterator[httpx.Request]:
    """The request of a call's next try, its file open until the block ends."""
    if http.is_closed:
        raise closed()
    call, patience = progress.call, progress.patience
    everything: dict[str, Any] = {
        "url": progress.edge.base_url + call.path,
        "params": call.query or None,
        "headers": httpx.Headers([*progress.headers.multi_items(), *call.headers.items()]),
        "timeout": httpx.Timeout(**{phase: patience.left(phase) for phase in ("connect", "read", "write", "pool")}),
        "extensions": {"patience": patience},
    }
    patience.heard()  # nobody waited yet: the edge's silence begins when all is sent
    if call.file is None:
        yield _built(http, patience, call.method, content=call.content, **everything)
        return
    with call.file.opened() as file:
        files = {call.operation.file or "file": (call.file.name, file, call.file.media_type)}
        yield _built(http, patience, call.method, data=dict(call.form or {}), files=files, **everything)


def _built(http: httpx.Client | httpx.AsyncClient, patience: Patience, method: str, **fields: Any) -> httpx.Request:
    try:
        return http.build_request(method, **fields)
    except FAILURES as error:
        raise translated(error, patience) from error
