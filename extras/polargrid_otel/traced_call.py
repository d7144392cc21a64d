"""A call that is traced. What fails in OpenTelemetry is logged, and the call goes on."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import partial
from typing import Any, ClassVar

from opentelemetry.context import get_current
from opentelemetry.instrumentation.utils import is_instrumentation_enabled

from polargrid import errors
from polargrid._call_state import CallState
from polargrid_codec import stream_decoders
from polargrid_codec.event_stream import ByteStreamDecoder
from polargrid_otel.body_observer import BodyObserver
from polargrid_otel.call_span import CallSpan
from polargrid_otel.observed_decoder import ObservedDecoder
from polargrid_otel.telemetry import Telemetry, log_failure
from polargrid_transport.attempt import Attempt


class TracedCall(CallState):
    """A call with a span: from its first attempt to its response, the end of its stream, or its failure."""

    telemetry: ClassVar[Telemetry]
    _span: CallSpan | None = None
    _has_started = _is_over = _is_closed = False
    _failure: BaseException | None = None
    _outer_error: BaseException | None = None

    def start_attempt(self) -> Attempt:
        try:
            if self._span is not None:
                self._span.enter()
            elif not self._has_started and (span := self._start_span()) is not None:
                span.enter()
                self.headers = span.inject(self.headers)  # of every attempt
                if self.telemetry.captures_content:
                    span.drop_contents()
        except Exception as error:  # noqa: BLE001 - of OpenTelemetry, or of what is plugged into it
            self._log(error)
        return super().start_attempt()

    def _start_span(self) -> CallSpan | None:
        """Start the span, unless instrumentation is suppressed; it is not tried again if it fails."""
        self._has_started = True
        self._outer_error = sys.exception()
        context = get_current()
        if not context or is_instrumentation_enabled():
            redact = self._redactor.text
            self._span = CallSpan(self.telemetry, self.request, self.endpoint.base_url, redact, context)
        return self._span

    def _start_span_of_failure(self) -> None:
        """Start the span of a call that fails before its first attempt, by a function that returns no key."""
        try:
            self._start_span()
        except Exception as error:  # noqa: BLE001
            self._log(error)

    def on_headers(self, status: int, headers: Mapping[str, str]) -> bool:
        if self._span is not None:
            self._span.exit()
        return super().on_headers(status, headers)

    def decode(self, headers: Mapping[str, str], body: bytes) -> Any:
        response = super().decode(headers, body)
        self._observe_response(response, body)
        return response

    def _observe_response(self, response: Any, body: bytes) -> None:
        if self._span is not None:
            try:
                self._span.add_response(response, body)
            except Exception as error:  # noqa: BLE001
                self._log(error)

    def stream_decoder(self, headers: Mapping[str, str]) -> ByteStreamDecoder:
        decoder, span = super().stream_decoder(headers), self._span
        if span is None:
            return decoder
        if not self.reads_body:
            return ObservedDecoder(decoder, span.on_data, span.observe)
        operation = self.request.operation
        parallel: ByteStreamDecoder | None = None
        if operation.events is not None and self.request.stream:
            kind = stream_decoders.select_decoder(operation, headers) or ByteStreamDecoder
            parallel = kind(operation, self.meta, self.settings.max_event_bytes, self._redactor.text)
        observer = BodyObserver(parallel, span.on_data, span.observe, partial(self._observe_response, None))
        return ObservedDecoder(decoder, observer.feed, lambda data: data, observer.finish)

    def next_delay(self, error: errors.PolarGridError | MemoryError) -> float:
        if self._span is not None:
            self._span.exit()
        endpoint, retries, status = self.endpoint, self._retries, self._status
        try:
            delay = super().next_delay(error)
        except errors.PolarGridError as failure:
            self._failure = failure
            raise
        if self._span is not None:
            try:
                is_failover = self._retries == retries
                self._span.add_retry(error, status, delay, endpoint, is_failover=is_failover)
            except Exception as problem:  # noqa: BLE001
                self._log(problem)
        return delay

    def record_failure(self, error: BaseException) -> None:
        super().record_failure(error)
        if self._failure is not None or self._is_over:
            return
        if isinstance(error, GeneratorExit):
            self._is_closed = True
        else:
            self._failure = self.error if isinstance(error, Exception) else error

    def report(self) -> None:
        error = self._find_failure()
        if not self._has_started:
            self._start_span_of_failure()
        self._end_span(error)
        self._is_over = True
        self._failure = self._outer_error = None  # exceptions hold frames, which hold the call
        super().report()

    def _find_failure(self) -> BaseException | None:
        """Return what ended the call: of one that is not a stream it may be in flight, a cancellation or of a hook."""
        if self._failure is not None or self._is_closed or self._decoder is not None:
            return self._failure
        error = sys.exception()
        return None if error is self._outer_error else error

    def _end_span(self, error: BaseException | None) -> None:
        span, self._span = self._span, None
        if span is None:
            return
        try:
            span.end(
                base_url=self.endpoint.base_url,
                region=self.endpoint.region_id,
                request_id=self._headers.get("x-request-id"),
                attempts=self._attempts,
                status=self._status,
                error=error,
                is_closed=self._is_closed,
            )
        except Exception as problem:  # noqa: BLE001
            self._log(problem)

    def _log(self, error: Exception) -> None:
        log_failure(error, self._redactor.text)

    def __del__(self) -> None:
        if self._span is not None:  # of a stream that was abandoned, and whose event loop is gone
            self._is_closed = True
            self._end_span(None)
