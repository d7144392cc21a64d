"""`create()` without a place: the nearest healthy region."""

import threading

import anyio
import httpx
import pytest

from polargrid import AuthenticationError, NetworkError, ServerError, ValidationError
from polargrid.regions import POLARGRID_REGIONS


@pytest.fixture
def hang(connect):
    """An answer that does not come while the test runs."""
    over = threading.Event()

    async def never(request):
        await anyio.sleep_forever()

    def not_before_the_end(request):
        over.wait(10)
        raise httpx.ReadTimeout("too late")

    yield never if connect.name == "async" else not_before_the_end
    over.set()


@pytest.fixture
def health(spec):
    """An answer of the health check with this status."""
    return lambda status: httpx.Response(200, json={**spec["health"].answer, "status": status})


def by_host(**answers):
    """An answer by the first three letters of the region that is asked."""

    def answer(request):
        found = answers[request.url.host.removeprefix("api.")[:3]]
        if isinstance(found, Exception):
            raise found
        return found(request) if callable(found) else found

    return answer


@pytest.mark.parametrize("first", ["yvr", "ymq", "was"])
def test_first_healthy(connect, health, hang, first):
    """The region that is first to answer serves, while the others are silent."""
    answers = {"yvr": hang, "ymq": hang, "was": hang, first: health("healthy")}
    assert connect.create(by_host(**answers)).get_region_id() == f"{first}-01"


@pytest.mark.parametrize("status", ["degraded", "unhealthy", "of_tomorrow"])
def test_not_healthy(connect, health, status):
    """A region that is not well is passed over, however near."""
    answer = by_host(yvr=health(status), ymq=health(status), was=health("healthy"))
    assert connect.create(answer).get_region_id() == "was-01"


@pytest.mark.parametrize("fault", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), httpx.Response(503)])
def test_not_there(connect, health, fault):
    """A region that is not there is passed over."""
    assert connect.create(by_host(yvr=fault, ymq=health("healthy"), was=fault)).get_region_id() == "ymq-01"


def test_none(connect, health):
    """Where no region is healthy the error names each and its fault."""
    with pytest.raises(NetworkError) as caught:
        connect.create(by_host(yvr=httpx.ConnectError("refused"), ymq=httpx.Response(503), was=health("degraded")))
    error = caught.value
    assert set(error.details) == set(POLARGRID_REGIONS)
    assert all(region in error.message for region in POLARGRID_REGIONS)
    assert "refused" in error.details["yvr-01"]
    assert "503" in error.details["ymq-01"]
    assert "degraded" in error.details["was-01"]


def test_each_is_asked_once(connect):
    """Each region is asked for its health, once: a second try would not be the nearest."""
    requests = []

    def answer(request):
        requests.append(str(request.url))
        return httpx.Response(503, headers={"retry-after-ms": "1"})

    with pytest.raises(NetworkError):
        connect.create(answer, max_retries=5)
    assert sorted(requests) == sorted(f"{region['url']}/health" for region in POLARGRID_REGIONS.values())


@pytest.mark.parametrize("options", [{"region": "ymq"}, {"config": {"region": "ymq"}}, {"region": "fra-02"}])
def test_region_is_named(connect, options):
    """Where a region is named nobody is asked."""
    client = connect.create(httpx.Response(500), **options)
    assert (client.get_region_id() in ("ymq-01", "fra-02"), client.requests) == (True, [])


def test_url_is_named(connect):
    """Nor is anybody where a URL is."""
    client = connect.create(httpx.Response(500), base_url="https://edge.example")
    assert (client.get_region_id(), client.requests) == (None, [])


@pytest.mark.parametrize(
    ("name", "value"), [("POLARGRID_REGION", "ymq"), ("POLARGRID_BASE_URL", "https://edge.example")]
)
def test_environment_names_a_place(connect, monkeypatch, name, value):
    """The environment names a place as well as an argument does."""
    monkeypatch.setenv(name, value)
    assert connect.create(httpx.Response(500)).requests == []


def test_options_are_those_of_the_class(connect, health):
    """What `create` is given the client has: its retries are not those of the search."""
    asked = []

    def answer(request):
        asked.append(request.url.path)
        return (
            httpx.Response(503, headers={"retry-after-ms": "1"}) if "models" in request.url.path else health("healthy")
        )

    client = connect.create(answer, max_retries=2)
    with pytest.raises(ServerError):
        client.list_models()
    assert asked.count("/v1/models") == 3


def test_a_key_that_all_refuse(connect):
    """It is the key that is wrong, and not the regions."""
    with pytest.raises(AuthenticationError):
        connect.create(httpx.Response(401))


def test_no_key(connect):
    """Without a key no region is asked."""
    with pytest.raises(AuthenticationError):
        connect.create(httpx.Response(500), api_key=None)


def test_unknown_option(connect):
    """An option that does not exist is refused."""
    with pytest.raises((TypeError, ValidationError)):
        connect.create(httpx.Response(500), regoin="yvr")
