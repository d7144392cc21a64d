"""The API key is not shown: not in a repr, a log, a pickle, or a local variable of a traceback."""

import asyncio
import copy
import gc
import json
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from pathlib import Path
from textwrap import dedent

import attrs
import httpx
import pytest

from polargrid import (
    AuthenticationError,
    NetworkError,
    PolarGrid,
    PolarGridError,
    PolarGridSync,
    ValidationError,
    _logging,
)
from polargrid._call_state import CallState
from polargrid.config import PUBLIC_OPTIONS, ClientOptions
from polargrid.types import PolarGridConfig
from polargrid_testing.steps import AwaitClose, ReceiveRequest, Reset, Send, Until, render_chunk
from tests.overlay.faults.scripts import EVENT_STREAM, close, response, response_head

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SECRET = "S3cr3t0123456789abcdef"
HANG_TIMEOUT = 60  # seconds until a test that would hang fails
INCOMPLETE = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"


def build_key():
    """Return the key; the local variables of tests do not have it."""
    return f"pg_{SECRET}"


def render(error, show=None):
    """Return what a traceback with local variables shows of an exception, except for the frames of tests."""
    seen, texts = set(), []

    def collect(exception):
        if exception is None or id(exception) in seen:
            return
        seen.add(id(exception))
        texts.extend([str(exception), repr(exception), repr(vars(exception))])
        for frame, _ in traceback.walk_tb(exception.__traceback__):
            if not Path(frame.f_code.co_filename).is_relative_to(Path(__file__).parent):
                texts.extend(
                    f"{frame.f_code.co_qualname} {name}={(show or show_with_attributes)(value)}"
                    for name, value in frame.f_locals.items()
                )
        collect(exception.__cause__)
        collect(exception.__context__)
        for inner in getattr(exception, "exceptions", ()):
            collect(inner)

    collect(error)
    texts.extend(traceback.TracebackException.from_exception(error).format())
    return "\n".join(texts)


def show_with_attributes(value):
    """Return the repr of a value and of its attributes, as crash reporters do."""
    inner = vars(value) if hasattr(value, "__dict__") and not isinstance(value, type) else {}
    try:
        return f"{value!r} {inner!r}"
    except AttributeError:  # an attrs class that is partly initialized
        return f"{type(value)} {inner!r}"


@pytest.fixture
def connect_with_key(connect):
    """Create a client with the secret key."""
    return lambda *responses, **options: connect(*responses, **{"api_key": build_key(), **options})


@pytest.fixture
def log(caplog, monkeypatch):
    """The log, with every logger at its lowest level, and bodies."""
    level = _logging.logger.level
    monkeypatch.setattr(_logging.bodies, "disabled", False)
    caplog.set_level(1)
    for name in ("polargrid", "polargrid.bodies", "httpx", "httpcore", "httpcore.http11", "asyncio"):
        caplog.set_level(1, name)
    yield caplog
    _logging.logger.setLevel(level)


# Objects


def test_client(connect_with_key):
    """Its repr and its attributes do not show the key; only its transport has the header."""
    client = connect_with_key(base_url="http://127.0.0.1:9").native
    assert SECRET not in f"{client} {client!r} {vars(client)} {client._settings}"


def test_client_cannot_be_pickled(connect_with_key):
    """The message says why."""
    client = connect_with_key(base_url="http://127.0.0.1:9").native
    for clone in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="a client cannot be pickled: it holds a key"):
            clone(client)


def test_settings_cannot_be_pickled(connect_with_key):
    """A copy and a dict of them do not show the key."""
    settings = connect_with_key(base_url="http://127.0.0.1:9").native._settings
    for clone in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="an API key cannot be pickled"):
            clone(settings)
    assert SECRET not in f"{copy.copy(settings)} {attrs.asdict(settings)}"


def test_config():
    """Neither its repr nor its JSON shows the key."""
    config = PolarGridConfig(api_key=build_key())
    assert SECRET not in f"{config} {config!r} {config.model_dump()} {config.model_dump_json()}"


def test_every_option_is_public_or_secret():
    """An option with another name may be `api_key`, misspelt."""
    assert set(ClientOptions.__annotations__) - PUBLIC_OPTIONS == {"api_key", "proxy"}


# Clients that cannot be created

INVALID = {
    "positional": lambda kind: kind(build_key()),
    "misspelt": lambda kind: kind(apikey=build_key()),
    "misspelt in the config": lambda kind: kind({"apikey": build_key()}),
    "bytes": lambda kind: kind(api_key=build_key().encode()),
    "list": lambda kind: kind(api_key=[build_key()]),
    "list in the config": lambda kind: kind({"api_key": [build_key()]}),
    "region": lambda kind: kind(api_key=build_key(), region="mars"),
    "region in the config": lambda kind: kind({"api_key": build_key(), "region": "mars"}),
    "regions": lambda kind: kind(api_key=build_key(), regions=["yvr", "mars"]),
    "base_url": lambda kind: kind(api_key=build_key(), base_url="mars"),
    "timeout": lambda kind: kind(api_key=build_key(), timeout="soon"),
    "timeout in the config": lambda kind: kind({"api_key": build_key(), "timeout": "soon"}),
    "unknown option": lambda kind: kind(api_key=build_key(), tiemout=3),
    "retry": lambda kind: kind(PolarGridConfig(api_key=build_key()), retry=3),
}
METHODS = {
    "class": lambda connect: connect.kind,
    "create": lambda connect: lambda *args, **kwargs: connect.run(connect.kind.create(*args, **kwargs)),
}
each_method = pytest.mark.parametrize("method", METHODS)


@each_method
@pytest.mark.parametrize("case", INVALID)
def test_invalid_option(connect, case, method):
    """The exception does not show the key, in any argument."""
    with pytest.raises((PolarGridError, TypeError)) as caught:
        INVALID[case](METHODS[method](connect))
    assert SECRET not in render(caught.value)


@each_method
@pytest.mark.parametrize(
    "environ", [{"POLARGRID_REGION": "mars"}, {"POLARGRID_LOG": "loud"}, {"POLARGRID_BASE_URL": "x"}]
)
def test_invalid_environment(connect, monkeypatch, environ, method):
    """The exception does not show its key, or any other variable."""
    monkeypatch.setenv("POLARGRID_API_KEY", build_key())
    monkeypatch.setenv("ANOTHER_SECRET", SECRET)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        METHODS[method](connect)()
    assert SECRET not in render(caught.value)


@pytest.mark.parametrize("config", [{"timeout": "soon"}, {"regoin": "yvr"}, 3])
def test_invalid_config(connect, monkeypatch, config):
    """`create` reads the environment, and its exception does not show it."""
    monkeypatch.setenv("POLARGRID_API_KEY", build_key())
    monkeypatch.setenv("ANOTHER_SECRET", SECRET)
    with pytest.raises((PolarGridError, TypeError)) as caught:
        METHODS["create"](connect)(config)
    assert SECRET not in render(caught.value)


@pytest.mark.parametrize("suffix", ["\r\nX-Evil: 1", "\n", "\u2028"])
@pytest.mark.parametrize("source", ["option", "config", "environment"])
def test_key_with_a_line_break(connect, monkeypatch, source, suffix):
    """The exception names the option and does not show the key."""
    if source == "environment":
        monkeypatch.setenv("POLARGRID_API_KEY", build_key() + suffix)
    args = [{"api_key": build_key() + suffix}] if source == "config" else []
    kwargs = {"api_key": build_key() + suffix} if source == "option" else {}
    with pytest.raises(ValidationError, match="api_key") as caught:
        connect.kind(*args, **kwargs)
    args, kwargs = [], {}
    assert SECRET not in render(caught.value)


def test_no_healthy_region(connect, log):
    """Neither the exception of `create` nor the log shows the key."""
    with pytest.raises(NetworkError) as caught:
        connect.create(httpx.ConnectError("refused"), api_key=build_key())
    assert SECRET not in render(caught.value) + log.text


# Calls that fail


def respond_with(*arguments, **options):
    """Build a script that reads a request and sends a complete response."""
    return lambda: (ReceiveRequest(), Send(response(*arguments, **options)))


def send(data):
    """Build a script that reads a request and sends bytes."""
    return lambda: (ReceiveRequest(), Send(data))


FAILURES = {
    "refused": None,
    "closed": lambda: [ReceiveRequest()],
    "reset": lambda: (ReceiveRequest(), Reset()),
    "not HTTP": send(b"SSH-2.0\r\n\r\n"),
    "invalid header": send(b"HTTP/1.1 200 OK\r\n bad\r\n\r\n"),
    "short body": send(INCOMPLETE),
    "invalid chunk": send(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"
    ),
    "401": respond_with(b"{}", status="401 Unauthorized"),
    "503": respond_with(b"{}", status="503 Service Unavailable"),
    "307": respond_with(b"", "location: /", status="307 Temporary Redirect"),
    "invalid JSON": respond_with(b"{"),
    "HTML": respond_with(b"<p>", media_type="text/html"),
    "invalid gzip": respond_with(b"{}", "content-encoding: gzip"),
    "no response": lambda: (ReceiveRequest(), AwaitClose()),
}
OPERATIONS = {
    "call": lambda client: client.health(),
    "stream": lambda client: list(client.chat_completion_stream(CHAT)),
    "upload": lambda client: client.transcribe(b"RIFF", {"model": "whisper-1"}),
}
CASES = [
    *[(failure, "call") for failure in FAILURES],
    *[(failure, use) for failure in ("reset", "short body", "401", "no response") for use in ("stream", "upload")],
]


@pytest.mark.parametrize(("failure", "use"), CASES)
def test_failed_call(connect_with_key, serve, log, failure, use):
    """Neither the exception nor any log shows the key."""
    server = serve(FAILURES[failure] or close)
    if failure == "refused":
        server.join()
    client = connect_with_key(base_url=server.url, timeout=0.1 if failure == "no response" else HANG_TIMEOUT)
    with pytest.raises(PolarGridError) as caught:
        OPERATIONS[use](client)
    client.close()
    assert SECRET not in render(caught.value)
    assert log.text
    assert SECRET not in log.text


def test_interrupted_stream(connect_with_key, serve, log):
    """Nor does that of a stream that has started."""
    choice = {"index": 0, "delta": {"content": "a"}, "finish_reason": None}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}

    def script():
        yield ReceiveRequest()
        yield Send(response_head("transfer-encoding: chunked", media_type=EVENT_STREAM))
        yield Send(render_chunk(f"data: {json.dumps(data)}\n\n".encode()))

    with pytest.raises(NetworkError) as caught:
        list(connect_with_key(base_url=serve(script).url).chat_completion_stream(CHAT))
    assert SECRET not in render(caught.value) + log.text


@pytest.mark.parametrize("request_", [{}, {"model": "m", "messages": 3}, None])
def test_invalid_request(connect_with_key, request_):
    """Nor does that of a request that is not sent."""
    with pytest.raises(ValidationError) as caught:
        connect_with_key(base_url="http://127.0.0.1:9").chat_completion(request_)
    assert SECRET not in render(caught.value)


def test_response_that_quotes_the_key(connect_with_key, log):
    """The key is replaced in the message, the details and the log."""
    body = {"error": {"message": f"Incorrect API key provided: {build_key()}", "details": [{"key": build_key()}]}}
    client = connect_with_key(httpx.Response(401, json=body))
    with pytest.raises(AuthenticationError, match=r"Incorrect API key provided: \*\*\*\*") as caught:
        client.health()
    assert SECRET not in render(caught.value, repr) + log.text + json.dumps(caught.value.details, default=str)


def test_bug_in_the_http_client(connect_with_key, connect):
    """The exception of the caller's code is raised as it is, without the key."""

    def respond(request):
        raise KeyError("a bug")

    with pytest.raises(KeyError) as caught:
        connect_with_key(http_client=connect.http(respond)).health()
    assert SECRET not in render(caught.value)


# Calls that are interrupted


@pytest.mark.parametrize("moment", ["write", "read", "body", "delay"])
def test_cancelled_call(serve, log, moment):
    """A call that is cancelled while it sends, reads or waits for a retry does not show the key."""
    is_reached, is_over = threading.Event(), threading.Event()

    def script():
        if moment != "write":
            yield ReceiveRequest()
        if moment == "body":
            yield Send(INCOMPLETE)
        if moment == "delay":
            yield Send(response(b"{}", "retry-after: 50", status="503 Service Unavailable"))
        is_reached.set()
        if moment == "write":
            yield Until(is_over.is_set)
        else:
            yield AwaitClose()

    server = serve(script)
    line = {"body": " 200 in ", "delay": "retrying in"}.get(moment, "")

    async def main():
        async with PolarGrid(api_key=build_key(), base_url=server.url, max_retries=3) as client:
            content = "x" * 12_000_000 if moment == "write" else "Hi"
            request = {"model": "m", "messages": [{"role": "user", "content": content}]}
            task = asyncio.create_task(client.chat_completion(request))
            assert await asyncio.to_thread(is_reached.wait, HANG_TIMEOUT)
            async with asyncio.timeout(HANG_TIMEOUT):
                while line not in log.text:  # noqa: ASYNC110 - a log has no event
                    await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            is_over.set()
            return caught.value

    error = asyncio.run(main(), debug=True)
    assert SECRET not in render(error)
    assert SECRET not in log.text


@pytest.fixture
def _default_sigint():
    """Handle SIGINT as Python does by default; a parent process may have ignored it."""
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, handler)


@pytest.mark.usefixtures("_default_sigint")
@pytest.mark.parametrize("data", [b"", INCOMPLETE], ids=["headers", "body"])
def test_keyboard_interrupt(serve, data):
    """Ctrl-C during a read does not show the key."""

    def script():
        yield ReceiveRequest()
        yield Send(data)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        yield AwaitClose()

    server = serve(script)
    with PolarGridSync(api_key=build_key(), base_url=server.url, max_retries=3) as client:
        with pytest.raises(KeyboardInterrupt) as caught:
            client.health()
        assert SECRET not in render(caught.value)


def test_uncaught_exception_of_a_program(serve):
    """It prints no key, in development mode and with all logs."""
    server = serve(FAILURES["not HTTP"])
    script = f"""
    import logging, sys
    from polargrid import PolarGridSync
    logging.basicConfig(level=1)
    PolarGridSync(api_key="pg_" + "{SECRET[:8]}" + "{SECRET[8:]}", base_url=sys.argv[1], max_retries=0).health()
    """
    command = [sys.executable, "-X", "dev", "-c", dedent(script), server.url]
    environ = {"POLARGRID_LOG": "bodies", "PYTHONPATH": ":".join(sys.path)}
    process = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=environ)
    assert process.returncode == 1
    assert "polargrid.errors.NetworkError" in process.stderr
    assert SECRET not in process.stdout + process.stderr


# Calls that succeed


def test_log_of_a_call(connect_with_key, serve, log, spec):
    """It has the request and the bodies, and not the key."""
    server = serve(respond_with(json.dumps(spec["health"].response).encode()))
    connect_with_key(base_url=server.url).health()
    assert server.requests[0].headers["authorization"] == f"Bearer {build_key()}"
    assert "polargrid" in {record.name for record in log.records}
    assert '"status"' in log.text
    assert SECRET not in log.text
    assert not [record for record in log.records if SECRET in repr(vars(record))]


def test_log_of_a_region_discovery(connect, log, spec):
    """It does not have the key."""
    connect.create(httpx.Response(200, json={**spec["health"].response, "status": "healthy"}), api_key=build_key())
    assert "GET /health 200" in log.text
    assert SECRET not in log.text


def test_headers_of_a_request_are_released(connect_with_key, serve, spec):
    """After a call, no cycle or cache keeps the headers with the key. Those of other tests have another host."""
    server = serve(respond_with(json.dumps(spec["health"].response).encode()))
    client = connect_with_key(base_url=server.url)
    client.health()
    server.requests.clear()
    gc.collect()
    headers = [item for item in gc.get_objects() if isinstance(item, httpx.Headers) and SECRET in str(item.raw)]
    assert [item for item in headers if item["host"] in server.url] == []


def test_an_error_that_a_closed_stream_replaces(connect, key, monkeypatch):
    """Another thread closes the stream while a rejection that quotes the key arrives: the context has no key."""
    build_error = CallState.to_error

    def interrupt(call, *parts):
        call.deadline.interrupt()
        return build_error(call, *parts)

    monkeypatch.setattr(CallState, "to_error", interrupt)
    client = connect(httpx.Response(401, json={"error": {"message": f"no {key}", "code": key}}))
    with pytest.raises(PolarGridError, match="closed while it was read") as caught:
        list(client.chat_completion_stream(CHAT))
    assert isinstance(caught.value.__context__, AuthenticationError)
    assert key not in "".join(traceback.format_exception(caught.value))
