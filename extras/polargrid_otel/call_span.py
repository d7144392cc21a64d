"""The span of a call, and its metrics."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from contextvars import Token
from time import perf_counter
from typing import Any

from opentelemetry.context import Context, attach, detach, get_current
from opentelemetry.propagate import inject
from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context
from pydantic_core import from_json

from polargrid._endpoints import Endpoint
from polargrid_codec.encoding import EncodedRequest
from polargrid_otel import conventions as names, fork
from polargrid_otel.contents import CallContents
from polargrid_otel.errors import error_message, error_type, exception_attributes, record_error
from polargrid_otel.operations import FACTS, describe
from polargrid_otel.requests import add_headers, add_request, read_fields, server_attributes
from polargrid_otel.responses import add_response
from polargrid_otel.telemetry import Telemetry, log_failure
from polargrid_otel.texts import Redact

_RESPONSE_NAMES = (names.RESPONSE_ID, names.RESPONSE_MODEL)


class CallSpan:
    """A span that has started. It is current while a request is sent, and not while the caller's code runs."""

    _token: Token[Context] | None = None
    _contents: CallContents | None = None
    _first_chunk_after: float | None = None
    _arrived_at = _last_chunk_at = 0.0
    _observes = True
    _chunk_attributes: Mapping[str, Any]

    def __init__(
        self, telemetry: Telemetry, request: EncodedRequest, base_url: str, redact: Redact, context: Context
    ) -> None:
        self._telemetry, self._redact, self._base_url = telemetry, redact, base_url
        operation = request.operation
        self._facts = facts = FACTS.get(operation.name) or describe(operation)
        attributes = {**facts.attributes, **server_attributes(base_url)}
        name = facts.span_name
        self._model: str | None = None
        if facts.name is not None:
            fields = read_fields(request)
            model = fields.get("model")
            if isinstance(model, str):
                self._model = attributes[names.REQUEST_MODEL] = model = redact(model)
                name = f"{name} {model}"
            add_request(attributes, fields, redact)
            if telemetry.captures_content and facts.has_content:
                self._contents = CallContents(fields, redact)
        if request.stream:
            attributes[names.REQUEST_STREAM] = True
        self._start_attributes = attributes
        self._attributes: dict[str, Any] = {}  # of the response
        self._finish_reasons: dict[int, str] = {}
        self._span = telemetry.tracer.start_span(name, context, SpanKind.CLIENT, attributes)
        self._context = set_span_in_context(self._span, context)
        self._started_at, self._forks = perf_counter(), fork.count

    def inject(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return the headers of a call with those of the propagator. Raises ValueError for one that cannot be sent."""
        carrier: dict[str, str] = {}
        inject(carrier, self._context)
        return add_headers(headers, carrier)

    def enter(self) -> None:
        """Make the span current."""
        self._token = attach(self._context)

    def drop_contents(self) -> None:
        """Collect no contents if nothing would record them: the span is not sampled."""
        if self._contents is not None and not (self._telemetry.captures_on_event or self._span.is_recording()):
            self._contents = None

    def exit(self) -> None:
        """Make the span that was current before current again; not in another task, which ends an abandoned call."""
        token = self._token
        if token is not None:
            self._token = None
            if get_current() is self._context:
                detach(token)

    def add_retry(
        self, error: BaseException, status: int | None, delay: float, endpoint: Endpoint, *, is_failover: bool
    ) -> None:
        """Record why there is another attempt, and where the last one went."""
        attributes = exception_attributes(error, self._message(error))
        attributes |= {**server_attributes(endpoint.base_url), names.ERROR_TYPE: error_type(error)}
        if status is not None:
            attributes[names.HTTP_STATUS_CODE] = status
        if endpoint.region_id is not None:
            attributes[names.REGION] = endpoint.region_id
        if is_failover:
            self._span.add_event(names.FAILOVER_EVENT, attributes)
        else:
            self._span.add_event(names.RETRY_EVENT, {**attributes, names.RETRY_DELAY: delay})

    def on_data(self, _data: bytes) -> None:
        """Record when bytes of a stream arrived, of which one or more chunks are made."""
        self._arrived_at = perf_counter()

    def observe(self, chunk: Any) -> Any:
        """Read a chunk of a stream, and return it."""
        if self._observes:
            try:
                self._add_chunk(chunk)
            except Exception as error:  # noqa: BLE001 - the stream goes on
                self._observes = False
                log_failure(error, self._redact)
        return chunk

    def _add_chunk(self, chunk: Any) -> None:
        if self._facts.name is None:
            return
        add_response(self._attributes, self._finish_reasons, chunk)
        if self._contents is not None:
            self._contents.add_chunk(chunk)
        arrived_at, telemetry = self._arrived_at, self._telemetry
        if self._first_chunk_after is None:
            self._redact_names()
            self._chunk_attributes = self._metric_attributes()
            self._first_chunk_after = arrived_at - self._started_at
            telemetry.time_to_first_chunk.record(self._first_chunk_after, self._chunk_attributes, self._context)
        else:
            seconds = arrived_at - self._last_chunk_at
            telemetry.time_per_chunk.record(seconds, self._chunk_attributes, self._context)
        self._last_chunk_at = arrived_at

    def add_response(self, response: Any, body: bytes) -> None:
        """Read the response of a call that is not streamed; its JSON body if nothing has parsed it yet."""
        if self._facts.name is None:
            return
        if response is None and body[:1] in (b"{", b"["):
            with suppress(ValueError):  # the caller parses it, and gets the exception
                response = from_json(body)
        add_response(self._attributes, self._finish_reasons, response)
        if self._contents is not None:
            self._contents.response = response

    def end(
        self,
        *,
        base_url: str,
        region: str | None,
        request_id: str | None,
        attempts: int,
        status: int | None,
        error: BaseException | None,
        is_closed: bool = False,
    ) -> None:
        """End the span, and record the metrics; a stream that the caller closes (`is_closed`) is no failure."""
        elapsed = perf_counter() - self._started_at
        if self._token is not None:
            self.exit()
        if fork.count != self._forks:  # the copy of a call of the parent process
            return
        attributes = self._complete_attributes(base_url, region, request_id, attempts)
        failure: str | None = None
        try:
            if is_closed:
                self._span.add_event(names.CLOSED_EVENT)
            elif error is not None or (status is not None and status >= 400):
                failure = self._set_status(attributes, status, error)
            self._span.set_attributes(attributes)
            if self._contents is not None:
                self._record_contents(self._contents, attributes)
        finally:
            try:
                self._span.end()
            finally:
                self._record_metrics(attributes, elapsed, failure)

    def _complete_attributes(
        self, base_url: str, region: str | None, request_id: str | None, attempts: int
    ) -> dict[str, Any]:
        """Add to the attributes of the response what is known at its end, and remove the key."""
        attributes, reasons = self._attributes, self._finish_reasons
        if reasons:
            attributes[names.RESPONSE_FINISH_REASONS] = [self._redact(reasons[index]) for index in sorted(reasons)]
        self._redact_names()
        if self._first_chunk_after is not None:
            attributes[names.RESPONSE_TIME_TO_FIRST_CHUNK] = self._first_chunk_after
        if region is not None:
            attributes[names.REGION] = region
        if request_id is not None:
            attributes[names.REQUEST_ID] = request_id
        if attempts > 1:
            attributes[names.HTTP_RESEND_COUNT] = attempts - 1
        if base_url != self._base_url:
            self._base_url = base_url
            attributes.update(server_attributes(base_url))
        return attributes

    def _redact_names(self) -> None:
        for name in _RESPONSE_NAMES:
            if (text := self._attributes.get(name)) is not None:
                self._attributes[name] = self._redact(text)

    def _set_status(self, attributes: dict[str, Any], status: int | None, error: BaseException | None) -> str:
        """Record how the call failed; return `error.type`."""
        if status is not None:
            attributes[names.HTTP_STATUS_CODE] = status
        if error is not None:
            record_error(self._span, error, self._message(error))
            return error_type(error)
        failure = attributes[names.ERROR_TYPE] = str(status)  # of the raw client, which returns every response
        self._span.set_status(StatusCode.ERROR)
        return failure

    def _message(self, error: BaseException) -> str:
        return error_message(error, self._redact, with_contents=self._telemetry.captures_on_span)

    def _record_contents(self, contents: CallContents, attributes: Mapping[str, Any]) -> None:
        telemetry, texts = self._telemetry, contents.build()
        if telemetry.captures_on_span:
            self._span.set_attributes(texts)
        if telemetry.captures_on_event:
            parsed = {name: from_json(text) for name, text in texts.items()}
            telemetry.emit_details({**self._start_attributes, **attributes, **parsed}, self._context)

    def _metric_attributes(self) -> dict[str, Any]:
        attributes = {**self._facts.metric_attributes, **server_attributes(self._base_url)}
        if self._model is not None:
            attributes[names.REQUEST_MODEL] = self._model
        if (model := self._attributes.get(names.RESPONSE_MODEL)) is not None:
            attributes[names.RESPONSE_MODEL] = model
        return attributes

    def _record_metrics(self, attributes: Mapping[str, Any], elapsed: float, failure: str | None) -> None:
        if self._facts.name is None:
            return
        telemetry, context, common = self._telemetry, self._context, self._metric_attributes()
        tags = common if failure is None else {**common, names.ERROR_TYPE: failure}
        telemetry.duration.record(elapsed, tags, context)
        for kind, name in (("input", names.USAGE_INPUT_TOKENS), ("output", names.USAGE_OUTPUT_TOKENS)):
            if (tokens := attributes.get(name)) is not None:
                telemetry.token_usage.record(tokens, {**common, names.TOKEN_TYPE: kind}, context)
