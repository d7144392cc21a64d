"""The API key shows nowhere: not in a repr, a log, a pickle, nor in a local variable of any traceback."""

import asyncio
import copy
import gc
import json
import logging
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

from polargrid import AuthenticationError, NetworkError, PolarGrid, PolarGridError, PolarGridSync, ValidationError, log
from polargrid.config import ClientOptions
from polargrid.secret import OPEN
from polargrid.types import PolarGridConfig

CHAT = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hi"}]}
SECRET = "S3cr3t0123456789abcdef"
PATIENCE = 10


def given():
    """The key, out of the sight of this file's own local variables."""
    return f"pg_{SECRET}"


def told(error, shown=None):
    """Everything that a traceback with local variables tells of an error, but for the test's own frames."""
    seen, pages = set(), []

    def collect(each):
        if each is None or id(each) in seen:
            return
        seen.add(id(each))
        pages.extend([str(each), repr(each), repr(vars(each))])
        for frame, _ in traceback.walk_tb(each.__traceback__):
            if not Path(frame.f_code.co_filename).is_relative_to(Path(__file__).parent):
                pages.extend(
                    f"{frame.f_code.co_qualname} {name}={(shown or _taken_apart)(value)}"
                    for name, value in frame.f_locals.items()
                )
        collect(each.__cause__)
        collect(each.__context__)
        for inner in getattr(each, "exceptions", ()):
            collect(inner)

    collect(error)
    pages.extend(traceback.TracebackException.from_exception(error).format())
    return "\n".join(pages)


def _taken_apart(value):
    """A value's repr, and those of what it holds, as a crash reporter takes them apart."""
    inner = vars(value) if hasattr(value, "__dict__") and not isinstance(value, type) else {}
    return f"{value!r} {inner!r}"


@pytest.fixture
def made(connect):
    """Makes a client with the secret key."""
    return lambda *answers, **options: connect(*answers, **{"api_key": given(), **options})


@pytest.fixture
def chatty(caplog, monkeypatch):
    """Every logger tells everything, the bodies too."""
    monkeypatch.setattr(log.bodies, "disabled", False)
    caplog.set_level(1)
    for name in ("polargrid", "polargrid.bodies", "httpx", "httpcore", "httpcore.http11", "asyncio"):
        caplog.set_level(1, name)
    return caplog


# What shows an object


def test_client(made):
    """A client shows no key: not in its repr, its text, nor its variables."""
    client = made(base_url="http://127.0.0.1:9").native
    shown = f"{client} {client!r} {vars(client)} {vars(client._transport)} {client._settings} {vars(client._asking())}"
    assert SECRET not in shown


def test_client_is_not_pickled(made):
    """A client is not pickled or copied, and a sentence says why."""
    client = made(base_url="http://127.0.0.1:9").native
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="a client is not pickled: it holds a key"):
            way(client)


def test_settings_are_not_pickled(made):
    """Nor are its settings."""
    settings = made(base_url="http://127.0.0.1:9").native._settings
    for way in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError, match="an API key is not pickled"):
            way(settings)
    assert SECRET not in f"{copy.copy(settings)} {attrs.asdict(settings)}"


def test_config():
    """A PolarGridConfig shows no key, nor does its JSON."""
    config = PolarGridConfig(api_key=given())
    assert SECRET not in f"{config} {config!r} {config.model_dump()} {config.model_dump_json()}"


def test_every_option_is_sorted():
    """Each option is one that may show, or holds a secret; what has another name may be a key's, and does not show."""
    assert set(ClientOptions.__annotations__) - OPEN == {"api_key", "proxy"}


# Clients that cannot be made


WRONG = {
    "positional": lambda kind: kind(given()),
    "misnamed": lambda kind: kind(apikey=given()),
    "misnamed in the config": lambda kind: kind({"apikey": given()}),
    "line end": lambda kind: kind(api_key=given() + "\r\nX-Evil: 1"),
    "line end in the config": lambda kind: kind({"api_key": given() + "\n"}),
    "bytes": lambda kind: kind(api_key=given().encode()),
    "list": lambda kind: kind(api_key=[given()]),
    "list in the config": lambda kind: kind({"api_key": [given()]}),
    "region": lambda kind: kind(api_key=given(), region="mars"),
    "region in the config": lambda kind: kind({"api_key": given(), "region": "mars"}),
    "regions": lambda kind: kind(api_key=given(), regions=["yvr", "mars"]),
    "base_url": lambda kind: kind(api_key=given(), base_url="mars"),
    "timeout": lambda kind: kind(api_key=given(), timeout="soon"),
    "timeout in the config": lambda kind: kind({"api_key": given(), "timeout": "soon"}),
    "option": lambda kind: kind(api_key=given(), tiemout=3),
    "retry": lambda kind: kind(PolarGridConfig(api_key=given()), retry=3),
}


@pytest.mark.parametrize("way", ["class", "create"])
@pytest.mark.parametrize("wrong", WRONG)
def test_client_that_cannot_be_made(connect, wrong, way):
    """A client that cannot be made shows no key, whatever was wrong and however it was given."""
    kind = (
        connect.kind if way == "class" else lambda *values, **named: connect.run(connect.kind.create(*values, **named))
    )
    with pytest.raises((PolarGridError, TypeError)) as caught:
        WRONG[wrong](kind)
    assert SECRET not in told(caught.value)


@pytest.mark.parametrize("way", ["class", "create"])
@pytest.mark.parametrize(
    "environ", [{"POLARGRID_REGION": "mars"}, {"POLARGRID_LOG": "loud"}, {"POLARGRID_BASE_URL": "x"}]
)
def test_environment_that_cannot_be(connect, monkeypatch, environ, way):
    """Nor does one whose environment is wrong show the key that stands there, or anything else of it."""
    monkeypatch.setenv("POLARGRID_API_KEY", given())
    monkeypatch.setenv("SOMEBODY_ELSES_SECRET", SECRET)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError) as caught:
        connect.run(connect.kind.create()) if way == "create" else connect.kind()
    assert SECRET not in told(caught.value)


@pytest.mark.parametrize("config", [{"timeout": "soon"}, {"regoin": "yvr"}, 3])
def test_create_with_a_wrong_config_shows_no_environment(connect, monkeypatch, config):
    """`create` looks into the environment; what stands there shows in no error of it."""
    monkeypatch.setenv("POLARGRID_API_KEY", given())
    monkeypatch.setenv("SOMEBODY_ELSES_SECRET", SECRET)
    with pytest.raises((PolarGridError, TypeError)) as caught:
        connect.run(connect.kind.create(config))
    assert SECRET not in told(caught.value)


@pytest.mark.parametrize("junk", ["\r\n", "\nX-Evil: 1", "\r", "\x00", "\u2028"])
@pytest.mark.parametrize("source", ["argument", "config", "environment"])
def test_key_with_a_line_end(connect, monkeypatch, source, junk):
    """A key that holds a line end is refused by name, and not shown."""
    if source == "environment":
        monkeypatch.setattr("os.environ", {"POLARGRID_API_KEY": given() + junk})
    values = {"config": [{"api_key": given() + junk}]}.get(source, [])
    named = {"api_key": given() + junk} if source == "argument" else {}
    with pytest.raises(ValidationError, match="api_key") as caught:
        connect.kind(*values, **named)
    values, named = [], {}
    assert SECRET not in told(caught.value)


def test_create_without_a_healthy_region(connect, chatty):
    """`create` that finds no region shows no key, in its error or in a log."""
    with pytest.raises(NetworkError) as caught:
        connect.create(httpx.ConnectError("refused"), api_key=given())
    assert SECRET not in told(caught.value) + chatty.text


# Calls that fail

FAULTS = {
    "refused": None,
    "closed": lambda connection: connection.request(),
    "reset": lambda connection: (connection.request(), connection.reset()),
    "no HTTP": lambda connection: (connection.request(), connection.send(b"SSH-2.0\r\n\r\n")),
    "junk header": lambda connection: (connection.request(), connection.send(b"HTTP/1.1 200 OK\r\n bad\r\n\r\n")),
    "half": lambda connection: (
        connection.request(),
        connection.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{"),
    ),
    "junk chunk": lambda connection: (
        connection.request(),
        connection.send(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"
        ),
    ),
    "401": lambda connection: (connection.request(), connection.answer(b"{}", status="401 Unauthorized")),
    "503": lambda connection: (connection.request(), connection.answer(b"{}", status="503 Service Unavailable")),
    "307": lambda connection: (connection.request(), connection.answer(b"", "location: /", status="307 Go")),
    "no JSON": lambda connection: (connection.request(), connection.answer(b"{")),
    "another type": lambda connection: (connection.request(), connection.answer(b"<p>", media_type="text/html")),
    "no gzip": lambda connection: (connection.request(), connection.answer(b"{}", "content-encoding: gzip")),
    "silent": lambda connection: (connection.request(), connection.left()),
}


@pytest.mark.parametrize("use", ["call", "stream", "upload"])
@pytest.mark.parametrize("fault", FAULTS)
def test_call_that_fails(made, serve, chatty, fault, use):
    """However a call fails, its traceback and every log show no key."""
    edge = serve(FAULTS[fault] or (lambda _: None))
    if fault == "refused":
        edge.join()
    client = made(base_url=edge.url, timeout=0.1 if fault == "silent" else 20)
    calls = {
        "call": client.health,
        "stream": lambda: list(client.chat_completion_stream(CHAT)),
        "upload": lambda: client.transcribe(b"RIFF", {"model": "whisper-1"}),
    }
    with pytest.raises(PolarGridError) as caught:
        calls[use]()
    client.close()
    assert SECRET not in told(caught.value)
    assert chatty.text
    assert SECRET not in chatty.text


def test_stream_that_breaks(made, serve, chatty):
    """So it is for a stream that breaks after its first chunk."""
    choice = {"index": 0, "delta": {"content": "a"}, "finish_reason": None}
    data = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}

    def script(connection):
        connection.request()
        connection.start_stream()
        connection.piece(f"data: {json.dumps(data)}\n\n".encode())

    with pytest.raises(NetworkError) as caught:
        list(made(base_url=serve(script).url).chat_completion_stream(CHAT))
    assert SECRET not in told(caught.value) + chatty.text


@pytest.mark.parametrize("request_", [{}, {"model": "m", "messages": 3}, None])
def test_malformed_request(made, request_):
    """So it is for a request that is not sent."""
    with pytest.raises(ValidationError) as caught:
        made(base_url="http://127.0.0.1:9").chat_completion(request_)
    assert SECRET not in told(caught.value)


def test_error_that_quotes_the_key(made, chatty):
    """An edge that quotes the key in its error is not quoted with it, in the error or in a log."""
    body = {"error": {"message": f"Incorrect API key provided: {given()}", "details": [{"key": given()}]}}
    client = made(httpx.Response(401, json=body))
    with pytest.raises(AuthenticationError, match=r"Incorrect API key provided: \*\*\*\*") as caught:
        client.health()
    assert SECRET not in told(caught.value, repr) + chatty.text + json.dumps(caught.value.details, default=str)


def test_bug_in_the_users_http_client(made, connect):
    """A mistake in the code of the user's HTTP client shows as it is, without the key."""

    def answer(request):
        raise KeyError("a bug")

    with pytest.raises(KeyError) as caught:
        made(http_client=connect.http(answer)).health()
    assert SECRET not in told(caught.value)


# Calls that are broken off


@pytest.mark.parametrize("moment", ["write", "read", "body", "wait"])
def test_cancelled_call(serve, chatty, moment):
    """A call that is cancelled while it sends, waits, reads, or waits to try again shows no key."""
    reached = threading.Event()

    def script(connection):
        if moment != "write":
            connection.request()
        if moment == "body":
            connection.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{")
        if moment == "wait":
            connection.answer(b"{}", "retry-after: 50", status="503 Service Unavailable")
        reached.set()
        if moment != "write":
            connection.left()
        else:
            over.wait(PATIENCE)

    over = threading.Event()
    edge = serve(script)

    async def main():
        async with PolarGrid(api_key=given(), base_url=edge.url, max_retries=3) as client:
            content = "x" * 20_000_000 if moment == "write" else "Hi"
            task = asyncio.create_task(
                client.chat_completion({"model": "m", "messages": [{"role": "user", "content": content}]})
            )
            assert await asyncio.to_thread(reached.wait, PATIENCE)
            if moment in ("body", "wait"):
                await _until(
                    lambda: (moment in ("body", "wait") and "200" in chatty.text) or "trying again" in chatty.text
                )
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            over.set()
            return caught.value

    error = asyncio.run(main(), debug=True)
    assert SECRET not in told(error)
    assert SECRET not in chatty.text


async def _until(reached):
    """Let the loop turn until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not reached():  # noqa: ASYNC110 - what a log tells has no event
            await asyncio.sleep(0)


@pytest.mark.parametrize("moment", ["head", "body"])
def test_keyboard_interrupt(serve, moment):
    """Ctrl-C in the middle of a read shows no key."""

    def script(connection):
        connection.request()
        if moment == "body":
            connection.send(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{")
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        connection.left()

    edge = serve(script)
    with PolarGridSync(api_key=given(), base_url=edge.url, max_retries=3) as client:
        with pytest.raises(KeyboardInterrupt) as caught:
            client.health()
        assert SECRET not in told(caught.value)


def test_crash_of_a_program(serve):
    """A program that ends by an error of a call prints no key, under -X dev and with the wire's logs on."""
    edge = serve(FAULTS["no HTTP"])
    script = f"""
    import logging, sys
    from polargrid import PolarGridSync
    logging.basicConfig(level=1)
    PolarGridSync(api_key="pg_" + "{SECRET[:8]}" + "{SECRET[8:]}", base_url=sys.argv[1], max_retries=0).health()
    """
    command = [sys.executable, "-X", "dev", "-c", dedent(script), edge.url]
    environ = {"POLARGRID_LOG": "bodies", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ)
    assert done.returncode == 1
    assert "polargrid.errors.NetworkError" in done.stderr
    assert SECRET not in done.stdout + done.stderr


# Calls that go well


def test_log_of_a_call(made, serve, chatty, spec):
    """A call that goes well tells its way and its bodies, and no key."""
    edge = serve(
        lambda connection: (connection.request(), connection.answer(json.dumps(spec["health"].answer).encode()))
    )
    made(base_url=edge.url).health()
    assert edge.requests[0].headers["authorization"] == f"Bearer {given()}"
    assert "polargrid" in {record.name for record in chatty.records}
    assert '"status"' in chatty.text
    assert SECRET not in chatty.text
    assert not [record for record in chatty.records if SECRET in repr(vars(record))]


def test_log_of_a_region_search(connect, chatty, spec):
    """Nor does `create` tell one."""
    connect.create(httpx.Response(200, json={**spec["health"].answer, "status": "healthy"}), api_key=given())
    assert "GET /health 200" in chatty.text
    assert SECRET not in chatty.text


def test_the_key_is_in_few_places(made, serve, spec):
    """After a call the key lives in the client alone: no cycle or cache keeps the request's headers."""
    edge = serve(
        lambda connection: (connection.request(), connection.answer(json.dumps(spec["health"].answer).encode()))
    )
    client = made(base_url=edge.url)
    client.health()
    gc.collect()
    kept = [each for each in gc.get_objects() if isinstance(each, httpx.Headers) and SECRET in str(each.raw)]
    assert kept == []


@pytest.fixture(autouse=True)
def _quiet_again():
    """The loggers are as they were."""
    level = logging.getLogger("polargrid").level
    yield
    logging.getLogger("polargrid").setLevel(level)
