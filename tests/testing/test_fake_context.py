"""How programs reach a fake, and how long it is there."""

import os
import subprocess
import sys
import textwrap
import threading

import httpx
import httpx2
import pytest

import polargrid
from polargrid_testing import FakeEdge, UnscriptedRequestError, UnusedFaultError, fake_edge

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}


@pytest.mark.parametrize("options", [{}, {"region": "yvr"}, {"base_url": "https://edge.example"}])
def test_every_client_reaches_it(connect, options, monkeypatch):
    """In the block, also one with a region or another server; then the environment is as before."""
    monkeypatch.setenv("POLARGRID_API_KEY", "pg_before")
    with fake_edge() as fake:
        fake.chat("Hello")
        client = connect(api_key=None, **options)
        assert client.chat_completion(CHAT).choices[0].message.content == "Hello"
        (request,) = fake.requests
        assert request.headers["authorization"] == f"Bearer {fake.api_key}"
        assert [name for name in request.headers if "cassette" in name] == []
    assert (os.environ["POLARGRID_API_KEY"], "POLARGRID_BASE_URL" in os.environ) == ("pg_before", False)


def test_other_servers_of_a_test_stay_reachable(connect):
    """A client of another loopback address is not led there; without `env`, no client is."""
    with FakeEdge() as other, fake_edge():
        other.chat("other")
        client = connect(base_url=other.url, api_key="pg_x")
        assert client.chat_completion(CHAT).choices[0].message.content == "other"
    with fake_edge(env=False):
        assert "POLARGRID_BASE_URL" not in os.environ


def test_client_of_the_caller(connect):
    """A client with an `http_client` is led there by a socket, and one of the fake's stays in the process."""
    with fake_edge() as fake:
        fake.chat("Hello")
        client = connect(http_client=connect.http_client(proxy="http://127.0.0.1:1"), region="yvr")
        assert client.chat_completion(CHAT).choices[0].message.content == "Hello"
        connections = fake._server.connections
        own = fake.async_http_client() if connect.name == "async" else fake.http_client()
        assert connect(http_client=own).chat_completion(CHAT).choices[0].message.content == "Hello"
        assert fake._server.connections == connections == 1


def test_unscripted_request(client, fake):
    """It gets an error that is not retried, with a line to paste; `check` fails once, though the program goes on."""
    fake.chat("Hi", when="nothing that is said")
    fake.completion("used up", times=1)
    client.completion({"model": "m", "prompt": "x"})
    for call in (lambda: client.chat_completion(CHAT), lambda: client.completion({"model": "m", "prompt": "x"})):
        with pytest.raises(polargrid.PolarGridError, match=r"unscripted request: POST /v1/.* add: fake\.") as caught:
            call()
        assert caught.value.meta.attempts == 1
    with pytest.raises(UnscriptedRequestError) as failure:
        fake.check()
    message = str(failure.value)
    assert message.startswith("2 requests were not scripted:\n  POST /v1/chat/completions")
    assert "a rule has when='nothing that is said'" in message
    assert "a rule gave its 1 answer" in message
    assert [request.operation for request in failure.value.requests] == ["chat_completion", "completion"]
    fake.check()


def test_many_unscripted_requests(fake):
    """The message has each once, and not without end."""
    with fake.client() as client:
        for number in [0, 0, *range(12)]:
            with pytest.raises(polargrid.PolarGridError):
                client.completion({"model": "m", "prompt": str(number)})
    with pytest.raises(UnscriptedRequestError, match="14 requests were not scripted") as failure:
        fake.check()
    assert str(failure.value).count("add:") == 10
    assert str(failure.value).endswith("and 2 more, which differ")
    fake.fault("stall", on="health")
    with pytest.raises(UnusedFaultError, match=r"the requests were: completion \(14 times\); remove it"):
        fake.check()


def send_unscripted(fake):
    with fake.client() as client, pytest.raises(polargrid.PolarGridError):
        client.list_models()


def fail_after_unscripted(fake):
    send_unscripted(fake)
    raise ZeroDivisionError


def test_end_of_a_block_checks():
    """It raises, unless the block raised already."""
    with pytest.raises(UnscriptedRequestError, match="list_models"), FakeEdge() as fake:
        send_unscripted(fake)
    with pytest.raises(ZeroDivisionError), FakeEdge() as fake:
        fail_after_unscripted(fake)


def test_async_block(connect):
    """It works in coroutines."""

    async def call():
        async with FakeEdge() as fake, fake.async_client() as client:
            fake.chat("Hello")
            return (await client.chat_completion(CHAT)).choices[0].message.content

    assert connect.run(call()) == "Hello"


def test_trio():
    """It works under trio, by a socket and in the process."""
    import trio

    async def call():
        async with FakeEdge() as fake:
            fake.chat("Hello")
            for options in ({}, {"http_client": fake.async_http_client()}):
                async with fake.async_client(**options) as client:
                    chunks = [chunk async for chunk in client.chat_completion_stream(CHAT)]
                    assert chunks[0].choices[0].delta.content == "Hello"

    trio.run(call)


def test_other_process():
    """A child finds it by the environment."""
    program = """
    import polargrid
    with polargrid.PolarGridSync() as client:
        print(client.completion({"model": "m", "prompt": "x"}).choices[0].text)
    """
    with fake_edge() as fake:
        fake.completion("Hello")
        result = subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True, timeout=60
        )
    assert result.stdout == "Hello\n"


def test_threads(fake):
    """Many threads get each its own answer, and all requests are recorded."""
    fake.completion(lambda request: request.text)
    texts = {}

    def call(number):
        with fake.client() as client:
            texts[number] = client.completion({"model": "m", "prompt": str(number)}).choices[0].text

    threads = [threading.Thread(target=call, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == {number: str(number) for number in range(8)}
    assert sorted(request.text for request in fake.requests) == sorted(texts.values())


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_client_in_the_process(fake, library):
    """httpx and httpx2 get clients, whose requests need no socket."""
    fake.use_examples()
    with fake.http_client(library, headers={"authorization": "Bearer x"}) as client:
        assert isinstance(client, library.Client)
        assert client.get("/health").json()["status"] == "healthy"
    assert fake._server.connections == 0


def test_tls(connect):
    """A fake serves HTTPS, under a name of its own."""
    with FakeEdge(tls=True, host="edge.test") as fake:
        fake.use_examples()
        assert fake.url.startswith("https://edge.test:")
        client = connect(base_url=fake.url, api_key=fake.api_key, ssl_context=fake.ssl_context)
        assert client.health().status == "healthy"


def test_start_imports_nothing_heavy():
    """A fake starts without a validator, YAML, numpy, the server of the local edge, or pytest."""
    names = {"jsonschema_rs", "yaml", "numpy", "starlette", "uvicorn", "pytest", "pydantic", "trustme"}
    program = f"import sys, polargrid_testing as p; p.FakeEdge().close(); print({names} & sys.modules.keys())"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout == "set()\n"
