"""Requests that checks share: the shortest right request of an operation, cached responses, retries after 429."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import NoneType
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.shapes import build_unexpected, get_field, read_field, read_objects
from polargrid_contract.client import OperationMissing, ServerClient, read_retry_after
from polargrid_contract.examples import build_request, set_fields, set_model
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.runtime_expressions import evaluate
from polargrid_contract.operations import DocumentedOperation

Prompt = str | list[str]

TEXT_OPERATIONS = ("chat_completion", "completion")
UPLOAD_OPERATIONS = ("transcribe", "translate")
# Both prompts work as a question to answer and as a text to continue.
STORY_PROMPT = "Tell a long story. Once upon a time,"
LIGHTHOUSE_PROMPT = "Here is, in many words, what a lighthouse is for: a lighthouse"
_MAX_ATTEMPTS = 3


def rate_limit_responses(client: ServerClient) -> list[Exchange]:
    """Every response with status 429 so far, of the operations that the client sees."""
    names = {operation.name for operation in client.profile_operations}
    return [exchange for exchange in client.shared.rate_limited if exchange.operation in names]


def send(client: ServerClient, operation: str, **options: Any) -> Exchange:
    """Send like `ServerClient.send`, and retry after a 429 as long as Retry-After says, within a bound."""
    exchange = client.send(operation, **options)
    for _ in range(_MAX_ATTEMPTS - 1):
        if exchange.status != 429:
            break
        client.shared.rate_limited.append(exchange)
        client.clock.sleep(read_retry_after(exchange))
        exchange = client.send(operation, **options)
    return exchange


def select(
    client: ServerClient, has_facts: Callable[[DocumentedOperation], bool], *, may_act: bool = True
) -> list[DocumentedOperation]:
    """Return the operations with these facts.

    With `may_act` the requests have an effect if the server accepts them: an operation that changes something is left
    out for a read-only target.
    """
    return [it for it in client.profile_operations if has_facts(it) and not (may_act and is_forbidden(client, it))]


def is_forbidden(client: ServerClient, operation: DocumentedOperation) -> bool:
    """Whether the operation changes something, and the target is read-only."""
    return client.target.read_only and operation.has_effect


def build_minimal_request(client: ServerClient, operation: DocumentedOperation) -> dict[str, Any]:
    """Build the shortest right request for an operation, as arguments of `send`.

    It names a model of the server; that of the document's example if the server lists none, for requests that need not
    succeed. An id of another object is that of a new one, if the document says which operation creates it.
    """
    request = build_request(operation)
    if operation.model is not None:
        with suppress(OperationMissing):
            request = set_model(operation, request, client.model(operation.model.kind))
    ids = cached(client.base, ("ids", operation.name), lambda: _create_ids(client, operation))
    return {**request, "parameters": {**request["parameters"], **ids}} if ids else request


def _create_ids(client: ServerClient, operation: DocumentedOperation) -> dict[str, Any]:
    """Values for parameters that another operation returns, by name."""
    for name, expressions in operation.sources:
        source = client.operations[name]
        if name == operation.name or source.sources or is_forbidden(client, source):
            continue
        if not source.is_in(client.target.profile):
            continue
        exchange = send(client, name, **build_minimal_request(client, source))
        values = {it: evaluate(expression, response=exchange.json()) for it, expression in expressions.items()}
        if 200 <= exchange.status < 300 and None not in values.values():
            return values
    return {}


def stream_request(operation: DocumentedOperation, request: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the request for which the response is a stream of events, by `x-answers`; None if there is no stream."""
    for _, content in operation.event_streams:
        answers = content.get("x-answers", {})
        fields = {expression.partition("#/")[2]: values[0] for expression, values in answers.items()}
        if all(expression.startswith("$request.body#/") for expression in answers):
            return set_fields(request, fields) if fields else dict(request)
    return None


def prompt_fields(client: ServerClient, operation: str, prompt: Prompt) -> dict[str, Any]:
    """The request fields for a prompt.

    PolarGrid gets a short system message as well: without one a chat template may add its own, which takes a small
    model longer to read than the prompt. Servers of the openai profile may have models that reject one.
    """
    if operation != "chat_completion":
        return {"prompt": prompt}
    system = [{"role": "system", "content": "Answer."}] if client.target.profile == "polargrid" else []
    return {"messages": [*system, {"role": "user", "content": prompt}]}


def is_missing(client: ServerClient, exchange: Exchange) -> bool:
    """Whether the server lacks the operation, and the profile allows that."""
    try:
        client.require(exchange)
    except OperationMissing:
        return True
    return False


def is_rejection(exchange: Exchange) -> bool:
    """Whether a server says that it does not support what is optional: a client error, or 501, not any other 5xx."""
    return 400 <= exchange.status < 500 or exchange.status == 501


def describe_status(exchange: Exchange) -> str:
    """Describe a response as the actual value of a violation."""
    return exchange.error or f"status {exchange.status}: {exchange.text[:120]}"


@dataclass(frozen=True)
class TextResponse:
    """A response of a text operation. Reading a field of another shape raises UnexpectedResponse."""

    exchange: Exchange
    body: dict[str, Any]

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The choices; each has a text or a message, whose text may be null."""
        return read_choices(self.exchange)

    @property
    def choice(self) -> dict[str, Any]:
        """The first choice."""
        choices = self.choices
        return choices[0] if choices else get_field(self.exchange, choices, 0, kind=dict)

    @property
    def text(self) -> str:
        """The text of the first choice."""
        return text_of(self.choice)

    @property
    def finish_reason(self) -> Any:
        """The finish_reason of the first choice."""
        return get_field(self.exchange, self.choice, "finish_reason", kind=(str, NoneType))

    @property
    def tokens(self) -> int:
        """The number of generated tokens according to the usage."""
        return self.count("completion_tokens")

    def count(self, name: str) -> int:
        """Return a number of tokens of the usage."""
        count: int = read_field(self.exchange, "usage", name, kind=int)
        return count


def read_choices(exchange: Exchange) -> list[dict[str, Any]]:
    """Return the choices of a plain response of a text operation. Raises UnexpectedResponse for another shape."""
    choices = read_objects(exchange, "choices")
    for choice in choices:
        if "message" in choice:
            message = get_field(exchange, choice, "message", kind=dict)
            get_field(exchange, {"content": None, **message}, "content", kind=(str, NoneType))
        else:
            get_field(exchange, choice, "text", kind=str)
    return choices


def text_of(choice: Mapping[str, Any]) -> str:
    """The text of a choice in either operation; empty if it has none."""
    text: str = choice["message"].get("content") or "" if "message" in choice else choice["text"]
    return text


def ask_fresh(
    client: ServerClient, operation: str, prompt: Prompt = STORY_PROMPT, *, optional: bool = False, **fields: Any
) -> TextResponse:
    """Request a short text at temperature 0 with a seed, unless the fields say otherwise.

    `optional` marks fields that a server of the `openai` profile may reject: OperationMissing is raised then, but not
    for a server error. Raises UnexpectedResponse for any other error response.
    """
    exchange = client.require(send(client, operation, body=_build_text_request(client, operation, prompt, fields)))
    parsed = exchange.json()
    if exchange.status == 200 and isinstance(parsed, dict):
        return TextResponse(exchange, parsed)
    if optional and client.target.profile == "openai" and is_rejection(exchange):
        raise OperationMissing(f"{', '.join(fields)}: {describe_status(exchange)}", operation)
    raise build_unexpected(exchange, "status 200 with a JSON object", describe_status(exchange))


def ask_cached(
    client: ServerClient, operation: str, prompt: Prompt = STORY_PROMPT, *, optional: bool = False, **fields: Any
) -> TextResponse:
    """Like `ask_fresh`, but an equal request is sent only once."""
    name = ("text", operation, json.dumps(_build_text_request(client, operation, prompt, fields), sort_keys=True))
    return cached(client.base, name, lambda: ask_fresh(client, operation, prompt, optional=optional, **fields))


def _build_text_request(
    client: ServerClient, operation: str, prompt: Prompt, fields: Mapping[str, Any]
) -> dict[str, Any]:
    body = {
        "model": client.model("chat"),
        **prompt_fields(client, operation, prompt),
        "max_tokens": 8,
        "temperature": 0,
        "seed": 1,
    }
    if operation == "chat_completion" and client.target.profile == "polargrid":
        body["enable_thinking"] = False  # otherwise a short response may contain only thoughts
    return {**body, **fields}


def text_operations(client: ServerClient) -> Iterator[str]:
    """Yield the text operations that the client sees. Raises OperationMissing if the server has none of them."""
    operations = [it.name for it in client.profile_operations if it.name in TEXT_OPERATIONS]
    reasons = []
    for operation in operations:
        try:
            ask_cached(client, operation, optional=operation == "completion")
        except OperationMissing as reason:
            reasons.append(reason)
        else:
            yield operation
    if reasons and (len(reasons) == len(operations) or client.target.profile == "polargrid"):
        raise reasons[0]
