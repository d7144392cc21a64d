"""Requests that checks share: the shortest right request of an operation, cached responses, retries after 429."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from polargrid_contract.cache import cache_per_client, cached
from polargrid_contract.client import OperationMissing, ServerClient
from polargrid_contract.examples import build_request, set_fields, set_model
from polargrid_contract.exchange import Exchange
from polargrid_contract.extensions.runtime_expressions import evaluate
from polargrid_contract.operations import DocumentedOperation

Prompt = str | list[str]

TEXT_OPERATIONS = ("chat_completion", "completion")
UPLOAD_OPERATIONS = ("transcribe", "translate")
# Both prompts work as a question to answer and as a text to continue.
STORY_PROMPT = "This is a long story about the sea and an old sailor. Once upon a time,"
LIGHTHOUSE_PROMPT = "Here is, in many words, what a lighthouse is for: a lighthouse"
_MAX_ATTEMPTS = 3
_MAX_RETRY_DELAY = 5.0


@cache_per_client
def rate_limit_responses(client: ServerClient) -> list[Exchange]:
    """Every response with status 429 so far."""
    del client
    return []


def send(client: ServerClient, operation: str, **options: Any) -> Exchange:
    """Send like `ServerClient.send`, and retry after a 429 as long as Retry-After says, within a bound."""
    exchange = client.send(operation, **options)
    for _ in range(_MAX_ATTEMPTS - 1):
        if exchange.status != 429:
            break
        rate_limit_responses(client).append(exchange)
        retry_after = exchange.response_headers.get("retry-after", "")
        client.clock.sleep(min(float(retry_after) if retry_after.isdecimal() else 1.0, _MAX_RETRY_DELAY))
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
    ids = cached(client, ("ids", operation.name), lambda: _create_ids(client, operation))
    return {**request, "parameters": {**request["parameters"], **ids}} if ids else request


def _create_ids(client: ServerClient, operation: DocumentedOperation) -> dict[str, Any]:
    """Values for parameters that another operation returns, by name."""
    for name, expressions in operation.sources:
        source = client.operations[name]
        if name == operation.name or source.sources or is_forbidden(client, source):
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


def prompt_fields(operation: str, prompt: Prompt) -> dict[str, Any]:
    """The request fields for a prompt."""
    return {"messages": [{"role": "user", "content": prompt}]} if operation == "chat_completion" else {"prompt": prompt}


def is_missing(client: ServerClient, exchange: Exchange) -> bool:
    """Whether the server lacks the operation, and the profile allows that."""
    try:
        client.require(exchange)
    except OperationMissing:
        return True
    return False


def describe_status(exchange: Exchange) -> str:
    """Describe a response as the actual value of a violation."""
    return exchange.error or f"status {exchange.status}: {exchange.text[:120]}"


@dataclass(frozen=True)
class TextResponse:
    """A response of a text operation, read as documented; a missing field raises KeyError and the like."""

    exchange: Exchange
    body: dict[str, Any]

    @property
    def choice(self) -> dict[str, Any]:
        """The first choice."""
        first: dict[str, Any] = self.body["choices"][0]
        return first

    @property
    def text(self) -> str:
        """The text of the first choice."""
        return text_of(self.choice)

    @property
    def finish_reason(self) -> Any:
        """The finish_reason of the first choice."""
        return self.choice["finish_reason"]

    @property
    def tokens(self) -> int:
        """The number of generated tokens according to the usage."""
        count: int = self.body["usage"]["completion_tokens"]
        return count


def text_of(choice: Mapping[str, Any]) -> str:
    """The text of a choice in either operation; empty if it has none."""
    text: str = choice["message"].get("content") or "" if "message" in choice else choice["text"]
    return text


def ask_fresh(
    client: ServerClient, operation: str, prompt: Prompt = STORY_PROMPT, *, optional: bool = False, **fields: Any
) -> TextResponse:
    """Request a short text at temperature 0 with a seed, unless the fields say otherwise.

    `optional` marks fields that a server of the `openai` profile may reject: OperationMissing is raised then.
    Raises ValueError for any other error response.
    """
    body = {
        "model": client.model("chat"),
        **prompt_fields(operation, prompt),
        "max_tokens": 12,
        "temperature": 0,
        "seed": 1,
    }
    if operation == "chat_completion" and client.target.profile == "polargrid":
        body["enable_thinking"] = False  # otherwise a short response may contain only thoughts
    exchange = client.require(send(client, operation, body={**body, **fields}))
    parsed = exchange.json()
    if exchange.status == 200 and isinstance(parsed, dict):
        return TextResponse(exchange, parsed)
    actual = f"{exchange.error or exchange.status}: {exchange.text[:200]}"
    if optional and client.target.profile == "openai" and exchange.status < 600:
        raise OperationMissing(f"{', '.join(fields)}: {actual}")
    raise ValueError(f"{operation} with {json.dumps(fields)[:200]} returns {actual}")


def ask_cached(
    client: ServerClient, operation: str, prompt: Prompt = STORY_PROMPT, *, optional: bool = False, **fields: Any
) -> TextResponse:
    """Like `ask_fresh`, but an equal request is sent only once."""
    name = ("text", json.dumps([operation, prompt, fields], sort_keys=True))
    return cached(client, name, lambda: ask_fresh(client, operation, prompt, optional=optional, **fields))


def text_operations(client: ServerClient) -> Iterator[str]:
    """Yield the text operations of the server. Raises OperationMissing if it has none of them."""
    reasons = []
    for operation in TEXT_OPERATIONS:
        try:
            ask_cached(client, operation, optional=operation == "completion")
        except OperationMissing as reason:
            reasons.append(str(reason))
        else:
            yield operation
    if len(reasons) == len(TEXT_OPERATIONS) or (reasons and client.target.profile == "polargrid"):
        raise OperationMissing("; ".join(reasons))
