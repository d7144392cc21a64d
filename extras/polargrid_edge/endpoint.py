"""One operation over HTTP: the checks in their order, the service, the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from anyio import CancelScope
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from polargrid_edge.call import Call, Handler
from polargrid_edge.errors import EdgeError, invalid
from polargrid_edge.failures import error_of, response_of
from polargrid_edge.requests import check_media_type, check_query, has_body, pieces, read_form, read_json
from polargrid_edge.streaming import StreamedResponse

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.traffic import Traffic
    from polargrid_runtime.operation import Operation


class OpenCalls:
    """The requests that are being served, so that a stopping edge can end them."""

    def __init__(self) -> None:
        self.stopping = False
        self._scopes: set[CancelScope] = set()

    def add(self, scope: CancelScope) -> None:
        self._scopes.add(scope)

    def discard(self, scope: CancelScope) -> None:
        self._scopes.discard(scope)

    def stop(self) -> None:
        self.stopping = True
        for scope in tuple(self._scopes):
            scope.cancel()


class Endpoint:
    """An operation as an ASGI application."""

    def __init__(
        self,
        operation: Operation[Any, Any],
        described: Mapping[str, Any],
        handler: Handler,
        settings: EdgeSettings,
        *,
        calls: OpenCalls,
        traffic: Traffic,
    ) -> None:
        """`described` is the operation in the specification."""
        self._operation = operation
        self._parameters = [p for p in described.get("parameters", ()) if p.get("in") == "query"]
        body = described.get("requestBody", {})
        self._media_types = tuple(body.get("content", ()))
        self._required = bool(body.get("required", False))
        self._handler = handler
        self._settings = settings
        self._calls = calls
        self._traffic = traffic

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status: int | None = 500  # what is raised here is answered with
        self._traffic.began(self._operation.name)
        try:
            async with AsyncExitStack() as closing:
                status = await self._serve(scope, receive, send, closing)
        except ClientDisconnect:
            status = None
        finally:
            self._traffic.ended(self._operation.name, status, time.monotonic())

    async def _serve(self, scope: Scope, receive: Receive, send: Send, closing: AsyncExitStack) -> int | None:
        """Gives the status of the answer; None where not all of it was sent."""
        response: Response | None = None
        with CancelScope() as while_wanted:
            self._calls.add(while_wanted)
            closing.callback(self._calls.discard, while_wanted)
            response = await self._response(scope, receive, closing, while_wanted)
            await self._send(response, scope, receive, send)
        if while_wanted.cancelled_caught and self._calls.stopping:
            await _break_off(response, scope, receive, send)
        return None if response is None or while_wanted.cancelled_caught else response.status_code

    async def _response(
        self, scope: Scope, receive: Receive, closing: AsyncExitStack, while_wanted: CancelScope
    ) -> Response:
        try:
            call = await self._read(scope, receive, closing)
            leaving = asyncio.create_task(cancel_when_gone(receive, while_wanted))
            closing.callback(leaving.cancel)
            return await self._handler(call)
        except ClientDisconnect:
            raise
        except Exception as refused:  # noqa: BLE001  each becomes the answer it stands for
            return response_of(refused)

    async def _send(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await response(scope, receive, send)
        except Exception as failure:
            if not isinstance(response, StreamedResponse):
                raise
            error_of(failure)  # the status is sent: what can be done is to log it and to cut the stream

    async def _read(self, scope: Scope, receive: Receive, closing: AsyncExitStack) -> Call[Any]:
        headers = Headers(scope=scope)
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        call = Call[Any](None, closing, self._traffic, query=query)
        kind = self._operation.request_type
        if kind is not None and self._required and not has_body(headers) and "content-type" not in headers:
            raise invalid(f"A body is needed: {' or '.join(self._media_types)}", code="missing_body")
        if kind is not None and (has_body(headers) or "content-type" in headers):
            check_media_type(headers, self._media_types)
        check_query(self._parameters, query)
        body = pieces(receive, headers, self._settings.max_body_bytes)
        if kind is not None and self._operation.file is None:
            call.body = await read_json(body, kind, required=self._required)
        elif kind is not None and self._operation.file is not None:
            call.upload = await read_form(body, headers, kind, self._operation.file, closing)
            call.body = call.upload.body
        return call


async def cancel_when_gone(receive: Receive, scope: CancelScope) -> None:
    """Cancels the scope when the client of the request has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()


async def _break_off(response: Response | None, scope: Scope, receive: Receive, send: Send) -> None:
    """Ends the answer of a request that the stopping edge no longer serves."""
    stopping = EdgeError(503, "The edge is stopping.", "model_unavailable")
    if not isinstance(response, StreamedResponse) or not response.started:
        await response_of(stopping)(scope, receive, send)
    elif response.farewell is not None:
        await send({"type": "http.response.body", "body": response.farewell(stopping)})
