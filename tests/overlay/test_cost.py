"""What the SDK costs, in numbers that do not vary: modules loaded, and functions called. `make bench` has the times."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from polargrid import PolarGrid, PolarGridSync

# What `import polargrid` does not load, and how many modules it does; Python's own start has many of them already.
NOT_WITH_THE_PACKAGE = ("asyncio", "attr", "httpx", "json", "logging", "pydantic", "ssl", "polargrid_generated")
MOST_MODULES = 45  # of 29
# What a client does without: commands and servers, all types until a call needs them, and httpx: the SDK has
# connections of its own. Certificates and what reads them wait for the first https request.
NOT_WITH_A_CLIENT = (
    "anyio",
    "certifi",
    "h11",
    "httpcore",
    "httpx",
    "polargrid_cli",
    "polargrid.types",
    "polargrid_contract",
    "polargrid_edge",
    "polargrid_generated.models",
    "polargrid_generated.raw",
    "trio",
)
NOT_WITH_A_SYNC_CLIENT = ("asyncio", "ssl")  # asyncio loads ssl itself
# Calls of functions, of Python's and of C's, as counted in November 2026; one that costs 40 percent more is a change
# to look at, and one that costs much less is a reason to write down the new number.
CALLS = {"sync": 189, "async": 258}
CALLS_OVER_HTTPX = {"sync": 941, "async": 1726}
CHUNK = {"sync": 28, "async": 28.2}
SLACK = 1.4

REQUEST = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hello"}]}


def loaded(statement: str) -> set[str]:
    """The modules that a statement loads in a fresh interpreter."""
    script = f"import sys; before = set(sys.modules)\n{statement}\nprint(*set(sys.modules) - before)"
    return set(subprocess.run([sys.executable, "-I", "-c", script], check=True, stdout=-1, text=True).stdout.split())


def of(packages: tuple[str, ...], modules: set[str]) -> list[str]:
    """Those of the modules that are one of the packages, or below one."""
    return sorted(name for name in modules if any(f"{name}.".startswith(f"{package}.") for package in packages))


def test_importing_the_package_loads_next_to_nothing():
    """Who imports and does not call waits for none of what calls need."""
    modules = loaded("import polargrid")
    assert of(NOT_WITH_THE_PACKAGE, modules) == []
    assert len(modules) <= MOST_MODULES, sorted(modules)


@pytest.mark.parametrize("kind", ["PolarGrid", "PolarGridSync"])
def test_a_client_loads_no_command_no_server_and_no_types(kind):
    """A script that makes a client to ask for one thing loads what that one thing needs."""
    modules = loaded(f"import polargrid\nclient = polargrid.{kind}(base_url='http://127.0.0.1:1')")
    assert of(NOT_WITH_A_CLIENT, modules) == []
    assert kind == "PolarGrid" or of(NOT_WITH_A_SYNC_CLIENT, modules) == []


class Counted:
    """How many functions are called inside the context, in this thread."""

    calls = 0

    def _count(self, _frame: Any, event: str, _argument: Any) -> None:
        self.calls += event in ("call", "c_call")

    def __enter__(self) -> Counted:
        self._before = sys.getprofile()
        sys.setprofile(self._count)
        return self

    def __exit__(self, *_error: object) -> None:
        sys.setprofile(self._before)


def calls_of_sync(doing: Callable[[], object]) -> int:
    """The calls of one more time, once it is warm."""
    for _ in range(3):
        doing()
    with Counted() as counted:
        doing()
    return counted.calls


async def calls_of_async(doing: Callable[[], Awaitable[object]]) -> int:
    for _ in range(3):
        await doing()
    with Counted() as counted:
        await doing()
    return counted.calls


@pytest.fixture
def chats(serve, spec):
    """An edge that answers every request with a chat."""
    body = json.dumps(spec["chat_completion"].answer).encode()

    def script(connection: Any) -> None:
        for _ in range(4):
            connection.request()
            connection.answer(body)

    return serve(script)


@pytest.fixture
def streams(serve):
    """An edge that answers with as many chunks as the request's `max_tokens` says."""
    choice = {"index": 0, "delta": {"content": "word"}, "finish_reason": None}
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}
    event = b"data: " + json.dumps(chunk).encode() + b"\n\n"

    def script(connection: Any) -> None:
        for _ in range(8):
            count = json.loads(connection.request().body)["max_tokens"]
            connection.answer(event * count + b"data: [DONE]\n\n", media_type="text/event-stream")

    return serve(script)


@pytest.mark.parametrize(("transport", "most"), [("auto", CALLS), ("httpx", CALLS_OVER_HTTPX)])
def test_a_sync_call_costs_what_it_cost(chats, transport, most):
    """No change makes a warm call much dearer without being seen."""
    with PolarGridSync(base_url=chats.url, max_retries=0, transport=transport) as client:
        calls = calls_of_sync(lambda: client.chat_completion(REQUEST))
    assert 0 < calls <= most["sync"] * SLACK


@pytest.mark.parametrize(("transport", "most"), [("auto", CALLS), ("httpx", CALLS_OVER_HTTPX)])
def test_an_async_call_costs_what_it_cost(chats, transport, most):
    """The same, with the event loop's own calls."""

    async def count() -> int:
        async with PolarGrid(base_url=chats.url, max_retries=0, transport=transport) as client:
            return await calls_of_async(lambda: client.chat_completion(REQUEST))

    assert 0 < asyncio.run(count()) <= most["async"] * SLACK


def test_a_chunk_of_a_sync_stream_costs_what_it_cost(streams):
    """What 40 chunks cost more than 20, by chunk."""
    with PolarGridSync(base_url=streams.url, max_retries=0) as client:

        def read(count: int) -> int:
            return calls_of_sync(lambda: list(client.chat_completion_stream({**REQUEST, "max_tokens": count})))

        few, many = read(20), read(40)
    assert 0 < (many - few) / 20 <= CHUNK["sync"] * SLACK


def test_a_chunk_of_an_async_stream_costs_what_it_cost(streams):
    """The same for the async client."""

    async def count() -> float:
        async with PolarGrid(base_url=streams.url, max_retries=0) as client:

            async def read(tokens: int) -> int:
                async def once() -> None:
                    assert [1 async for _ in client.chat_completion_stream({**REQUEST, "max_tokens": tokens})]

                return await calls_of_async(once)

            few, many = await read(20), await read(40)
        return (many - few) / 20

    assert 0 < asyncio.run(count()) <= CHUNK["async"] * SLACK
