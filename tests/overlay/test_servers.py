"""Operations with a server of their own, and without a key."""

from __future__ import annotations

import httpx
import pytest

from polargrid import ServerError
from polargrid_runtime.operation import Operation, ResponseType

ROUTE: Operation[None, None] = Operation(
    "get_route",
    "GET",
    "/v1/route",
    "polargrid_generated.models",
    responses=(ResponseType("200", "", None),),
    server="https://router.example",
    requires_key=False,
)
EMPTY = httpx.Response(200)


def url_of(client) -> str:
    client._send(ROUTE, {})
    return str(client.requests[-1].url)


@pytest.mark.parametrize("options", [{}, {"region": "montreal"}, {"region": "abc-01"}, {"regions": ["yvr", "ymq"]}])
def test_server_of_an_operation(connect, options):
    """A client of a region sends the operation to its server."""
    assert url_of(connect(EMPTY, **options)) == "https://router.example/v1/route"


@pytest.mark.parametrize(
    ("options", "url"),
    [
        ({"region": "local"}, "http://127.0.0.1:55111/v1/route"),
        ({"base_url": "https://own.example"}, "https://own.example/v1/route"),
        ({"base_url": "https://own.example", "region": "yvr"}, "https://own.example/v1/route"),
    ],
)
def test_own_server(connect, options, url):
    """A client of another server sends everything there."""
    assert url_of(connect(EMPTY, **options)) == url


def test_no_failover(connect):
    """The regions do not have the operation: they are not tried, and a failure does not count against them."""
    client = connect(httpx.Response(503), regions=["yvr", "ymq"], max_retries=1)
    with pytest.raises(ServerError):
        client._send(ROUTE, {"extra_headers": {"x-a": "b"}})
    assert {request.url.host for request in client.requests} == {"router.example"}
    assert client.native._endpoints.has_failures is False


def test_option_of_a_call(connect):
    """It holds for the server of the operation as well."""
    client = connect(EMPTY)
    client._send(ROUTE, {"extra_query": {"model": "m"}})
    assert str(client.requests[0].url) == "https://router.example/v1/route?model=m"


def test_key(connect):
    """It is not sent to an operation that needs none."""
    client = connect(EMPTY)
    client._send(ROUTE, {})
    assert "authorization" not in client.requests[0].headers
