"""Comparison of responses that must be the same, since their requests mean the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from polargrid_contract.checks.wire_probes import send_valid
from polargrid_contract.checks.wire_requests import send_raw
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.results import Violation
from polargrid_contract.wire.exchange import WireExchange

_NOT_IMPLEMENTED = 501
_WORD = re.compile(r"[A-Za-z]{3,}")
# Without numbers, ids and what is quoted in the spelling of a request: %6d.
_PLAIN_TOKEN = re.compile(r"(?<![^\s\"'`,;:()\[\]{}<>])[^\s\"'`,;:()\[\]{}<>0-9]+(?![^\s\"'`,;:()\[\]{}<>])")
_VOLATILE_NAME = re.compile(
    r"(^|[_.-])(ids?|uuid|ulid|guid|trace|span|nonce|instance|time|timestamp|date|datetime|created|at)$|[a-z](I[dD]|Time|Date|At)$"
)
_MIN_ID = 6  # characters of a header's value that may be quoted in a body


def compare_to_plain(
    client: ServerClient,
    operation: DocumentedOperation,
    plain: WireExchange,
    send: Callable[[], WireExchange],
    *,
    label: str,
    refusals: Collection[int] = (),
) -> Iterator[Violation]:
    """Yield a violation if the response to a spelling of a request differs from that to the plain one.

    It must differ again, from the response that the plain request gets then. `label` says what the spelling is,
    `refusals` are the statuses by which a server may refuse it.
    """
    first = send().exchange()
    if first.status in refusals or is_same(plain.exchange(), first):
        return
    now, wire = send_raw(client, operation, *plain.requests).exchange(), send()
    if is_different((plain.exchange(), now), (first, wire.exchange())):
        expected = f"{describe(now)[:80]}, as to the plain request"
        yield wire.violation(expected=expected, actual=f"{describe(wire.exchange())} to {label}")


def is_same(plain: Exchange, exchange: Exchange) -> bool:
    """Whether two responses are the same in all that depends only on what was requested."""
    return identify(plain) == identify(exchange) and read_words(plain) == read_words(exchange)


def is_different(plain: tuple[Exchange, Exchange], others: tuple[Exchange, Exchange]) -> bool:
    """Whether the responses to a request differ from those to the plain one; each was sent twice.

    The words of an error count if either request always gets the same: a server may have one status and code for every
    mistake, and words that change from one response to the next say nothing about the request.
    """
    if identify(plain[1]) != identify(others[1]):
        return True
    words, other_words = [[read_words(exchange) for exchange in pair] for pair in (plain, others)]
    return words[0] == words[1] != other_words[0] == other_words[1]


def identify(exchange: Exchange) -> tuple[object, ...]:
    """The status, the media type, the type of the body and the facts of an error."""
    body = exchange.json() if exchange.media_type.endswith("json") else None
    error = body.get("error") if isinstance(body, dict) else None
    facts = tuple(error.get(name) for name in ("type", "code", "param")) if isinstance(error, dict) else ()
    return exchange.status, exchange.media_type, type(body), facts, bool(exchange.error)


def read_words(exchange: Exchange) -> tuple[str, ...]:
    """The words of a rejection, without what legally differs: ids, times, and what is quoted in its spelling."""
    if not 400 <= exchange.status < 500:
        return ()
    body = exchange.json() if exchange.media_type.endswith("json") else None
    text = "\n".join(_iter_texts(body)) if isinstance(body, dict | list) else exchange.text
    for value in exchange.response_headers.values():
        text = text.replace(value, " ") if len(value) >= _MIN_ID else text
    return tuple(word for token in _PLAIN_TOKEN.findall(text) for word in _WORD.findall(token))


def _iter_texts(value: Any) -> Iterator[str]:
    """Yield the texts in a JSON value but those of fields that are ids or times by their names."""
    match value:
        case str():
            yield value
        case dict():
            for name, item in value.items():
                if not _VOLATILE_NAME.search(name):
                    yield from _iter_texts(item)
        case list():
            for item in value:
                yield from _iter_texts(item)


def is_comparable(plain: WireExchange) -> bool:
    """Whether a request has a complete response of the operation; other checks report that it has none."""
    is_clean = bool(plain.responses) and plain.responses[0].is_complete and not plain.reading.surplus
    return is_clean and plain.responses[0].status != _NOT_IMPLEMENTED


def describe(exchange: Exchange) -> str:
    """Describe a response: its status, and how its body starts."""
    if exchange.error:
        return exchange.error
    return f"status {exchange.status}: {exchange.text[:160]}" if exchange.text else f"status {exchange.status}"


def require(client: ServerClient, operation: DocumentedOperation) -> None:
    """Raise OperationMissing if the server lacks the operation, and the profile allows that.

    A harmless request does not show it: its 404 may be that of the model.
    """
    if client.target.profile == "openai" and (valid := send_valid(client, operation)) is not None:
        client.require(valid.exchange())
