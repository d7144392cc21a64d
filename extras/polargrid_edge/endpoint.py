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
from polargrid_edge.http.middleware import read_api_key
from polargrid_edge.http.parameters import read_parameters
from polargrid_edge.http.request_record import current_record
from polargrid_edge.http.requests import (
    check_media_type,
    check_query,
    discard_body,
    has_body,
    iter_body,
    parse_json,
    read_content,
)
from polargrid_edge.http.routing import parse_query, read_base_url
from polargrid_edge.http.streaming import StreamedResponse
from polargrid_edge.long_work import choose_run
from polargrid_edge.services.context import Handler, RequestContext
from polargrid_edge.usage_store import Usage

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

    from polargrid_edge.http.metrics import Metrics
    from polargrid_edge.http.request_recorder import RequestRecorder
    from polargrid_edge.keys.key import Key
    from polargrid_edge.keys.rate_limits import RateLimiter
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
        recorder: RequestRecorder,
        limiter: RateLimiter,
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
        self._recorder = recorder
        self._limiter = limiter
        self._store = store
        self._usage = usage
        self._ignorable = ignorable

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status: int | None = 500  # the status of what is raised from here
        self._recorder.start_operation(self._operation.name)
        try:
            async with AsyncExitStack() as closing:
                status = await self._serve(scope, receive, send, closing)
        except ClientDisconnect:
            status = None
            _record_departure()
        finally:
            self._recorder.finish_operation(self._operation.name, status)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, closing: AsyncExitStack) -> int | None:
        """Return the status of the response; None where the client did not get all of it."""
        response: Response | None = None
        with CancelScope() as request_scope:
            self._active.add(request_scope)
            closing.callback(self._active.discard, request_scope)
            response = await self._respond(scope, receive, closing, request_scope)
            await self._send(response, scope, receive, send)
        if request_scope.cancelled_caught:
            if self._active.stopping:
                await _interrupt(response, scope, receive, send)
            else:
                _record_departure()
        return None if response is None or request_scope.cancelled_caught else response.status_code

    async def _respond(
        self, scope: Scope, receive: Receive, closing: AsyncExitStack, request_scope: CancelScope
    ) -> Response:
        try:
            if self._active.is_ending:
                # A connection that closes before its request is read may lose the response.
                await discard_body(receive, Headers(scope=scope), self._settings.max_body_bytes)
                raise stopping_error()
            limits = self._admit(scope)
            context, keyed = await self._read(scope, receive, closing)
            closing.enter_context(cancel_on_disconnect(receive, request_scope))
            if keyed is None:
                response = await self._process(context)
            else:
                response = await self._store.respond(keyed, partial(self._process, context), closing)
            response.headers.update(limits)
            return response
        except ClientDisconnect:
            raise
        except Exception as error:  # noqa: BLE001  every exception becomes an error response
            return error_response(error)

    def _admit(self, scope: Scope) -> dict[str, str]:
        """Count a request with a body for the limits of its key, and return the headers about them.

        Others only read what is there, like the state of a job, and are free. Raises `EdgeError` 429.
        """
        key = read_api_key(scope)
        if key is None or self._body is None:
            return {}
        self._limiter.admit(key)
        return self._limiter.headers(key)

    async def _process(self, context: RequestContext[Any]) -> Response:
        """Call the handler; an error response is stored like any other."""
        try:
            response = await self._handler(context)
        except Exception as error:  # noqa: BLE001  every exception becomes an error response
            context.is_usage = False
            return error_response(error)
        # Set here, and not when the response is sent: a stored response has it as well.
        ignored = find_ignored(context.body, self._ignorable, context.obeyed)
        if ignored and response.status_code < 400:
            response.headers[IGNORED_HEADER] = ", ".join(ignored)
        return response

    def _record_usage(self, context: RequestContext[Any], key: Key | None) -> None:
        """Count a request that a model has worked on, also one whose client did not wait for the response."""
        model = context.timing.model
        _record_model(context)
        if key is not None:
            self._limiter.spend(key, context.tokens)
        if model is not None and context.is_usage:
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
        api_key = read_api_key(scope)
        identity = "" if api_key is None else api_key.identity
        context = RequestContext[Any](
            None, closing, self._metrics, query=query, key=identity, base_url=read_base_url(scope)
        )
        closing.callback(self._record_usage, context, api_key)
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
        content = await read_content(body, required=expected.required)
        context.run = choose_run(len(content))
        context.body = await context.run(partial(parse_json, content, kind))


def _record_model(context: RequestContext[Any]) -> None:
    """Record what the model did for a request."""
    record = current_record.get()
    if record is None:
        return
    timing = context.timing
    # A request that is rejected before it reaches a queue has not waited.
    record.queued = timing.queued if timing.inference_started_at is not None or timing.queued else None
    record.model, record.first_token_at = timing.model, context.first_token_at
    record.input_tokens, record.output_tokens = context.tokens - context.output_tokens, context.output_tokens


def _record_departure() -> None:
    record = current_record.get()
    if record is not None:
        record.client_left = True


async def _interrupt(response: Response | None, scope: Scope, receive: Receive, send: Send) -> None:
    """End the response of a request that the stopping edge no longer serves."""
    error = stopping_error()
    if not isinstance(response, StreamedResponse) or not response.started:
        await error_response(error)(scope, receive, send)
        return
    to_error(error)  # for the record
    if response.closing_event is not None:
        await send({"type": "http.response.body", "body": response.closing_event(error)})
