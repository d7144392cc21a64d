"""State of one API call across its attempts: where it goes, how long it may take, how it went. No I/O, except logs."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

from polargrid import _decoding, _event_stream, _logging, errors, retry
from polargrid._deadline import Deadline
from polargrid._encoding import EncodedRequest
from polargrid._endpoints import Endpoint, EndpointSelector, redirect_message
from polargrid.config import Settings
from polargrid_runtime.response import ResponseMeta

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
        self.headers = {"idempotency-key": str(uuid4()), **request.extra_headers}  # the same for every attempt
        self.endpoint = endpoints.select() if endpoints.has_failures else endpoints.preferred
        self._endpoints, self._budget = endpoints, budget
        self._status: int | None = None
        self._headers: Mapping[str, str] = {}
        self._headers_after: float | None = None  # seconds
        self._final_meta: ResponseMeta | None = None
        self._tried: list[Endpoint] = []
        self._attempts = self._retries = 0

    def start_attempt(self) -> None:
        """Start the next attempt."""
        if self.deadline.is_interrupted:
            raise errors.PolarGridError("the stream was closed")
        self._attempts += 1
        self._tried.append(self.endpoint)
        self._status, self._headers, self._headers_after, self._final_meta = None, {}, None, None
        self.deadline.start_attempt()
        if _bodies.isEnabledFor(logging.DEBUG):
            self._log_body(f"{self.request.operation.method} {self.request.path}", self.request.content)

    def on_headers(self, status: int, headers: Mapping[str, str]) -> bool:
        """Record the start of a response; whether it is successful, and of a media type that the operation has."""
        if status != 503 and self._endpoints.has_failures:
            self._endpoints.record_success(self.endpoint)
        self._status, self._headers, self._headers_after = status, headers, self.deadline.elapsed
        operation, is_stream = self.request.operation, self.request.stream
        self.deadline.reset_idle(limit=is_stream and operation.event is not None)
        if _logger.isEnabledFor(logging.DEBUG):
            self._log_attempt(str(status))
        if not 200 <= status < 300:
            return False
        if is_stream:
            return _event_stream.select_decoder(operation, headers) is not None
        return not operation.responses or _decoding.response_kind(operation, headers) is not None

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
        body = self.settings.api_key.redact(body)
        self._log_body("response", body)
        status, operation = self._status or 0, self.request.operation
        if 300 <= status < 400 and (location := headers.get("location")):
            location = self.settings.api_key.redact(location.encode()).decode()
            message = redirect_message(self.endpoint.base_url, self.request.path, location)
            return errors.ServerError(message, status_code=status, request_id=headers.get("x-request-id"))
        if not 200 <= status < 300:
            return errors.from_response(status, headers, body)
        message = _decoding.unexpected_media_type(operation, headers)
        if self.request.stream:
            message = f"{operation.name}: expected a stream, not Content-Type {headers.get('content-type')!r}"
        return errors.invalid_response(message, body, self.meta)

    def stream_error(self, message: str) -> errors.PolarGridError:
        """Return the exception of a stream that cannot be read on."""
        error = errors.PolarGridError(message)
        error.meta = self.meta
        return error

    def decode(self, headers: Mapping[str, str], body: bytes) -> Any:
        """Parse the body of a response; the call is complete."""
        self._log_body("response", body)
        meta = self._final_meta = self.meta
        with suppress(errors.ServerError):
            response = _decoding.parse_response(self.request.operation, headers, body, meta)
            self.record_success()
            return response
        body = self.settings.api_key.redact(body)  # the exception quotes it
        return _decoding.parse_response(self.request.operation, headers, body, meta)

    def stream_decoder(self, headers: Mapping[str, str]) -> _event_stream.ByteStreamDecoder:
        """Return the decoder for a streamed body."""
        operation = self.request.operation
        decoder = _event_stream.select_decoder(operation, headers) or _event_stream.EventStreamDecoder
        return decoder(operation, self.meta, self.settings.max_event_bytes, self.settings.api_key.redact)

    def record_success(self) -> None:
        """Return the retries of this call to the budget."""
        if not self._budget.is_full:
            self._budget.refund(self._retries)

    def report(self) -> None:
        """Call `on_meta`: the call succeeded, failed, or was abandoned."""
        if self.settings.on_meta is not None:
            self.settings.on_meta(self.meta)

    def next_delay(
        self, error: errors.PolarGridError | MemoryError, decoder: _event_stream.ByteStreamDecoder | None = None
    ) -> float:
        """Return the seconds until the next attempt, and select its endpoint. Raises the error if there is none."""
        if isinstance(error, MemoryError):
            error = errors.PolarGridError("not enough memory for the response")
        if self.deadline.is_interrupted:
            error = errors.PolarGridError("the stream was closed while it was read")  # by another thread or task
        error.meta, error.request_id = self.meta, error.request_id or self._headers.get("x-request-id")
        if self._status is None:
            self._log_attempt(type(error).__name__)
        if decoder is not None and decoder.started:  # a stream that has started is not retried
            failure = decoder.to_error(error)
            failure.meta, failure.__cause__ = error.meta, error.__cause__
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

    def _log_body(self, label: str, content: bytes | None) -> None:
        if content and _bodies.isEnabledFor(logging.DEBUG):
            _logging.log_body(label, self.settings.api_key.redact(content))

    def _log_attempt(self, outcome: str) -> None:
        request, request_id = self.request, self._headers.get("x-request-id") or "-"
        endpoint = self.endpoint.region_id or self.endpoint.base_url
        facts = (outcome, self.deadline.elapsed * 1000, self._attempts, request_id, endpoint)
        message = "%s %s %s in %d ms (attempt %d, request %s, %s)"
        _logger.debug(message, request.operation.method, request.path, *facts)
