"""Settings, addresses, shutdown, and clients that disconnect."""

from __future__ import annotations

import http.client
import json
import logging
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from polargrid_edge.server import Edge, run_in_thread
from polargrid_edge.settings import LOCAL_KEY, EdgeSettings
from tests.edge.scripted import CHAT_MODEL, HEADERS, TIMEOUT, ScriptedEdge, run_scripted_edge, wait_until

BODY = {"model": CHAT_MODEL, "messages": [{"role": "user", "content": "Count."}], "max_tokens": 2}
STREAM = BODY | {"stream": True}
CHAT = "/v1/chat/completions"


# Settings


def test_the_default_key_is_for_loopback_only() -> None:
    """Another address requires another key."""
    with pytest.raises(ValueError, match="pg_local"):
        EdgeSettings(host="0.0.0.0")  # noqa: S104
    assert EdgeSettings(host="0.0.0.0", keys=frozenset({"mine"})).keys == {"mine"}  # noqa: S104


@pytest.mark.parametrize(
    "changes",
    [
        {"keys": frozenset()},
        {"keys": frozenset({" "})},
        {"waiting": -1},
        {"max_body_bytes": 0},
        {"stall_seconds": 0},
        {"threads": 0},
    ],
)
def test_invalid_settings_are_rejected(changes: dict[str, Any]) -> None:
    """With the name of the setting, before any request."""
    with pytest.raises(ValueError, match=next(iter(changes))):
        EdgeSettings(**changes)


def test_the_environment_sets_keys() -> None:
    """With commas between them."""
    assert EdgeSettings.from_environment({"POLARGRID_EDGE_KEYS": "a, b,"}).keys == {"a", "b"}
    assert EdgeSettings.from_environment({}, port=1).keys == {LOCAL_KEY}


def test_the_repr_of_settings_has_no_keys() -> None:
    """It may be logged."""
    assert "secret" not in repr(EdgeSettings(keys=frozenset({"secret"})))


# Start and stop


def test_a_port_in_use_is_an_error() -> None:
    """With the port in the message, before the edge runs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port}"):
            Edge(EdgeSettings(port=port, chat_model=CHAT_MODEL))


def test_a_stopped_edge_frees_its_port_and_thread() -> None:
    """At the end of the context."""
    before = set(threading.enumerate())
    with run_in_thread(EdgeSettings(port=0, chat_model=CHAT_MODEL)) as edge:
        assert httpx.get(f"{edge.url}/health").status_code == 401
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "edge"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(edge.url)


def test_a_stopping_edge_ends_its_streams() -> None:
    """With an error as the last event, and without `[DONE]`."""
    with run_scripted_edge() as fake_edge:
        fake_edge.text.hold()
        with httpx.stream("POST", fake_edge.url + CHAT, json=STREAM, headers=HEADERS, timeout=TIMEOUT) as response:
            lines = response.iter_lines()
            next(lines)
            fake_edge.edge.stop()
            *_, last = [line for line in lines if line]
    assert json.loads(last.removeprefix("data: "))["error"]["type"] == "server_error"


def test_a_stopping_edge_ends_plain_responses() -> None:
    """With 503, while the model still generates; the model sees a cancelled request."""
    with run_scripted_edge() as fake_edge, ThreadPoolExecutor(1) as threads:
        fake_edge.text.hold()
        pending = threads.submit(httpx.post, fake_edge.url + CHAT, json=BODY, headers=HEADERS, timeout=TIMEOUT)
        wait_until(lambda: fake_edge.chat_queue.running == 1)
        fake_edge.edge.stop()
        response = pending.result(TIMEOUT)
        assert fake_edge.text.cancelled.acquire(timeout=TIMEOUT)
    assert (response.status_code, response.json()["error"]["code"]) == (503, "model_unavailable")


def test_invalid_http_gets_an_error_of_the_api(fake_edge: ScriptedEdge) -> None:
    """400 with a request id."""
    address = urlsplit(fake_edge.url)
    with socket.create_connection((address.hostname, address.port or 0), timeout=TIMEOUT) as connection:
        connection.sendall(b"NO HTTP\r\n\r\n")
        response = http.client.HTTPResponse(connection)
        response.begin()
        error = json.loads(response.read())["error"]
    assert (response.status, error["code"]) == (400, "invalid_http")
    assert response.headers["x-request-id"].startswith("req_")


# Clients that disconnect, and concurrent clients


def test_a_disconnect_frees_the_slots() -> None:
    """With two slots and no queue, a third request gets 429; after two disconnects two requests run at once."""
    with (
        run_scripted_edge(waiting=0) as fake_edge,
        httpx.Client(base_url=fake_edge.url, headers=HEADERS, timeout=TIMEOUT) as client,
    ):
        for _ in range(2):
            fake_edge.text.hold()
            with ExitStack() as stack:
                responses = [stack.enter_context(client.stream("POST", CHAT, json=STREAM)) for _ in range(2)]
                # An iterator that is garbage collected would close its response.
                streams = [response.iter_raw() for response in responses]
                assert all(map(next, streams))
                rejected = client.post(CHAT, json=BODY)
                health = client.get("/health")
            assert rejected.status_code == 429
            assert int(rejected.headers["retry-after"]) >= 1
            assert health.status_code == 200
            assert all(fake_edge.text.cancelled.acquire(timeout=TIMEOUT) for _ in range(2))
            wait_until(fake_edge.is_idle)
        fake_edge.text.released.set()
        assert client.post(CHAT, json=BODY).status_code == 200


def test_a_disconnect_before_the_response_frees_the_slot() -> None:
    """A plain response ends with its client as a stream does."""
    with run_scripted_edge() as fake_edge:
        fake_edge.text.hold()
        address = urlsplit(fake_edge.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT)
        connection.request("POST", CHAT, json.dumps(BODY), HEADERS | {"Content-Type": "application/json"})
        wait_until(lambda: fake_edge.chat_queue.running == 1)
        connection.close()
        assert fake_edge.text.cancelled.acquire(timeout=TIMEOUT)
        wait_until(fake_edge.is_idle)


def test_an_unload_waits_for_the_requests_of_the_model() -> None:
    """The model is unloaded when the last of them ends."""
    with run_scripted_edge() as fake_edge, ThreadPoolExecutor(1) as threads:
        fake_edge.text.hold()
        with httpx.stream("POST", fake_edge.url + CHAT, json=STREAM, headers=HEADERS, timeout=TIMEOUT) as response:
            chunks = response.iter_raw()
            next(chunks)
            body = {"model_name": CHAT_MODEL}
            unload = threads.submit(
                httpx.post, f"{fake_edge.url}/v1/models/unload", json=body, headers=HEADERS, timeout=TIMEOUT
            )
            wait_until(lambda: fake_edge.services.pool.load_queue.running == 1)
            assert not fake_edge.text.closed
            assert not unload.done()
            fake_edge.text.released.set()
            assert b"[DONE]" in b"".join(chunks)
        assert unload.result(TIMEOUT).json()["message"] == "unloaded"
        assert fake_edge.text.closed


def test_concurrent_requests_queue_and_succeed() -> None:
    """Each gets a response of its own."""
    with run_scripted_edge() as fake_edge, ThreadPoolExecutor(8) as threads:

        def complete(tokens: int) -> int:
            body = {"model": CHAT_MODEL, "prompt": "One,", "max_tokens": tokens}
            response = httpx.post(f"{fake_edge.url}/v1/completions", json=body, headers=HEADERS, timeout=TIMEOUT)
            usage: int = response.json()["usage"]["completion_tokens"]
            return usage

        assert list(threads.map(complete, range(1, 9))) == list(range(1, 9))
        wait_until(fake_edge.is_idle)


def test_a_failure_of_a_backend_is_an_internal_error(fake_edge: ScriptedEdge, caplog: pytest.LogCaptureFixture) -> None:
    """The response has the id of the log entry, and no details."""
    fails = BODY | {"messages": [{"role": "user", "content": None}], "max_tokens": 1}
    original = fake_edge.text.chat_stream

    def raise_error(body: Any, on_chunk: Any) -> None:
        raise ZeroDivisionError("a detail")

    fake_edge.text.chat_stream = raise_error  # type: ignore[method-assign]
    try:
        with caplog.at_level(logging.ERROR, "polargrid_edge"):
            response = httpx.post(fake_edge.url + CHAT, json=fails, headers=HEADERS, timeout=TIMEOUT)
    finally:
        fake_edge.text.chat_stream = original  # type: ignore[method-assign]
    assert response.status_code == 500
    assert "a detail" not in response.text
    assert response.headers["x-request-id"] in caplog.text
