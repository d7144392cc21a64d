"""Retries and failovers are events, failures are errors; whatever ends a call ends its span."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import os
import threading
import weakref

import anyio
import httpx
import pydantic
import pytest
import trio
import uvloop
from opentelemetry.trace import StatusCode

import polargrid
from polargrid import _call_state, errors
from polargrid_otel import PolarGridInstrumentor
from polargrid_runtime.response import ResponseMeta
from tests.otel.conftest import ASK, events_of, respond, respond_with_error, stream_events
from tests.overlay.conftest import KEY


def describe_end(span) -> tuple:
    return span.status.status_code, span.attributes.get("error.type"), span.status.description


def test_a_retry_is_an_event_with_its_reason(recorded, connect):
    """The span counts the requests that were sent again."""
    client = connect(respond_with_error(429), respond_with_error(503), respond(), max_retries=2, base_url="http://x:1")
    client.chat_completion(ASK)
    reasons = events_of(recorded.span, "polargrid.retry")
    assert [reason.pop("error.type") for reason in reasons] == ["RateLimitError", "InternalServerError"]
    assert reasons[0] == {
        "exception.type": "polargrid.errors.RateLimitError",
        "exception.message": "busy",
        "http.response.status_code": 429,
        "polargrid.retry.delay": 0.0,
        "server.address": "x",
        "server.port": 1,
    }
    assert recorded.span.attributes["http.request.resend_count"] == 2
    assert recorded.span.status.status_code is StatusCode.UNSET
    assert len(events_of(recorded.span, "exception")) == 0


def test_a_failover_is_an_event_with_its_reason(recorded, connect):
    """The span has the region that responded."""
    connect(httpx.ConnectError("refused"), respond(), regions=["yvr", "ymq"]).chat_completion(ASK)
    (reason,) = events_of(recorded.span, "polargrid.failover")
    assert (reason["error.type"], reason["polargrid.region"]) == ("NetworkError", "yvr-01")
    assert recorded.span.attributes["polargrid.region"] == "ymq-01"
    assert recorded.span.attributes["server.address"] != reason["server.address"]
    (duration,) = recorded.metrics["gen_ai.client.operation.duration"]
    assert duration.attributes["server.address"] == recorded.span.attributes["server.address"]


@pytest.mark.parametrize("is_stream", [False, True])
def test_a_failure_is_an_error(recorded, connect, is_stream):
    """With its class, its message, its status, and an event without a traceback."""
    client = connect(respond_with_error(404, "no such model"))
    with pytest.raises(errors.NotFoundError):
        list(client.chat_completion_stream(ASK)) if is_stream else client.chat_completion(ASK)
    assert describe_end(recorded.span) == (StatusCode.ERROR, "NotFoundError", "no such model")
    assert recorded.span.attributes["http.response.status_code"] == 404
    exception = {"exception.type": "polargrid.errors.NotFoundError", "exception.message": "no such model"}
    assert events_of(recorded.span, "exception") == [exception]
    (duration,) = recorded.metrics["gen_ai.client.operation.duration"]
    assert duration.attributes["error.type"] == "NotFoundError"


def test_a_stream_that_is_cut_is_an_error(recorded, connect):
    """With the facts of the chunks that arrived."""
    with pytest.raises(errors.StreamInterruptedError):
        list(connect(stream_events("a", is_complete=False)).chat_completion_stream(ASK))
    assert describe_end(recorded.span)[:2] == (StatusCode.ERROR, "StreamInterruptedError")
    assert recorded.span.attributes["gen_ai.response.id"] == "chatcmpl-2"


@pytest.mark.parametrize("body", ["private", '{"detail": [{"msg": "wrong", "input": "private"}]}'])
def test_a_body_is_not_quoted(providers, connect, body):
    """An error response without a message of its own may quote the request; its status is recorded."""
    for captures in (False, True):
        providers.instrument(capture_content=captures)
        with pytest.raises(errors.UnprocessableEntityError, match="private"):
            connect(httpx.Response(422, content=body)).chat_completion(ASK)
        PolarGridInstrumentor().uninstrument()
    without, with_contents = (describe_end(span)[2] for span in providers.spans)
    assert without == "HTTP 422"
    assert with_contents == f"HTTP 422: {body}"


def test_a_message_can_be_exported(recorded, connect):
    """A half of a surrogate pair, as names of files have them, would lose all spans of a batch."""
    with pytest.raises(errors.BadRequestError):
        connect(httpx.Response(400, content=rb'{"error": {"message": "no \ud800"}}')).chat_completion(ASK)
    assert describe_end(recorded.span)[2] == "no ?"


def test_no_key_is_recorded(recorded, connect):
    """Not from messages of a server, headers, or exceptions of the caller's hooks."""
    hook_error = RuntimeError(f"hook of {KEY}")
    responses = [respond_with_error(429, f"key {KEY}"), respond_with_error(400, f"key {KEY}", **{"x-request-id": KEY})]
    for answer in (responses, [hook_error]):
        with pytest.raises((errors.BadRequestError, errors.PolarGridError, RuntimeError)):
            connect(*answer, max_retries=1).chat_completion(ASK)
    assert len(recorded.spans) == 2
    assert KEY not in recorded.text
    assert "****" in recorded.text


def test_a_response_that_does_not_match_is_not_quoted(recorded, connect):
    """Its exception quotes the response, which is a content."""
    with pytest.raises(errors.APIResponseValidationError, match="private"):
        connect(respond({"choices": "private"})).chat_completion(ASK)
    assert describe_end(recorded.span)[1] == "APIResponseValidationError"
    assert "private" not in recorded.text


def test_an_exception_of_a_hook_is_an_error(recorded, connect):
    """Which is not of the SDK."""

    def fail(_: httpx.Request) -> None:
        raise LookupError("of a hook")

    with pytest.raises(Exception, match="of a hook"):
        connect(fail).chat_completion(ASK)
    assert describe_end(recorded.span) == (StatusCode.ERROR, "LookupError", "LookupError")
    assert "of a hook" not in recorded.text  # it may quote anything


def test_a_key_that_cannot_be_had_is_an_error(recorded, connect):
    """Although nothing was sent."""

    def find_key() -> str:
        raise OSError("no key today")

    with pytest.raises(OSError, match="no key today"):
        connect(respond(), api_key=find_key).chat_completion(ASK)
    assert describe_end(recorded.span) == (StatusCode.ERROR, "OSError", "OSError")


def test_a_key_that_cannot_be_had_is_an_error_of_the_raw_client(recorded, connect):
    """As it is one of every other call."""
    from polargrid_generated.raw.api.models import list_models

    def find_key() -> str:
        raise OSError("no key today")

    send = list_models.asyncio if connect.name == "async" else list_models.sync
    metas: list[ResponseMeta] = []
    client = connect(respond(), api_key=find_key, on_meta=metas.append)
    with pytest.raises(OSError, match="no key today"):
        connect.run(send(client=client.native.raw))
    assert describe_end(recorded.span) == (StatusCode.ERROR, "OSError", "OSError")
    assert metas == [ResponseMeta()]


def test_a_call_inside_an_except_block_is_no_error(recorded, connect):
    """The exception that the caller handles is not of the call."""
    try:
        raise KeyError("of the caller")
    except KeyError:
        connect(respond()).chat_completion(ASK)
        list(connect(stream_events("a")).chat_completion_stream(ASK))
    assert {span.status.status_code for span in recorded.spans} == {StatusCode.UNSET}


def test_a_stream_that_ends_inside_an_except_block_is_no_error(recorded, connect):
    """Although it started before."""
    stream = connect(stream_events("a", "b")).chat_completion_stream(ASK)
    next(stream)

    async def read_async() -> None:
        try:
            raise KeyError("of the caller")
        except KeyError:
            async for _ in stream.native:
                pass

    def read() -> None:
        try:
            raise KeyError("of the caller")
        except KeyError:
            list(stream)

    connect.run(read_async() if connect.name == "async" else read())
    assert describe_end(recorded.span) == (StatusCode.UNSET, None, None)


def _client(answer) -> polargrid.PolarGrid:
    return polargrid.PolarGrid(api_key=KEY, http_client=httpx.AsyncClient(transport=httpx.MockTransport(answer)))


async def _hang(_: httpx.Request) -> httpx.Response:
    await anyio.sleep_forever()
    raise AssertionError


@pytest.mark.parametrize("is_stream", [False, True])
@pytest.mark.parametrize("library", ["asyncio", "uvloop", "trio"])
def test_a_cancelled_call_is_an_error(recorded, library, is_stream):
    """Of the class that the event loop cancels with."""

    async def call(client: polargrid.PolarGrid) -> None:
        if is_stream:
            async for _ in client.chat_completion_stream(ASK):
                pass
        else:
            await client.chat_completion(ASK)

    async def main() -> None:
        async with anyio.create_task_group() as group:
            sent = anyio.Event()

            async def answer(request: httpx.Request) -> httpx.Response:
                sent.set()
                return await _hang(request)

            group.start_soon(call, _client(answer))
            await sent.wait()
            group.cancel_scope.cancel()

    if library == "trio":
        trio.run(main)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop if library == "uvloop" else None) as runner:
            runner.run(main())
    kind = "Cancelled" if library == "trio" else "CancelledError"
    assert describe_end(recorded.span)[:2] == (StatusCode.ERROR, kind)


@pytest.mark.parametrize("ends_loop", [False, True])
def test_an_abandoned_stream_ends_its_span(recorded, ends_loop):
    """Also without the event loop that would close it."""

    async def main() -> None:
        stream = _client(lambda _: stream_events("a", "b")).chat_completion_stream(ASK)
        await anext(stream)
        held.append(stream)
        if not ends_loop:
            held.clear()
            del stream
            gc.collect()
            await asyncio.sleep(0)

    held: list[object] = []
    loop = asyncio.new_event_loop()
    loop.run_until_complete(main())
    loop.close()
    held.clear()
    gc.collect()
    assert events_of(recorded.span, "polargrid.stream_closed") == [{}]


def test_an_abandoned_call_is_an_error(recorded):
    """It is no stream that the program closed."""

    async def main() -> None:
        call = _client(_hang).chat_completion(ASK)
        contextvars.copy_context().run(call.send, None)
        call.close()

    asyncio.run(main())
    assert describe_end(recorded.span)[:2] == (StatusCode.ERROR, "GeneratorExit")
    assert events_of(recorded.span, "polargrid.stream_closed") == []


def test_a_fork_records_no_span_of_its_parent(recorded, connect):
    """The copy of an open stream ends in silence."""
    stream = connect(stream_events("a", "b")).chat_completion_stream(ASK)
    next(stream)
    if (child := os.fork()) == 0:
        stream.close()
        os._exit(len(recorded.spans))
    assert os.waitpid(child, 0)[1] == 0
    stream.close()
    assert len(recorded.spans) == 1


def test_a_stream_that_is_read_in_several_tasks_leaves_no_context(recorded):
    """Each task has the span of its own caller as the current one."""
    from opentelemetry import context

    async def step(stream) -> object:
        await anext(stream)
        return context.get_current()

    async def main() -> None:
        stream = _client(lambda _: stream_events("a", "b", "c")).chat_completion_stream(ASK)
        for _ in range(3):
            assert not await asyncio.create_task(step(stream))
        await asyncio.create_task(stream.aclose())

    asyncio.run(main())
    assert recorded.span.name == "chat llama-3.1-8b"


def test_a_stream_whose_text_does_not_parse_is_an_error(recorded, connect):
    """The text is read while the stream is open."""

    class Answer(pydantic.BaseModel):
        number: int

    stream = connect(stream_events("no JSON")).chat.completions.stream(**ASK, response_format=Answer)
    with pytest.raises(errors.PolarGridError) as raised, stream:
        list(stream)
    assert describe_end(recorded.span)[:2] == (StatusCode.ERROR, type(raised.value).__name__)


def test_a_stream_that_is_closed_while_it_is_read_is_an_error(recorded):
    """The thread that reads it gets an exception."""
    release, client = threading.Event(), polargrid.PolarGridSync(api_key=KEY, max_retries=0)

    class Body(httpx.SyncByteStream):
        def __iter__(self):
            yield stream_events("a", is_complete=False).content
            client_stream.close()
            release.set()

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, stream=Body(), headers={"content-type": "text/event-stream"})

    http_client = httpx.Client(transport=httpx.MockTransport(answer))
    client_stream = client.with_options(http_client=http_client).chat_completion_stream(ASK)
    with pytest.raises(errors.PolarGridError):
        list(client_stream)
    assert release.is_set()
    assert describe_end(recorded.span)[0] is StatusCode.ERROR


def test_an_interrupted_call_is_an_error(recorded):
    """By Ctrl-C."""

    def answer(_: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    client = polargrid.PolarGridSync(api_key=KEY, http_client=httpx.Client(transport=httpx.MockTransport(answer)))
    with pytest.raises(KeyboardInterrupt):
        client.chat_completion(ASK)
    assert describe_end(recorded.span)[:2] == (StatusCode.ERROR, "KeyboardInterrupt")


def test_an_exception_of_the_caller_keeps_no_call(recorded):
    """A call that is made while one is handled is freed at its end, without the garbage collector."""
    calls: list[weakref.ref] = []

    class Watched(_call_state.call_class):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)
            calls.append(weakref.ref(self))

    _call_state.call_class = Watched
    responses = iter([respond(), stream_events("a")])
    transport = httpx.MockTransport(lambda _: next(responses))
    client = polargrid.PolarGridSync(api_key=KEY, http_client=httpx.Client(transport=transport))
    gc.disable()
    try:
        raise KeyError("of the caller")
    except KeyError:
        client.chat_completion(ASK)
        list(client.chat_completion_stream(ASK))
        assert [call() for call in calls] == [None, None]
    finally:
        gc.enable()
