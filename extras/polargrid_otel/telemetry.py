"""Where spans, metrics and contents go, and whether contents are recorded."""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Mapping
from importlib import metadata
from typing import Any

from opentelemetry import metrics, trace
from opentelemetry._logs import Logger, LoggerProvider, LogRecord, SeverityNumber, get_logger
from opentelemetry.context import Context
from opentelemetry.metrics import Histogram, Meter, MeterProvider
from opentelemetry.trace import Tracer, TracerProvider

from polargrid_otel import conventions as names
from polargrid_otel.texts import Redact, to_text

_SCOPE = "polargrid_otel"
#: By the value of the environment variable: where contents are recorded.
_CAPTURE_MODES: Mapping[str, Collection[str]] = {
    "NO_CONTENT": (),
    "SPAN_ONLY": ("span",),
    "EVENT_ONLY": ("event",),
    "SPAN_AND_EVENT": ("span", "event"),
    "TRUE": ("span",),  # of earlier conventions, and of instrumentations that still have them
    "FALSE": (),
}
logger = logging.getLogger(_SCOPE)


class Telemetry:
    """The instruments of one instrumentation."""

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        logger_provider: LoggerProvider | None = None,
        capture_content: bool | None = None,
    ) -> None:
        version = metadata.version("polargrid")
        self.tracer: Tracer = trace.get_tracer(_SCOPE, version, tracer_provider)
        self.logger: Logger = get_logger(_SCOPE, version, logger_provider)
        self._meter: Meter = metrics.get_meter(_SCOPE, version, meter_provider)
        self.duration = self._histogram(names.OPERATION_DURATION, "s", "Duration of a call.")
        self.time_to_first_chunk = self._histogram(
            names.TIME_TO_FIRST_CHUNK, "s", "Time from the start of a streamed call to its first chunk."
        )
        self.time_per_chunk = self._histogram(
            names.TIME_PER_OUTPUT_CHUNK, "s", "Time between two chunks of a streamed call."
        )
        self.token_usage = self._histogram(names.TOKEN_USAGE, "{token}", "Tokens of a request and its response.")
        self.tool_duration = self._histogram(names.TOOL_DURATION, "s", "Duration of a function that a model called.")
        modes = read_capture_mode() if capture_content is None else ("span",) if capture_content else ()
        self.captures_on_span, self.captures_on_event = "span" in modes, "event" in modes
        self.captures_content = bool(modes)

    def _histogram(self, name: str, unit: str, description: str) -> Histogram:
        buckets = names.SECONDS if unit == "s" else names.TOKENS
        return self._meter.create_histogram(name, unit, description, explicit_bucket_boundaries_advisory=buckets)

    def emit_details(self, attributes: Mapping[str, Any], context: Context) -> None:
        """Emit the event that has the contents of a call."""
        record = LogRecord(
            event_name=names.DETAILS_EVENT,
            severity_number=SeverityNumber.DEBUG,
            attributes=attributes,
            context=context,
        )
        self.logger.emit(record)


def read_capture_mode() -> Collection[str]:
    """Return where the environment says that contents are recorded; an unknown value is logged, and records none."""
    value = os.environ.get(names.CAPTURE_CONTENT, "").strip()
    modes = _CAPTURE_MODES.get(value.upper() or "NO_CONTENT")
    if modes is None:
        expected = ", ".join(_CAPTURE_MODES)
        message = "%s: unknown value %r; expected one of: %s. No contents are recorded."
        logger.warning(message, names.CAPTURE_CONTENT, value, expected)
        return ()
    return modes


def log_failure(error: BaseException, redact: Redact = str) -> None:
    """Log that a tracer, a processor or a propagator failed; the call goes on. Without frames, which hold its data."""
    logger.warning("a span or a metric is incomplete: %s: %s", type(error).__name__, redact(to_text(error)))
