"""A response of the transport: its body within bounds, and its headers."""

from __future__ import annotations

import gzip
import tracemalloc
from types import SimpleNamespace

import httpx
import pytest

from polargrid import PolarGridSync, ServerError
from polargrid_transport._sync.response import join_headers


class Pieces(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that arrives in pieces."""

    def __init__(self, *data):
        self._data = data

    def __iter__(self):
        yield from self._data

    async def __aiter__(self):
        for item in self._data:
            yield item


@pytest.fixture
def connect_to_body(connect):
    """Create a client whose responses have this body."""

    def create(*data, encoding="identity", **options):
        headers = {"content-type": "application/json", "content-encoding": encoding}
        transport = httpx.MockTransport(lambda _request: httpx.Response(200, headers=headers, stream=Pieces(*data)))
        return connect(http_client=connect.http_client(transport=transport), **options)

    return create


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_body_limit(connect_to_body, spec, encoding):
    """A body that is longer than `max_body_bytes`, decompressed, is rejected; one that is as long is not."""
    body = httpx.Response(200, json=spec["health"].response).content
    data = gzip.compress(body) if encoding == "gzip" else body
    assert connect_to_body(data, encoding=encoding, max_body_bytes=len(body)).health().status == "healthy"
    with pytest.raises(ServerError, match=f"^response body exceeds max_body_bytes, {len(body) - 1} bytes"):
        connect_to_body(data, encoding=encoding, max_body_bytes=len(body) - 1).health()


def test_body_limit_applies_to_all_pieces(connect_to_body):
    """The limit is for all pieces together."""
    with pytest.raises(ServerError, match="response does not match"):
        connect_to_body(*[b"x" * 10] * 9, max_body_bytes=90).health()
    with pytest.raises(ServerError, match="max_body_bytes, 90 bytes"):
        connect_to_body(*[b"x" * 10] * 10, max_body_bytes=90).health()


def test_small_pieces(key):
    """A body that arrives in small pieces takes no more memory than in one."""
    body = Pieces(*[bytes([65 + index % 26]) * 4 for index in range(50_000)])
    headers = {"content-type": "application/json"}
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, headers=headers, stream=body))
    tracemalloc.start()
    try:
        with httpx.Client(transport=transport) as http_client, pytest.raises(ServerError, match="does not match"):
            PolarGridSync(api_key=key, http_client=http_client).health()
        assert tracemalloc.get_traced_memory()[1] < 1_500_000
    finally:
        tracemalloc.stop()


def test_repeated_headers_are_joined(connect, spec):
    """Headers with the same name are joined by a comma; names are in lower case."""
    headers = [("X-A", "1"), ("x-b", "2"), ("x-a", "3")]
    meta = connect(httpx.Response(200, headers=headers, json=spec["health"].response)).health().meta
    assert {name: meta.headers[name] for name in ("x-a", "x-b")} == {"x-a": "1, 3", "x-b": "2"}


def test_headers_are_joined_in_one_pass():
    """Their values are read once: `dict(httpx.Headers)` would compare each name with all others."""
    headers = SimpleNamespace(multi_items=lambda: iter([("a", "1"), ("b", "2"), ("a", "3")]))
    assert join_headers(headers) == {"a": "1, 3", "b": "2"}
