"""The requests that are sent at once: each carries something that its response must show, whatever a model says.

What a response shows is a number of choices and of tokens, a constant that a schema forces, the name of a function
that must be called, a vector, or the status and the id of the same request when it was sent alone.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from typing import Any

from polargrid_contract.checks.bodies import find_undocumented
from polargrid_contract.checks.requests import (
    TEXT_OPERATIONS,
    build_minimal_request,
    describe_status,
    prompt_fields,
    select,
    send,
)
from polargrid_contract.checks.streamed_client import to_assembled, to_streamed
from polargrid_contract.client import ServerClient
from polargrid_contract.examples import set_model
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import EVENT_STREAM, DocumentedOperation
from polargrid_contract.readers.assembled_stream import Json

_VARIANTS = 4  # of prompts, each with a length and a max_tokens of its own
_COUNT = 100
_TEXTS = 16
_FORCED = 4
_CALLS = 4  # two plain and two streamed, so that two of a kind may share an id
_VECTORS = 16
_MODELS = 3  # of an operation with a model in its path
_LEAVING = 4
_MAX_TOKENS = 48  # enough for a constant or a call
_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
_TOLERANCE = 1e-3  # of a part of a vector of length 1
_UNFINISHED = 202  # of a job, which has another status when it ends
FindError = Callable[[Exchange], str]


@dataclass(frozen=True)
class Probe:
    """A request, as arguments of `send`, and what its response must show."""

    operation: str
    options: Mapping[str, Any]
    find_error: FindError
    """Describe what is not of this request in a response with one of the statuses; empty if all of it is."""
    statuses: tuple[int, ...] = (200,)
    alone: Exchange | None = None
    """The plain response to the same request when it was sent alone."""
    leaves: bool = field(default=False, kw_only=True)
    """Whether the client closes the connection after the first event."""


def only_reads(operation: DocumentedOperation) -> bool:
    """Select operations that change nothing on the server."""
    return not operation.has_effect


def build_probes(client: ServerClient) -> list[Probe]:
    """Send each kind of request alone, and return about a hundred probes. Kinds that fail alone are left out."""
    operations = {it.name: it for it in select(client, only_reads)}
    probes: list[Probe] = []
    kinds = {name: _list_texts(client, name) for name in TEXT_OPERATIONS if name in operations}
    texts = [name for name in kinds if kinds[name]]
    for name in texts:
        probes += _build_texts(name, kinds[name], _TEXTS // len(texts))
        probes += _build_invalid(client, operations[name])
        probes += _build_leaving(client, name, _LEAVING // len(texts))
    if "chat_completion" in texts:
        probes += _build_forced(client)
        probes += _build_calls(client)
    reading: list[Probe] = []
    for operation in operations.values():
        if operation.model is not None and operation.model.kind == "embedding":
            probes += _build_vectors(client, operation)
        elif operation.method == "GET":
            reading += _build_reading(client, operation)
        elif operation.name not in TEXT_OPERATIONS and not operation.files:  # a recording takes a second to read
            probes += _build_reading(client, operation)
    missing = max(_COUNT - len(probes), len(reading))
    return [*probes, *islice(cycle(reading), missing)]


def read_response(exchange: Exchange) -> Json:
    """Return the JSON object of a response, assembled if it is a stream; empty if it has none.

    A field of another type than documented is left out: checks of single responses report it.
    """
    body = to_assembled(exchange).json() if exchange.media_type == EVENT_STREAM else exchange.json()
    if not isinstance(body, dict):
        return {}
    choices = [it for it in _list_objects(body.get("choices")) if isinstance(it.get("message", {}), dict)]
    usage = {"usage": body["usage"]} if isinstance(body.get("usage"), dict) else {}
    others = {name: value for name, value in body.items() if name not in ("choices", "usage")}
    return {**others, **({"choices": choices} if "choices" in body else {}), **usage}


def _list_objects(values: Any) -> list[Json]:
    return [value for value in values if isinstance(value, dict)] if isinstance(values, list) else []


def _list_texts(client: ServerClient, operation: str) -> list[tuple[Json, Exchange]]:
    """Texts of several lengths, for prompts of several lengths; none if the server lacks the operation."""
    kinds = []
    for variant in range(_VARIANTS):
        prompt = f"Count from {_WORDS[variant]}: {', '.join(_WORDS[variant:][: variant + 1])},"
        body = build_text(client, operation, prompt, max_tokens=variant + 1)
        alone = send(client, operation, body=body)
        if alone.status == 200 and read_response(alone).get("choices"):
            kinds.append((body, alone))
    return kinds


def _build_texts(operation: str, kinds: list[tuple[Json, Exchange]], count: int) -> Iterator[Probe]:
    """Each text plain and streamed."""
    for number in range(count):
        body, alone = kinds[number % len(kinds)]
        is_streamed = number // len(kinds) % 2 == 0
        options = {"body": to_streamed(operation, body) if is_streamed else body}
        yield Probe(operation, options, partial(find_text_error, alone), alone=alone)


def _build_forced(client: ServerClient) -> Iterator[Probe]:
    """Texts that a schema leaves no choice: a constant of their own."""

    def build(number: int) -> Probe:
        constant = f"key-{number:02}"
        schema = {
            "type": "object",
            "properties": {"key": {"const": constant}},
            "required": ["key"],
            "additionalProperties": False,
        }
        form = {"type": "json_schema", "json_schema": {"name": "key", "schema": schema, "strict": True}}
        body = build_text(client, "chat_completion", "Say the key.", max_tokens=_MAX_TOKENS, response_format=form)
        return Probe("chat_completion", _alternate(body, number), partial(_find_constant_error, constant))

    yield from _build_if_supported(client, build, _FORCED)


def _build_calls(client: ServerClient) -> Iterator[Probe]:
    """Calls of a function with a name of its own."""

    def build(number: int) -> Probe:
        name = f"get_key_{number:02}"
        parameters = {"type": "object", "properties": {"n": {"const": number}}, "required": ["n"]}
        tool = {"type": "function", "function": {"name": name, "parameters": parameters}}
        choice = {"type": "function", "function": {"name": name}}
        fields = {"max_tokens": _MAX_TOKENS, "tools": [tool], "tool_choice": choice}
        body = build_text(client, "chat_completion", "Get the key.", **fields)
        return Probe("chat_completion", _alternate(body, number), partial(_find_call_error, name))

    yield from _build_if_supported(client, build, _CALLS)


def _build_if_supported(client: ServerClient, build: Callable[[int], Probe], count: int) -> Iterator[Probe]:
    """Build probes of a kind whose first one gets what it asks for when it is sent alone: other checks say if not."""
    first = build(0)
    alone = send(client, first.operation, **first.options)
    if alone.status == 200 and not first.find_error(alone):
        yield from (build(number) for number in range(1, count + 1))


def _build_vectors(client: ServerClient, operation: DocumentedOperation) -> Iterator[Probe]:
    """Vectors of one to four texts."""
    request = build_minimal_request(client, operation)
    kinds = []
    for variant in range(4):
        texts = [f"The word is {_WORDS[variant + other]}." for other in range(variant + 1)]
        options = {**request, "body": {**request["body"], "input": texts}}
        alone = send(client, operation.name, **options)
        if alone.status == 200 and read_vectors(alone):
            kinds.append((options, alone))
    for number in range(_VECTORS if kinds else 0):
        options, alone = kinds[number % len(kinds)]
        yield Probe(operation.name, options, partial(find_vector_error, alone), alone=alone)


def _build_reading(client: ServerClient, operation: DocumentedOperation) -> Iterator[Probe]:
    """Requests that only read; if they name a model in their path, several models."""
    requests = [build_minimal_request(client, operation)]
    if operation.model is not None and operation.model.location == "path":
        requests = [set_model(operation, requests[0], str(model["id"])) for model in client.models[:_MODELS]]
    for options in requests:
        alone = send(client, operation.name, **options)
        if 200 <= alone.status < 500 and alone.status != _UNFINISHED and not alone.error:
            yield Probe(operation.name, options, partial(_find_reading_error, client, alone), (alone.status,), alone)


def _build_invalid(client: ServerClient, operation: DocumentedOperation) -> Iterator[Probe]:
    """Requests that are rejected, each for a reason of its own, plain and streamed."""
    is_polargrid = client.target.profile == "polargrid"
    rejected = (400,) if is_polargrid else (400, 422)
    for stream in (False, True):
        body = build_text(client, operation.name, "Hello", max_tokens=1, stream=stream)
        yield Probe(operation.name, {"body": {**body, "temperature": "hot"}}, _find_no_error, rejected)
        if is_polargrid:
            name = f"no-such-model-{operation.name}-{stream}".lower()
            yield Probe(operation.name, {"body": {**body, "model": name}}, partial(_find_name_error, name), (404,))
        if is_polargrid and operation.requires_key:
            yield Probe(operation.name, {"body": body, "key": "no-such-key"}, _find_no_error, (401,))


def _build_leaving(client: ServerClient, operation: str, count: int) -> Iterator[Probe]:
    """Streams whose client leaves after the first event."""
    for number in range(count):
        prompt = f"Tell a long story about {_WORDS[number]} ships."
        body = to_streamed(operation, build_text(client, operation, prompt, max_tokens=_MAX_TOKENS))
        options = {"body": body, "stop_after": lambda data: b"\n\n" in data}
        yield Probe(operation, options, _find_no_error, leaves=True)


def build_text(client: ServerClient, operation: str, prompt: str, **fields: Any) -> Json:
    thinking = {"enable_thinking": False}  # otherwise the tokens may all be thoughts
    has_thinking = operation == "chat_completion" and client.target.profile == "polargrid"
    return {
        "model": client.model("chat"),
        **prompt_fields(client, operation, prompt),
        "temperature": 0,
        "seed": 1,
        **(thinking if has_thinking else {}),
        **fields,
    }


def _alternate(body: Json, number: int) -> Json:
    return {"body": to_streamed("chat_completion", body) if number % 2 else body}


# What a response shows


def find_text_error(alone: Exchange, exchange: Exchange) -> str:
    expected, actual = read_response(alone), read_response(exchange)
    limit = exchange.request["max_tokens"]
    choices = actual.get("choices") or []
    if len(choices) != len(expected["choices"]):
        return f"{len(choices)} choices instead of {len(expected['choices'])}"
    if actual.get("model") != expected.get("model"):
        return f"model {actual.get('model')!r} instead of {expected.get('model')!r}"
    usage, usage_alone = actual.get("usage") or {}, expected.get("usage") or {}
    if not usage or not usage_alone:
        return ""  # checks of the usage report it
    if usage.get("prompt_tokens") != usage_alone.get("prompt_tokens"):
        return f"{usage.get('prompt_tokens')} prompt_tokens instead of {usage_alone.get('prompt_tokens')}"
    tokens = usage.get("completion_tokens")
    return f"{tokens} completion_tokens, but max_tokens is {limit}" if not _is_at_most(tokens, limit) else ""


def _is_at_most(tokens: object, limit: int) -> bool:
    return isinstance(tokens, int) and tokens <= limit


def _find_constant_error(constant: str, exchange: Exchange) -> str:
    choice: Json = next(iter(read_response(exchange).get("choices") or []), {})
    text = str((choice.get("message") or {}).get("content") or "")
    try:
        is_right = json.loads(text) == {"key": constant}
    except (ValueError, RecursionError):
        is_right = choice.get("finish_reason") == "length" and bool(text)
    return "" if is_right else f"{text!r} instead of the constant {constant!r}"


def _find_call_error(name: str, exchange: Exchange) -> str:
    choice: Json = next(iter(read_response(exchange).get("choices") or []), {})
    functions = [call.get("function") for call in _list_objects((choice.get("message") or {}).get("tool_calls"))]
    names = [function.get("name") for function in functions if isinstance(function, dict)]
    is_truncated = choice.get("finish_reason") == "length" and not names
    return "" if is_truncated or (names and set(names) == {name}) else f"calls of {names} instead of {name!r}"


def find_vector_error(alone: Exchange, exchange: Exchange) -> str:
    expected, actual = read_vectors(alone), read_vectors(exchange)
    if list(actual) != list(expected):
        return f"vectors with the indexes {list(actual)} instead of {list(expected)}"
    for index, vector in expected.items():
        pairs = zip(vector, actual[index], strict=False)
        if len(vector) != len(actual[index]) or any(abs(first - second) > _TOLERANCE for first, second in pairs):
            return f"another vector of input {index} than the one of the same request alone"
    return ""


def read_vectors(exchange: Exchange) -> dict[str, list[float]]:
    vectors = {}
    for item in _list_objects(read_response(exchange).get("data")):
        vector = item.get("embedding")
        if isinstance(vector, list) and all(isinstance(part, int | float) for part in vector):
            vectors[str(item.get("index"))] = vector
    return vectors


def _find_reading_error(client: ServerClient, alone: Exchange, exchange: Exchange) -> str:
    if exchange.media_type != alone.media_type:
        return f"content-type {exchange.media_type or '(none)'} instead of {alone.media_type}"
    expected, actual = read_response(alone), read_response(exchange)
    if "id" in expected and actual.get("id") != expected["id"] and "path" in exchange.parameters:
        return f"id {actual.get('id')!r} instead of {expected['id']!r}"
    is_documented = 200 <= alone.status < 300 and not find_undocumented(client, alone)
    return find_undocumented(client, exchange) if is_documented else ""


def _find_name_error(name: str, exchange: Exchange) -> str:
    return "" if name in exchange.text else f"{describe_status(exchange)} instead of an error about {name!r}"


def _find_no_error(_exchange: Exchange) -> str:
    """The status says all."""
    return ""
