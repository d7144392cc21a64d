"""Stopping: SIGTERM completes the requests in progress within the grace time, and rejects new ones."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.edge.scripted import CHAT_MODEL, HEADERS, TIMEOUT, ScriptedEdge, run_scripted_edge, wait_until

CHAT = "/v1/chat/completions"
BODY = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Count."}], "max_tokens": 2}
STREAM = BODY | {"stream": True}


def wait_for_end(edge: ScriptedEdge) -> None:
    """Wait until the edge does not accept connections."""

    def is_closed() -> bool:
        try:
            httpx.get(f"{edge.url}/livez")
        except httpx.TransportError:
            return True
        return False

    wait_until(is_closed)


def is_draining(url: str) -> bool:
    return httpx.get(f"{url}/readyz").status_code == 503


def test_a_drain_completes_what_is_in_progress() -> None:
    """Meanwhile new requests get 503 and the end of their connection, and /readyz says why."""
    with (
        run_scripted_edge() as edge,
        httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as client,
        ThreadPoolExecutor(1) as threads,
    ):
        edge.text.hold()
        assert client.get("/readyz").status_code == 200
        plain = threads.submit(httpx.post, edge.url + CHAT, json=BODY, headers=HEADERS, timeout=TIMEOUT)
        wait_until(lambda: edge.chat_queue.running == 1)
        with client.stream("POST", CHAT, json=STREAM) as stream:
            lines = stream.iter_lines()
            next(lines)
            edge.edge.drain()
            ready = httpx.get(f"{edge.url}/readyz")
            rejected = httpx.post(edge.url + CHAT, json=BODY, headers=HEADERS)
            read = httpx.get(f"{edge.url}/v1/models", headers=HEADERS)
            alive, metrics = httpx.get(f"{edge.url}/livez"), httpx.get(f"{edge.url}/metrics")
            edge.text.released.set()
            *_, last = [line for line in lines if line]
        assert plain.result(TIMEOUT).status_code == 200
        wait_for_end(edge)
    assert last == "data: [DONE]"
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")
    assert ready.json()["reasons"] == ["draining: the edge completes its last requests and then stops"]
    for response in (rejected, read):
        assert (response.status_code, response.json()["error"]["code"]) == (503, "model_unavailable")
        assert (response.headers["retry-after"], response.headers["connection"]) == ("5", "close")
    assert alive.status_code == metrics.status_code == 200
    assert "polargrid_edge_draining 1.0" in metrics.text


def test_a_kept_connection_gets_503_and_ends() -> None:
    """The body of the request is read first, so that the response is not lost with the connection."""
    with (
        run_scripted_edge() as edge,
        httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as client,
        httpx.Client(base_url=edge.url, headers=HEADERS, timeout=TIMEOUT) as other,
    ):
        edge.text.hold()
        assert client.get("/livez").headers.get("connection") is None
        with other.stream("POST", CHAT, json=STREAM) as stream:
            next(stream.iter_raw())
            edge.edge.drain()
            large = BODY | {"messages": [{"role": "user", "content": "x" * 1_000_000}]}
            response = client.post(CHAT, json=large)
            edge.text.released.set()
    assert (response.status_code, response.headers["connection"]) == (503, "close")


def test_an_upload_in_progress_is_completed() -> None:
    """The rest of its body is read, and its response is the last one of the connection."""
    body = json.dumps(BODY).encode()
    with run_scripted_edge(grace=TIMEOUT) as edge:
        started, released = threading.Event(), threading.Event()

        def iter_body() -> Iterator[bytes]:
            yield body[:9]
            started.set()
            assert released.wait(TIMEOUT)
            yield body[9:]

        with ThreadPoolExecutor(1) as threads:
            headers = HEADERS | {"Content-Type": "application/json"}
            upload = threads.submit(httpx.post, edge.url + CHAT, content=iter_body(), headers=headers, timeout=TIMEOUT)
            assert started.wait(TIMEOUT)
            wait_until(lambda: len(edge.edge.active_requests) == 1)
            edge.edge.drain()
            assert is_draining(edge.url)
            released.set()
            response = upload.result(TIMEOUT)
    assert (response.status_code, response.headers["connection"]) == (200, "close")


def test_after_the_grace_time_the_rest_is_cancelled() -> None:
    """A stream gets an error as its last event, and other requests 503."""
    with run_scripted_edge(grace=0.2) as edge, ThreadPoolExecutor(1) as threads:
        edge.text.hold()
        plain = threads.submit(httpx.post, edge.url + CHAT, json=BODY, headers=HEADERS, timeout=TIMEOUT)
        wait_until(lambda: edge.chat_queue.running == 1)
        with httpx.stream("POST", edge.url + CHAT, json=STREAM, headers=HEADERS, timeout=TIMEOUT) as stream:
            lines = stream.iter_lines()
            next(lines)
            edge.edge.drain()
            *_, last = [line for line in lines if line]
        assert plain.result(TIMEOUT).status_code == 503
    assert json.loads(last.removeprefix("data: "))["error"]["type"] == "server_error"


def test_an_idle_edge_ends_at_once() -> None:
    """The stream of the page, which never ends by itself, is not waited for."""
    with run_scripted_edge(grace=TIMEOUT) as edge:
        with httpx.stream("GET", f"{edge.url}/_page/state", headers=HEADERS, timeout=TIMEOUT) as stream:
            chunks = stream.iter_raw()
            next(chunks)
            edge.edge.drain()
            for _ in chunks:
                pass
        wait_for_end(edge)


def test_a_drain_waits_for_slow_readers() -> None:
    """A response is in progress until its client has it, also if the edge has written all of it."""
    from qa.soak.edge_process import shrink_send_buffer

    with run_scripted_edge() as edge:
        shrink_send_buffer(edge.edge._listener)
        with httpx.stream(
            "POST", edge.url + CHAT, json=BODY | {"max_tokens": 20_000}, headers=HEADERS, timeout=TIMEOUT
        ) as response:
            wait_until(lambda: not edge.chat_queue.running)
            edge.edge.drain()
            assert len(response.read()) > 90_000


# Signals


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(second: signal.Signals) -> None:
    """What is in progress gets an error."""
    with run_scripted_edge(grace=TIMEOUT) as edge:
        edge.text.hold()
        with httpx.stream("POST", edge.url + CHAT, json=STREAM, headers=HEADERS, timeout=TIMEOUT) as stream:
            lines = stream.iter_lines()
            next(lines)
            edge.edge._server.handle_exit(signal.SIGTERM, None)
            assert is_draining(edge.url)
            edge.edge._server.handle_exit(second, None)
            *_, last = [line for line in lines if line]
        wait_for_end(edge)
    assert "error" in json.loads(last.removeprefix("data: "))
    assert edge.edge._server._captured_signals == []


def test_further_signals_wait_for_nothing() -> None:
    """A third one, and one after Ctrl-C, force the end; only SIGINT is raised again, as KeyboardInterrupt."""
    for signals in ((signal.SIGTERM, signal.SIGTERM, signal.SIGTERM), (signal.SIGINT, signal.SIGINT)):
        with run_scripted_edge() as edge:
            server = edge.edge._server
            for number in signals:
                assert not server.force_exit
                server.handle_exit(number, None)
            assert server.force_exit
            assert set(server._captured_signals) <= {signal.SIGINT}


PROGRAM = """
import sys, threading, logging, signal
sys.path.insert(0, {root!r})
from pathlib import Path
from polargrid_edge.server import Edge
from tests.edge.scripted import CHAT_MODEL, ScriptedEdge
from polargrid_edge.settings import EdgeSettings
settings = EdgeSettings(port=0, chat_model=CHAT_MODEL, data=Path({data!r}), access_log="json",
                        access_log_file=Path({data!r}) / "access.log")
scripted = ScriptedEdge(settings)
edge = Edge(settings, scripted.services)
scripted.text.hold()
print(edge.url, flush=True)
def release():
    sys.stdin.readline()
    scripted.text.released.set()
threading.Thread(target=release, daemon=True).start()
close = scripted.services.close
def close_after_a_signal():
    signal.raise_signal(signal.SIGTERM)
    close()
scripted.services.close = close_after_a_signal
edge.run()
print("closed", flush=True)
"""


class EdgeProcess:
    """A scripted edge in a process; a line of input releases its held streams."""

    def __init__(self, folder: Path) -> None:
        root = str(Path(__file__).parent.parent.parent)
        program = PROGRAM.format(root=root, data=str(folder))
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def release(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()

    def end(self) -> tuple[int, str]:
        output, _ = self.process.communicate(timeout=TIMEOUT)
        return self.process.returncode, output


@pytest.fixture
def process(tmp_path: Path) -> Any:
    started = EdgeProcess(tmp_path)
    yield started
    started.process.kill()
    started.process.communicate()


@pytest.mark.skipif(os.name != "posix", reason="Windows ends a process without a signal that it could handle")
def test_sigterm_drains_and_ends_with_success(process: EdgeProcess, tmp_path: Path) -> None:
    """The stream is complete, and usage and access log are written, although a further signal comes meanwhile."""
    with httpx.stream("POST", process.url + CHAT, json=STREAM, headers=HEADERS, timeout=TIMEOUT) as stream:
        lines = stream.iter_lines()
        next(lines)
        process.process.send_signal(signal.SIGTERM)
        wait_until(lambda: is_draining(process.url))
        process.release()
        *_, last = [line for line in lines if line]
    assert last == "data: [DONE]"
    assert process.end() == (0, "closed\n")
    statuses = [json.loads(line)["status"] for line in (tmp_path / "access.log").read_text().splitlines()]
    assert {200, 503} <= set(statuses)
    assert (tmp_path / "usage.sqlite3").exists()
