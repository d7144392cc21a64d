"""The access log, /metrics, /livez and /readyz: each request is recorded once, and both tell the same."""

from __future__ import annotations

import json
import socket
import threading
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from polargrid_edge.http import access_log
from polargrid_edge.http.access_log import AccessLog, to_json_line, to_text_line
from polargrid_edge.http.prometheus import OPERATION_NAMES, PrometheusMetrics, find_error_type
from polargrid_edge.http.request_record import RequestRecord
from polargrid_generated.operations import OPERATIONS
from polargrid_otel.operations import describe
from tests.edge.scripted import CHAT_MODEL, HEADERS, LONG_PROMPT, TIMEOUT, ScriptedEdge, run_scripted_edge, wait_until

CHAT = "/v1/chat/completions"
BODY = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "secret text"}], "max_tokens": 3}
SECRET = "pg_secret"


def read_lines(path: Path) -> list[dict[str, Any]]:
    """The lines that are written completely."""
    return [json.loads(line) for line in path.read_text("utf-8").split("\n")[:-1]]


def read_samples(edge: ScriptedEdge, **headers: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    text = httpx.get(f"{edge.url}/metrics", headers=headers, timeout=TIMEOUT).text
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def sum_samples(samples: dict[Any, float], name: str, **labels: str) -> float:
    wanted = set(labels.items())
    return sum(value for (key, items), value in samples.items() if key == name and wanted <= set(items))


def send_load(edge: ScriptedEdge) -> None:
    """One request of each kind: complete, streamed, rejected, unknown, without a key, invalid HTTP, abandoned."""
    headers = {"Authorization": f"Bearer {SECRET}"}
    with httpx.Client(base_url=edge.url, headers=headers, timeout=TIMEOUT) as client:
        client.post(CHAT, json=BODY)
        client.post(CHAT, json=BODY | {"stream": True})
        client.post(CHAT, json=BODY | {"messages": [{"role": "user", "content": LONG_PROMPT}]})
        client.post("/v1/embeddings", json={"model": "all-minilm-l6-v2", "input": "a b c"})
        client.get("/v1/nothing", params={"key": SECRET})
        client.get("/health", headers={"Authorization": "Bearer wrong"})
        client.get("/livez")
        edge.text.hold()
        with client.stream("POST", CHAT, json=BODY | {"stream": True}) as response:
            next(response.iter_raw())
    edge.text.released.set()
    address = urlsplit(edge.url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=TIMEOUT) as connection:
        connection.sendall(b"NO HTTP\r\n\r\n")
        while connection.recv(4096):
            pass


def test_the_access_log_and_the_metrics_add_up(tmp_path: Path) -> None:
    """By operation and status, tokens, bytes and clients that left; no line has a body, a query or a key."""
    path = tmp_path / "access.log"
    settings: dict[str, Any] = {"keys": frozenset({SECRET}), "access_log": "json", "access_log_file": path}
    with run_scripted_edge(**settings) as edge:
        send_load(edge)
        wait_until(edge.is_idle)
        wait_until(lambda: len(read_lines(path)) == 9)
        samples = read_samples(edge)
    lines = [line for line in read_lines(path) if line.get("operation") != "metrics"]
    counts = Counter((line.get("operation", "unknown"), str(line["status"])) for line in lines)
    assert counts == {
        ("chat_completion", "200"): 3,
        ("chat_completion", "400"): 1,
        ("create_embedding", "200"): 1,
        ("unknown", "404"): 1,
        ("unknown", "401"): 1,
        ("livez", "200"): 1,
        ("invalid_http", "400"): 1,
    }
    for (operation, status), number in counts.items():
        assert sum_samples(samples, "polargrid_edge_requests_total", operation=operation, status=status) == number
    assert sum_samples(samples, "polargrid_edge_requests_total") == len(lines)
    for kind in ("input", "output"):
        tokens = sum(line.get(f"{kind}_tokens", 0) for line in lines)
        assert tokens == sum_samples(samples, "polargrid_edge_tokens_total", type=kind) > 0
    for direction in ("received", "sent"):
        size = sum(line[f"bytes_{direction}"] for line in lines)
        assert size == sum_samples(samples, "polargrid_edge_body_bytes_total", direction=direction) > 0
    assert sum(line.get("client_left", False) for line in lines) == 1
    assert sum_samples(samples, "polargrid_edge_client_left_total", operation="chat_completion") == 1
    assert "secret" not in path.read_text("utf-8")


def test_a_line_says_what_a_request_took(tmp_path: Path) -> None:
    """The name of the key, the model, tokens, times, sizes, the code of an error, and the id of the response."""
    path = tmp_path / "access.log"
    with run_scripted_edge(access_log="json", access_log_file=path) as edge:
        with httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as client:
            stream = client.post(CHAT, json=BODY | {"stream": True})
            wait_until(lambda: len(read_lines(path)) == 1)  # a line is written after the client has the response
            failed = client.post(CHAT, json=BODY | {"model": "none"})
        wait_until(lambda: len(read_lines(path)) == 2)
    line, failure = read_lines(path)
    assert line["request_id"] == stream.headers["x-request-id"]
    expected = {"client": "127.0.0.1", "method": "POST", "path": CHAT, "operation": "chat_completion", "status": 200}
    expected |= {"model": CHAT_MODEL, "input_tokens": 3, "output_tokens": 3, "key": "local"}
    assert expected.items() <= line.items()
    assert line["bytes_sent"] == len(stream.content)
    assert 0 < line["first_token_ms"] <= line["first_byte_ms"] <= line["duration_ms"]
    assert not {"client_left", "error"} & line.keys()
    assert (failure["status"], failure["error"], failure.get("model")) == (404, "model_not_found", None)
    assert failure["request_id"] == failed.headers["x-request-id"]


def test_a_client_that_leaves_before_the_response_is_499(tmp_path: Path) -> None:
    """As in the logs of nginx; the metrics of the page call it gone."""
    path = tmp_path / "access.log"
    with run_scripted_edge(access_log="json", access_log_file=path) as edge:
        edge.text.hold()
        address = urlsplit(edge.url)
        with socket.create_connection((address.hostname, address.port or 0), timeout=TIMEOUT) as connection:
            body = json.dumps(BODY)
            head = f"POST {CHAT} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer pg_local\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall((head + body).encode())
            wait_until(lambda: edge.chat_queue.running == 1)
        wait_until(lambda: len(read_lines(path)) == 1)
        edge.text.released.set()
    (line,) = read_lines(path)
    assert (line["status"], line["client_left"], line["model"]) == (499, True, CHAT_MODEL)


def test_the_page_is_not_recorded(tmp_path: Path) -> None:
    """It reads the state of the edge each second."""
    path = tmp_path / "access.log"
    with run_scripted_edge(access_log="json", access_log_file=path) as edge:
        assert httpx.get(f"{edge.url}/_page/page.css").status_code < 500
        assert httpx.get(f"{edge.url}/livez").status_code == 200
        wait_until(lambda: len(read_lines(path)) == 1)
    assert [line["path"] for line in read_lines(path)] == ["/livez"]


# Lines


def record(**changes: Any) -> RequestRecord:
    fields = {"request_id": "req_1", "time": 0.0, "started_at": 10.0, "ended_at": 10.5, "status": 200} | changes
    return RequestRecord("GET", "/health", "::1", **fields)


def test_a_text_line_is_for_people() -> None:
    """Time, status, method, path and duration, then what else is known."""
    line = to_text_line(record(key="alice", model="m", output_tokens=2))
    assert line == (
        "1970-01-01T00:00:00.000Z 200 GET /health 500.0 ms request_id=req_1 client=::1 bytes_received=0 bytes_sent=0 "
        "model=m output_tokens=2 key=alice"
    )


@pytest.mark.parametrize("to_line", [to_json_line, to_text_line])
def test_a_line_is_one_line(to_line: Any) -> None:
    """Whatever a client writes into a path."""
    line = to_line(record() if to_line is None else RequestRecord("GET", "/a\n\x1b[31m\u2028\udc80" + "x" * 9999, None))
    assert line.isascii() or line.isprintable()
    assert len(line.splitlines()) == 1
    assert len(line) < 1000
    line.encode()


def test_a_file_that_is_moved_away_is_opened_again(tmp_path: Path) -> None:
    """As logrotate does it."""
    path, old = tmp_path / "access.log", tmp_path / "access.log.1"
    log = AccessLog("json", path)
    log(record())
    wait_until(path.read_text)
    path.rename(old)
    log(record())
    log.close()
    assert [len(item.read_text().splitlines()) for item in (old, path)] == [1, 1]


def test_lines_that_cannot_be_written_are_counted(monkeypatch: pytest.MonkeyPatch, caplog: Any, tmp_path: Path) -> None:
    """A full queue does not delay the requests; the log says it once."""
    monkeypatch.setattr(access_log, "_MAX_WAITING", 2)
    log = AccessLog("json", tmp_path / "access.log")
    blocked, entered = threading.Event(), threading.Event()

    def write(line: str) -> None:
        entered.set()
        blocked.wait(TIMEOUT)
        raise OSError("no space left")

    log._write = write  # type: ignore[method-assign]
    log(record())
    assert entered.wait(TIMEOUT)
    for _ in range(5):
        log(record())
    assert log.lost == 3
    blocked.set()
    log.close()
    assert log.lost == 6
    assert len([item for item in caplog.records if "access log" in item.message]) == 1


def test_the_style_depends_on_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """JSON for what collects logs."""
    assert access_log.default_style() == "json"
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert access_log.default_style() == "text"


# Metrics


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda item: item.name)
def test_operations_have_the_names_of_the_sdk(operation: Any) -> None:
    """Spans and metrics of the client have the same `gen_ai.operation.name`."""
    assert OPERATION_NAMES.get(operation.name) == describe(operation).name


def test_latencies_are_histograms(fake_edge: ScriptedEdge) -> None:
    """By operation and model, with units in their names; time per token only where there are several."""
    httpx.post(fake_edge.url + CHAT, json=BODY, headers=HEADERS, timeout=TIMEOUT)
    wait_until(fake_edge.is_idle)
    samples = read_samples(fake_edge)
    labels = {"gen_ai_operation_name": "chat", "gen_ai_response_model": CHAT_MODEL}
    for name in ("request_duration", "time_to_first_token", "time_per_output_token"):
        assert sum_samples(samples, f"gen_ai_server_{name}_seconds_count", **labels) >= 1, name
    assert sum_samples(samples, "gen_ai_server_request_duration_seconds_count", error_type="", **labels) >= 1


def test_the_state_is_in_the_metrics() -> None:
    """Queues, requests in progress, models in memory and their weights, the process."""
    with run_scripted_edge() as edge:
        edge.text.hold()
        with httpx.stream("POST", edge.url + CHAT, json=BODY | {"stream": True}, headers=HEADERS) as response:
            chunks = response.iter_raw()  # garbage collection would close it
            next(chunks)
            samples = read_samples(edge)
        edge.text.released.set()
    assert sum_samples(samples, "polargrid_edge_requests_in_progress", operation="chat_completion") == 1
    assert sum_samples(samples, "polargrid_edge_queue_running", queue="chat") == 1
    assert sum_samples(samples, "polargrid_edge_queue_waiting") == 0
    assert sum_samples(samples, "polargrid_edge_queue_limit", queue="chat") == 16
    assert sum_samples(samples, "polargrid_edge_model_loaded") == 1
    assert sum_samples(samples, "polargrid_edge_model_weights_bytes", model=CHAT_MODEL) > 1e6
    assert sum_samples(samples, "polargrid_edge_build_info", node="local") == 1
    assert not [name for name, _ in samples if name.endswith("_created")]


def test_two_edges_count_for_themselves() -> None:
    """Nothing is global."""
    first, second = PrometheusMetrics(), PrometheusMetrics()
    first.count(record(operation="health"))
    assert b'operation="health"' in first.render("")[0]
    assert b'operation="health"' not in second.render("")[0]


@pytest.mark.parametrize(("metrics", "statuses"), [("open", (200, 200)), ("key", (401, 200)), ("off", (401, 404))])
def test_who_may_read_the_metrics(metrics: str, statuses: tuple[int, int]) -> None:
    """Everyone, those with a key, nobody."""
    with run_scripted_edge(metrics=metrics) as edge:
        url = f"{edge.url}/metrics"
        assert (httpx.get(url).status_code, httpx.get(url, headers=HEADERS).status_code) == statuses


def test_openmetrics_is_served_to_who_accepts_it(fake_edge: ScriptedEdge) -> None:
    """As Prometheus does; without a preference it is the text format."""
    accept = "application/openmetrics-text;version=1.0.0"
    response = httpx.get(f"{fake_edge.url}/metrics", headers={"Accept": accept})
    assert response.headers["content-type"].startswith(accept.replace(";", "; "))
    assert response.text.endswith("# EOF\n")
    assert httpx.get(f"{fake_edge.url}/metrics").headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("changes", "error_type"),
    [
        ({}, ""),
        ({"status": 429, "error": "rate_limit_exceeded"}, "429"),
        ({"status": None, "client_left": True}, "499"),
        ({"client_left": True}, "client_left"),
        ({"error": "internal_error"}, "stream"),
    ],
)
def test_failures_have_a_type(changes: dict[str, Any], error_type: str) -> None:
    """Of few values, as each is a series of its own."""
    assert find_error_type(record(**changes)) == error_type


# Probes


def test_probes_need_no_key(fake_edge: ScriptedEdge) -> None:
    """They are JSON, and are not cached."""
    for path, status in (("/livez", "ok"), ("/readyz", "ready")):
        response = httpx.get(fake_edge.url + path)
        assert (response.status_code, response.json()) == (200, {"status": status})
        assert response.headers["cache-control"] == "no-store"
        assert httpx.head(fake_edge.url + path).status_code == 200
    assert httpx.post(f"{fake_edge.url}/readyz", headers=HEADERS).status_code == 405
