"""What the text of a request needs of llama.cpp, apart from how it is asked.

Who makes a text is a generator of calls: it yields each call and gets its result. A server in the process is asked on a
thread, which blocks (`run_calls`); one elsewhere on the event loop (`polargrid_edge.upstream.text_server`).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from polargrid_edge.backends.llama_server import LlamaServer

Json = dict[str, Any]
OnEvent = Callable[[Json], bool]
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Tokenize:
    """The tokens of a text, see `LlamaServer.tokenize`."""

    text: str
    is_literal: bool = False


@dataclass(frozen=True, slots=True)
class Detokenize:
    """The text of tokens."""

    tokens: Sequence[int]


@dataclass(frozen=True, slots=True)
class ApplyTemplate:
    """The prompt of a chat."""

    request: Json


@dataclass(frozen=True, slots=True)
class Generate:
    """Generate a text, of a prompt if the request has one, else of messages; `receive` gets the events."""

    request: Json
    receive: OnEvent

    @property
    def has_prompt(self) -> bool:
        return "prompt" in self.request


ServerCall = Tokenize | Detokenize | ApplyTemplate | Generate
Calls = Generator[ServerCall, Any, Result]


def tokenize(text: str, *, is_literal: bool = False) -> Calls[list[int]]:
    tokens: list[int] = yield Tokenize(text, is_literal)
    return tokens


def detokenize(tokens: Sequence[int]) -> Calls[str]:
    text: str = yield Detokenize(tokens)
    return text


def apply_template(request: Json) -> Calls[str]:
    prompt: str = yield ApplyTemplate(request)
    return prompt


def run_calls(calls: Calls[Result], get_server: Callable[[], LlamaServer]) -> Result:
    """Make the calls one after another, on the server of the time of each, and return the result of all. Blocks."""
    try:
        call = next(calls)
        while True:
            try:
                result = _make_call(get_server(), call)
            except Exception as error:  # noqa: BLE001  who made the call decides what it means
                call = calls.throw(error)
            else:
                call = calls.send(result)
    except StopIteration as end:
        total: Result = end.value
        return total


def _make_call(server: LlamaServer, call: ServerCall) -> Any:
    match call:
        case Tokenize(text, is_literal):
            return server.tokenize(text, is_literal=is_literal)
        case Detokenize(tokens):
            return server.detokenize(tokens)
        case ApplyTemplate(request):
            return server.apply_template(request)
        case Generate(request, receive):
            return (server.handle_completions if call.has_prompt else server.handle_chat_completions)(request, receive)
