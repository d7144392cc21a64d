"""Many clients at once, slow clients, and clients that disconnect: the edge releases what they used.

`make soak` does the same for minutes with real models, and counts memory, threads and file descriptors.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from typing import Any, TypeVar

import pytest
from starlette.types import Message

from polargrid_edge.http.protocol import EdgeProtocol
from polargrid_edge.http.streaming import StreamedResponse
from qa.soak import raw_http, requests
from qa.soak.edge_process import shrink_send_buffer
from tests.edge.scripted import ScriptedEdge, run_scripted_edge, wait_until

Result = TypeVar("Result")

# The edge runs two requests at a time, and sixteen wait.
CAPACITY = 18
CLIENTS = 60
STREAM = requests.chat(stream=True, max_tokens=requests.LONG)
# Larger than the buffers between the edge and a client with a small buffer.
LARGE_STREAM = requests.chat(stream=True, max_tokens=2000)


@pytest.fixture
def fake_edge() -> Iterator[ScriptedEdge]:
    with run_scripted_edge() as started:
        shrink_send_buffer(started.edge._listener)
        yield started


async def run_all(coroutines: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(coroutine) for coroutine in coroutines]
    return [task.result() for task in running]


def run_and_check_release(load: Callable[[], Awaitable[Result]], fake_edge: ScriptedEdge) -> Result:
    """Run a load; afterwards the edge has no active request and no connection, and responds to a chat."""

    async def run() -> Result:
        return await load()

    result = asyncio.run(run())
    wait_until(lambda: fake_edge.is_idle() and not fake_edge.connections(), fake_edge.connections)
    fake_edge.text.released.set()
    assert asyncio.run(raw_http.fetch(fake_edge.url, requests.chat())).status == 200
    return result


async def wait_for(condition: Callable[[], object]) -> None:
    await asyncio.to_thread(wait_until, condition)


def test_many_requests_get_a_response_or_429(fake_edge: ScriptedEdge) -> None:
    """With a full queue, 429 has Retry-After; requests that need no model always succeed."""
    fake_edge.text.hold()

    async def fill_queue() -> list[raw_http.RawResponse]:
        chats = [asyncio.create_task(raw_http.fetch(fake_edge.url, requests.chat())) for _ in range(CLIENTS)]
        rejected = CLIENTS - CAPACITY
        await wait_for(lambda: sum(task.done() for task in chats) == rejected)
        others = [raw_http.fetch(fake_edge.url, request) for request in requests.STATUS_REQUESTS * 5]
        assert {response.status for response in await run_all(others)} == {200}
        fake_edge.text.released.set()
        return list(await asyncio.gather(*chats))

    responses = run_and_check_release(fill_queue, fake_edge)
    rejected = [response for response in responses if response.status == 429]
    assert sorted(response.status for response in responses) == [200] * CAPACITY + [429] * len(rejected)
    assert len(rejected) == CLIENTS - CAPACITY
    assert all(1 <= int(response.headers["retry-after"]) <= 60 for response in rejected)


def test_a_slow_reader_does_not_block_others(fake_edge: ScriptedEdge) -> None:
    """They get their responses first, and the slow reader gets its complete stream."""

    async def read_late() -> raw_http.RawResponse:
        others_done = asyncio.Event()
        slow = asyncio.create_task(raw_http.read_slowly(fake_edge.url, LARGE_STREAM, others_done.wait))
        await wait_for(lambda: fake_edge.chat_queue.running == 1)
        for request in (requests.chat(), requests.chat(stream=True), *requests.STATUS_REQUESTS):
            assert (await raw_http.fetch(fake_edge.url, request)).status == 200
        assert not slow.done()
        others_done.set()
        return await slow

    assert run_and_check_release(read_late, fake_edge).body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("create", [requests.chat, requests.completion])
def test_cancelled_streams_free_their_slots(fake_edge: ScriptedEdge, create: Callable[..., bytes], reset: bool) -> None:
    """As many as the queue holds: the later ones run in the slots of the earlier ones."""
    fake_edge.text.hold()
    request = create(stream=True, max_tokens=requests.LONG)
    results = run_and_check_release(
        lambda: run_all(raw_http.cancel_stream(fake_edge.url, request, 1, reset=reset) for _ in range(CAPACITY)),
        fake_edge,
    )
    assert [(head.status, cancelled) for head, cancelled in results] == [(200, True)] * CAPACITY


@pytest.mark.parametrize("reset", [False, True])
def test_a_disconnect_before_the_response_frees_slot_and_queue(fake_edge: ScriptedEdge, reset: bool) -> None:
    """Of running and of waiting requests."""
    fake_edge.text.hold()
    request = requests.chat(max_tokens=requests.LONG)

    async def disconnect_all() -> None:
        everyone_waits = asyncio.Event()

        async def disconnect() -> None:
            async with raw_http.connect(fake_edge.url, reset=reset) as connection:
                await connection.send(request)
                await everyone_waits.wait()

        async def release() -> None:
            await wait_for(lambda: fake_edge.chat_queue.running + fake_edge.chat_queue.waiting == 4)
            everyone_waits.set()

        await run_all([release(), *(disconnect() for _ in range(4))])

    run_and_check_release(disconnect_all, fake_edge)


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("index", range(4), ids=["length", "chunks", "form", "form on disk"])
def test_a_request_cut_at_any_byte_is_released(fake_edge: ScriptedEdge, index: int, reset: bool) -> None:
    """In its head or in its body."""
    request = requests.uploads(bytes(10_000))[index]
    last = len(request) - 1
    offsets = [*range(0, min(last, 400), 80), *range(0, last, last // 4), last]
    run_and_check_release(
        lambda: run_all(raw_http.cut_request(fake_edge.url, request, at, reset=reset) for at in offsets), fake_edge
    )


def test_stalled_clients_are_disconnected(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that stop reading a response, stop sending a head or a body, or send nothing."""
    chat = requests.chat()
    stalling = (LARGE_STREAM, LARGE_STREAM, requests.MODELS * 200, chat[:40], chat[:-1], b"")
    with run_scripted_edge(stall_seconds=0.5) as fake_edge:
        shrink_send_buffer(fake_edge.edge._listener)
        disconnected: list[object] = []
        original = EdgeProtocol.connection_lost

        def record_and_disconnect(protocol: EdgeProtocol, error: Exception | None) -> None:
            disconnected.append(protocol)
            original(protocol, error)

        monkeypatch.setattr(EdgeProtocol, "connection_lost", record_and_disconnect)

        async def until_disconnected() -> None:
            await wait_for(lambda: len(disconnected) == len(stalling))

        received = run_and_check_release(
            lambda: run_all(raw_http.read_nothing(fake_edge.url, sent, until_disconnected) for sent in stalling),
            fake_edge,
        )
    *streams, many, in_head, in_body, silent = received
    assert not any(b"[DONE]" in stream for stream in streams)
    assert many.count(b"HTTP/1.1 200") < 200
    assert in_head == in_body == silent == b""


def test_a_stream_yields_to_other_tasks_between_chunks() -> None:
    """Even where all chunks are ready and `send` returns at once."""
    order: list[str] = []

    async def iter_chunks() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"chunk"

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        order.append(message["type"])

    async def run_other() -> None:
        for _ in range(3):
            order.append("other")
            await asyncio.sleep(0)

    async def run_both() -> None:
        response = StreamedResponse(iter_chunks(), "text/plain", {})
        await asyncio.gather(response({}, receive, send), run_other())

    asyncio.run(run_both())
    assert order[0] == "http.response.start"
    assert order[1:7] == ["http.response.body", "other"] * 3
