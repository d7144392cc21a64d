"""JSON responses of the text operations: their metadata, usage and finish reasons; and the list of models."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

from polargrid_contract.checks.requests import (
    LIGHTHOUSE_PROMPT,
    STORY_PROMPT,
    TEXT_OPERATIONS,
    TextResponse,
    ask_cached,
    ask_fresh,
    send,
    text_operations,
)
from polargrid_contract.checks.shapes import read_objects
from polargrid_contract.client import ServerClient
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

_OBJECTS = {"chat_completion": "chat.completion", "completion": "text_completion"}
_FINISH_REASONS = {
    "chat_completion": {"stop", "length", "content_filter", "tool_calls"},
    "completion": {"stop", "length", "content_filter"},
}
_TEMPLATE_MARKS = ("<|im_end|>", "<|eot_id|>", "<|im_start|>", "</s>")
_DAY = 86_400
_MAX_SILENT_TOKENS = 4  # tokens without text: the end marks of a model


@check(
    "model-echoed",
    on=TEXT_OPERATIONS,
    rationale="A response with another model name does not say which model generated it.",
    reference="API overview, Chat; openapi.yaml, ChatCompletionResponse.model",
    profiles=("polargrid",),
)
def check_model(client: ServerClient) -> Iterator[Violation]:
    """The response has the requested name, also if that is an alias."""
    name = client.model("chat")
    aliases = next((model.get("pg_aliases") or [] for model in client.models if model["id"] == name), [])
    for operation in text_operations(client):
        for model in (name, *aliases[:1]):
            response = ask_cached(client, operation, model=model)
            if response.body.get("model") != model:
                actual = repr(response.body.get("model"))
                yield client.violation(response.exchange, expected=f"model {model!r}", actual=actual)


@check(
    "created-is-current",
    on=TEXT_OPERATIONS,
    rationale="A timestamp in milliseconds or of another day breaks the order of every log.",
    reference="openapi.yaml, Created; OpenAI API, Chat, created",
)
def check_created(client: ServerClient) -> Iterator[Violation]:
    """`created` is an integer, in seconds since 1970, within a day of now."""
    for response in _sample(client):
        created = response.body.get("created")
        if type(created) is not int or abs(created - time.time()) > _DAY:
            expected = f"about {time.time():.0f}, in seconds"
            yield client.violation(response.exchange, expected=expected, actual=f"created = {created!r}")


@check(
    "response-ids-unique",
    on=TEXT_OPERATIONS,
    rationale="A response is found by its id.",
    reference="openapi.yaml, ChatCompletionResponse.id",
    together=True,
)
def check_ids(client: ServerClient) -> Iterator[Violation]:
    """Ids are not empty and differ, even for equal requests."""
    responses = [
        *_sample(client),
        *(ask_fresh(client, operation, max_tokens=1) for operation in text_operations(client)),
    ]
    counts = Counter(str(response.body.get("id")) for response in responses)
    for response in responses:
        identity = response.body.get("id")
        if not isinstance(identity, str) or not identity or counts[identity] > 1:
            yield client.violation(response.exchange, expected="a unique id", actual=f"id = {identity!r}")


@check(
    "object-field",
    on=TEXT_OPERATIONS,
    rationale="A client distinguishes kinds of responses by `object`.",
    reference="openapi.yaml, ChatCompletionResponse.object; OpenAI API, Chat",
)
def check_object(client: ServerClient) -> Iterator[Violation]:
    """`object` is chat.completion or text_completion."""
    for response in _sample(client):
        expected = _OBJECTS[response.exchange.operation]
        if response.body.get("object") != expected:
            actual = repr(response.body.get("object"))
            yield client.violation(response.exchange, expected=f"object {expected!r}", actual=actual)


@check(
    "finish-reason-known",
    on=TEXT_OPERATIONS,
    rationale="A client decides by the finish_reason what to do next, and handles the documented values only.",
    reference="openapi.yaml, ChatCompletionChoice.finish_reason; OpenAI API, Chat, finish_reason",
)
def check_finish_reason(client: ServerClient) -> Iterator[Violation]:
    """Every choice has a documented finish_reason."""
    for response in _sample(client):
        allowed = _FINISH_REASONS[response.exchange.operation]
        for choice in response.choices:
            if choice.get("finish_reason") not in allowed:
                actual = repr(choice.get("finish_reason"))
                yield client.violation(
                    response.exchange, expected=f"one of {', '.join(sorted(allowed))}", actual=actual
                )


@check(
    "finish-reason-accurate",
    on=TEXT_OPERATIONS,
    rationale="With `stop` on a truncated response a client takes half a sentence for all of it.",
    reference="openapi.yaml, ChatCompletionChoice.finish_reason; OpenAI API, Chat, finish_reason",
)
def check_length_reason(client: ServerClient) -> Iterator[Violation]:
    """If a higher max_tokens gives more text, the shorter response has `length` and exactly max_tokens tokens."""
    compared = 0
    for operation in text_operations(client):
        for limit, higher in ((3, 6), (5, 9)):
            short = ask_cached(client, operation, max_tokens=limit)
            if ask_cached(client, operation, max_tokens=higher).tokens <= limit:
                continue  # the model stopped by itself
            compared += 1
            if (short.finish_reason, short.tokens) != ("length", limit):
                actual = f"{short.finish_reason!r} after {short.tokens} tokens"
                yield client.violation(short.exchange, expected=f"'length' after {limit} tokens", actual=actual)
    if not compared:
        raise CheckSkipped("the model stops by itself within 3 tokens")


@check(
    "message-role-and-text",
    on=TEXT_OPERATIONS,
    rationale="A client sends the message back unchanged in its next request.",
    reference="openapi.yaml, ChatMessage; OpenAI API, Chat, message",
)
def check_message(client: ServerClient) -> Iterator[Violation]:
    """The role is assistant, and the content is text without marks of the chat template."""
    for response in _sample(client):
        is_chat = response.exchange.operation == "chat_completion"
        role = response.choice.get("message", {}).get("role") if is_chat else "assistant"
        if role != "assistant":
            yield client.violation(response.exchange, expected="role 'assistant'", actual=repr(role))
        text = response.text
        must_have_text = response.tokens > _MAX_SILENT_TOKENS and client.target.profile == "polargrid"
        if not text and must_have_text:
            yield client.violation(response.exchange, expected="text", actual=repr(text))
        elif mark := next((mark for mark in _TEMPLATE_MARKS if mark in text), ""):
            yield client.violation(response.exchange, expected="text without marks of the template", actual=mark)


@check(
    "models-list-valid",
    on=("list_models",),
    rationale="A model is requested by its id, so no two models share one.",
    reference="openapi.yaml, ListModelsResponse; OpenAI API, Models",
)
def check_models_list(client: ServerClient) -> Iterator[Violation]:
    """The response is a list of models with unique ids and plausible creation times."""
    exchange = send(client, "list_models")
    models = read_objects(exchange, "data")
    kind = exchange.json().get("object")
    if kind != "list":
        yield client.violation(exchange, expected="object 'list'", actual=repr(kind))
    counts = Counter(str(model.get("id") or "") for model in models)
    for name, count in counts.items():
        if not name:
            yield client.violation(exchange, expected="ids that are not empty", actual=f"{count} without an id")
        elif count > 1:
            yield client.violation(exchange, expected="unique ids", actual=f"{name!r} {count} times")
    for model in models:
        if model.get("object") != "model":
            yield client.violation(exchange, expected="object 'model'", actual=repr(model.get("object")))
        created: Any = model.get("created", 0)
        if type(created) is not int or not 0 <= created <= time.time() + _DAY:
            actual = f"created = {created!r} of {model.get('id')}"
            yield client.violation(exchange, expected="seconds since 1970", actual=actual)


def _sample(client: ServerClient) -> Iterator[TextResponse]:
    """A few responses of each text operation."""
    for operation in text_operations(client):
        yield ask_cached(client, operation, STORY_PROMPT)
        yield ask_cached(client, operation, LIGHTHOUSE_PROMPT)
        yield ask_cached(client, operation, max_tokens=5)
