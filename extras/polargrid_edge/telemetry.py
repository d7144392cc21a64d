"""What an edge tells of its requests: the window of the last minute, the access log, the metrics for Prometheus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polargrid_edge.http.access_log import AccessLog
from polargrid_edge.http.metrics import Metrics
from polargrid_edge.http.prometheus import PrometheusMetrics
from polargrid_edge.http.request_recorder import RequestRecorder, Sink
from polargrid_edge.http.state_metrics import StateCollector

if TYPE_CHECKING:
    from polargrid_edge.http.active_requests import ActiveRequests
    from polargrid_edge.keys.key_ring import KeyRing
    from polargrid_edge.models.pool import ModelPool
    from polargrid_edge.settings import EdgeSettings


class Telemetry:
    """The recorder of an edge and its sinks. `prometheus` is None where the settings have no metrics."""

    def __init__(self, settings: EdgeSettings, pool: ModelPool, active: ActiveRequests, keys: KeyRing) -> None:
        """Raises `OSError` for a file of the access log that cannot be written."""
        self.window = Metrics()
        self._access_log = _open_access_log(settings)
        self.prometheus = None if settings.metrics == "off" else PrometheusMetrics()
        sinks: list[Sink] = [] if self._access_log is None else [self._access_log]
        if self.prometheus is not None:
            sinks.append(self.prometheus.count)
            self.prometheus.add(
                StateCollector(
                    pool,
                    self.window,
                    active,
                    settings.node,
                    count_lost=lambda: 0 if self._access_log is None else self._access_log.lost,
                    are_keys_valid=None if settings.keys_file is None else lambda: keys.is_file_valid,
                )
            )
        self.recorder = RequestRecorder(self.window, sinks)

    def close(self) -> None:
        """Write the rest of the access log."""
        if self._access_log is not None:
            self._access_log.close()


def _open_access_log(settings: EdgeSettings) -> AccessLog | None:
    """The access log; without a style in the settings there is none: `serve` chooses one."""
    style = settings.access_log or "off"
    return None if style == "off" else AccessLog(style, settings.access_log_file)
