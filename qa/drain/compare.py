"""Whether clients, access log and metrics tell the same. Pure."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from prometheus_client.parser import text_string_to_metric_families

Lines = list[dict[str, Any]]

#: What the run itself asks for, while the edge serves the metrics.
_OWN: Final = ("metrics", "readyz", "livez")


def parse_log(text: str) -> Lines:
    return [line for line in map(json.loads, text.splitlines()) if line.get("operation") not in _OWN]


def parse_metrics(text: str) -> dict[str, Counter[tuple[str, ...]]]:
    """The counters of requests by their labels."""
    counters: dict[str, Counter[tuple[str, ...]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.labels.get("operation") not in _OWN:
                labels = tuple(value for _, value in sorted(sample.labels.items()) if value)
                counters.setdefault(sample.name, Counter())[labels] += int(sample.value)
    return counters


def compare_clients(complete: Mapping[tuple[str, str], int], lines: Lines) -> Iterator[str]:
    """A sentence for each operation and status of which clients and log have different numbers.

    A request whose client got nothing is in no line: the edge would have lost its response.
    """
    logged = Counter((line.get("operation", "unknown"), str(line["status"])) for line in lines)
    for key in sorted(complete.keys() | logged.keys()):
        if complete.get(key, 0) != logged[key]:
            yield f"{key[0]} {key[1]}: clients have {complete.get(key, 0)} responses, the access log {logged[key]}"


def compare_metrics(counters: Mapping[str, Counter[tuple[str, ...]]], lines: Lines) -> Iterator[str]:
    """A sentence for each figure that differs between the metrics and the log."""
    requests = Counter((line.get("operation", "unknown"), str(line["status"])) for line in lines)
    sizes = Counter[tuple[str, ...]]()
    tokens = Counter[tuple[str, ...]]()
    for line in lines:
        for direction in ("received", "sent"):
            sizes[direction, line.get("operation", "unknown")] += line[f"bytes_{direction}"]
        for kind in ("input", "output"):
            tokens[line.get("model", ""), kind] += line.get(f"{kind}_tokens", 0)
    yield from _compare("requests", counters.get("polargrid_edge_requests_total", Counter()), requests)
    yield from _compare("bytes", counters.get("polargrid_edge_body_bytes_total", Counter()), sizes)
    yield from _compare("tokens", counters.get("polargrid_edge_tokens_total", Counter()), tokens)
    models = [line for line in lines if line.get("operation") == "chat_completion"]
    durations = counters.get("gen_ai_server_request_duration_seconds_count", Counter()).total()
    if durations != len(models):
        yield f"durations: the metrics have {durations}, the access log has {len(models)} requests for models"


def _compare(name: str, metrics: Mapping[tuple[str, ...], int], log: Mapping[tuple[str, ...], int]) -> Iterable[str]:
    for key in sorted(metrics.keys() | log.keys()):
        if metrics.get(key, 0) != log.get(key, 0):
            yield f"{name} {' '.join(key)}: the metrics have {metrics.get(key, 0)}, the access log {log.get(key, 0)}"
