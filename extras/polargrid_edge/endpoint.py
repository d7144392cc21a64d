"""One operation over HTTP: validation of the request, the service, the response."""

from __future__ import annotations

import time
from collections.abc import Collection
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import CancelScope
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect

from polargrid_edge.errors import invalid_request, stopping_error
from polargrid_edge.http.active_requests import ActiveRequests, cancel_on_disconnect
from polargrid_edge.http.errors import error_response, to_error
from polargrid_edge.http.forms import read_form
from polargrid_edge.http.idempotency import IdempotencyStore, KeyedRequest, read_key
from polargrid_edge.http.ignored_fields import HEADER as IGNORED_HEADER, find_ignored
from polargrid_edge.http.parameters import read_parameters
from polargrid_edge.http.requests import check_media_type, check_query, has_body, iter_body, read_json
from polargrid_edge.http.routing import parse_query, read_base_url
from polargrid_edge.http.streaming import StreamedResponse
from polargrid_edge.services.context import Handler, RequestContext
from polargrid_edge.usage_store import Usage

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from polargrid_edge.http.metrics import Metrics
    from polargrid_edge.settings import EdgeSettings
    from polargrid_edge.usage_store import UsageStore
    from polargrid_runtime.operation import Body, Operation


class Endpoint:
    """An operation as an ASGI application."""

    def __init__(
        self,
        operation: Operation[Any, Any],
        handler: Handler,
        settings: EdgeSettings,
        *,
        active: ActiveRequests,
        metrics: Metrics,
        store: IdempotencyStore,
        usage: UsageStore,
        ignorable: Collection[str] = (),
    ) -> None:
        """`ignorable` are the fields of the body that a server may ignore."""
        self._operation = operation
        self._body = operation.body
        self._handler = handler
        self._settings = settings
        self._active = active
        self._metrics = metrics
        self._store = store
        self._usage = usage
        self._ignorable = ignorable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status: int | None = 500  # the status of what is raised from here
        self._metrics.start(self._operation.name)
        try:
            async with AsyncExitStack() as closing:
                status = await self._serve(scope, receive, send, closing)
        except ClientDisconnect:
            status = None
        finally:
            self._metrics.finish(self._operation.name, status, time.monotonic())

    async def _serve(self, scope: Scope, receive: Receive, send: Send, closing: AsyncExitStack) -> int | None:
        """Return the status of the response; None where the client did not get all of it."""
        response: Response | None = None
        with CancelScope() as request_scope:
            self._active.add(request_scope)
            closing.callback(self._active.discard, request_scope)
            response = await self._respond(scope, receive, closing, request_scope)
            await self._send(response, scope, receive, send)
        if request_scope.cancelled_caught and self._active.stopping:
            await _interrupt(response, scope, receive, send)
        return None if response is None or request_scope.cancelled_caught else response.status_code

    async def _respond(
        self, scope: Scope, receive: Receive, closing: AsyncExitStack, request_scope: CancelScope
    ) -> Response:
        try:
            context, keyed = await self._read(scope, receive, closing)
            closing.enter_context(cancel_on_disconnect(receive, request_scope))
            if keyed is None:
                return await self._process(context)
            return await self._store.respond(keyed, partial(self._process, context), closing)
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001  every exception becomes an error response
            return error_response(error)

    async def _process(self, context: RequestContext[Any]) -> Response:
        """Call the handler; an error response is stored like any other."""
        try:
            response = await self._handler(context)
        except Exception as error:  # noqa: BLE001  every exception becomes an error response
            context.timing.model = None  # a failure is not usage
            return error_response(error)
        # Set here, and not when the response is sent: a stored response has it as well.
        ignored = find_ignored(context.body, self._ignorable, context.obeyed)
        if ignored and response.status_code < 400:
            response.headers[IGNORED_HEADER] = ", ".join(ignored)
        return response

    def _record_usage(self, context: RequestContext[Any]) -> None:
        """Count a request that a model has worked on, also one whose client did not wait for the response."""
        model = context.timing.model
        if model is not None:
            seconds = time.perf_counter() - context.timing.started_at
            usage = Usage(model, self._settings.node, 1, context.tokens, seconds)
            self._usage.record(context.key, datetime.now(UTC).date(), usage)

    async def _send(self, response: Response, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await response(scope, receive, send)
        except Exception as error:
            if not isinstance(response, StreamedResponse):
                raise
            to_error(error)  # the status is sent: log the failure and cut the stream

    async def _read(
        self, scope: Scope, receive: Receive, closing: AsyncExitStack
    ) -> tuple[RequestContext[Any], KeyedRequest | None]:
        headers = Headers(scope=scope)
        query = parse_query(scope)
        api_key = headers.get("authorization", "").partition(" ")[2].strip()
        context = RequestContext[Any](
            None, closing, self._metrics, query=query, key=api_key, base_url=read_base_url(scope)
        )
        closing.callback(self._record_usage, context)
        key = read_key(headers) if self._operation.accepts_idempotency_key else None
        keyed = None if key is None else KeyedRequest(key, headers["authorization"], self._operation.name, query)
        check_query(self._operation.parameters, query)
        context.parameters = read_parameters(self._operation, scope.get("path_params", {}), query, headers)
        if self._body is not None:
            await self._read_body(context, self._body, headers, receive, keyed)
        return context, keyed

    async def _read_body(
        self,
        context: RequestContext[Any],
        expected: Body,
        headers: Headers,
        receive: Receive,
        keyed: KeyedRequest | None,
    ) -> None:
        """Read the body as its type, into the context."""
        kind = self._operation.request_type
        assert kind is not None  # noqa: S101  the edge serves no operation with binary data or text
        if has_body(headers) or "content-type" in headers:
            check_media_type(headers, [expected.media_type])
        elif expected.required:
            raise invalid_request(f"missing body; expected {expected.media_type}", code="missing_body")
        limit = self._settings.max_body_bytes
        if expected.files:
            body = iter_body(receive, headers, limit)
            context.upload = await read_form(body, headers, kind, expected.files[0].name, context.closing)
            context.body = context.upload.body
            if keyed is not None:
                await keyed.add_upload(context.upload)
            return
        body = iter_body(receive, headers, min(limit, self._settings.max_json_bytes))
        body = body if keyed is None else keyed.iter_body(body)
        context.body = await read_json(body, kind, required=expected.required)


async def _interrupt(response: Response | None, scope: Scope, receive: Receive, send: Send) -> None:
    """End the response of a request that the stopping edge no longer serves."""
    error = stopping_error()
    if not isinstance(response, StreamedResponse) or not response.started:
        await error_response(error)(scope, receive, send)
    elif response.closing_event is not None:
        await send({"type": "http.response.body", "body": response.closing_event(error)})
