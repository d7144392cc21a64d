"""Requests as clients really send them: whatever means the same by a standard gets the same response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from polargrid_contract.checks.authentication import WRONG_KEY
from polargrid_contract.checks.bodies import find_undocumented
from polargrid_contract.checks.errors import has_json, has_multipart
from polargrid_contract.checks.requests import select
from polargrid_contract.checks.wire_comparison import compare_to_plain, describe, is_comparable, require
from polargrid_contract.checks.wire_probes import (
    build_harmless_request,
    build_right_request,
    send_plain,
    send_valid,
    send_wide,
)
from polargrid_contract.checks.wire_requests import build_raw, send_raw
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import CheckSkipped, check, every_operation, needs_key
from polargrid_contract.results import Violation
from polargrid_contract.wire import spellings
from polargrid_contract.wire.exchange import WireExchange
from polargrid_contract.wire.spellings import Spelling


def has_body(operation: DocumentedOperation) -> bool:
    """Select operations with a body."""
    return bool(operation.contents)


def runs_model(operation: DocumentedOperation) -> bool:
    """Select operations whose harmless request is not a right one, and that change nothing."""
    return operation.model is not None and operation.method != "GET" and not operation.has_effect


@check(
    "headers-in-any-spelling",
    on=every_operation,
    rationale="Each client library writes, orders and adds headers in its own way.",
    reference="RFC 9110, 5.1, 5.5, 7.8 and 12.5.1; RFC 9112, 5",
)
def check_headers(client: ServerClient) -> Iterator[Violation]:
    """Names in any case, any white space around values, unknown and long headers, */*, an offer of HTTP/2."""
    return compare_spellings(client, every_operation, spellings.HEADERS)


@check(
    "target-in-any-spelling",
    on=every_operation,
    rationale="Clients and proxies spell the same URL differently.",
    reference="RFC 3986, 6.2.2.2; RFC 9110, 4.2.3; RFC 9112, 3.2.2",
)
def check_target(client: ServerClient) -> Iterator[Violation]:
    """Percent-encoded letters; of PolarGrid also an empty query and the absolute form."""
    return compare_spellings(client, every_operation, spellings.TARGETS)


@check(
    "scheme-in-any-case",
    on=needs_key,
    rationale="The name of an authentication scheme has no case: some clients write `bearer`.",
    reference="RFC 9110, 11.1 and 11.4",
)
def check_scheme_case(client: ServerClient) -> Iterator[Violation]:
    """The valid key is accepted after `bearer` and `BEARER`."""
    return compare_spellings(client, needs_key, spellings.SCHEMES)


@check(
    "wrong-key-rejected-in-any-case",
    on=needs_key,
    rationale="A server that reads the scheme in any case checks the key behind it all the same.",
    reference="RFC 9110, 11.1; API overview, Authentication",
)
def check_wrong_key(client: ServerClient) -> Iterator[Violation]:
    """An invented key after `bearer` and `BEARER`, and the valid one without a scheme, are rejected."""
    allowed = (401, 403) if client.target.profile == "openai" else (401,)
    for operation in select(client, needs_key):
        plain = send_plain(client, operation)
        if plain is None or not is_comparable(plain):
            continue
        request = plain.requests[0]
        without = send_raw(client, operation, request.with_headers(("Authorization", ""))).exchange()
        if without.status not in (401, 403):
            raise CheckSkipped("the server requires no key")  # a violation of key-required, if it must
        for value in (f"bearer {WRONG_KEY}", f"BEARER {WRONG_KEY}", client.target.api_key):
            wire = send_raw(client, operation, request.with_headers(("Authorization", value)))
            if wire.exchange().status not in allowed:
                yield wire.violation(expected="status 401", actual=describe(wire.exchange()))


@check(
    "json-type-in-any-spelling",
    on=has_json,
    rationale="Many clients add a charset to application/json.",
    reference="RFC 9110, 8.3.1; RFC 8259, 11",
)
def check_media_type(client: ServerClient) -> Iterator[Violation]:
    """A charset, quoted or not, and capitals make no difference."""
    return compare_spellings(client, has_json, spellings.MEDIA_TYPES)


@check(
    "json-in-any-spelling",
    on=has_json,
    rationale="Each language writes JSON in its own way: some escape everything, some know no integers.",
    reference="RFC 8259, 2, 4, 6 and 7; JSON Schema Core, 4.2.3",
)
def check_json(client: ServerClient) -> Iterator[Violation]:
    """White space, the order of members and escapes make no difference; of PolarGrid, 1.0 is an integer.

    The text has characters beyond the basic plane, which are a pair of escapes.
    """
    for operation in select(client, has_json):
        wide = send_wide(client, operation)
        yield from compare_operation(client, operation, spellings.JSON, plain=wide)


@check(
    "body-in-chunks",
    on=has_body,
    rationale="A client that does not know the length of a body sends it in chunks.",
    reference="RFC 9112, 7.1; RFC 9110, 15.5.12 (411)",
)
def check_chunked(client: ServerClient) -> Iterator[Violation]:
    """A body in chunks is read like one with a length."""
    return compare_spellings(client, has_body, spellings.CHUNKED)


@check(
    "form-in-any-spelling",
    on=has_multipart,
    rationale="Each library writes forms in its own way.",
    reference="RFC 7578, 4 and 5; RFC 2046, 5.1.1; RFC 2183, 2",
)
def check_forms(client: ServerClient) -> Iterator[Violation]:
    """Quoted boundaries, any order of parts, names of files without quotes, headers of parts in any case."""
    for operation in select(client, has_multipart):
        request = build_harmless_request(client, operation)
        if request is not None:
            forms = [
                Spelling(name, lambda _, it=it: build_raw(client, operation, **request, spelling=it), profiles)  # type: ignore[misc]  # noqa: B023 - used in this iteration
                for name, it, profiles in spellings.FORMS
            ]
            yield from compare_operation(client, operation, forms)


@check(
    "right-request-in-any-spelling",
    on=runs_model,
    rationale="A request that is spelled in another way succeeds as well.",
    reference="RFC 9110; RFC 9112; RFC 8259",
)
def check_combination(client: ServerClient) -> Iterator[Violation]:
    """Many spellings at once: the response has the status and the prompt of the plain one, and is as documented."""
    for operation in select(client, runs_model):
        require(client, operation)
        plain = send_valid(client, operation)
        if plain is None or not is_comparable(plain):
            continue
        request = build_raw(client, operation, **build_right_request(client, operation))
        combined = spellings.combine(request, is_json=has_json(operation))
        wire = send_raw(client, operation, combined, is_quick=False)
        exchange = wire.exchange()
        if exchange.status != plain.exchange().status:
            expected = f"status {plain.exchange().status}, as without these spellings"
            yield wire.violation(expected=expected, actual=describe(exchange))
        elif (count := _count_prompt(exchange)) != (expected_count := _count_prompt(plain.exchange())):
            expected = f"usage.prompt_tokens {expected_count}, as without these spellings"
            yield wire.violation(expected=expected, actual=f"{count}: another text was read")
        elif (
            client.target.profile == "polargrid"
            and 200 <= exchange.status < 300
            and (error := find_undocumented(client, exchange))
        ):
            yield wire.violation(expected="a success as documented", actual=error)


def _count_prompt(exchange: Exchange) -> Any:
    """The number of tokens of the prompt; None if the response has none."""
    body = exchange.json()
    usage = body.get("usage") if isinstance(body, dict) else None
    return usage.get("prompt_tokens") if isinstance(usage, dict) else None


def compare_spellings(
    client: ServerClient, facts: Callable[[DocumentedOperation], bool], forms: Iterable[Spelling]
) -> Iterator[Violation]:
    """Yield a violation for each operation and spelling whose response differs from that to the plain request."""
    for operation in select(client, facts):
        yield from compare_operation(client, operation, forms)


def compare_operation(
    client: ServerClient,
    operation: DocumentedOperation,
    forms: Iterable[Spelling],
    *,
    plain: WireExchange | None = None,
) -> Iterator[Violation]:
    """Yield a violation for each spelling whose response differs from that to the plain request.

    `plain` is another exchange to compare with than that of the harmless request.
    """
    require(client, operation)
    plain = plain or send_plain(client, operation)
    if plain is None or not is_comparable(plain):
        return
    for spelling in forms:
        request = spelling.change(plain.requests[0])
        if client.target.profile in spelling.profiles and request != plain.requests[0]:
            refusals = spelling.refusals if client.target.profile == "openai" else ()
            send = partial(send_raw, client, operation, request)
            yield from compare_to_plain(client, operation, plain, send, label=spelling.name, refusals=refusals)
