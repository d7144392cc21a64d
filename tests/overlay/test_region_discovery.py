"""`create()` without a region: the nearest healthy one is selected, by the autorouter or by probing all of them."""

import threading

import anyio
import httpx
import pytest

from polargrid import AuthenticationError, NetworkError, ServerError, ValidationError
from polargrid.regions import POLARGRID_REGIONS


@pytest.fixture
def hang(connect):
    """A response that is not sent while the test runs."""
    is_over = threading.Event()

    async def hang_async(_request):
        await anyio.sleep_forever()

    def hang_sync(_request):
        is_over.wait(60)
        raise httpx.ReadTimeout("slow")

    yield hang_async if connect.name == "async" else hang_sync
    is_over.set()


@pytest.fixture
def health(spec):
    """Build a response of the health check with this status."""
    return lambda status: httpx.Response(200, json={**spec["health"].response, "status": status})


ROUTER = "autorouter.polargrid.ai"
UNREACHABLE = httpx.ConnectError("refused")


def route(region, endpoint=None):
    """Build a response of the autorouter."""
    endpoint = endpoint or f"https://api.{region}.edge.polargrid.ai:55111"
    return httpx.Response(200, json={"region": region, "endpoint": endpoint, "name": "Somewhere", "ttl": 300})


def by_region(router=UNREACHABLE, **responses):
    """Respond by the first three letters of the region; the autorouter cannot be reached by default."""

    def respond(request):
        is_router = request.url.host == ROUTER
        response = router if is_router else responses[request.url.host.removeprefix("api.")[:3]]
        if isinstance(response, Exception):
            raise response
        return response(request) if callable(response) else response

    return respond


# The autorouter


@pytest.mark.parametrize("region", POLARGRID_REGIONS)
def test_the_autorouter_is_asked_first(connect, health, region):
    """Its region is selected if it is healthy; the others are not probed."""
    client = connect.create(by_region(route(region), **{region[:3]: health("healthy")}))
    assert client.get_region_id() == region
    urls = [f"https://{ROUTER}/v1/route", f"{POLARGRID_REGIONS[region]['url']}/health"]
    assert [str(request.url) for request in client.requests] == urls


def test_the_autorouter_does_not_get_the_key(connect, health):
    """The region does."""
    client = connect.create(by_region(route("ymq-01"), ymq=health("healthy")))
    assert ["authorization" in request.headers for request in client.requests] == [False, True]
    assert not any("pg_test" in str(request.headers.raw) for request in client.requests[:1])


@pytest.mark.parametrize("is_config", [True, False])
def test_the_autorouter_gets_no_additions_of_the_caller(connect, health, is_config):
    """They are for the regions, and may be secret."""
    additions = {"extra_headers": {"x-token": "secret"}, "extra_query": {"token": "secret"}}
    options = {"config": additions} if is_config else additions
    client = connect.create(by_region(route("ymq-01"), ymq=health("healthy")), **options)
    router, region = client.requests
    assert (router.headers.get("x-token"), router.url.query) == (None, b"")
    assert (region.headers["x-token"], region.url.query) == ("secret", b"token=secret")


def test_a_huge_response_of_the_autorouter_is_not_read(connect, health):
    """All regions are probed instead."""
    router = httpx.Response(200, json={**route("ymq-01").json(), "padding": "a" * 100_000})
    respond = by_region(router, yvr=httpx.Response(503), ymq=httpx.Response(503), was=health("healthy"))
    assert connect.create(respond).get_region_id() == "was-01"


def test_an_endpoint_may_end_with_a_slash(connect, health):
    """It is the same URL."""
    response = route("ymq-01", "https://api.ymq-01.edge.polargrid.ai:55111/")
    assert connect.create(by_region(response, ymq=health("healthy"))).get_region_id() == "ymq-01"


@pytest.mark.parametrize(
    "router",
    [
        UNREACHABLE,
        httpx.ReadTimeout("slow"),
        httpx.Response(503, headers={"retry-after": "60"}),
        httpx.Response(401),
        httpx.Response(302, headers={"location": "https://evil.example"}),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, json={}),
        route("fra-02"),
        route("ymq-01", "https://api.ymq-01.edge.evil.example:55111"),
        route("ymq-01", "http://api.ymq-01.edge.polargrid.ai:55111"),
        route("ymq-01", "https://api.yvr-01.edge.polargrid.ai:55111"),
        route("local", "http://127.0.0.1:55111"),
    ],
)
def test_all_regions_are_probed_without_an_autorouter(connect, health, router):
    """It fails, or names a region that the SDK does not know, or a known one by another URL, which gets no request."""
    client = connect.create(by_region(router, yvr=httpx.Response(503), ymq=httpx.Response(503), was=health("healthy")))
    assert client.get_region_id() == "was-01"
    hosts = {request.url.host for request in client.requests}
    assert hosts == {ROUTER, *(httpx.URL(region["url"]).host for region in POLARGRID_REGIONS.values())}


@pytest.mark.parametrize("failure", [httpx.Response(503), httpx.ReadTimeout("slow"), httpx.Response(401)])
def test_all_regions_are_probed_if_that_of_the_autorouter_fails(connect, health, failure):
    """Also if it reports that it is not healthy."""
    for response in (failure, health("degraded")):
        respond = by_region(route("yvr-01"), yvr=response, ymq=health("healthy"), was=httpx.Response(503))
        assert connect.create(respond).get_region_id() == "ymq-01"


def test_the_environment_names_another_autorouter(connect, health, monkeypatch):
    """It gets no key either, and names the same regions."""
    monkeypatch.setenv("POLARGRID_AUTOROUTER", "https://router.example/v1")

    def respond(request):
        return route("was-01") if request.url.host == "router.example" else health("healthy")

    client = connect.create(respond)
    assert client.get_region_id() == "was-01"
    assert str(client.requests[0].url) == "https://router.example/v1/route"
    assert "authorization" not in client.requests[0].headers


def test_the_environment_disables_the_autorouter(connect, health, monkeypatch):
    """Nothing asks it."""
    monkeypatch.setenv("POLARGRID_AUTOROUTER", "off")
    client = connect.create(by_region(yvr=httpx.Response(503), ymq=health("healthy"), was=httpx.Response(503)))
    assert ROUTER not in {request.url.host for request in client.requests}


def test_a_blank_autorouter_is_the_usual_one(connect, health, monkeypatch):
    """As if the variable were not set."""
    monkeypatch.setenv("POLARGRID_AUTOROUTER", " ")
    assert connect.create(by_region(route("ymq-01"), ymq=health("healthy"))).get_region_id() == "ymq-01"


@pytest.mark.parametrize("url", ["router", "false", "ftp://router.example", "https://user:secret@router.example"])
def test_an_invalid_url_of_an_autorouter(connect, monkeypatch, url):
    """It is an error before anything is sent, which names the variable and no secret."""
    monkeypatch.setenv("POLARGRID_AUTOROUTER", url)
    with pytest.raises(ValidationError, match=r"^POLARGRID_AUTOROUTER: expected an http or https") as caught:
        connect.create(httpx.Response(500))
    assert caught.value.param == "POLARGRID_AUTOROUTER"
    assert "secret" not in str(caught.value)


# Selection


@pytest.mark.parametrize("nearest", ["yvr", "ymq", "was"])
def test_first_healthy_region_is_selected(connect, health, hang, nearest):
    """Regions that have not responded are not waited for."""
    responses = {"yvr": hang, "ymq": hang, "was": hang, nearest: health("healthy")}
    assert connect.create(by_region(**responses)).get_region_id() == f"{nearest}-01"


@pytest.mark.parametrize("status", ["degraded", "unhealthy", "unknown"])
def test_unhealthy_region_is_skipped(connect, health, status):
    """Even if it is the first to respond."""
    respond = by_region(yvr=health(status), ymq=health(status), was=health("healthy"))
    assert connect.create(respond).get_region_id() == "was-01"


@pytest.mark.parametrize("failure", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.Response(503)])
def test_failing_region_is_skipped(connect, health, failure):
    """A connection error, a timeout or an error response."""
    respond = by_region(yvr=failure, ymq=health("healthy"), was=failure)
    assert connect.create(respond).get_region_id() == "ymq-01"


def test_no_region_is_healthy(connect, health):
    """The message and the details have the reason for each region."""
    with pytest.raises(NetworkError, match=r"^no region is healthy: ") as caught:
        connect.create(by_region(yvr=httpx.ConnectError("refused"), ymq=httpx.Response(503), was=health("degraded")))
    error = caught.value
    assert set(error.details) == set(POLARGRID_REGIONS)
    assert all(region in error.message for region in POLARGRID_REGIONS)
    assert "refused" in error.details["yvr-01"]
    assert "503" in error.details["ymq-01"]
    assert "degraded" in error.details["was-01"]


def test_each_region_is_probed_once(connect):
    """A region that needs a retry is not the nearest."""
    urls = []

    def respond(request):
        urls.append(str(request.url))
        return httpx.Response(503, headers={"retry-after-ms": "1"})

    with pytest.raises(NetworkError):
        connect.create(respond, max_retries=5)
    probes = [f"{region['url']}/health" for region in POLARGRID_REGIONS.values()]
    assert sorted(urls) == sorted([f"https://{ROUTER}/v1/route", *probes])


def test_all_regions_reject_the_key(connect):
    """It is an AuthenticationError: the regions are healthy."""
    with pytest.raises(AuthenticationError):
        connect.create(httpx.Response(401))


# Options


@pytest.mark.parametrize(
    ("options", "region_id"),
    [
        ({"region": "ymq"}, "ymq-01"),
        ({"config": {"region": "ymq"}}, "ymq-01"),
        ({"region": "fra-02"}, "fra-02"),
        ({"base_url": "https://edge.example"}, None),
    ],
)
def test_no_probe_if_an_option_selects_the_region(connect, options, region_id):
    """No request is sent."""
    client = connect.create(httpx.Response(500), **options)
    assert (client.get_region_id(), client.requests) == (region_id, [])


@pytest.mark.parametrize(
    ("name", "value"), [("POLARGRID_REGION", "ymq"), ("POLARGRID_BASE_URL", "https://edge.example")]
)
def test_no_probe_if_the_environment_selects_the_region(connect, monkeypatch, name, value):
    """No request is sent."""
    monkeypatch.setenv(name, value)
    assert connect.create(httpx.Response(500)).requests == []


def test_client_has_the_options(connect, health):
    """Its retries are not those of a probe."""
    paths = []

    def respond(request):
        paths.append(request.url.path)
        is_probe = request.url.path == "/health"
        return health("healthy") if is_probe else httpx.Response(503, headers={"retry-after-ms": "1"})

    client = connect.create(respond, max_retries=2)
    with pytest.raises(ServerError):
        client.list_models()
    assert paths.count("/v1/models") == 3


def test_missing_key(connect):
    """It raises before a probe."""
    with pytest.raises(AuthenticationError):
        connect.create(httpx.Response(500), api_key=None)


def test_unknown_option(connect):
    """It is a TypeError, as for the class."""
    with pytest.raises(TypeError, match="regoin"):
        connect.create(httpx.Response(500), regoin="yvr")
