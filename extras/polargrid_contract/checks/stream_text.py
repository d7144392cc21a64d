"""Streams of chat and completion: what they say, against the plain answer to the same request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polargrid_contract.check import Fault, check
from polargrid_contract.checks.streams import TEXTS, offered, request, streams, told, usual
from polargrid_contract.server import Server
from polargrid_contract.streamed import Stream

_SIGNS = "🦊🚀🌍 é 日 🦊🚀🌍 é 日 🦊🚀🌍 é 日 🦊"
_USAGE = {"include_usage": True}


def _plain_text(answer: dict[str, Any]) -> str:
    choice = answer["choices"][0]
    return str((choice["message"]["content"] if "message" in choice else choice["text"]) or "")


def _repeatable(server: Server, operation: str, **fields: Any) -> tuple[str, str] | None:
    """Plain and streamed text, asked for again; None where the plain answer is another one each time."""
    first = _plain_text(told(server, operation, **fields).json())
    plain = _plain_text(server.ask(operation, request(server, operation, **fields)).json())
    streamed = Stream(server.ask(operation, request(server, operation, stream=True, **fields))).text()
    return (plain, streamed) if plain == first else None


@check(
    "stream-same-text",
    on=TEXTS,
    why="The deltas joined are the plain answer: none is lost, doubled or out of its place.",
    source="API overview, Streaming",
)
def same_text(server: Server) -> Iterator[Fault]:
    for stream in [*streams(server), *streams(server, stream_options=_USAGE)]:
        operation = stream.exchange.operation
        if stream.exchange.status != 200 or stream.text() == _plain_text(told(server, operation).json()):
            continue
        again = _repeatable(server, operation)
        if again and again[0] != again[1]:
            yield server.fault(stream.exchange, expected=f"the plain text {again[0]!r}", came=repr(stream.text()))


@check(
    "stream-stops",
    on=TEXTS,
    why="A stream ends before the stop text, which it does not hold, and says that it stopped.",
    source="openapi.yaml, ChatCompletionRequest.stop and CompletionRequest.stop",
)
def stops(server: Server) -> Iterator[Fault]:
    for operation in offered(server):
        whole = _plain_text(told(server, operation).json())
        words = [word for word in whole.split() if word.isalpha() and len(word) > 3 and whole.index(word) > 0]
        if not words:
            continue
        stop = words[len(words) // 3]
        stream = Stream(told(server, operation, stop=[stop], stream=True))
        if stop in stream.text() or stream.finish_reasons() != ["stop"]:
            expected = f"stop, before {stop!r} in {whole!r}"
            yield server.fault(stream.exchange, expected=expected, came=f"{stream.finish_reasons()}: {stream.text()!r}")


@check(
    "stream-whole-characters",
    on=TEXTS,
    why="A character of several tokens comes whole in one delta; in pieces it can be shown no more.",
    source="OpenAI API, Streaming",
)
def whole_characters(server: Server) -> Iterator[Fault]:
    for stream in streams(server, _SIGNS, max_tokens=24):
        plain = _plain_text(told(server, stream.exchange.operation, _SIGNS, max_tokens=24).json())
        broken = [piece for piece in stream.pieces() if "\ufffd" in piece or not _is_text(piece)]
        if broken and "\ufffd" not in plain:
            yield server.fault(stream.exchange, expected=f"the characters of {plain!r}", came=ascii(broken[0]))


def _is_text(piece: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in piece)


@check(
    "stream-usage-asked-for",
    on=TEXTS,
    why="With include_usage the last chunk, without choices, tells the tokens that are paid for.",
    source="OpenAI API, stream_options.include_usage",
)
def usage_asked_for(server: Server) -> Iterator[Fault]:
    for stream in streams(server, stream_options=_USAGE):
        if stream.exchange.status != 200 or not stream.chunks:
            continue
        last = stream.chunks[-1]
        if stream.usages != [last] or last.get("choices") != []:
            expected = "usage in one chunk, the last, whose choices are empty"
            came = f"usage in {len(stream.usages)} of {len(stream.chunks)} chunks; the last is {last}"
            yield server.fault(stream.exchange, expected=expected, came=came[:400])
        for chunk in stream.usages[-1:]:
            yield from _wrong_usage(server, stream, chunk["usage"])


def _wrong_usage(server: Server, stream: Stream, usage: dict[str, int]) -> Iterator[Fault]:
    answer = told(server, stream.exchange.operation).json()
    names = ("prompt_tokens", "completion_tokens", "total_tokens")
    if usage.get("total_tokens") != usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0):
        yield server.fault(stream.exchange, expected="a usage that adds up", came=str(usage))
    same = stream.text() == _plain_text(answer)
    plain = {name: answer["usage"].get(name) for name in names}
    if same and plain != {name: usage.get(name) for name in names}:
        yield server.fault(stream.exchange, expected=f"the plain answer's {plain}", came=str(usage))


@check(
    "stream-usage-unasked",
    on=TEXTS,
    why="A client that did not ask for the usage does not expect a chunk without choices.",
    source="OpenAI API, stream_options.include_usage",
)
def usage_unasked(server: Server) -> Iterator[Fault]:
    for stream in usual(server):
        if "stream_options" not in stream.exchange.request and stream.usages:
            yield server.fault(stream.exchange, expected="no usage", came=str(stream.usages[0])[:300])
