"""Metrics for Prometheus: counters of requests since the start. Each edge has a registry of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final, cast

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from polargrid_generated.operations import OPERATIONS

if TYPE_CHECKING:
    from prometheus_client import Metric

    from polargrid_edge.http.request_record import RequestRecord
    from polargrid_runtime.operation import Operation

UNKNOWN: Final = "unknown"
"""The operation of a request that was rejected before its operation was known, as those without a key."""

# https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-metrics/ has the names and the buckets.
_DURATIONS: Final = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
_FIRST_TOKEN: Final = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
_PER_TOKEN: Final = (0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5)
_MODEL_LABELS: Final = ("gen_ai_operation_name", "gen_ai_response_model")
_PREFIX: Final = "polargrid_edge_"


class RequestCounters:
    """The metrics of requests, each made of the record that the access log has as well."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._requests = Counter(
            f"{_PREFIX}requests", "Requests by operation and status.", ("operation", "status"), registry=registry
        )
        self._client_left = Counter(
            f"{_PREFIX}client_left", "Requests whose client left before the end.", ("operation",), registry=registry
        )
        self._bytes = Counter(f"{_PREFIX}body_bytes", "Bytes of bodies.", ("operation", "direction"), registry=registry)
        self._tokens = Counter(f"{_PREFIX}tokens", "Tokens by model.", ("model", "type"), registry=registry)
        self._duration = _histogram("request_duration", _DURATIONS, registry, "Duration of requests.", "error_type")
        self._first_token = _histogram("time_to_first_token", _FIRST_TOKEN, registry, "Time to the first token.")
        self._per_token = _histogram(
            "time_per_output_token", _PER_TOKEN, registry, "Time per token after the first one."
        )
        self._queued = Histogram(
            f"{_PREFIX}queue_time_seconds", "Time that requests waited for a model.", ("operation",),
            buckets=_DURATIONS, registry=registry,
        )  # fmt: skip

    def __call__(self, record: RequestRecord) -> None:
        """Count a request that ended."""
        operation = record.operation or UNKNOWN
        self._requests.labels(operation, str(record.final_status)).inc()
        self._bytes.labels(operation, "received").inc(record.bytes_received)
        self._bytes.labels(operation, "sent").inc(record.bytes_sent)
        if record.client_left:
            self._client_left.labels(operation).inc()
        if record.queued is not None:
            self._queued.labels(operation).observe(record.queued)
        if record.model is not None:
            self._tokens.labels(record.model, "input").inc(record.input_tokens)
            self._tokens.labels(record.model, "output").inc(record.output_tokens)
        name = OPERATION_NAMES.get(operation)
        if name is not None:
            self._observe_model(name, record)

    def _observe_model(self, name: str, record: RequestRecord) -> None:
        labels = name, record.model or ""
        error_type = find_error_type(record)
        self._duration.labels(*labels, error_type).observe(record.duration)
        if record.first_token_at is None or error_type:
            return
        first_token = record.first_token_at - record.started_at
        self._first_token.labels(*labels).observe(first_token)
        if record.output_tokens > 1:
            self._per_token.labels(*labels).observe((record.duration - first_token) / (record.output_tokens - 1))


def _histogram(
    name: str, buckets: tuple[float, ...], registry: CollectorRegistry, text: str, *labels: str
) -> Histogram:
    return Histogram(
        f"gen_ai_server_{name}_seconds", text, (*_MODEL_LABELS, *labels), buckets=buckets, registry=registry
    )


def find_error_type(record: RequestRecord) -> str:
    """`error.type`: a failed status, `client_left`, or `stream` for an error in a stream; empty without an error."""
    if record.final_status >= 400:
        return str(record.final_status)
    if record.client_left:
        return "client_left"
    return "stream" if record.error else ""


def name_operation(operation: Operation[Any, Any]) -> str | None:
    """`gen_ai.operation.name` by the facts of an operation; None if it asks no model for anything."""
    fields = operation.request_type.model_fields if operation.request_type else {}
    if "model" not in fields:
        return None
    if "messages" in fields:
        return "chat"
    if operation.body is not None and operation.body.files:
        return "speech_to_text"
    if "voice" in fields:
        return "text_to_speech"
    return "text_completion" if operation.events is not None and operation.events.choices else "embeddings"


OPERATION_NAMES: Final = {item.name: name for item in OPERATIONS if (name := name_operation(item)) is not None}


class PrometheusMetrics:
    """The registry of an edge: its requests, its process, and what `add` brings."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self.count = RequestCounters(self._registry)
        ProcessCollector(registry=self._registry)

    def add(self, collector: Collector) -> None:
        self._registry.register(collector)

    def render(self, accept: str) -> tuple[bytes, str]:
        """The text of all metrics and its media type, in the format that the header Accept prefers."""
        encode, media_type = choose_encoder(accept)
        # The encoders only collect from the registry.
        return encode(cast("CollectorRegistry", _WithoutCreated(self._registry))), media_type


class _WithoutCreated(Collector):
    """Without the time at which each series was created, which doubles the counters; the library's switch is global."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def collect(self) -> Iterator[Metric]:
        for metric in self._registry.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric
