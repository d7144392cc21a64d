"""`with_options`: copies of a client with other options, and another endpoint."""

import json

import httpx
import pytest

from polargrid import PolarGridError, ValidationError
from polargrid_testing.steps import ReceiveRequest, Send
from tests.overlay.faults.scripts import response


@pytest.fixture
def health(spec):
    return httpx.Response(200, json=spec["health"].response)


def test_base_url(connect, serve, spec):
    """The copy sends to another server; the client does not change."""

    def script():
        yield ReceiveRequest()
        yield Send(response(json.dumps(spec["list_models"].response).encode(), "connection: close"))

    first, second = serve(script), serve(script)
    client = connect(base_url=first.url)
    copy = client.with_options(base_url=second.url)
    for sender in (copy, client.native, copy):
        assert connect.run(sender.models.list()).data
    assert (len(first.requests), len(second.requests)) == (1, 2)
    assert connect.run(copy.models.list()).meta.base_url == second.url


@pytest.mark.parametrize(
    ("options", "region_id"), [({"region": "was"}, "was-01"), ({"regions": ["yvr", "was"]}, "yvr-01")]
)
def test_region(connect, health, options, region_id):
    """The copy sends to another region; the client does not change."""
    client = connect(health, region="ymq")
    copy = client.with_options(**options)
    connect.run(copy.health())
    client.health()
    first, second = (request.url.host for request in client.requests)
    assert f".{region_id}." in first
    assert ".ymq-01." in second
    assert (copy.get_region_id(), client.get_region_id()) == (region_id, "ymq-01")


def test_regions_of_a_copy_fail_over(connect, health):
    """The client itself has one region and does not."""

    def respond(request):
        return httpx.Response(503) if ".yvr-01." in request.url.host else health

    client = connect(respond, region="yvr")
    copy = client.with_options(regions=["yvr", "was"])
    assert connect.run(copy.health()).meta.region == "was-01"
    with pytest.raises(PolarGridError):
        client.health()
    assert ".yvr-01." in client.requests[-1].url.host


def test_copy_of_a_copy(connect, health):
    """Options add up; the region is kept."""
    client = connect(health, region="ymq")
    copy = client.with_options(region="was", extra_headers={"X-A": "1"}).with_options(extra_headers={"X-B": "2"})
    connect.run(copy.health())
    request = client.requests[-1]
    assert ".was-01." in request.url.host
    assert (request.headers["x-a"], request.headers["x-b"]) == ("1", "2")


def test_closed_copy(connect, health):
    """It does not close the connections of its client."""
    client = connect(health)
    copy = client.with_options(max_retries=1)
    connect.run(copy.close())
    assert client.health().status == "healthy"
    with pytest.raises(PolarGridError, match="the client is closed"):
        connect.run(copy.health())


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"region": "mars"}, ValidationError, "unknown region 'mars'"),
        ({"base_url": "ftp://x"}, ValidationError, "base_url: expected"),
        ({"region": "yvr", "regions": ["yvr"]}, ValidationError, "regions: cannot be combined"),
        ({"api_key": "pg_other\nkey"}, ValidationError, "api_key: invalid characters"),
        ({"organization": 3}, ValidationError, "organization: invalid value of header 'openai-organization'"),
        (
            {"default_headers": {"authorization": "x"}},
            ValidationError,
            "default_headers: header 'authorization' is set",
        ),
        ({"default_query": {"a": object()}}, ValidationError, "default_query: invalid value of 'a'"),
        ({"transport": "httpx"}, TypeError, "unknown option 'transport'"),
    ],
)
def test_invalid_option(connect, options, kind, message):
    """It is rejected at once; the key and the connections are those of the client."""
    client = connect(httpx.Response(200), region="ymq")
    with pytest.raises(kind, match=message):
        client.with_options(**options)
