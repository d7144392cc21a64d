"""Bad bodies: refused by 400 with the field named, never by a failure of the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from polargrid_contract.check import Fault, check
from polargrid_contract.checks.asking import FORMS, TEXT, absent, ask, name_of, once, plain, silence
from polargrid_contract.exchange import Exchange
from polargrid_contract.server import Server

_JSON = (*TEXT, "text_to_speech", "load_model", "unload_model")
_MODELS = (*TEXT, "text_to_speech", *FORMS, "load_model", "unload_model")
_NO_OBJECTS = (b"", b"{", b'{"model": "m",}', b"[]", b'"x"', b"5", b"null", b"\xff\xfe", b"[" * 20_000)
_UNKNOWN = "no-such-model-1"
_GONE = ...  # stands for a field that is left out
_SAID = {"role": "user", "content": "Hi"}
# The fields a server of the openai profile must miss too; of the others it may think otherwise, but not fail.
_ESSENTIAL = ("messages", "prompt", "input")
_SAMPLING: tuple[dict[str, Any], ...] = (
    {"max_tokens": 0},
    {"max_tokens": -1},
    {"max_tokens": "ten"},
    {"max_tokens": 1.5},
    {"max_tokens": 1_000_000_000},
    {"temperature": -1},
    {"temperature": 3},
    {"temperature": "hot"},
    {"top_p": 2},
    {"top_p": -0.1},
    {"top_k": "many"},
    {"n": 0},
    {"n": 9},
    {"n": "two"},
    {"frequency_penalty": 3},
    {"presence_penalty": -3},
    {"stop": 5},
    {"stop": [5]},
    {"seed": "x"},
    {"stream": "yes"},
    {"stream_options": "usage"},
    {"model": _GONE},
    {"model": 5},
    {"stream": True, "max_tokens": 0},
)
_BAD: dict[str, tuple[dict[str, Any], ...]] = {
    "chat_completion": (
        *_SAMPLING,
        {"messages": _GONE},
        {"messages": []},
        {"messages": "Hi"},
        {"messages": [5]},
        {"messages": [{"role": _GONE, "content": "Hi"}]},
        {"messages": [{"role": "stranger", "content": "Hi"}]},
        {"messages": [{"role": "user", "content": 5}]},
        {"messages": [_SAID, {"role": "user", "content": [{"type": "noise", "text": "Hi"}]}]},
        {"max_completion_tokens": 0},
        {"logprobs": "yes"},
        {"logprobs": True, "top_logprobs": 21},
        {"response_format": {"type": "xml"}},
        {"response_format": "json"},
        {"tools": "all"},
        {"tools": [{"type": "function", "function": {"name": _GONE}}]},
        {"tool_choice": "sometimes"},
    ),
    "completion": (*_SAMPLING, {"prompt": _GONE}, {"prompt": 5}, {"prompt": []}, {"prompt": [{"text": 5}]}),
    "text_to_speech": (
        {"input": ""},
        {"input": _GONE},
        {"input": 5},
        {"input": "a" * 4097},
        {"model": _GONE},
        {"voice": _GONE},
        {"voice": 5},
        {"speed": 0},
        {"speed": 9},
        {"speed": "fast"},
        {"response_format": "mp9"},
        {"stream": "yes"},
    ),
    "load_model": ({"model_name": _GONE}, {"model_name": 5}, {"model_name": ""}, {"force_reload": "maybe"}),
    "unload_model": ({"model_name": _GONE}, {"model_name": 5}, {"model_name": ""}),
    "purge_gpu": ({"force": "maybe"}, {"force": 2}),
}
_BAD_FORMS: tuple[dict[str, Any], ...] = (
    {"model": _GONE},
    {"response_format": "pdf"},
    {"temperature": "warm"},
    {"temperature": "2"},
)
_WITHOUT_FILE = b'--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--b--\r\n'


@dataclass(frozen=True)
class Refusal:
    """A bad request, the fields that are wrong in it, and its answer."""

    exchange: Exchange
    fields: frozenset[str]

    @property
    def essential(self) -> bool:
        return bool(self.fields & set(_ESSENTIAL))


@check(
    "malformed-body-400",
    on=(*_JSON, *FORMS),
    why="A body that is no JSON, or no object, is the client's mistake and must be told as such.",
    source="openapi.yaml, BadRequest; RFC 9110, 15.5.1",
)
def malformed_body(server: Server) -> Iterator[Fault]:
    """400 to broken JSON, to no body, to JSON of another kind, to nesting without end."""
    for exchange in malformed(server):
        yield from _not_bad_request(server, exchange)


@check(
    "bad-field-400",
    on=(*_BAD, *FORMS),
    why="A field that is missing, of another type or out of range is refused, not guessed at and not crashed on.",
    source="openapi.yaml, the requests and BadRequest",
)
def bad_field(server: Server) -> Iterator[Fault]:
    """400; where the openai profile leaves a field to the server, anything but a failure."""
    for refusal in refused(server):
        if server.target.profile == "polargrid" or refusal.essential:
            yield from _not_bad_request(server, refusal.exchange)
        elif refusal.exchange.status >= 500 or refusal.exchange.cut:
            yield server.fault(refusal.exchange, expected="a status below 500", came=_came(refusal.exchange))


@check(
    "bad-field-named",
    on=(*_BAD, *FORMS),
    why="Without the name of the field a user looks for the mistake in the wrong place.",
    source="API overview, Errors; openapi.yaml, BadRequest",
    profiles=("polargrid",),
)
def bad_field_named(server: Server) -> Iterator[Fault]:
    """In `param` or in the message."""
    for refusal in refused(server):
        if refusal.exchange.status == 400:
            error = refusal.exchange.json()["error"]
            told = f"{error.get('param') or ''} {error.get('message') or ''}"
            if not any(field in told for field in refusal.fields):
                expected = f"{' or '.join(sorted(refusal.fields))} in error.param or error.message"
                yield server.fault(refusal.exchange, expected=expected, came=told.strip() or "neither")


@check(
    "unknown-model-404",
    on=_MODELS,
    why="Another model in place of one that is not there gives other answers at another price.",
    source="openapi.yaml, NotFound; OpenAI API, Error codes, model_not_found",
    profiles=("polargrid",),
)
def unknown_model(server: Server) -> Iterator[Fault]:
    """404 on every operation that names a model; the message names it."""
    for exchange in unknown(server)[: len(_MODELS)]:
        if exchange.status != 404:
            yield server.fault(exchange, expected="status 404", came=_came(exchange))
        elif _UNKNOWN not in (told := exchange.json()["error"]["message"]):
            yield server.fault(exchange, expected=f"{_UNKNOWN} in error.message", came=str(told))


@check(
    "unknown-voice-404",
    on=("text_to_speech",),
    why="A voice that is not there must not become another without a word.",
    source="openapi.yaml, NotFound",
    profiles=("polargrid",),
)
def unknown_voice(server: Server) -> Iterator[Fault]:
    """404, unless the answer says which voice spoke instead."""
    for exchange in unknown(server)[len(_MODELS) :]:
        if exchange.status != 404 and not (exchange.status == 200 and exchange.answer_headers.get("x-pg-voice")):
            yield server.fault(exchange, expected="status 404", came=_came(exchange))


@once
def malformed(server: Server) -> list[Exchange]:
    """Bodies that are no object of JSON, or no form."""
    headers = {"content-type": "application/json"}
    asked = [ask(server, name, content=content, headers=headers) for name in _JSON for content in _NO_OBJECTS]
    headers = {"content-type": "multipart/form-data; boundary=b"}
    asked += [ask(server, name, content=content, headers=headers) for name in FORMS for content in (b"", b"no form")]
    return [exchange for exchange in asked if not absent(server, exchange)]


@once
def refused(server: Server) -> list[Refusal]:
    """Good bodies, each with one thing wrong."""
    asked = list(_bad_bodies(server)) + list(_bad_forms(server))
    return [refusal for refusal in asked if not absent(server, refusal.exchange)]


@once
def unknown(server: Server) -> list[Exchange]:
    """Requests for models that are not there, in the order of the operations, and for a voice that is not there."""
    asked = []
    for name in _MODELS:
        how = plain(server, name)
        field = "model_name" if "model_name" in how.get("body", {}) else "model"
        part = "form" if name in FORMS else "body"
        asked.append(ask(server, name, **{**how, part: {**how[part], field: _UNKNOWN}}))
    body = {**plain(server, "text_to_speech")["body"], "voice": "no-such-voice"}
    return [*asked, ask(server, "text_to_speech", body=body)]


def _bad_bodies(server: Server) -> Iterator[Refusal]:
    lenient = server.target.profile == "openai"
    for name, changes in _BAD.items():
        if name == "purge_gpu" and server.target.read_only:
            continue  # a server that guesses what was meant would purge
        for change in changes:
            if lenient and "max_tokens" in change:
                continue  # -1 has no end on some servers
            body = {**plain(server, name)["body"], **change}
            yield Refusal(ask(server, name, body=_without_gone(body)), frozenset(_names(change)))


def _bad_forms(server: Server) -> Iterator[Refusal]:
    for name in FORMS:
        usual = {"model": name_of(server, "speech-to-text")}
        for change in _BAD_FORMS:
            exchange = ask(server, name, form=_without_gone({**usual, **change}), upload=silence())
            yield Refusal(exchange, frozenset(change))
        headers = {"content-type": "multipart/form-data; boundary=b"}
        yield Refusal(ask(server, name, content=_WITHOUT_FILE, headers=headers), frozenset({"file"}))


def _without_gone(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_gone(held) for name, held in value.items() if held is not _GONE}
    return [_without_gone(held) for held in value] if isinstance(value, list) else value


def _names(value: Any) -> Iterator[str]:
    """Every field in a change: what is wrong may be named by its leaf as well."""
    if isinstance(value, dict):
        yield from value
    for held in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _names(held)


def _not_bad_request(server: Server, exchange: Exchange) -> Iterator[Fault]:
    expected = (400, 422) if server.target.profile == "openai" else (400,)
    if exchange.status not in expected:
        yield server.fault(exchange, expected="status 400", came=_came(exchange))


def _came(exchange: Exchange) -> str:
    return exchange.cut or f"status {exchange.status}: {exchange.text[:120]}"
