"""Streams of chat and completion: their framing, their shape and their end."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from polargrid_contract.check import Fault, NotOffered, check
from polargrid_contract.checks.asking import ask
from polargrid_contract.exchange import Exchange
from polargrid_contract.server import Server
from polargrid_contract.shared import shared
from polargrid_contract.streamed import DONE, Stream

TEXTS = ("chat_completion", "completion")
TOKENS = 40
_PROMPTS = {
    "chat_completion": "Write the first ten sentences of a story about a lighthouse.",
    "completion": "One, two, three, four, five, six,",
}
_OBJECTS = {"chat_completion": ("chat.completion.chunk",), "completion": ("text_completion", "text_completion.chunk")}
_REASONS = ("stop", "length", "content_filter", "tool_calls")
_CLOCKS_APART = 86_400  # seconds: a clock may be wrong, a unit may not


def request(server: Server, operation: str, prompt: str = "", **fields: Any) -> dict[str, Any]:
    """A request for a text that is the same each time."""
    said = prompt or _PROMPTS[operation]
    asked = {"messages": [{"role": "user", "content": said}]} if operation == "chat_completion" else {"prompt": said}
    return {"model": server.model("chat"), **asked, "max_tokens": TOKENS, "temperature": 0, "seed": 7, **fields}


def told(server: Server, operation: str, prompt: str = "", **fields: Any) -> Exchange:
    """The answer to such a request, asked for once."""
    body = request(server, operation, prompt, **fields)
    name = (operation, json.dumps(body, sort_keys=True))
    return shared(server, name, lambda: server.offered(ask(server, operation, body=body)))


def offered(server: Server) -> list[str]:
    """Which of chat and completion there are. Raises NotOffered where neither is."""
    there, absent = [], []
    for operation in TEXTS:
        try:
            told(server, operation)
            there.append(operation)
        except NotOffered as reason:
            absent.append(str(reason))
    if not there:
        raise NotOffered("; ".join(absent))
    return there


def streams(server: Server, prompt: str = "", **fields: Any) -> Iterator[Stream]:
    """The answer to such a request as a stream, of chat and of completion."""
    for operation in offered(server):
        yield Stream(told(server, operation, prompt, stream=True, **fields))


def usual(server: Server) -> Iterator[Stream]:
    """The streams that most checks look at: without and with the usage, and of two choices."""
    yield from streams(server)
    yield from streams(server, stream_options={"include_usage": True})
    yield from cut_short(server)


def cut_short(server: Server) -> list[Stream]:
    """The same; none where n = 2 is not taken."""
    try:
        return list(two_choices(server))
    except NotOffered:
        return []


def two_choices(server: Server) -> Iterator[Stream]:
    """Two choices, cut after some tokens. Raises NotOffered where a server of others takes but one."""
    for stream in streams(server, n=2, max_tokens=6):
        if server.target.profile == "openai" and stream.exchange.status in {400, 422, 501}:
            raise NotOffered(f"n = 2 is answered {stream.exchange.status}")
        yield stream


@check(
    "stream-media-type",
    on=TEXTS,
    why="A client reads events only where the content type says that they are events.",
    source="WHATWG HTML, 9.2.5",
)
def media_type(server: Server) -> Iterator[Fault]:
    for stream in usual(server):
        came = f"{stream.exchange.status} {stream.exchange.media_type}"
        if came != "200 text/event-stream":
            yield server.fault(stream.exchange, expected="200 text/event-stream", came=came)


@check(
    "stream-framing",
    on=TEXTS,
    why="What is neither an event of JSON nor [DONE], a plain text error say, breaks the client that reads it.",
    source="WHATWG HTML, 9.2.6",
)
def framing(server: Server) -> Iterator[Fault]:
    for stream in usual(server):
        try:
            stream.exchange.body.decode()
        except UnicodeDecodeError as error:
            yield server.fault(stream.exchange, expected="UTF-8", came=str(error))
        for line in stream.stray[:1]:
            yield server.fault(stream.exchange, expected="fields of server-sent events", came=repr(line[:200]))
        for data in stream.unreadable[:1]:
            yield server.fault(stream.exchange, expected="JSON objects and [DONE] as data", came=repr(data[:200]))
        for event in stream.errors[:1]:
            yield server.fault(stream.exchange, expected="an answer", came=f"the error {json.dumps(event)[:200]}")


@check(
    "stream-done-last",
    on=TEXTS,
    why="Without [DONE] at its end a client cannot tell a whole answer from one that broke off.",
    source="API overview, Streaming",
)
def done_last(server: Server) -> Iterator[Fault]:
    for stream in usual(server):
        data = [event.data.strip() for event in stream.events]
        if stream.exchange.cut:
            yield server.fault(stream.exchange, expected="a whole stream", came=stream.exchange.cut)
        elif DONE not in data:
            last = data[-1].decode("utf-8", "replace") if data else "no event"
            yield server.fault(stream.exchange, expected="[DONE] as the last event", came=last[-200:])
        elif after := data[data.index(DONE) + 1 :]:
            came = f"{len(after)} after it, first {after[0].decode('utf-8', 'replace')[:200]}"
            yield server.fault(stream.exchange, expected="no event after [DONE]", came=came)


@check(
    "stream-role-first",
    on=("chat_completion",),
    why="A client makes the message from its first delta, which says who speaks.",
    source="OpenAI API, Streaming",
)
def role_first(server: Server) -> Iterator[Fault]:
    for stream in usual(server):
        if stream.exchange.operation != "chat_completion":
            continue
        for index in stream.indexes:
            first = stream.choice(index)[0]["delta"]
            if first.get("role") != "assistant":
                expected = f"role assistant in the first delta of choice {index}"
                yield server.fault(stream.exchange, expected=expected, came=json.dumps(first))


@check(
    "stream-finish-reason",
    on=TEXTS,
    why="A client learns from the one finish_reason, in the last chunk of a choice, whether the text was cut.",
    source="OpenAI API, Streaming",
)
def finish_reason(server: Server) -> Iterator[Fault]:
    for stream in usual(server):
        expected = "one finish_reason for each choice, in its last chunk"
        if not stream.indexes and stream.exchange.status == 200:
            yield server.fault(stream.exchange, expected=expected, came="no choices")
        for index in stream.indexes:
            reasons = [choice.get("finish_reason") for choice in stream.choice(index)]
            told_reasons = stream.finish_reasons(index)
            if len(told_reasons) != 1 or reasons[-1] is None or reasons[-1] not in _REASONS:
                yield server.fault(stream.exchange, expected=expected, came=f"choice {index}: {reasons[-8:]}")


@check(
    "stream-finish-true",
    on=TEXTS,
    why="A finish_reason that is not the true one makes a client keep a cut text, or ask again for a whole one.",
    source="API overview, Streaming",
)
def finish_true(server: Server) -> Iterator[Fault]:
    for stream in streams(server):
        plain = told(server, stream.exchange.operation).json()
        reason = plain["choices"][0]["finish_reason"]
        if stream.finish_reasons() and stream.finish_reasons() != [reason]:
            expected = f"{reason}, as in the plain answer"
            yield server.fault(stream.exchange, expected=expected, came=str(stream.finish_reasons()))
    for stream in cut_short(server):
        plain = told(server, stream.exchange.operation).json()
        cut = plain["usage"]["completion_tokens"] > 2 * 6  # then 6 tokens are less than the text
        reasons = [reason for index in stream.indexes for reason in stream.finish_reasons(index)]
        if cut and set(reasons) - {"length"}:
            expected = "length, as max_tokens 6 cuts the text"
            yield server.fault(stream.exchange, expected=expected, came=str(reasons))


@check(
    "stream-identity",
    on=TEXTS,
    why="All chunks of an answer tell the same id, time, model and object, or a client cannot put them together.",
    source="openapi.yaml, ChatCompletionChunk and CompletionChunk",
)
def identity(server: Server) -> Iterator[Fault]:
    ids: dict[str, int] = {}
    for stream in usual(server):
        for name in ("id", "created", "model", "object"):
            values = {json.dumps(chunk.get(name)) for chunk in stream.chunks}
            if len(values) > 1:
                came = ", ".join(sorted(values)[:3])
                yield server.fault(stream.exchange, expected=f"one {name} in all chunks", came=came)
        for chunk in stream.chunks[:1]:
            yield from _wrong(server, stream, chunk)
            ids[str(chunk.get("id"))] = ids.get(str(chunk.get("id")), 0) + 1
            if ids[str(chunk.get("id"))] > 1:
                yield server.fault(stream.exchange, expected="an id of its own", came=f"{chunk.get('id')} again")


def _wrong(server: Server, stream: Stream, chunk: dict[str, Any]) -> Iterator[Fault]:
    operation = stream.exchange.operation
    plain = told(server, operation).json()
    model = plain["model"] if server.target.profile == "openai" else server.model("chat")
    if chunk.get("object") not in _OBJECTS[operation]:
        yield server.fault(stream.exchange, expected=f"object {_OBJECTS[operation][0]}", came=str(chunk.get("object")))
    if chunk.get("model") != model:
        yield server.fault(stream.exchange, expected=f"model {model}", came=str(chunk.get("model")))
    if not isinstance(chunk.get("id"), str) or not chunk["id"]:
        yield server.fault(stream.exchange, expected="an id", came=str(chunk.get("id")))
    created = chunk.get("created")
    if not isinstance(created, int) or abs(created - time.time()) > _CLOCKS_APART:
        yield server.fault(stream.exchange, expected="created in seconds since 1970, near now", came=str(created))


@check(
    "stream-choices",
    on=TEXTS,
    why="With n = 2 both choices come, each under its index.",
    source="openapi.yaml, ChatCompletionRequest.n and CompletionRequest.n",
)
def choices(server: Server) -> Iterator[Fault]:
    for stream in two_choices(server):
        came = {index: stream.text(index) for index in stream.indexes}
        if sorted(came) != [0, 1] or not all(came.values()):
            yield server.fault(stream.exchange, expected="text for the choices 0 and 1", came=str(came)[:300])


@check(
    "stream-refused-plainly",
    on=TEXTS,
    why="What is refused before a stream starts has its status and plain JSON; in a 200 it would go unnoticed.",
    source="openapi.yaml, responses",
)
def refused_plainly(server: Server) -> Iterator[Fault]:
    others = server.target.profile == "openai"
    for operation in offered(server):
        # A server of one model alone may answer for any name.
        unknown = ({"model": "there-is-no-such-model"}, (404,))
        malformed = ({"temperature": "hot"}, (400, 422) if others else (400,))
        for fields, statuses in (malformed,) if others else (unknown, malformed):
            exchange = server.ask(operation, request(server, operation, stream=True) | fields)
            if exchange.status not in statuses or not isinstance(exchange.json(), dict):
                expected = f"{statuses[0]} with an error in JSON, for {fields}"
                came = f"{exchange.status} {exchange.media_type}: {exchange.text[:150]}"
                yield server.fault(exchange, expected=expected, came=came)
