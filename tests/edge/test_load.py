"""The edge under load, for seconds what `make soak` does for minutes: it serves on, and nothing is left of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, TypeVar

import pytest
from starlette.types import Message

from polargrid_edge.server import Edge, running
from polargrid_edge.settings import EdgeSettings
from polargrid_edge.streaming import StreamedResponse
from qa.soak import loads, requests, wire
from qa.soak.counts import Counts, counted, left
from qa.soak.figures import Tally
from qa.soak.served import SETTINGS, little_room

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="what is held is read from /proc")

Made = TypeVar("Made")

TURNS = 600
TURN_SECONDS = 0.05
# The edge serves two at a time, and sixteen wait.
LINE = 18
MANY = 200
MOST_GROWTH_MIB = 64
# More than fits between the edge and a reader with little room.
LARGE = requests.chat(stream=True, logprobs=True, top_logprobs=20, max_tokens=24, temperature=0)


@contextmanager
def serving(settings: EdgeSettings) -> Iterator[Edge]:
    """An edge whose model is loaded, as what is loaded stays."""
    with running(settings) as started:
        little_room(started._socket)
        asyncio.run(wire.ask(started.url, requests.chat()))
        yield started


@pytest.fixture(scope="module")
def edge() -> Iterator[Edge]:
    with serving(SETTINGS) as started:
        yield started


async def together(all_of: Iterable[Coroutine[Any, Any, Made]]) -> list[Made]:
    async with asyncio.TaskGroup() as tasks:
        made = [tasks.create_task(each) for each in all_of]
    return [each.result() for each in made]


async def until(edge: Edge, condition: Callable[[Counts], bool]) -> None:
    """Returns once the edge's counts are such; fails where they do not become so."""
    for _ in range(TURNS):
        if condition(counted(edge)):
            return
        await asyncio.sleep(TURN_SECONDS)
    raise AssertionError(counted(edge))


def nothing_left_of(load: Callable[[], Awaitable[Made]], edge: Edge) -> Made:
    """What the load gives, if all that it took of the edge comes back, and the next chat is answered."""

    async def loading() -> Made:
        before = counted(edge)
        made = await load()
        await until(edge, lambda now: not left(before, now))
        assert (await wire.ask(edge.url, requests.chat())).status == 200
        await until(edge, lambda now: not left(before, now))
        assert counted(edge).rss_mib < before.rss_mib + MOST_GROWTH_MIB
        return made

    return asyncio.run(loading())


def test_many_at_once_are_answered_or_told_when_to_come_back(edge: Edge) -> None:
    """For whom the line has no place gets 429 with Retry-After; what needs no model is always answered."""
    answers = nothing_left_of(
        lambda: together(wire.ask(edge.url, requests.mixed(number)) for number in range(MANY)), edge
    )
    texts, others = [*answers[0::4], *answers[1::4]], [*answers[2::4], *answers[3::4]]
    assert {answer.status for answer in others} == {200}
    assert sum(answer.status == 200 for answer in texts) >= LINE
    refused = [answer for answer in texts if answer.status != 200]
    assert {answer.status for answer in refused} == {429}
    assert all(1 <= int(answer.headers["retry-after"]) <= 60 for answer in refused)


def test_a_reader_that_waits_keeps_nobody_waiting(edge: Edge) -> None:
    """Others are served meanwhile, and its stream is whole when it reads on."""

    async def read_late() -> wire.Answer:
        served = asyncio.Event()
        late = asyncio.create_task(wire.read_slowly(edge.url, LARGE, served.wait))
        await until(edge, lambda now: now.places == 1)
        for sent in (requests.chat(), requests.chat(stream=True), *requests.PLAIN):
            assert (await wire.ask(edge.url, sent)).status == 200
        assert not late.done()
        served.set()
        return await late

    assert nothing_left_of(read_late, edge).body.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize(("make", "reset"), [(requests.chat, False), (requests.completion, True)])
def test_streams_cancelled_halfway_free_their_places(edge: Edge, make: Callable[..., bytes], reset: bool) -> None:
    """As many as the line takes at a time, so that those behind get the places of those before."""
    sent = make(stream=True, max_tokens=requests.LONG, temperature=0.01)
    for _ in range(2):
        heads = nothing_left_of(
            lambda: together(wire.leave(edge.url, sent, 1 + number % 4, reset=reset) for number in range(LINE)), edge
        )
        assert [(head.status, halfway) for head, halfway in heads] == [(200, True)] * LINE


@pytest.mark.parametrize("reset", [False, True])
def test_who_leaves_before_the_answer_frees_its_place(edge: Edge, reset: bool) -> None:
    """At the model or in line."""
    sent = requests.chat(max_tokens=requests.LONG)
    nothing_left_of(lambda: together(wire.cut(edge.url, sent, len(sent), reset=reset) for _ in range(LINE)), edge)


@pytest.mark.parametrize("reset", [False, True])
@pytest.mark.parametrize("sent", requests.uploads(bytes(10_000)), ids=["length", "chunks", "form", "form on disk"])
def test_a_request_cut_anywhere_leaves_nothing(edge: Edge, sent: bytes, reset: bool) -> None:
    """In its head, or anywhere in its body."""
    last = len(sent) - 1
    places = [*range(0, min(last, 400), 40), *range(0, last, last // 4), last]
    nothing_left_of(lambda: together(wire.cut(edge.url, sent, at, reset=reset) for at in places), edge)


def test_who_keeps_the_edge_waiting_is_left() -> None:
    """Who takes no more of an answer, stream or not; who stops in a head or in a body; who never begins."""
    chat = requests.chat()
    waiting = (LARGE, LARGE, requests.MODELS * MANY, chat[:40], chat[:-1], b"")
    with serving(replace(SETTINGS, stall_seconds=1.0)) as edge:

        def left_alone() -> Awaitable[None]:
            return until(edge, lambda now: now.connections == 0)

        came = nothing_left_of(
            lambda: together(wire.read_nothing(edge.url, sent, left_alone) for sent in waiting), edge
        )
    *streams, many, in_head, in_body, silent = came
    assert not any(b"[DONE]" in stream for stream in streams)
    assert many.count(b"HTTP/1.1 200") < MANY
    assert in_head == in_body == silent == b""


def test_a_stream_gives_way_between_two_pieces() -> None:
    """Even where many are ready and its client takes all: else it would keep others from their turn."""
    turns: list[str] = []

    async def ready() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"piece"

    async def send(message: Message) -> None:
        turns.append(message["type"])

    async def other() -> None:
        for _ in range(3):
            turns.append("other")
            await asyncio.sleep(0)

    async def both() -> None:
        response = StreamedResponse(ready(), "text/plain", {})
        await asyncio.gather(response({}, receive, send), other())

    asyncio.run(both())
    begun, *between = turns
    assert begun == "http.response.start"
    assert between[:6] == ["http.response.body", "other"] * 3


async def receive() -> Message:
    return {"type": "http.disconnect"}


def test_all_kinds_of_load_at_once(edge: Edge) -> None:
    """What `make soak` mixes, once each; it takes longer to leave a client alone, which the test above does."""
    warmed, tally = Tally(), Tally()
    everything = asyncio.run(loads.everything(edge.url, warmed))

    async def load(tally: Tally) -> None:
        target = loads.Target(edge.url, everything, tally)
        kinds = [kind for kind in loads.SHARES if kind is not loads.unread]
        await together(kind(target, Random(7)) for kind in kinds)  # noqa: S311  no secret is made of it

    asyncio.run(load(warmed))  # threads and buffers are as many as they get: only what is kept anew is a leak
    nothing_left_of(lambda: load(tally), edge)
    assert [*warmed.faults, *tally.faults] == []
    assert tally.cancelled == 2
