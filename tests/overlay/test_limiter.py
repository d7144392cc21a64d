"""The option `limiter`: every attempt takes a place first, and gives it back with what came of it."""

from __future__ import annotations

import asyncio
import math
import os
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import httpx
import pytest
import trio

from polargrid import PolarGrid, PolarGridSync
from polargrid.errors import (
    NetworkError,
    PolarGridError,
    RateLimitError,
    TimeoutError,  # noqa: A004 - the documented name
    ValidationError,
)
from polargrid_batch import AdaptiveLimiter
from polargrid_runtime.limiter import AttemptResult
from polargrid_testing.server import LoopbackServer
from polargrid_testing.steps import Answer, Pause, ReceiveRequest, Send, Step
from tests.overlay.conftest import HANG_TIMEOUT, KEY
from tests.overlay.faults.scripts import CHAT, DONE, HEALTH, HEALTHY, chunk, stream


class BusyServer:
    """A server that processes some requests at once, and refuses the others."""

    def __init__(self, slots: int, seconds: float = 0.01) -> None:
        self._places, self._seconds = slots, seconds
        self.busy = self.most = self.refusals = 0

    def on_connect(self) -> None: ...

    def on_head(self, _request: Any) -> None: ...

    async def respond(self, _request: Any) -> AsyncIterator[Step]:
        if self.busy >= self._places:
            self.refusals += 1
            answer = Answer.json({"error": {"message": "full"}}, status=429)
        else:
            self.busy += 1
            self.most = max(self.most, self.busy)
            yield Pause(self._seconds)
            self.busy -= 1
            answer = Answer.json(HEALTH)
        for step in answer.steps():
            yield step


@pytest.fixture
def start_busy():
    """Start a server with so many slots: its handler, and its URL."""
    servers = []

    def start(slots: int) -> tuple[BusyServer, str]:
        handler = BusyServer(slots)
        servers.append(LoopbackServer(handler))
        return handler, servers[-1].url

    yield start
    for server in servers:
        server.close()


def call_many(connect: Any, client: Any, count: int) -> list[Any]:
    """Check the health this often at once: tasks of the async client, threads of the sync one."""
    if connect.name == "sync":
        with ThreadPoolExecutor(count) as pool:
            return list(pool.map(lambda _: client.native.health(), range(count)))

    async def call_all() -> list[Any]:
        return await asyncio.gather(*(client.native.health() for _ in range(count)))

    return connect.run(call_all())


def test_no_more_requests_than_places(connect, start_busy):
    """The others wait in line; each place is given back."""
    server, url = start_busy(100)
    limiter = AdaptiveLimiter(ceiling=3)
    client = connect(base_url=url, limiter=limiter)
    assert len(call_many(connect, client, 20)) == 20
    assert server.most == 3
    assert (limiter.in_flight(url), limiter.limit(url)) == (0, 3)


@pytest.mark.parametrize("transport", ["httpx", "fast"])
def test_no_call_is_lost_to_refusals(connect, start_busy, transport):
    """The limit falls towards the slots of the server, and the retry budget does not end a call."""
    server, url = start_busy(4)
    limiter = AdaptiveLimiter(start=40)
    client = connect(base_url=url, limiter=limiter, max_retries=8, transport=transport)
    assert len(call_many(connect, client, 60)) == 60
    assert server.refusals
    assert limiter.limit(url) < 40
    assert limiter.in_flight(url) == 0


def test_clients_share_a_limiter(start_busy):
    """Those of threads and of event loops."""
    server, url = start_busy(100)
    limiter = AdaptiveLimiter(start=2, ceiling=2)

    async def call_async() -> None:
        async with PolarGrid(base_url=url, api_key=KEY, limiter=limiter) as client:
            await asyncio.gather(*(client.health() for _ in range(10)))

    def call_sync() -> None:
        with PolarGridSync(base_url=url, api_key=KEY, limiter=limiter) as client, ThreadPoolExecutor(10) as pool:
            list(pool.map(lambda _: client.health(), range(10)))

    threads = [threading.Thread(target=call) for call in (call_sync, lambda: asyncio.run(call_async()))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(HANG_TIMEOUT)
    assert server.most == 2
    assert limiter.in_flight(url) == 0


def test_trio(start_busy):
    """Tasks of trio wait in the same line."""
    server, url = start_busy(100)
    limiter = AdaptiveLimiter(start=2, ceiling=2)

    async def main() -> None:
        async with PolarGrid(base_url=url, api_key=KEY, limiter=limiter) as client, trio.open_nursery() as nursery:
            for _ in range(10):
                nursery.start_soon(client.health)

    trio.run(main)
    assert server.most == 2
    assert limiter.in_flight(url) == 0


def test_stream_holds_its_place_until_it_is_closed(connect, serve):
    """A call beside it waits, and the deadline covers the wait."""
    server = serve(stream(chunk("Hello"), chunk(" world"), DONE), respond_once)
    limiter = AdaptiveLimiter(start=1, ceiling=1)
    client = connect(base_url=server.url, limiter=limiter)
    response = client.chat.completions.create(**CHAT, stream=True)
    next(response)
    assert limiter.in_flight(server.url) == 1
    with pytest.raises(TimeoutError, match=r"deadline of 0.05 s exceeded while the call waited") as caught:
        client.health(deadline=0.05)
    assert not caught.value.sent
    assert len(server.requests) == 1
    response.close()
    assert limiter.in_flight(server.url) == 0
    assert client.health().status == "healthy"


def respond_once():
    yield ReceiveRequest()
    yield Send(HEALTHY)


def test_stream_that_is_read_to_its_end_counts_as_a_success(connect, serve):
    """The slow start goes on."""
    server = serve(stream(chunk("Hello"), DONE))
    limiter = AdaptiveLimiter(start=1)
    client = connect(base_url=server.url, limiter=limiter)
    assert list(client.chat.completions.create(**CHAT, stream=True))
    assert (limiter.in_flight(server.url), limiter.limit(server.url)) == (0, 2)


REFUSED = httpx.Response(429, headers={"retry-after": "30"}, json={"error": {"message": "slow down"}})


def test_retry_after_holds_the_calls_that_follow(connect):
    """None of them is sent before."""
    limiter = AdaptiveLimiter()
    client = connect(REFUSED, limiter=limiter, base_url="http://edge.test")
    with pytest.raises(RateLimitError):
        client.health()
    with pytest.raises(TimeoutError, match="waited for its limiter"):
        client.health(deadline=0.05)
    assert len(client.requests) == 1
    assert limiter.in_flight("http://edge.test") == 0


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (httpx.ConnectError("refused"), NetworkError),
        (httpx.Response(500, json={}), PolarGridError),
        (httpx.Response(200, content=b"{"), PolarGridError),
        (RuntimeError("of a hook"), RuntimeError),
    ],
)
def test_place_is_given_back_whatever_fails(connect, response, kind):
    """No failure keeps one."""
    limiter = AdaptiveLimiter(start=1, ceiling=1)
    client = connect(response, limiter=limiter, base_url="http://edge.test")
    for _ in range(3):
        with pytest.raises(kind):
            client.health()
    assert limiter.in_flight("http://edge.test") == 0


def test_cancelled_wait_gives_nothing_away(start_busy):
    """Neither a task that waits nor one that has its place keeps it."""
    server, url = start_busy(100)
    limiter = AdaptiveLimiter(start=1, ceiling=1)

    async def main() -> None:
        async with PolarGrid(base_url=url, api_key=KEY, limiter=limiter) as client:
            tasks = [asyncio.create_task(client.health()) for _ in range(6)]
            await tasks[0]
            for task in tasks[1:5]:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
            assert (await tasks[5]).status == "healthy"

    asyncio.run(main())
    assert limiter.in_flight(url) == 0
    assert server.most == 1


def test_stream_that_waits_can_be_closed_by_another_thread(serve):
    """It leaves the line."""
    server = serve(respond_once)
    limiter = AdaptiveLimiter(start=1, ceiling=1)
    is_waiting = threading.Event()
    slot = limiter.admit(server.url, lambda: None)
    assert slot.poll() == 0
    admit = limiter.admit

    def note(base_url: str, wake: Callable[[], object]) -> Any:
        admission = admit(base_url, wake)
        is_waiting.set()
        return admission

    limiter.admit = note  # type: ignore[method-assign]
    with PolarGridSync(base_url=server.url, api_key=KEY, limiter=limiter) as client:
        response = client.chat_completion_stream(CHAT)
        errors: list[Exception] = []

        def read() -> None:
            try:
                next(response)
            except Exception as error:  # noqa: BLE001 - it is examined below
                errors.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        assert is_waiting.wait(HANG_TIMEOUT)
        response.close()
        thread.join(HANG_TIMEOUT)
        assert "closed" in str(errors[0])
        slot.end(AttemptResult())
        assert limiter.in_flight(server.url) == 0
        assert client.health().status == "healthy"


# The line of one server, without a client


def test_line_is_served_in_order():
    """First come, first served; who leaves it is passed over."""
    woken: list[str] = []
    limiter = AdaptiveLimiter(start=1, ceiling=1, clock=lambda: 0.0)
    line = {name: limiter.admit("a", lambda name=name: woken.append(name)) for name in "ABCD"}
    assert [line[name].poll() for name in "ABCD"] == [0, math.inf, math.inf, math.inf]
    line["B"].end(AttemptResult())
    woken.clear()
    line["A"].end(AttemptResult(200))
    assert woken[0] == "C"
    assert [line[name].poll() for name in "CD"] == [0, math.inf]
    line["C"].end(AttemptResult())
    line["C"].end(AttemptResult())
    assert line["D"].poll() == 0
    assert limiter.in_flight("a") == 1


def test_first_in_line_asks_again_when_a_hold_ends():
    """And wakes who is next."""
    now = [0.0]
    limiter = AdaptiveLimiter(start=3, ceiling=3, clock=lambda: now[0])
    slots = [limiter.admit("a", lambda: None) for _ in range(3)]
    assert [slot.poll() for slot in slots] == [0, 0, 0]
    woken: list[str] = []
    second, third = (limiter.admit("a", lambda name=name: woken.append(name)) for name in ("second", "third"))
    slots[0].end(AttemptResult(429, {"retry-after": "10"}))
    slots[1].end(AttemptResult())
    slots[2].end(AttemptResult())
    assert second.poll() == pytest.approx(10.0)
    assert third.poll() == math.inf
    now[0] = 10.0
    assert second.poll() == 0
    assert woken[-1] == "third"
    assert 0 < third.poll() < 1


def test_servers_have_lines_of_their_own():
    """A rate counts for all of them."""
    limiter = AdaptiveLimiter(start=1, ceiling=1, max_requests_per_minute=60, clock=lambda: 0.0)
    assert limiter.admit("a", lambda: None).poll() == 0
    assert limiter.admit("b", lambda: None).poll() == pytest.approx(1.0)


def test_child_process_starts_with_free_places(monkeypatch):
    """The attempts of its parent do not end there."""
    limiter = AdaptiveLimiter(start=1, ceiling=1)
    of_parent = limiter.admit("a", lambda: None)
    assert of_parent.poll() == 0
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert limiter.admit("a", lambda: None).poll() == 0
    of_parent.end(AttemptResult(200))
    assert limiter.in_flight("a") == 1


def test_copy_shares_the_limiter(connect):
    """`with_options` cannot replace it."""
    limiter = AdaptiveLimiter()
    client = connect(REFUSED, limiter=limiter, base_url="http://edge.test")
    with pytest.raises(RateLimitError):
        client.native.with_options(timeout=3) and connect.run(client.native.with_options(timeout=3).health())
    assert limiter.limit("http://edge.test") == 4
    with pytest.raises(TypeError, match="unknown option 'limiter'"):
        client.native.with_options(limiter=None)


@pytest.mark.parametrize("value", [32, "32", AdaptiveLimiter])
def test_invalid_limiter(connect, value):
    """The message names the class; a class is none."""
    with pytest.raises(ValidationError, match=r"limiter: expected a polargrid_batch.AdaptiveLimiter\(\), not"):
        connect(limiter=value)
