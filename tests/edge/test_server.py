"""The server itself: where it listens, how it stops, who waits, who goes away."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlsplit

import anyio
import httpx
import pytest

from polargrid_edge.errors import EdgeError
from polargrid_edge.queueing import Line, retry_after
from polargrid_edge.server import Edge, running
from polargrid_edge.settings import LOCAL_KEY, EdgeSettings
from polargrid_edge.streaming import Pipe

SMALL = EdgeSettings(port=0, chat_model="smollm2-135m")
LONG = {
    "model": "smollm2-135m",
    "messages": [{"role": "user", "content": "Count to a thousand."}],
    "max_tokens": 4096,
    "temperature": 0,
    "stream": True,
}


# Settings


def test_an_edge_for_others_needs_a_key_of_its_own() -> None:
    """The key that all know is for the own machine alone."""
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
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    """At once, not at the first request."""
    with pytest.raises(ValueError, match=next(iter(changes))):
        EdgeSettings(**changes)


def test_keys_come_from_the_environment() -> None:
    """With commas between them."""
    assert EdgeSettings.from_environment({"POLARGRID_EDGE_KEYS": "a, b,"}).keys == {"a", "b"}
    assert EdgeSettings.from_environment({}, port=1).keys == {LOCAL_KEY}


def test_keys_are_not_shown() -> None:
    """Settings may end in a log."""
    assert "secret" not in repr(EdgeSettings(keys=frozenset({"secret"})))


# The server


def test_a_taken_port_is_told() -> None:
    """Before anything runs, with the port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"port {port}"):
            Edge(EdgeSettings(port=port, chat_model="smollm2-135m"))


def test_a_stopped_edge_is_gone() -> None:
    """Its port is free and its thread has ended."""
    before = set(threading.enumerate())
    with running(SMALL) as edge:
        assert httpx.get(f"{edge.url}/health").status_code == 401
    assert not [thread for thread in set(threading.enumerate()) - before if thread.name == "edge"]
    with pytest.raises(httpx.ConnectError):
        httpx.get(edge.url)


def test_a_stopping_edge_ends_its_streams() -> None:
    """With an error as the last event, and no `[DONE]`."""
    with running(SMALL) as edge:
        headers = {"Authorization": "Bearer pg_local"}
        with httpx.stream("POST", f"{edge.url}/v1/chat/completions", json=LONG, headers=headers, timeout=60) as answer:
            lines = answer.iter_lines()
            next(lines)
            edge.stop()
            *_, last = [line for line in lines if line]
    assert json.loads(last.removeprefix("data: "))["error"]["type"] == "server_error"


def test_what_is_no_http_gets_an_answer_of_the_api(edge: Edge) -> None:
    """400 in the API's shape, with a request id."""
    place = urlsplit(edge.url)
    with socket.create_connection((place.hostname, place.port or 0), timeout=60) as raw:
        raw.sendall(b"NO HTTP\r\n\r\n")
        answer = http.client.HTTPResponse(raw)
        answer.begin()
        told = json.loads(answer.read())
    assert (answer.status, told["error"]["code"]) == (400, "invalid_http")
    assert answer.headers["x-request-id"].startswith("req_")


def test_a_stopping_edge_ends_whole_answers_too() -> None:
    """503 at once, not after thousands of tokens; a client that went away is the same to the model."""
    with running(SMALL) as edge:
        headers = {"Authorization": "Bearer pg_local", "Content-Type": "application/json"}
        place = urlsplit(edge.url)
        asking = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
        asking.request("POST", "/v1/chat/completions", json.dumps(LONG | {"stream": False}), headers)
        # It is asked first, so the model has it by the time another has its first token.
        with httpx.stream("POST", f"{edge.url}/v1/chat/completions", json=LONG, headers=headers, timeout=60) as other:
            next(other.iter_raw())
            edge.stop()
            answer = asking.getresponse()
            told = json.loads(answer.read())
        asking.close()
    assert (answer.status, told["error"]["code"]) == (503, "model_unavailable")


def test_a_client_that_goes_frees_its_place() -> None:
    """Where two run at a time and none may wait, two that left keep nobody out."""
    with running(EdgeSettings(port=0, chat_model="smollm2-135m", waiting=0)) as edge:
        headers = {"Authorization": "Bearer pg_local"}
        with httpx.Client(base_url=edge.url, headers=headers, timeout=60) as client:
            with (
                client.stream("POST", "/v1/chat/completions", json=LONG) as first,
                client.stream("POST", "/v1/chat/completions", json=LONG) as second,
            ):
                next(first.iter_raw())
                next(second.iter_raw())
                refused = client.post("/v1/chat/completions", json=LONG)
                health = client.get("/health")
            assert refused.status_code == 429
            assert int(refused.headers["retry-after"]) >= 1
            assert health.status_code == 200
            # An unload waits until the requests of the model have ended.
            assert client.post("/v1/models/unload", json={"model_name": "smollm2-135m"}).status_code == 200
            assert client.post("/v1/chat/completions", json=LONG | {"max_tokens": 1}).status_code == 200


def test_many_at_once_all_get_their_answer(client: httpx.Client) -> None:
    """They wait in line, each for its own answer."""

    def ask(number: int) -> str:
        body = {"model": "smollm2-135m", "prompt": f"{number},", "max_tokens": 2}
        answer: str = client.post("/v1/completions", json=body).json()["id"]
        return answer

    with ThreadPoolExecutor(8) as threads:
        assert len(set(threads.map(ask, range(8)))) == 8


# The line and the pipe


@pytest.mark.parametrize(
    ("waiting", "running_now", "each", "seconds"), [(0, 2, 0.1, 1), (3, 2, 4.0, 8), (99, 1, 30.0, 60)]
)
def test_when_to_come_back(waiting: int, running_now: int, each: float, seconds: int) -> None:
    """Whole seconds: as long as the line takes, at least one, at most a minute."""
    assert retry_after(waiting, running_now, each) == seconds


def test_who_finds_the_line_full_is_refused() -> None:
    """429, and when to come back."""

    async def join_three() -> EdgeError:
        line = Line("test", running=1, waiting=1)
        entered = anyio.Event()

        async def wait() -> None:
            entered.set()
            async with line.turn():
                pass

        async with line.turn(), anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            await entered.wait()
            with pytest.raises(EdgeError) as refused:
                async with line.turn():
                    pass
            tasks.cancel_scope.cancel()
        return refused.value

    error = anyio.run(join_three)
    assert (error.status, error.headers) == (429, {"Retry-After": "2"})


def test_who_leaves_the_line_makes_room() -> None:
    """A place in line that was given up is free."""

    async def give_up_and_join() -> float:
        line = Line("test", running=1, waiting=1)
        async with line.turn():
            with anyio.move_on_after(0.01):
                async with line.turn():
                    pass
            with anyio.move_on_after(0.01) as second:
                async with line.turn():
                    pass
            assert second.cancelled_caught
        async with line.turn() as waited:
            return waited

    assert anyio.run(give_up_and_join) < 1


def test_a_slow_reader_holds_the_writer_back() -> None:
    """No more than the bound is made ahead; a reader that goes ends the writing."""

    async def read_one() -> tuple[int, int]:
        line = Line("test", running=1, waiting=0)
        made: list[int] = []
        full = threading.Event()

        def work(pipe: Pipe[int]) -> None:
            while True:
                made.append(len(made))
                if len(made) == 65:
                    full.set()
                if pipe.put(made[-1]):
                    return

        async with AsyncExitStack() as closing:
            pipe = line.stream(work, closing)
            await anyio.to_thread.run_sync(full.wait)
            ahead = len(made)
            first = await anext(pipe)
        line.close()
        return ahead, first

    assert anyio.run(read_one) == (65, 0)


def test_a_failure_of_the_writer_reaches_the_reader() -> None:
    """After what was made before it."""

    async def read_all() -> list[int]:
        line = Line("test", running=1, waiting=0)

        def work(pipe: Pipe[int]) -> None:
            pipe.put(1)
            raise EdgeError(400, "No more.", "invalid_value")

        got: list[int] = []
        async with AsyncExitStack() as closing:
            pipe = line.stream(work, closing)
            with pytest.raises(EdgeError, match="No more"):
                got.extend([item async for item in pipe])
            with pytest.raises(EdgeError):
                await anext(pipe)
        line.close()
        return got

    anyio.run(read_all)
