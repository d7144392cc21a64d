"""What the checks ask in common: a plain request for each operation, answers asked for once, patience with 429."""

from __future__ import annotations

import io
import json
import time
import wave
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from polargrid_contract.check import NotOffered
from polargrid_contract.exchange import Exchange, Upload
from polargrid_contract.server import Kind, Server

T = TypeVar("T")
Prompt = str | list[str]

TEXT = ("chat_completion", "completion")
FORMS = ("transcribe", "translate")
CHANGING = ("load_model", "unload_model", "unload_all_models", "purge_gpu")
# Each is a question to answer as well as a text to continue.
TALE = "This is a long story about the sea, told by an old sailor. Once upon a time,"
SIGNS = "Here is, in many words, what a lighthouse is for: a lighthouse"
_TRIES = 3
_LONGEST_WAIT = 5.0
_USUAL_NAMES: Mapping[Kind, str] = {
    "chat": "llama-3.1-8b",
    "text-to-speech": "tts-1",
    "speech-to-text": "whisper-1",
}


def once(ask_all: Callable[[Server], T]) -> Callable[[Server], T]:
    """Ask a server only the first time, so that checks share what it answered."""
    held: WeakKeyDictionary[Server, T] = WeakKeyDictionary()

    @wraps(ask_all)
    def remembered(server: Server) -> T:
        if server not in held:
            held[server] = ask_all(server)
        return held[server]

    return remembered


@once
def refusals(server: Server) -> list[Exchange]:
    """Every 429 that was met so far."""
    del server
    return []


def ask(server: Server, operation: str, **how: Any) -> Exchange:
    """As `Server.ask`, but a 429 is waited out, as long as it says and a bound allows."""
    exchange = server.ask(operation, **how)
    for _ in range(_TRIES - 1):
        if exchange.status != 429:
            break
        refusals(server).append(exchange)
        told = exchange.answer_headers.get("retry-after", "")
        time.sleep(min(float(told) if told.isdecimal() else 1.0, _LONGEST_WAIT))
        exchange = server.ask(operation, **how)
    return exchange


def name_of(server: Server, kind: Kind) -> str:
    """A model of this kind; its usual name where none is listed, for requests that are not to succeed anyway."""
    try:
        return server.model(kind)
    except NotOffered:
        return _USUAL_NAMES[kind]


@cache
def silence() -> Upload:
    """A third of a second in which nothing is said."""
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(16_000)
        written.writeframes(bytes(2 * 5_000))
    return Upload("silence.wav", file.getvalue(), "audio/wav")


def plain(server: Server, operation: str) -> dict[str, Any]:
    """The shortest good request for an operation, as arguments of `ask`."""
    if operation in TEXT:
        return {"body": {"model": name_of(server, "chat"), **wording(operation, "Hello."), "max_tokens": 1}}
    if operation == "text_to_speech":
        return {"body": {"model": name_of(server, "text-to-speech"), "input": "Hi.", "voice": "alloy"}}
    if operation in FORMS:
        return {"form": {"model": name_of(server, "speech-to-text")}, "upload": silence()}
    if operation in {"load_model", "unload_model"}:
        return {"body": {"model_name": name_of(server, "chat")}}
    return {"body": {}} if operation == "purge_gpu" else {}


def wording(operation: str, prompt: Prompt) -> dict[str, Any]:
    """A prompt as the operation takes it."""
    return {"messages": [{"role": "user", "content": prompt}]} if operation == "chat_completion" else {"prompt": prompt}


def absent(server: Server, exchange: Exchange) -> bool:
    """Whether the server does not have the operation, and need not."""
    try:
        server.offered(exchange)
    except NotOffered:
        return True
    return False


@dataclass(frozen=True)
class Answer:
    """An answer with text, read as it is documented; what is not there raises KeyError and the like."""

    exchange: Exchange
    body: dict[str, Any]

    @property
    def choice(self) -> dict[str, Any]:
        first: dict[str, Any] = self.body["choices"][0]
        return first

    @property
    def text(self) -> str:
        return text_of(self.choice)

    @property
    def finish_reason(self) -> Any:
        return self.choice["finish_reason"]

    @property
    def tokens(self) -> int:
        """How many tokens were written, as the usage says."""
        count: int = self.body["usage"]["completion_tokens"]
        return count


def text_of(choice: Mapping[str, Any]) -> str:
    """What a choice says, in either operation; empty where it says nothing."""
    said: str = choice["message"].get("content") or "" if "message" in choice else choice["text"]
    return said


def fresh(server: Server, operation: str, prompt: Prompt = TALE, *, optional: bool = False, **fields: Any) -> Answer:
    """A short answer at temperature 0 with a seed, unless the fields say otherwise.

    `optional` is what a server of the `openai` profile may refuse. Raises ValueError where it is not answered.
    """
    body = {"model": server.model("chat"), **wording(operation, prompt), "max_tokens": 12, "temperature": 0, "seed": 1}
    if operation == "chat_completion" and server.target.profile == "polargrid":
        body["enable_thinking"] = False  # else a short answer may be all thought and no text
    exchange = server.offered(ask(server, operation, body={**body, **fields}))
    told = exchange.json()
    if exchange.status == 200 and isinstance(told, dict):
        return Answer(exchange, told)
    came = f"{exchange.cut or exchange.status}: {exchange.text[:200]}"
    if optional and server.target.profile == "openai" and exchange.status < 600:
        raise NotOffered(f"{', '.join(fields)}: {came}")
    raise ValueError(f"{operation} with {json.dumps(fields)[:200]} answers {came}")


def answer(server: Server, operation: str, prompt: Prompt = TALE, *, optional: bool = False, **fields: Any) -> Answer:
    """As `fresh`, but what was asked before is not asked again."""
    asked = json.dumps([operation, prompt, fields], sort_keys=True)
    if asked not in _answers(server):
        _answers(server)[asked] = fresh(server, operation, prompt, optional=optional, **fields)
    return _answers(server)[asked]


@once
def _answers(server: Server) -> dict[str, Answer]:
    del server
    return {}


def speaking(server: Server) -> Iterator[str]:
    """The text operations that the server has. Raises NotOffered where it has none of them."""
    reasons = []
    for operation in TEXT:
        try:
            answer(server, operation, optional=operation == "completion")
        except NotOffered as reason:
            reasons.append(str(reason))
        else:
            yield operation
    if len(reasons) == len(TEXT) or (reasons and server.target.profile == "polargrid"):
        raise NotOffered("; ".join(reasons))
