"""The connections to an upstream server are kept open, and each of their failures names the server."""

import asyncio
import gzip
from contextlib import suppress

import pytest

from polargrid_edge.errors import EdgeError
from polargrid_edge.sources import UpstreamSource
from polargrid_edge.upstream.server import UnreachableError, UpstreamServer
from polargrid_edge.upstream.transport import encode_form
from polargrid_fast import FastError

JSON = '{"a":"é"}'.encode()
RESPONSE = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


def iter_kinds(kind=FastError):
    """The exception and all that are derived of it."""
    yield kind
    for derived in kind.__subclasses__():
        yield from iter_kinds(derived)


async def request_of_server(respond, *requests):
    """What requests to a server get that handles each connection by `respond`."""
    handlers = []

    async def handle(reader, writer):
        handlers.append(asyncio.current_task())
        try:
            await respond(reader, writer)
        finally:
            writer.close()
            await writer.wait_closed()

    listener = await asyncio.start_server(handle, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()
    server = UpstreamServer(UpstreamSource(url=f"http://{host}:{port}"))
    try:
        return [await server.request(*request[:2], **request[2]) for request in requests]
    finally:
        await server.aclose()
        listener.close()
        await asyncio.gather(*handlers)


def test_requests_share_a_connection_and_are_complete():
    """A body of JSON, a form and none arrive with their lengths, one after the other on one connection."""
    connections, heads, bodies = [], [], []

    async def respond(reader, writer):
        connections.append(writer)
        with suppress(asyncio.IncompleteReadError):
            while head := (await reader.readuntil(b"\r\n\r\n")).decode().lower():
                length = head.partition("content-length: ")[2].partition("\r\n")[0]
                heads.append(head)
                bodies.append(await reader.readexactly(int(length or 0)))
                writer.write(RESPONSE)

    content, headers = encode_form({"model": "m"}, {"file": ("a.wav", b"x" * 1_000_000, "audio/wav")})
    form = {"content": content, "headers": headers}
    requests = [("GET", "/a", {}), ("POST", "/b", {"content": JSON}), ("POST", "/c", form), ("POST", "/d", {})]
    assert asyncio.run(request_of_server(respond, *requests)) == [b"{}"] * 4
    assert len(connections) == 1
    assert [head.split()[1] for head in heads] == ["/a", "/b", "/c", "/d"]
    assert bodies[1] == JSON
    assert "multipart/form-data; boundary=" in heads[2]
    assert bodies[2].count(b"x" * 1_000_000) == 1
    assert bodies[0] == bodies[3] == b""
    assert all("accept-encoding: identity\r\n" in head and "user-agent: polargrid-edge\r\n" in head for head in heads)


def test_cut_response_is_unreachable():
    """A connection that closes without a response names the server."""

    async def respond(reader, _):
        await reader.readuntil(b"\r\n\r\n")

    with pytest.raises(UnreachableError, match="does not respond") as raised:
        asyncio.run(request_of_server(respond, ("GET", "/v1/models", {})))
    assert raised.value.is_idle_close


def test_a_body_is_decompressed():
    """Also of a server that was asked not to compress."""
    body = gzip.compress(JSON)
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(body)}\r\n\r\n"

    async def respond(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode() + body)

    assert asyncio.run(request_of_server(respond, ("GET", "/a", {}))) == [JSON]


def test_a_body_that_cannot_be_decompressed():
    """The error names the server, and says what is wrong."""

    async def respond(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc")

    with pytest.raises(EdgeError, match=r"upstream http.* cannot be decompressed"):
        asyncio.run(request_of_server(respond, ("GET", "/a", {})))


@pytest.mark.parametrize("kind", list(iter_kinds()))
def test_failures(kind):
    """Each is an error with the name of the server; one that connects no more is not healthy."""
    server = UpstreamServer(UpstreamSource(url="http://127.0.0.1:9"))
    error = server.to_unreachable(kind("broken"))
    assert "upstream http://127.0.0.1:9" in error.message
    assert error.is_timeout or "broken" in error.message
    assert server.is_healthy == (not kind.__name__.startswith("Connect"))
