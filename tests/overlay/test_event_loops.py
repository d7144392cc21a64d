"""What a program does with the async client, on each event loop and over each transport."""

import asyncio
import json

import pytest

from polargrid import NetworkError, PolarGrid, TimeoutError  # noqa: A004 - the documented name
from polargrid_testing.steps import ReceiveRequest, Send, render_chunk
from tests.overlay.conftest import HANG_TIMEOUT, TRANSPORTS
from tests.overlay.faults.scripts import (
    CHAT,
    COMPLETION,
    DONE,
    EVENT_STREAM,
    HEALTHY,
    chunk,
    response,
    response_head,
    wait_for_disconnect,
)


class Server:
    """A script that responds to whatever the SDK sends; `fail` and `stall` are models that do not respond."""

    def __call__(self):
        while (request := (yield ReceiveRequest())).line:
            if "/transcriptions" in request.line:
                yield Send(response({"text": f"{request.body.count(b'x')} bytes"}))
            elif request.line.startswith("GET"):
                yield Send(HEALTHY)
            elif (body := json.loads(request.body))["model"] in ("fail", "stall"):
                return (yield from wait_for_disconnect()) if body["model"] == "stall" else None
            elif body.get("stream"):
                yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
                for data in (chunk("a"), chunk("b"), DONE, b""):
                    yield Send(render_chunk(data))
            else:
                yield Send(response(COMPLETION))
        return None


@pytest.fixture(params=TRANSPORTS)
def run_client(request, run_loop, serve, key):
    """`run_client(use)`: await `use(client)` in each kind of event loop; return its result and the server."""

    def run(use, **options):
        server = serve(Server())

        async def main():
            options.setdefault("max_retries", 0)
            client = PolarGrid(api_key=key, base_url=server.url, transport=request.param, **options)
            async with client, asyncio.timeout(HANG_TIMEOUT):
                return await use(client)

        return run_loop(main()), server

    return run


def test_calls_share_a_connection(run_client):
    """Calls, streams and uploads, one after another, use one connection."""

    async def use(client):
        texts = [(await client.chat_completion(CHAT)).choices[0].message.content]
        texts += [item.choices[0].delta.content async for item in client.chat_completion_stream(CHAT)]
        upload = ("a.wav", b"x" * 300_000)
        texts.append((await client.transcribe(upload, {"model": "m"})).text)
        return [*texts, (await client.health()).status]

    result, server = run_client(use)
    assert result == ["Hi", "a", "b", "300000 bytes", "healthy"]
    assert server.connections == 1


def test_tasks_have_connections_of_their_own(run_client):
    """Twenty tasks call at the same time, over four connections."""

    async def use(client):
        calls = [client.health() if number % 2 else client.chat_completion(CHAT) for number in range(20)]
        return len(await asyncio.gather(*calls))

    result, server = run_client(use, max_connections=4)
    assert result == 20
    assert server.connections <= 4


def test_left_stream(run_client):
    """The connection of a stream that is left early is not used again."""

    async def use(client):
        async for item in client.chat_completion_stream(CHAT):
            assert item.choices[0].delta.content == "a"
            break
        return (await client.health()).status

    assert run_client(use)[0] == "healthy"


def test_cancelled_call(run_client):
    """A call that is cancelled closes its connection, and the client works on."""

    async def use(client):
        call = asyncio.create_task(client.chat_completion({**CHAT, "model": "stall"}))
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(call, 0.05)
        assert call.cancelled()
        return (await client.health()).status

    result, server = run_client(use)
    assert result == "healthy"
    assert server.connections == 2


@pytest.mark.parametrize(("model", "error"), [("fail", NetworkError), ("stall", TimeoutError)])
def test_failed_call(run_client, model, error):
    """A call that fails raises an exception of the SDK, and the client works on."""

    async def use(client):
        with pytest.raises(error):
            await client.chat_completion({**CHAT, "model": model}, timeout=0.05 if model == "stall" else HANG_TIMEOUT)
        return (await client.health()).status

    assert run_client(use)[0] == "healthy"
