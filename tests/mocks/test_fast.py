"""`transport="fast"` does not use httpx, and says so once if a tool that patches httpx is active."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from unittest import mock

import logfire
import pytest
import respx
import vcr
from conftest import KEY, REQUEST
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor, HTTPXClientInstrumentor

from polargrid import PolarGrid


@contextmanager
def _instrument(instrument: Callable[[], object]):
    instrument()
    yield
    HTTPXClientInstrumentor().uninstrument()
    HTTPX2ClientInstrumentor().uninstrument()


def _instrument_by_logfire() -> None:
    logfire.configure(send_to_logfire=False, console=False, inspect_arguments=False)
    logfire.instrument_httpx()


#: What each tool is seen as, and what makes it active.
TOOLS: dict[str, tuple[str, Callable[[], AbstractContextManager[object]]]] = {
    "respx": ("respx", partial(respx.mock, assert_all_called=False)),
    "respx of clients": ("respx", partial(respx.mock, assert_all_called=False, using="httpx")),
    "vcrpy": ("vcr", partial(vcr.use_cassette, "unused.yaml", record_mode="none")),
    "OpenTelemetry": ("opentelemetry", partial(_instrument, HTTPXClientInstrumentor().instrument)),
    "OpenTelemetry of httpx2": ("opentelemetry", partial(_instrument, HTTPX2ClientInstrumentor().instrument)),
    "unittest.mock": ("unittest", partial(mock.patch, "httpx.Client.send")),
    "unittest.mock with autospec": ("another package", partial(mock.patch, "httpx.Client.send", autospec=True)),
    "Logfire": ("opentelemetry", partial(_instrument, _instrument_by_logfire)),
}


@pytest.fixture(params=TOOLS)
def tool(request):
    """Each tool."""
    return TOOLS[request.param]


async def test_a_tool_that_sees_nothing_is_named_once(call, server, tool, fast_warnings):
    """The call is made, and the next one gives no warning."""
    package, activate = tool
    with activate(), fast_warnings(package):
        assert await call("plain", server.url, transport="fast") == "Hello"
        assert await call("plain", server.url, transport="fast") == "Hello"
    assert server.requests == 2


async def test_pytest_httpx_is_named(call, kind, server, httpx_mock, fast_warnings):
    """For a call of each kind."""
    with fast_warnings("pytest_httpx"):
        assert await call(kind, server.url, transport="fast") == "Hello"


async def test_a_tool_is_noticed_when_it_becomes_active(server, tool, fast_warnings):
    """After the client was made and used; the warning names the line of the program."""
    package, activate = tool
    async with PolarGrid(base_url=server.url, api_key=KEY, transport="fast") as client:
        await client.chat_completion(REQUEST)
        with activate(), fast_warnings(package) as caught:
            await client.chat_completion(REQUEST)
    assert caught[0].filename == __file__


async def test_nothing_is_said_after_a_tool_has_ended(call, server, tool):
    """It restores what it replaced."""
    with tool[1]():
        pass
    assert await call("plain", server.url, transport="fast") == "Hello"


async def test_nothing_is_sent_if_the_warning_is_an_error(call, kind, server, fast_warnings):
    """Each call raises it."""
    with respx.mock:
        for _ in range(2):
            with pytest.raises(RuntimeWarning, match="pass transport='httpx'"):
                await call(kind, server.url, transport="fast", max_retries=2)
    assert server.requests == 0


PROGRAM = """
import asyncio, sys
import httpcore, httpx, httpx2
from polargrid import PolarGrid, PolarGridSync

class CacheTransport(httpx.HTTPTransport):
    def handle_request(self, request):
        return super().handle_request(request)

class CacheClient(httpx.AsyncClient):
    async def send(self, request, **options):
        return await super().send(request, **options)

url, request = sys.argv[1], {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
mounted = httpx.Client(mounts={"http://": CacheTransport()}, event_hooks={"request": [print]})

async def main():
    async with PolarGrid(base_url=url, api_key="pg_test_0123456789abcdef", transport="fast") as client, CacheClient():
        return await client.chat_completion(request)

for _ in range(2):
    with PolarGridSync(base_url=url, api_key="pg_test_0123456789abcdef", transport="fast") as client:
        print(client.chat_completion(request).choices[0].message.content)
    print(asyncio.run(main()).choices[0].message.content)
mounted.close()
"""


def test_nothing_is_said_without_a_tool(server):
    """Not if the libraries are imported, nor for subclasses, mounts and hooks of the program."""
    command = [sys.executable, "-W", "error", "-c", PROGRAM, server.url]
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (process.stdout, process.stderr) == ("Hello\n" * 4, "")
