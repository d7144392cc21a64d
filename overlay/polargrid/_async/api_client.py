"""The engine: sends the calls of the generated methods, attempt by attempt.

It decides nothing: `CallState` says what to send, what a response means, and whether to retry.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, TypeVar

from polargrid import errors
from polargrid._async.key_source import refresh_key
from polargrid._async.request_methods import AsyncRequestMethods
from polargrid._call_state import CallState, start_call
from polargrid._endpoints import EndpointSelector
from polargrid._jobs import JobPoller
from polargrid.config import Settings, with_options
from polargrid.retry import RetryBudget
from polargrid_runtime._async.stream import AsyncStream
from polargrid_runtime.arguments import CallOptions
from polargrid_runtime.operation import Operation
from polargrid_runtime.paths import MAX_EMPTY_PAGES, PageCursor, read_path, replace_field
from polargrid_runtime.raw_response import RawResponse
from polargrid_runtime.redaction import SecretSource
from polargrid_runtime.response import Call
from polargrid_transport.concurrency import async_sleep

if TYPE_CHECKING:
    from polargrid.tools import Function
    from polargrid_transport._async.response import AsyncResponse
    from polargrid_transport._async.transport import AsyncTransport

ERROR_BODY_SECONDS = 5.0
ERROR_BODY_BYTES = 64 * 1024
Response = TypeVar("Response")
Chunk = TypeVar("Chunk")


class AsyncAPIClient(AsyncRequestMethods):
    """Sends and streams the operations of the API."""

    _settings: Settings
    _endpoints: EndpointSelector
    _budget: RetryBudget
    _transport: AsyncTransport
    _is_closed = False

    def _start_call(self, operation: Any, options: CallOptions, request: Any, **inputs: Any) -> CallState:
        if self._is_closed:
            raise errors.APIConnectionError("the client is closed", sent=False)
        return start_call(
            operation,
            options,
            request,
            settings=self._settings,
            timeouts=self._transport.default_timeouts,
            endpoints=self._endpoints,
            budget=self._budget,
            **inputs,
        )

    async def _send(
        self,
        operation: Operation[Response, Any],
        options: CallOptions,
        request: Any = None,
        *,
        convert: Callable[[Any, Call], Any] | None = None,
        **inputs: Any,
    ) -> Response:
        call = self._start_call(operation, options, request, **inputs)
        response: Response = await self._complete(call)
        return response if convert is None else call.convert(response, convert)

    async def _send_raw(
        self,
        operation: Operation[Response, Any],
        options: CallOptions,
        request: Any = None,
        *,
        convert: Callable[[Any, Call], Any] | None = None,
        **inputs: Any,
    ) -> RawResponse[Response]:
        call = self._start_call(operation, options, request, **inputs)
        response = await self._complete(call)
        response = response if convert is None else call.convert(response, convert)
        return RawResponse(response, call.meta, call.sent, call.content)

    async def _complete(self, call: CallState) -> Any:
        """Make attempts until one succeeds, and return its response."""
        try:
            while True:
                try:
                    async with aclosing(await self._open_response(call)) as response:
                        # Not in a variable: a traceback that shows it shows what the server sent, perhaps the key.
                        return call.decode(response.headers, await response.read_body(call.settings.max_body_bytes))
                except (errors.PolarGridError, MemoryError) as error:
                    delay = call.next_delay(error)
                await async_sleep(delay, call.deadline.on_wait)
        finally:
            call.report()

    def _stream(
        self, operation: Operation[Any, Chunk], options: CallOptions, request: Any = None, **inputs: Any
    ) -> AsyncStream[Chunk]:
        call = self._start_call(operation, options, request, stream=True, **inputs)
        return AsyncStream(self._iter_chunks(call), call)

    async def _iter_chunks(self, call: CallState) -> AsyncGenerator[Any, None]:
        call.deadline.start()
        try:
            while True:
                try:
                    async with aclosing(await self._open_response(call)) as response:
                        if call.pauses_at_headers:
                            call.pauses_at_headers = False
                            yield None
                        decoder = call.stream_decoder(response.headers)
                        while not decoder.done and (data := await response.read()):
                            for output in response.decompress(data):
                                for chunk in decoder.feed(output):
                                    call.deadline.reset_idle()
                                    yield chunk
                        if decoder.done:
                            await response.drain()
                        else:
                            response.decompress(b"")
                        for chunk in decoder.finish():
                            yield chunk
                        call.record_success()
                        return
                except (errors.PolarGridError, MemoryError) as error:
                    data = output = b""  # a traceback that shows them shows what the server sent
                    chunk = None
                    delay = call.next_delay(error)
                await async_sleep(delay, call.deadline.on_wait)
        except BaseException as error:
            call.record_failure(error)
            raise
        finally:
            call.report()

    async def _iter_items(
        self,
        operation: Operation[Any, Any],
        options: CallOptions,
        request: Any = None,
        *,
        parameters: Mapping[str, Any] | None = None,
        **inputs: Any,
    ) -> AsyncIterator[Any]:
        if operation.pages is None:
            raise TypeError(f"{operation.name} has no pages")
        name = operation.pages.parameter
        is_field = all(item.argument != name for item in operation.parameters)
        arguments = dict(parameters or {})
        cursor = PageCursor(operation.pages, read_path(request, (name,)) if is_field else arguments.get(name))
        while True:
            page = await self._send(operation, options, request, parameters=arguments, **inputs)
            for item in cursor.read_items(page):
                yield item
            following = cursor.next_value(page)
            if cursor.is_lost:
                raise errors.ServerError(f"{operation.name}: there are more pages, but the response names none")
            if following is None:
                return
            if cursor.is_endless:
                raise errors.ServerError(f"{operation.name}: more than {MAX_EMPTY_PAGES} pages without an item")
            if is_field:
                request = replace_field(request, name, following)
            else:
                arguments[name] = following

    async def _send_and_poll(
        self,
        operation: Operation[Any, Any],
        poll: Operation[Any, Any],
        options: CallOptions,
        request: Any = None,
        **inputs: Any,
    ) -> Any:
        settings = with_options(self._settings, {"deadline": options.get("deadline")})
        poller = JobPoller(operation, options, settings.deadline)
        response = await self._send_raw(operation, poller.options, request, **inputs)
        delay = poller.start(response)
        while True:
            await async_sleep(delay)
            response = await self._send_raw(poll, poller.poll_options, parameters=poller.parameters)
            if poller.is_done(response):
                return response.parse()
            delay = poller.next_delay(response)

    async def _open_response(self, call: CallState) -> AsyncResponse:
        """Make one attempt: return the response if the operation expects it, else raise its exception."""
        if isinstance(call.settings.api_key, SecretSource):
            await refresh_key(call.settings.api_key)
        response = await self._transport.send(call.start_attempt())
        call.http_version = response.http_version
        try:
            if call.on_headers(response.status, response.headers):
                return response
            call.deadline.shorten(ERROR_BODY_SECONDS)
            raise call.to_error(response.headers, await response.read_body(ERROR_BODY_BYTES, is_excerpt=True))
        except BaseException:
            await response.aclose()
            raise

    async def _parse(
        self, operation: Any, options: Any, request: dict[str, Any], response_format: Any, parsed_type: Any
    ) -> Any:
        from polargrid_codec.structured_output import ResponseParser

        parser = ResponseParser(request, response_format, parsed_type, self._settings.api_key.redactor)
        return await self._send(operation, options, parser.request, convert=parser.parse_complete)

    def _stream_parsed(
        self, operation: Any, options: Any, request: dict[str, Any], response_format: Any, parsed_type: Any
    ) -> Any:
        from polargrid_codec.structured_output import ResponseParser
        from polargrid_runtime._async.text_stream import AsyncTextStream

        parser = ResponseParser(request, response_format, parsed_type, self._settings.api_key.redactor)
        parser.request.setdefault("stream_options", {"include_usage": True})
        return AsyncTextStream(self._stream(operation, options, parser.request), parsed_type, parser)

    async def _run_tools(
        self, operation: Any, options: Any, request: dict[str, Any], tools: Sequence[Function], max_rounds: int
    ) -> Any:
        from inspect import isawaitable, iscoroutinefunction

        from polargrid._tool_runner import ToolRunner

        runner = ToolRunner(request, tools, max_rounds, accepts_async=iscoroutinefunction(self._send))
        while calls := runner.add_response(await self._send(operation, options, runner.request)):
            for call in calls:
                try:
                    result = runner.invoke(call)
                    result = await result if isawaitable(result) else result  # unasync: remove
                except Exception as error:  # noqa: BLE001 - the model is shown what a function raises
                    runner.add_result(call, error=error)
                else:
                    runner.add_result(call, result)
        return runner.finish()
