"""The stream of events that keeps the page current: metrics, models, memory. Not part of the API."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, aclosing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from anyio import CancelScope

from polargrid_edge.errors import stopping_error
from polargrid_edge.http.active_requests import cancel_on_disconnect
from polargrid_edge.http.errors import error_response
from polargrid_edge.http.responses import to_event, to_json_bytes
from polargrid_edge.http.streaming import StreamedResponse
from polargrid_edge.services.context import RequestContext

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from polargrid_edge.http.active_requests import ActiveRequests
    from polargrid_edge.http.metrics import Metrics
    from polargrid_edge.services import Services

STATE_PATH: Final = "/_page/state"

_NO_STORE: Final = {"cache-control": "no-store"}
_INTERVAL_SECONDS: Final = 1.0

Json = dict[str, Any]


class StateReader:
    """The state of the edge, read from its services: requests of a page for it would count as work of the edge."""

    def __init__(self, services: Services, metrics: Metrics) -> None:
        self._services = services
        self._metrics = metrics

    async def read(self, models: frozenset[str] | None) -> Json:
        """The metrics and the state of each model; with all that the page shows, if the `models` it has differ."""
        status, memory = await self._call("get_model_status"), await self._call("get_gpu_memory")
        state = self._metrics.snapshot(time.monotonic()) | {
            "memory": resident_memory(),
            "gpus": memory.get("memory", []),
            "states": status.get("loading_status", {}),
        }
        if models == frozenset(state["states"]):
            return state
        return state | {"health": await self._call("health"), "models": (await self._call("list_models"))["data"]}

    async def _call(self, operation: str) -> Json:
        handler = self._services.handler(operation)
        if handler is None:
            return {}
        async with AsyncExitStack() as closing:
            response = await handler(RequestContext[Any](None, closing, self._metrics))
            body: Json = json.loads(bytes(response.body))
        return body


class StateStream:
    """The state as an ASGI application: an event per second, until the client disconnects or the edge stops."""

    def __init__(self, reader: StateReader, active: ActiveRequests) -> None:
        self._reader = reader
        self._active = active

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._active.is_ending:
            await error_response(stopping_error())(scope, receive, send)
            return
        with CancelScope() as request_scope:
            self._active.add(request_scope, is_endless=True)
            try:
                async with aclosing(self._iter_events()) as events:
                    with cancel_on_disconnect(receive, request_scope):
                        await StreamedResponse(events, "text/event-stream", _NO_STORE)(scope, receive, send)
            finally:
                self._active.discard(request_scope)
        if self._active.is_ending:
            await send({"type": "http.response.body", "body": b""})

    async def _iter_events(self) -> AsyncGenerator[bytes, None]:
        models: frozenset[str] | None = None
        while True:
            state = await self._reader.read(models)
            models = frozenset(state["states"])
            yield to_event(to_json_bytes(state))
            await asyncio.sleep(_INTERVAL_SECONDS)


def resident_memory() -> int | None:
    """The resident memory of this process in bytes; None where the system has no `/proc` (Linux has it)."""
    with suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return None
