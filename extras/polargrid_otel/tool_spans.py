"""Spans of the functions that a model calls, and around the calls of `run_tools` and of jobs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from inspect import isawaitable
from time import perf_counter
from typing import Any, ClassVar

from opentelemetry.context import attach, create_key, detach, get_current, get_value, set_value
from opentelemetry.instrumentation.utils import is_instrumentation_enabled
from opentelemetry.trace import Span, SpanKind, set_span_in_context

from polargrid._tool_runner import ToolRunner
from polargrid_otel import conventions as names
from polargrid_otel.errors import error_message, error_type, record_error
from polargrid_otel.messages import dump, parse_json
from polargrid_otel.telemetry import Telemetry, log_failure
from polargrid_otel.texts import Redact, redact_attributes, to_json, to_text

_EXECUTE = "execute_tool"
_REDACT = create_key("polargrid-redact")


class OpenSpan:
    """A span that is current while a block runs; what fails in OpenTelemetry is logged."""

    def __init__(self, telemetry: Telemetry, name: str, attributes: dict[str, Any], redact: Redact) -> None:
        self.redact, self._started_at = redact, perf_counter()
        self.span: Span | None = None
        self.error: BaseException | None = None
        redact_attributes(attributes, redact)
        try:
            if is_instrumentation_enabled():
                self.span = telemetry.tracer.start_span(redact(name), kind=SpanKind.INTERNAL, attributes=attributes)
        except Exception as error:  # noqa: BLE001 - of OpenTelemetry, or of what is plugged into it
            log_failure(error, redact)

    @contextmanager
    def current(self) -> Iterator[None]:
        """Make the span current, and keep what the block raises; the spans below it have the same redactor."""
        context = set_value(_REDACT, self.redact, None if self.span is None else set_span_in_context(self.span))
        token = attach(context)
        try:
            yield
        except BaseException as error:
            self.error = error
            raise
        finally:
            if get_current() is context:  # not if a task that is gone is closed in another
                detach(token)

    def end(self, message: str, record: Callable[[Span, float], None] | None = None) -> None:
        """End the span; `record` adds to it what its result is, and takes the seconds."""
        error, self.error = self.error, None  # it holds frames, which hold this
        if self.span is None:
            return
        try:
            try:
                if error is not None:
                    record_error(self.span, error, message)
                if record is not None:
                    record(self.span, perf_counter() - self._started_at)
            finally:
                self.span.end()
        except Exception as problem:  # noqa: BLE001
            log_failure(problem, self.redact)


class TracedToolRunner(ToolRunner):
    """A conversation whose function calls have spans."""

    telemetry: ClassVar[Telemetry]

    def __init__(self, *arguments: Any, accepts_async: bool) -> None:
        super().__init__(*arguments, accepts_async=accepts_async)
        self._accepts_async = accepts_async

    def invoke(self, call: Any) -> Any:
        name, tool = call.function.name, self._tools.get(call.function.name)
        attributes = {
            names.OPERATION_NAME: _EXECUTE,
            names.TOOL_NAME: name,
            names.TOOL_TYPE: "function",
        }
        if call.id:
            attributes[names.TOOL_CALL_ID] = call.id
        if tool is not None and tool.description:
            attributes[names.TOOL_DESCRIPTION] = tool.description
        if self.telemetry.captures_on_span:
            attributes[names.TOOL_CALL_ARGUMENTS] = to_json(parse_json(call.function.arguments))
        span = OpenSpan(self.telemetry, f"{_EXECUTE} {name}", attributes, _find_redactor())
        try:
            with span.current():
                result = super().invoke(call)
        except BaseException:
            self._end(span, name, None)
            raise
        if self._accepts_async and isawaitable(result):
            return self._wait(result, span, name)
        self._end(span, name, result)
        return result

    async def _wait(self, result: Awaitable[Any], span: OpenSpan, name: str) -> Any:
        value = None
        try:
            with span.current():
                value = await result
                return value
        finally:
            self._end(span, name, value)

    def _end(self, span: OpenSpan, name: str, result: Any) -> None:
        telemetry, error, redact = self.telemetry, span.error, span.redact

        def record(current: Span, seconds: float) -> None:
            tool_name = redact(name) if name in self._tools else names.OTHER  # the model invents names
            tags = {names.OPERATION_NAME: _EXECUTE, names.TOOL_NAME: tool_name, names.TOOL_TYPE: "function"}
            if error is not None:
                tags[names.ERROR_TYPE] = error_type(error)
            telemetry.tool_duration.record(seconds, tags, set_span_in_context(current))
            if error is None and telemetry.captures_on_span:
                current.set_attribute(names.TOOL_CALL_RESULT, redact(to_json(dump(result))))

        quotes = error is not None and telemetry.captures_on_span  # what a function raises may quote its arguments
        span.end(redact(to_text(error)) if quotes else "", record)


def _find_redactor() -> Redact:
    """Return the function that removes the key of the client whose conversation this is."""
    redact: Any = get_value(_REDACT)
    return str if redact is None else redact


@contextmanager
def open_group(telemetry: Telemetry, name: str, attributes: dict[str, Any], redact: Redact) -> Iterator[None]:
    """Put the spans of several calls below one: of a conversation with tools, or of a job."""
    span = OpenSpan(telemetry, name, attributes, redact)
    try:
        with span.current():
            yield
    finally:
        error = span.error
        span.end("" if error is None else error_message(error, redact, with_contents=telemetry.captures_on_span))


def group_of_tools(_operation: Any, _options: Any, request: Any, *_: Any) -> tuple[str, dict[str, Any]]:
    """Return the name and the attributes of the span around `run_tools`."""
    model = request.get("model")
    if not isinstance(model, str):
        return "run_tools", {}
    return f"run_tools {model}", {names.REQUEST_MODEL: model}


def group_of_job(operation: Any, *_: Any) -> tuple[str, dict[str, Any]]:
    """Return the name and the attributes of the span around a job: its start, and its polls."""
    return f"{operation.name}_and_poll", {names.OPERATION: operation.name}
