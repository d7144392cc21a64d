"""State of one API call across its attempts: where it goes, how long it may take, how it went. No I/O, except logs."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from typing import Any
from uuid import uuid4

from polargrid import _logging, errors, retry
from polargrid._endpoints import Endpoint, EndpointSelector, redirect_message
from polargrid.config import DEFAULT_DEADLINE, EXTRA_OPTIONS, Settings, with_options
from polargrid_codec import decoding, encoding, error_responses, event_stream, stream_decoders
from polargrid_codec.encoding import EncodedRequest
from polargrid_runtime.arguments import CallOptions
from polargrid_runtime.operation import Operation
from polargrid_runtime.response import Call, ResponseMeta, SentRequest
from polargrid_runtime.tool_call_deltas import InvalidCallError
from polargrid_transport.attempt import Attempt
from polargrid_transport.deadline import Deadline, Timeouts

_logger, _bodies = _logging.logger, _logging.bodies


class CallState:
    """One API call."""

    def __init__(
        self,
        request: EncodedRequest,
        settings: Settings,
        deadline: Deadline,
        endpoints: EndpointSelector,
        budget: retry.RetryBudget,
    ) -> None:
        self.request, self.settings, self.deadline = request, settings, deadline
        key = {"idempotency-key": str(uuid4())} if request.operation.accepts_idempotency_key else {}
        self.headers = {**key, **request.extra_headers}  # the same for every attempt
        self.endpoint = endpoints.select() if endpoints.has_failures else endpoints.preferred
        self._endpoints, self._budget, self._redactor = endpoints, budget, settings.api_key.redactor
        self._status: int | None = None
        self._headers: Mapping[str, str] = {}
        self._headers_after: float | None = None  # seconds
        self._final_meta: ResponseMeta | None = None
        self._tried: list[Endpoint] = []
        self._attempts = self._retries = 0
        self._decoder: event_stream.ByteStreamDecoder | None = None
        self.error: Exception | None = None  # of a stream
        self.pauses_at_headers = self.reads_body = False  # of a stream: see `pause_at_headers`, `stream_decoder`
        self.http_version = "HTTP/1.1"
        self.content = b""  # of the last response that was decoded

    def start_attempt(self) -> Attempt:
        """Start the next attempt, and return what to send."""
        if self.deadline.is_interrupted:
            raise errors.PolarGridError("the stream was closed")
        self._attempts += 1
        self._tried.append(self.endpoint)
        self._status, self._headers, self._headers_after, self._final_meta, self._decoder = None, {}, None, None, None
        if self._attempts > 1:  # the first one starts with the call
            self.deadline.start_attempt()
        if _bodies.isEnabledFor(logging.DEBUG):
            self._log_body(f"{self.request.operation.method} {self.request.path}", self.request.content)
        return Attempt(self.request, self.endpoint.base_url, self.headers, self.deadline, self.settings.api_key)

    def on_headers(self, status: int, headers: Mapping[str, str]) -> bool:
        """Record the start of a response; whether it is successful, and of a media type that the operation has."""
        if status != 503 and self._endpoints.has_failures:
            self._endpoints.record_success(self.endpoint)
        self._status, self._headers = status, self._redactor.headers(headers)
        operation, is_stream = self.request.operation, self.request.stream
        self._headers_after = self.deadline.start_response(has_events=is_stream and operation.events is not None)
        if _logger.isEnabledFor(logging.DEBUG):
            self._log_attempt(str(status))
        if not 200 <= status < 300:
            return False
        if is_stream:
            return stream_decoders.select_decoder(operation, headers) is not None
        return decoding.select_reader(operation, status, headers.get("content-type", "")) is not None

    @property
    def meta(self) -> ResponseMeta:
        """Metadata of the call so far; empty before its first attempt."""
        if self._final_meta or not self._attempts:
            return self._final_meta or ResponseMeta()
        elapsed = self._headers_after if self.request.stream else None
        return ResponseMeta(
            request_id=self._headers.get("x-request-id"),
            status_code=self._status,
            attempts=self._attempts,
            region=self.endpoint.region_id,
            base_url=self.endpoint.base_url,
            elapsed=self.deadline.elapsed if elapsed is None else elapsed,
            headers=self._headers,
        )

    def to_error(self, headers: Mapping[str, str], body: bytes) -> errors.PolarGridError:
        """Return the exception of an unexpected response."""
        self._log_body("response", body)
        status, operation = self._status or 0, self.request.operation
        if 300 <= status < 400 and (location := headers.get("location")):
            message = redirect_message(self.endpoint.base_url, self.request.path, location)
            return error_responses.redirect_error(status, headers, body, message, self._redactor.text)
        if not 200 <= status < 300:
            return error_responses.from_response(status, headers, body, self._redactor.text)
        message = decoding.describe_media_type(operation, headers)
        if self.request.stream:
            message = f"{operation.name}: expected a stream, not Content-Type {headers.get('content-type')!r}"
        return error_responses.invalid_response(message, body, self.meta, self._redactor.text)

    @property
    def sent(self) -> SentRequest:
        """What was sent."""
        url = self.endpoint.base_url + self.request.target
        return SentRequest(self.request.operation.method, url, self.http_version)

    def redact(self, text: str) -> str:
        """Return a text of the server without the key."""
        return self._redactor.text(text)

    def pause_at_headers(self) -> bool:
        """Make a stream that was not sent yet pause once when the headers are there; whether it will."""
        self.pauses_at_headers = self._attempts == 0
        return self.pauses_at_headers

    def create_error(self, message: str) -> errors.PolarGridError:
        """Return the exception of a stream that cannot be read on."""
        error = errors.PolarGridError(message)
        self._describe(error)
        return error

    def interrupt(self) -> None:
        """End a read of another thread or task: its result is not needed."""
        self.deadline.interrupt()

    def decode(self, headers: Mapping[str, str], body: bytes) -> Any:
        """Parse the body of a response; the call is complete."""
        self._log_body("response", body)
        meta = self._final_meta = self.meta
        response = decoding.parse_response(self.request.operation, headers, body, meta, self._redactor.text)
        self.content = body
        self.record_success()
        return response

    def convert(self, response: Any, convert: Callable[[Any, Call], Any]) -> Any:
        """Return what a function makes of the parsed response; its exceptions say which call failed."""
        try:
            return convert(response, self)
        except errors.PolarGridError as error:
            self._describe(error)
            raise

    def parse_body(self, body: bytes) -> Any:
        """Parse the body of a response that was read as a stream. Raises ServerError if it does not match."""
        return decoding.parse_response(self.request.operation, self._headers, body, self.meta, self._redactor.text)

    def stream_decoder(self, headers: Mapping[str, str]) -> event_stream.ByteStreamDecoder:
        """Return the decoder for a streamed body, which yields its bytes if `reads_body` is set."""
        operation = self.request.operation
        kind: Any = event_stream.BodyDecoder if self.reads_body else None
        kind = kind or stream_decoders.select_decoder(operation, headers) or event_stream.EventStreamDecoder
        decoder: event_stream.ByteStreamDecoder
        decoder = kind(operation, self.meta, self.settings.max_event_bytes, self._redactor.text)
        self._decoder = decoder
        return decoder

    def record_success(self) -> None:
        """Return the retries of this call to the budget."""
        if not self._budget.is_full:
            self._budget.refund(self._retries)

    def record_failure(self, error: BaseException) -> None:
        """Keep what ended a stream: it is raised again by a stream that is read on. Closing it is no failure."""
        if isinstance(error, Exception) and not isinstance(error, InvalidCallError):
            self.error = error
            if isinstance(error, errors.PolarGridError) and not error.target:  # of a parser of the stream's text
                self._describe(error)
        elif not isinstance(error, GeneratorExit):
            kind = errors.ServerError if type(error) is InvalidCallError else errors.StreamInterruptedError
            reason = str(error) or f"{type(error).__name__} ended the stream"  # cancelled, or interrupted by Ctrl-C
            failure = kind(f"{self.request.operation.name}: {reason}", request_id=self._headers.get("x-request-id"))
            self.error = self._decoder.to_error(failure) if self._decoder else failure
            self._describe(failure)
            self._redactor.error(failure)

    def report(self) -> None:
        """Call `on_meta`, and close the file: the call succeeded, failed, or was abandoned."""
        for _, upload in self.request.uploads:
            upload.close()
        if self.settings.on_meta is not None:
            self.settings.on_meta(self.meta)

    def next_delay(self, error: errors.PolarGridError | MemoryError) -> float:
        """Return the seconds until the next attempt, and select its endpoint. Raises the error if there is none.

        It is raised without the frames that hold what the server sent, and without the key.
        """
        if isinstance(error, MemoryError):
            error = errors.PolarGridError("not enough memory for the response")
        if type(error) is errors.ValidationError and error.status_code is None:  # a file that cannot be read
            error = error_responses.refuse_request(error)
        if self.deadline.is_interrupted:
            self._redactor.error(error.with_traceback(None))  # it becomes the context of this one
            error = errors.PolarGridError("the stream was closed while it was read")  # by another thread or task
        self._describe(error)
        self._redactor.error(error.with_traceback(None))
        if self._status is None:
            self._log_attempt(type(error).__name__)
        if self._decoder is not None and self._decoder.started:  # a stream that has started is not retried
            failure = self._decoder.to_error(error)
            self._describe(failure)
            failure.__cause__ = error.__cause__
            self._redactor.error(failure)
            raise failure
        if retry.is_endpoint_failure(error):
            self._endpoints.record_failure(self.endpoint)
        other = self._endpoints.select_other(self._tried) if retry.is_failover_candidate(error) else None
        delay = self.settings.retry.delay(self._retries + 1, error, random.random())  # noqa: S311 - only jitter
        can_retry = delay is not None and self.deadline.allows(delay)
        step = retry.choose_next_step(
            error, is_replayable=self.request.is_replayable, can_fail_over=other is not None, can_retry=can_retry
        )
        if step == "fail over" and other is not None:
            _logger.info("%s: failing over to %s", error.message, other.base_url)
            self.endpoint = other
            return 0.0
        if step == "raise" or delay is None or not self._budget.acquire():
            raise error
        self._retries += 1
        # All endpoints may be tried again; after a timeout the others first.
        self._tried = [self.endpoint] if isinstance(error, errors.TimeoutError) else []
        if retry.is_endpoint_failure(error):
            self.endpoint = self._endpoints.select_other(self._tried) or self._endpoints.select()
        _logger.info("%s: retrying in %.2f s", error.message, delay)
        return delay

    def _describe(self, error: errors.PolarGridError) -> None:
        """Add to an error which call failed."""
        error.meta, error.request_id = self.meta, error.request_id or self._headers.get("x-request-id")
        error.target = [self.request.operation.method, self.endpoint.base_url + self.request.path]

    def _log_body(self, label: str, content: bytes | None) -> None:
        if content and _bodies.isEnabledFor(logging.DEBUG):
            _logging.log_body(label, content, self._redactor.text)

    def _log_attempt(self, outcome: str) -> None:
        request, request_id = self.request, self._headers.get("x-request-id") or "-"
        endpoint = self.endpoint.region_id or self.endpoint.base_url
        facts = (outcome, self.deadline.elapsed * 1000, self._attempts, request_id, endpoint)
        _logger.debug("%s %s %s in %d ms (attempt %d, request %s, %s)", request.operation.method, request.path, *facts)


#: The class of every call; an instrumentation replaces it by a subclass.
call_class: type[CallState] = CallState


def start_call(
    operation: Operation[Any, Any],
    options: CallOptions,
    request: Any,
    *,
    settings: Settings,
    timeouts: Timeouts,
    endpoints: EndpointSelector,
    budget: retry.RetryBudget,
    files: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Any] | None = None,
    stream: bool = False,
) -> CallState:
    """Start a call with these inputs; its options override the settings, which override the timeouts.

    Raises BadRequestError, naming the field or the option.
    """
    try:
        if options:
            settings = _override_settings(operation, settings, options)
        extra = {name: getattr(settings, name) for name in EXTRA_OPTIONS}
        encoded = encoding.build_request(operation, request, files, parameters, stream=stream, **extra)
    except errors.ValidationError as error:
        error.sent = False
        raise error_responses.refuse_request(error) from error.__cause__
    seconds = settings.deadline or (None if stream else DEFAULT_DEADLINE)
    deadline = Deadline(settings.timeout or timeouts, settings.idle_timeout, seconds)
    if operation.server is not None and endpoints.preferred.is_hosted:
        endpoints = EndpointSelector((Endpoint(operation.server),))  # the regions do not have the operation
    return call_class(encoded, settings, deadline, endpoints, budget)


def _override_settings(operation: Operation[Any, Any], settings: Settings, options: CallOptions) -> Settings:
    fields = operation.request_type.model_fields if operation.request_type else ()
    if options.get("extra_body") and operation.body_kind in (None, "text", "binary"):
        message = f"extra_body: the request of {operation.name} has no fields"
        raise errors.ValidationError(message, param="extra_body")
    return with_options(settings, options, fields)
