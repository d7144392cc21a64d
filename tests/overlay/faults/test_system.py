"""Failures of the operating system, of an event loop, and of your own code that the SDK calls."""

import asyncio
import resource
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

import polargrid
from polargrid import NetworkError, PolarGridError, StreamInterruptedError, ValidationError
from polargrid_testing.steps import ReceiveRequest, Reset
from tests.overlay.faults.registry import fault
from tests.overlay.faults.scripts import (
    CHAT,
    DONE,
    EVENT_STREAM,
    HEALTH,
    HEALTHY,
    chunk,
    close,
    response,
    response_head,
    send,
    send_in_turn,
    stream,
    wait_for_disconnect,
)


class OwnError(Exception):
    """An exception of the caller's code."""


@contextmanager
def no_file_descriptors():
    """Opening a file or a socket in this block fails, also where another thread closes one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@fault("system", "There are no file descriptors", result="`NetworkError` that says so; nothing is left open", line=None)
def test_no_file_descriptors(connect_to, connect, expect_error):
    client = connect_to(send(response(HEALTH, "connection: close"), then=close))

    async def call_async():
        with no_file_descriptors():
            await client.native.health()

    def call():
        with no_file_descriptors():
            client.health()

    client.health()
    with expect_error(NetworkError, "cannot connect: .*[Tt]oo many open files", sent=False):
        connect.run(call_async()) if connect.name == "async" else call()
    assert client.health().status == "healthy"


@fault("system", "No thread can be started", result="the response, or `NetworkError` that says so", line=None)
def test_no_threads(connect_to, connect, serve, expect_error, monkeypatch):
    server = serve(send(HEALTHY))
    client = connect(base_url=server.url.replace("127.0.0.1", "localhost"))

    def fail(_thread):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as context:
        context.setattr(threading.Thread, "start", fail)
        if connect.name == "sync" or connect.loop == "uvloop":  # the event loop of asyncio looks up names in a thread
            assert client.health().status == "healthy"
        else:
            with expect_error(NetworkError, "can't start new thread"):
                client.health()


@pytest.mark.parametrize(
    "place", ["polargrid_transport._{}.response.BytesIO", "polargrid_codec.decoding.select_reader"]
)
@fault(
    "system",
    "There is not enough memory for a response",
    result="`PolarGridError` that says so; not retried",
    line=None,
)
def test_no_memory(connect_to, connect, expect_error, monkeypatch, place):
    def fail(*_):
        raise MemoryError

    client = connect_to(send_in_turn(HEALTHY, HEALTHY), max_retries=3)
    client.health()
    monkeypatch.setattr(place.format(connect.name), fail)
    with expect_error(PolarGridError, "not enough memory"):
        client.health()
    assert len(client.server.requests) == 2


@fault("system", "A stream is read on in a second event loop", result="`StreamInterruptedError`", line=None)
def test_stream_in_second_loop(connect_to, connect, expect_error):
    script = send(response_head(media_type=EVENT_STREAM), chunk("a"), then=wait_for_disconnect)
    chunks = connect_to(script).chat_completion_stream(CHAT)
    next(chunks)
    if connect.name == "sync":  # threads share a stream
        chunks.close()
        return

    async def read():
        return await anext(chunks.native)

    with ThreadPoolExecutor(1) as threads, expect_error(StreamInterruptedError, "connection error", partial="a"):
        threads.submit(asyncio.run, read()).result()
    chunks.close()


@fault(
    "system",
    "The event loop of a stream ends before the stream",
    result="an error: the stream is not complete",
    line=None,
)
def test_end_of_the_loop(connect_to, connect, serve, key, expect_error):
    if connect.name == "sync":
        return
    server = serve(stream(chunk("a"), then=wait_for_disconnect))
    client = polargrid.PolarGrid(api_key=key, base_url=server.url, transport=connect.transport)
    chunks = client.chat_completion_stream(CHAT)

    async def read():
        return await anext(chunks)

    asyncio.run(read())
    with expect_error(PolarGridError, "the stream was closed before its end"):
        asyncio.run(read())


@fault(
    "system",
    "A call fails while you handle an exception",
    result="your exception keeps its traceback",
    line='fake.fault("empty-response", end="reset")',
)
def test_handled_exception(connect_to, connect, expect_error):
    def script():
        yield ReceiveRequest()
        yield Reset()

    client = connect_to(script)

    async def call_async():
        try:
            raise OwnError
        except OwnError as error:
            with expect_error(NetworkError):
                await client.native.health()
            return error.__traceback__

    def call():
        try:
            raise OwnError
        except OwnError as error:
            with expect_error(NetworkError):
                client.health()
            return error.__traceback__

    assert (connect.run(call_async()) if connect.name == "async" else call()) is not None


@pytest.mark.parametrize("is_healthy", [True, False])
@fault("system", "Your `on_meta` raises", result="your exception, unchanged; the connection is used again", line=None)
def test_on_meta(connect_to, is_healthy):
    error = OwnError()

    def fail(_meta):
        raise error

    first = HEALTHY if is_healthy else response(b"{}", status="400 No")
    client = connect_to(send_in_turn(first, HEALTHY, response(chunk("a") + DONE, media_type=EVENT_STREAM)))
    with pytest.raises(OwnError) as caught:
        client.health(on_meta=fail)
    assert caught.value is error
    assert client.health().status == "healthy"
    with pytest.raises(OwnError):
        list(client.chat_completion_stream(CHAT, on_meta=fail))
    assert client.server.connections == 1


@pytest.mark.parametrize("event", ["request", "response"])
@pytest.mark.parametrize("kind", [OwnError, KeyError, RuntimeError])
@fault("system", "A hook of your `http_client` raises", result="your exception, unchanged", line=None)
def test_hook(connect_to, connect, event, kind):
    error = kind("of a hook")

    def hook(_):
        raise error

    async def async_hook(_):
        raise error

    hooks = {event: [async_hook if connect.name == "async" else hook]}
    http_client = connect.http_client(event_hooks=hooks)
    with pytest.raises(kind) as caught:
        connect_to(send(HEALTHY), http_client=http_client, max_retries=3).health()
    assert caught.value is error


@pytest.mark.parametrize("kind", [OSError, TimeoutError, ValueError])
@fault(
    "system",
    "A hook of your `http_client` raises OSError, TimeoutError or ValueError",
    result="`NetworkError` or `TimeoutError`: they count as the connection's, as transports raise them",
    line=None,
)
def test_hook_with_builtin_error(connect_to, connect, expect_error, kind):
    def hook(_):
        raise kind("of a hook")

    async def async_hook(_):
        raise kind("of a hook")

    http_client = connect.http_client(event_hooks={"request": [async_hook if connect.name == "async" else hook]})
    expected = polargrid.TimeoutError if kind is TimeoutError else NetworkError
    with expect_error(expected):
        connect_to(send(HEALTHY), http_client=http_client).health()


@pytest.mark.parametrize("content", [None, b"no certificate"], ids=["missing", "invalid"])
@fault(
    "system",
    "`SSL_CERT_FILE` names no certificates",
    result="`ValidationError` that names it; nothing is sent",
    line=None,
)
def test_certificates(connect_to, connect, expect_error, monkeypatch, tmp_path, content):  # noqa: PLR0917
    path = tmp_path / "certificates.pem"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    server = connect_to(close).server
    if connect.transport == "fast":
        with expect_error(NetworkError, "cannot connect", sent=False):
            connect(base_url=server.url.replace("http:", "https:")).health()
        return
    from polargrid_transport.environment import default_ssl_context

    default_ssl_context.cache_clear()
    with expect_error(ValidationError, "SSL_CERT_FILE: cannot load certificates from", sent=False):
        connect(base_url=server.url.replace("http:", "https:")).health()
