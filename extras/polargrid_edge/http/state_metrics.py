"""Metrics of what an edge is doing now: requests in progress, queues, models in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from prometheus_client import Metric

    from polargrid_edge.http.active_requests import ActiveRequests
    from polargrid_edge.http.metrics import Metrics
    from polargrid_edge.models.pool import ModelPool


class StateCollector(Collector):
    """Reads the state when Prometheus asks for it. `count_lost` returns the lines that the access log lost."""

    def __init__(
        self,
        pool: ModelPool,
        window: Metrics,
        active: ActiveRequests,
        node: str,
        *,
        count_lost: Callable[[], int] = lambda: 0,
        are_keys_valid: Callable[[], bool] | None = None,
    ) -> None:
        """`are_keys_valid` tells whether the file of keys could be read; None without one."""
        self._pool = pool
        self._window = window
        self._active = active
        self._node = node
        self._count_lost = count_lost
        self._are_keys_valid = are_keys_valid

    def describe(self) -> list[Metric]:
        """Nothing: the names are those of `collect`, which needs a pool that is ready."""
        return []

    def collect(self) -> Iterator[Metric]:
        info = GaugeMetricFamily("polargrid_edge_build_info", "The edge.", labels=("node", "version"))
        info.add_metric((self._node, _read_version()), 1)
        yield info
        yield GaugeMetricFamily(
            "polargrid_edge_draining", "1 while the edge ends its last requests.", float(self._active.draining)
        )
        in_progress = GaugeMetricFamily(
            "polargrid_edge_requests_in_progress", "Requests in progress by operation.", labels=("operation",)
        )
        for operation, number in self._window.in_flight().items():
            in_progress.add_metric((operation,), number)
        yield in_progress
        yield from self._collect_queues()
        yield from self._collect_models()
        yield CounterMetricFamily(
            "polargrid_edge_access_log_lost", "Lines that the access log could not write.", self._count_lost()
        )
        if self._are_keys_valid is not None:
            yield GaugeMetricFamily(
                "polargrid_edge_keys_file_valid",
                "0 if the file of keys is broken, and the keys from before it broke count.",
                float(self._are_keys_valid()),
            )

    def _collect_queues(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily(
            "polargrid_edge_queue_waiting", "Requests that wait for a kind of model.", labels=("queue",)
        )
        running = GaugeMetricFamily(
            "polargrid_edge_queue_running", "Requests that a kind of model works on.", labels=("queue",)
        )
        limit = GaugeMetricFamily(
            "polargrid_edge_queue_limit", "Requests that may wait; further ones get 429.", labels=("queue",)
        )
        for name, queue in (*self._pool.queues.items(), ("loading", self._pool.load_queue)):
            waiting.add_metric((name,), queue.waiting)
            running.add_metric((name,), queue.running)
            limit.add_metric((name,), queue.max_waiting)
        yield from (waiting, running, limit)

    def _collect_models(self) -> Iterator[Metric]:
        loaded = GaugeMetricFamily("polargrid_edge_model_loaded", "1 for a model in memory.", labels=("model", "kind"))
        size = GaugeMetricFamily(
            "polargrid_edge_model_weights_bytes",
            "Size of the weights of each model in memory; process_resident_memory_bytes is what all take together.",
            labels=("model", "kind"),
        )
        states = self._pool.states()
        for model in self._pool.catalog.models:
            is_loaded = states.get(model.id) == "loaded"
            loaded.add_metric((model.id, model.kind), float(is_loaded))
            if is_loaded:
                size.add_metric((model.id, model.kind), sum(file.size for file in model.files))
        yield from (loaded, size)


def _read_version() -> str:
    try:
        return version("polargrid")
    except PackageNotFoundError:
        return ""
