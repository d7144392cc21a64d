"""The attributes of a client that programs for OpenAI's SDK read and set."""

import logging

import httpx
import pytest

from polargrid import AuthenticationError, PolarGridError, PolarGridSync, ValidationError
from polargrid_testing.steps import ReceiveRequest, Send
from tests.overlay.faults.scripts import response
from tests.overlay.test_secrets import SECRET, build_key, render

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
OTHER = "0ther-5ecret-9876543210"


@pytest.fixture
def health(spec):
    return httpx.Response(200, json=spec["health"].response)


def build_other_key():
    return f"pg_{OTHER}"


# The key


def test_set_the_key(connect, spec):
    """Later calls send the new one."""
    client = connect(httpx.Response(200, json=spec["chat_completion"].response))
    client.chat_completion(CHAT)
    client.native.api_key = build_other_key()
    client.chat_completion(CHAT)
    assert client.requests[-1].headers["authorization"] == f"Bearer {build_other_key()}"
    assert client.requests[0].headers["authorization"] != client.requests[1].headers["authorization"]
    assert client.native.api_key == build_other_key()
    assert client.native.auth_headers == {"Authorization": f"Bearer {build_other_key()}"}


def test_set_the_key_of_a_real_connection(connect, serve):
    """It is sent by every transport, and by `client.raw`."""
    server = serve(lambda: (ReceiveRequest(), Send(response(b"{}", status="401 No"))))
    client = connect(base_url=server.url)
    client.native.api_key = build_other_key()
    with pytest.raises(AuthenticationError):
        client.list_models()
    assert server.requests[-1].headers["authorization"] == f"Bearer {build_other_key()}"


def test_a_key_that_was_set_is_not_shown(connect, caplog):
    """What a server sent is redacted by the new key: in the exception, its response and the log."""
    caplog.set_level(logging.DEBUG)
    error = {"message": f"no: {build_other_key()}", "key": build_other_key()}
    client = connect(httpx.Response(401, headers={"x-key": build_other_key()}, json={"error": error}))
    client.native.api_key = build_other_key()
    with pytest.raises(AuthenticationError) as caught:
        client.health()
    shown = f"{client.native!r} {vars(client.native)} {caught.value.response.text} {caught.value.response.headers}"
    assert OTHER not in render(caught.value) + caplog.text + shown


@pytest.mark.parametrize("suffix", ["\n", " "])
def test_set_an_invalid_key(connect, suffix):
    """It is refused without being shown, and the old one is kept."""
    client = connect(httpx.Response(200), api_key=build_key()).native
    with pytest.raises(ValidationError, match="api_key") as caught:
        client.api_key = build_other_key() + suffix
    assert OTHER not in render(caught.value)
    assert client.api_key == build_key()


@pytest.mark.parametrize("value", [None, ""])
def test_set_no_key(connect, value):
    """It is refused: a later call could not be sent."""
    client = connect(httpx.Response(200), api_key=build_key()).native
    with pytest.raises(ValidationError, match="api_key: expected a key"):
        client.api_key = value


def test_set_a_key_of_another_type(connect):
    """It is refused."""
    with pytest.raises(ValidationError, match="api_key: expected text, not int"):
        connect(httpx.Response(200)).native.api_key = 12345678


def test_copy_with_another_key(connect, health, spec):
    """It sends and hides its own; the original keeps its key."""
    client = connect(httpx.Response(200, json=spec["list_models"].response), api_key=build_key())
    copy = client.native.copy(api_key=build_other_key())
    connect.run(copy.list_models())
    assert client.requests[-1].headers["authorization"] == f"Bearer {build_other_key()}"
    client.list_models()
    assert client.requests[-1].headers["authorization"] == f"Bearer {build_key()}"
    assert OTHER not in f"{copy!r} {vars(copy)}"


@pytest.mark.parametrize("options", [{"api_key": f"pg_{SECRET}\n"}, {"api_keys": f"pg_{SECRET}"}])
def test_invalid_copy(connect, options):
    """Its exception does not show the key."""
    client = connect(httpx.Response(200)).native
    with pytest.raises((PolarGridError, TypeError)) as caught:
        client.copy(**options)
    assert SECRET not in render(caught.value)


# The key of a function


@pytest.fixture
def keys():
    """The keys that the function returns, the last one again and again."""
    return [build_key(), build_other_key()]


@pytest.fixture
def source(connect, keys):
    """A function that returns them, async for the async client."""

    def take():
        return keys.pop(0) if len(keys) > 1 else keys[0]

    async def take_async():
        return take()

    return take_async if connect.name == "async" else take


def test_key_of_a_function(connect, spec, source):
    """It is asked before each attempt, and holds for retries."""
    busy = httpx.Response(503, headers={"retry-after": "0"})
    client = connect(busy, httpx.Response(200, json=spec["list_models"].response), api_key=source, max_retries=1)
    assert client.native.api_key == ""
    client.list_models()
    sent = [request.headers["authorization"] for request in client.requests]
    assert sent == [f"Bearer {build_key()}", f"Bearer {build_other_key()}"]
    assert client.native.api_key == build_other_key()


def test_key_of_a_function_is_asked_for_by_streams_and_copies(connect, source):
    """And it can be set, and replaced by text."""
    client = connect(httpx.Response(401))
    client.native.api_key = source
    for use in (lambda: list(client.chat_completion_stream(CHAT)), lambda: connect.run(client.native.copy().health())):
        with pytest.raises(AuthenticationError):
            use()
    assert client.requests[0].headers["authorization"] == f"Bearer {build_key()}"
    client.native.api_key = "pg_0123456789"
    assert client.native.api_key == "pg_0123456789"


def test_key_of_a_function_is_not_shown(connect, source, caplog):
    """What a server sent is redacted by the key of the attempt."""
    caplog.set_level(logging.DEBUG)
    client = connect(httpx.Response(401, json={"error": {"message": build_key()}}), api_key=source)
    with pytest.raises(AuthenticationError) as caught:
        client.health()
    assert SECRET not in render(caught.value) + caplog.text + caught.value.response.text + repr(vars(client.native))


@pytest.mark.parametrize(
    ("key", "kind"), [(3, ValidationError), (f"{SECRET}\n", ValidationError), ("", AuthenticationError)]
)
def test_function_without_a_key(connect, key, kind):
    """It is an error before anything is sent, and shows no key."""
    client = connect(httpx.Response(200), api_key=lambda: key)
    with pytest.raises(kind, match="api_key") as caught:
        client.health()
    assert (client.requests, SECRET in render(caught.value)) == ([], False)


def test_function_that_raises(connect):
    """What it raises is raised as it is."""

    def fail():
        raise KeyError("no token")

    with pytest.raises(KeyError, match="no token"):
        connect(httpx.Response(200), api_key=fail).health()


def test_async_function_of_the_sync_client():
    """It is refused."""

    async def take():
        return build_key()

    client = PolarGridSync(base_url="http://127.0.0.1:9", api_key=take)
    with client, pytest.raises(ValidationError, match="calls no async function"):
        client.health()


# The URL


def test_base_url(connect):
    """It is an httpx.URL that ends with `/v1/`, as OpenAI's."""
    client = connect(httpx.Response(200), base_url="http://127.0.0.1:9/v1").native
    assert str(client.base_url) == "http://127.0.0.1:9/v1/"
    assert (client.base_url.host, client.base_url.port) == ("127.0.0.1", 9)
    assert str(client.copy(base_url=client.base_url).base_url) == "http://127.0.0.1:9/v1/"
    assert ".yvr-01." in str(connect(httpx.Response(200), region="yvr").native.base_url)


@pytest.mark.parametrize("url", ["http://other:9/v1", httpx.URL("http://other:9/v1/"), "http://other:9"])
def test_set_base_url(connect, health, url):
    """Later calls go there; the region is none."""
    client = connect(health, region="yvr")
    client.native.base_url = url
    client.health()
    assert client.requests[-1].url == "http://other:9/health"
    assert (str(client.native.base_url), client.get_region_id()) == ("http://other:9/v1/", None)


@pytest.mark.parametrize("url", [None, 3, "ftp://x", "http://x/?a=b"])
def test_set_an_invalid_base_url(connect, url):
    """It is refused, and the old one is kept."""
    client = connect(httpx.Response(200), base_url="http://test").native
    with pytest.raises(ValidationError, match="base_url: expected"):
        client.base_url = url
    assert str(client.base_url) == "http://test/v1/"


# Timeouts and retries


def test_timeout(connect):
    """A number if all limits are the same, else an httpx.Timeout."""
    client = connect(base_url="http://test").native
    assert client.timeout == httpx.Timeout(120, connect=10)
    client.timeout = 20
    assert client.timeout == 20
    client.timeout = httpx.Timeout(5, connect=1)
    assert client.timeout == httpx.Timeout(5, connect=1)
    client.timeout = None
    assert client.timeout == httpx.Timeout(120, connect=10)
    with pytest.raises(ValidationError, match="timeout"):
        client.timeout = "soon"


def test_timeout_is_sent(connect, health):
    """Later calls have it."""
    client = connect(health)
    client.native.timeout = 7
    client.health()
    assert client.requests[-1].extensions["timeout"]["read"] <= 7


def test_max_retries(connect, health):
    """Later calls have it."""
    client = connect(httpx.Response(503, headers={"retry-after": "0"}), health)
    assert client.native.max_retries == 0
    client.native.max_retries = 1
    assert client.health().meta.attempts == 2
    for value in (None, -1, "2"):
        with pytest.raises(ValidationError, match="max_retries"):
            client.native.max_retries = value


# Headers and query


def test_organization_and_project(connect, health):
    """They are headers, given as options, set, or removed."""
    client = connect(health, organization="org_1", project="proj_1")
    client.health()
    headers = client.requests[-1].headers
    assert (headers["OpenAI-Organization"], headers["OpenAI-Project"]) == ("org_1", "proj_1")
    client.native.organization, client.native.project = "org_2", None
    client.health()
    assert client.requests[-1].headers["OpenAI-Organization"] == "org_2"
    assert "OpenAI-Project" not in client.requests[-1].headers
    assert (client.native.organization, client.native.project) == ("org_2", None)
    assert client.native.copy(organization="org_3").organization == "org_3"


def test_default_headers_and_query(connect, health):
    """They are sent with each request, and a call adds to them."""
    client = connect(health, default_headers={"X-A": "1", "X-B": "2"}, default_query={"a": 1})
    client.health(extra_headers={"X-B": "3"}, extra_query={"b": 2})
    request = client.requests[-1]
    assert (request.headers["x-a"], request.headers["x-b"]) == ("1", "3")
    assert dict(request.url.params) == {"a": "1", "b": "2"}
    assert (client.native.default_headers["X-A"], client.native.default_query) == ("1", {"a": 1})
    assert client.native.default_headers["User-Agent"] == client.native.user_agent == request.headers["user-agent"]
    assert "authorization" not in client.native.default_headers


def test_headers_of_a_copy(connect):
    """`default_headers` adds, `set_default_headers` replaces; the organization is no default header."""
    client = connect(httpx.Response(200), organization="o", default_headers={"X-A": "1"}, default_query={"a": 1}).native
    added = client.copy(default_headers={"X-B": "2"}, default_query={"b": 2})
    assert (added.default_headers["x-a"], added.default_headers["x-b"]) == ("1", "2")
    assert added.default_query == {"a": 1, "b": 2}
    replaced = client.copy(set_default_headers={"X-B": "2"}, set_default_query={"b": 2})
    assert ("x-a" in replaced.default_headers, replaced.default_query) == (False, {"b": 2})
    assert (replaced.organization, client.default_query) == ("o", {"a": 1})


@pytest.mark.parametrize("name", ["default_headers", "default_query", "auth_headers", "user_agent"])
def test_attributes_that_cannot_be_set(connect, name):
    """Setting one is an error, not without effect."""
    with pytest.raises(AttributeError):
        setattr(connect(httpx.Response(200)).native, name, {})


def test_options_of_a_copy_are_none_of_a_call(connect):
    """A call has no endpoint and no key of its own: it is refused."""
    client = connect(httpx.Response(200))
    for options in ({"region": "yvr"}, {"base_url": "http://test"}, {"api_key": "pg_12345678"}, {"organization": "o"}):
        with pytest.raises(TypeError, match="unknown option"):
            client.health(**options)


# Copies


def test_copy_with_another_http_client(connect, health):
    """It sends by it."""
    http = connect.http(health)
    copy = connect(httpx.Response(500)).native.copy(http_client=http)
    assert connect.run(copy.health()).status == "healthy"
    assert len(http.handler.requests) == 1


def test_is_closed(connect):
    """A copy is closed with its client, and by itself."""
    client = connect(base_url="http://test")
    copy, other = client.native.copy(), client.native.copy()
    assert not client.native.is_closed()
    connect.run(copy.close())
    assert (copy.is_closed(), client.native.is_closed(), other.is_closed()) == (True, False, False)
    client.close()
    assert (client.native.is_closed(), other.is_closed()) == (True, True)


def test_copy_as_context(connect, health):
    """It leaves the connections of its client open."""
    client = connect(health)
    with type(client)(client.native.copy(max_retries=1), connect.run, client.requests) as copy:
        assert copy.health().status == "healthy"
    assert client.health().status == "healthy"
