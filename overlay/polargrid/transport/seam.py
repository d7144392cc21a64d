"""Requests for those who do not take bytes: the user's own httpx client, and httpcore's connections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpcore
import httpx

from polargrid.progress import Progress
from polargrid.transport.content import ACCEPTED
from polargrid.transport.failures import closed
from polargrid.transport.http11 import Asking
from polargrid.transport.httpx_failures import FAILURES, translated
from polargrid.transport.network import waits
from polargrid.transport.origins import Origin
from polargrid.transport.outgoing import form_of, outgoing
from polargrid.transport.patience import Patience


@contextmanager
def request_of(http: httpx.Client | httpx.AsyncClient, progress: Progress, asking: Asking) -> Iterator[httpx.Request]:
    """The request of a call's next try for the user's client, its file open until the block ends."""
    if http.is_closed:
        raise closed()
    call, patience = progress.call, progress.patience
    everything: dict[str, Any] = {
        "url": progress.edge.base_url + call.path,
        "params": call.query or None,
        "headers": _headers(progress, asking),
        "timeout": httpx.Timeout(**{phase: patience.left(phase) for phase in ("connect", "read", "write", "pool")}),
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
            **progress.call.headers,
            **progress.headers,
        }
    )


def _built(http: httpx.Client | httpx.AsyncClient, patience: Patience, method: str, **fields: Any) -> httpx.Request:
    try:
        return http.build_request(method, **fields)
    except FAILURES as error:
        raise translated(error, patience) from error


@contextmanager
def core_request(progress: Progress, asking: Asking, origin: Origin) -> Iterator[httpcore.Request]:
    """The same for a connection of httpcore's, which frames the body itself."""
    with outgoing(progress.call, chunks=False) as (framing, body):
        yield _parted(asking.head(progress, framing), body, origin, progress.patience)


def _parted(head: bytes, body: Iterator[bytes], origin: Origin, patience: Patience) -> httpcore.Request:
    line, *fields = head.split(b"\r\n")[:-2]
    method, target, _ = line.split(b" ")
    port = None if origin.has_usual_port else origin.port  # a proxy is told the whole URL
    return httpcore.Request(
        method,
        httpcore.URL(scheme=origin.scheme, host=origin.host, port=port, target=target),
        headers=[(name, value) for name, value in (field.split(b": ", 1) for field in fields)],
        content=_Pieces(body),
        extensions={"timeout": waits(patience)},
    )


class _Pieces:
    """A body, iterated with await and without."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def __aiter__(self) -> _Pieces:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration
