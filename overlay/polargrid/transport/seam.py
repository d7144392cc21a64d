"""Requests for httpx's clients: the user's own, and those that serve where the SDK's connections cannot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from polargrid.content import ACCEPTED
from polargrid.patience import Patience
from polargrid.progress import Progress
from polargrid.transport.failures import closed
from polargrid.transport.http11 import Asking
from polargrid.transport.httpx_failures import FAILURES, translated
from polargrid.transport.outgoing import form_of


@contextmanager
def request_of(http: httpx.Client | httpx.AsyncClient, progress: Progress, asking: Asking) -> Iterator[httpx.Request]:
    """The request of a call's next try, its file open until the block ends."""
    if http.is_closed:
        raise closed()
    call, patience = progress.call, progress.patience
    everything: dict[str, Any] = {
        "url": progress.edge.base_url + call.path,
        "params": call.query or None,
        "headers": _headers(progress, asking),
        "timeout": httpx.Timeout(**{phase: patience.left(phase) for phase in ("connect", "read", "write", "pool")}),
        "extensions": {"patience": patience},
    }
    patience.heard()  # nobody waited yet: the edge's silence begins when all is sent
    if call.file is None:
        yield _built(http, patience, call.method, content=call.content, **everything)
        return
    with form_of(call) as fields:
        yield _built(http, patience, call.method, **fields, **everything)


def _headers(progress: Progress, asking: Asking) -> httpx.Headers:
    """What a request carries, in a type that does not show the key."""
    return httpx.Headers(
        {
            "Authorization": f"Bearer {asking.key.reveal()}",
            "User-Agent": asking.user_agent,
            "Accept-Encoding": ACCEPTED,
            "Idempotency-Key": progress.idempotency_key,
            **progress.call.headers,
        }
    )


def _built(http: httpx.Client | httpx.AsyncClient, patience: Patience, method: str, **fields: Any) -> httpx.Request:
    try:
        return http.build_request(method, **fields)
    except FAILURES as error:
        raise translated(error, patience) from error
