"""Responses as they are on the wire, which a client library repairs or hides before anyone looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from polargrid_contract.checks.requests import select
from polargrid_contract.checks.wire_probes import send_probes
from polargrid_contract.checks.wire_requests import MAX_LINGER, is_left_open, send_raw
from polargrid_contract.client import ServerClient
from polargrid_contract.extensions.runtime_expressions import resolve
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.registry import check, every_operation, needs_key
from polargrid_contract.results import Violation
from polargrid_contract.wire import rules
from polargrid_contract.wire.exchange import WireExchange
from polargrid_contract.wire.request import RawRequest
from polargrid_contract.wire.response import Response

_REQUEST_ID = "x-request-id"  # which request-id-present is about
Rule = Callable[[RawRequest, Response], Iterable[rules.Fault]]


def apply(client: ServerClient, rule: Rule) -> Iterator[Violation]:
    """Yield a violation for each fault that a rule finds in the responses of every operation."""
    for wire in _send(client):
        for index, (request, response) in enumerate(zip(wire.requests, wire.responses, strict=False)):
            for problem in rule(request, response):
                yield wire.violation(expected=problem.expected, actual=problem.actual, index=index)


def _send(client: ServerClient) -> Iterator[WireExchange]:
    for operation in select(client, every_operation):
        yield from send_probes(client, operation)


@check(
    "response-on-the-wire",
    on=every_operation,
    rationale="A request that gets no response leaves its client waiting.",
    reference="RFC 9112, 2.1",
)
def check_response(client: ServerClient) -> Iterator[Violation]:
    """Each request gets bytes that are a response, also one for a method or a path that does not exist."""
    for wire in _send(client):
        if not wire.responses:
            actual = wire.error or f"bytes that are no response: {rules.quote(wire.received)}"
            yield wire.violation(expected="a response", actual=actual)


@check(
    "status-line-valid",
    on=every_operation,
    rationale="A strict client rejects a response whose first line it cannot read.",
    reference="RFC 9112, 4",
)
def check_status_line(client: ServerClient) -> Iterator[Violation]:
    """Version, three digits, and a space before the reason, in interim responses as well."""
    return apply(
        client,
        lambda _, response: (
            it for head in (*response.interim, response.head) for it in rules.find_status_line_faults(head)
        ),
    )


@check(
    "header-lines-valid",
    on=every_operation,
    rationale="Two programs that read a malformed header differently can be played against each other.",
    reference="RFC 9112, 2.2 and 5; RFC 9110, 5.3, 5.5 and 5.6.2",
)
def check_header_lines(client: ServerClient) -> Iterator[Violation]:
    """CRLF at the end, names that are tokens, no folded lines, no control characters, no contradictory repetition."""
    return apply(
        client,
        lambda _, response: (
            *(it for head in (*response.interim, response.head) for it in rules.find_header_line_faults(head)),
            *rules.find_repeated_headers(response.head),
        ),
    )


@check(
    "body-length-true",
    on=every_operation,
    rationale="A client that believes a wrong length waits for ever, or reads the rest as the next response.",
    reference="RFC 9110, 8.6; RFC 9112, 6.1 to 6.3",
)
def check_length(client: ServerClient) -> Iterator[Violation]:
    """Content-Length is that of the body, and does not occur together with chunks."""
    return apply(client, lambda _, response: rules.find_length_faults(response))


@check(
    "chunks-well-formed",
    on=every_operation,
    rationale="A client that loses count of the chunks loses the response, and a client of HTTP/1.0 knows none.",
    reference="RFC 9112, 6.1, 7.1 and 7.4",
)
def check_chunks(client: ServerClient) -> Iterator[Violation]:
    """Each chunk has the size that it says, the last one is empty; none are sent to HTTP/1.0."""
    return apply(client, lambda request, response: rules.find_chunk_faults(response, request.version_numbers))


@check(
    "nothing-behind-a-response",
    on=every_operation,
    rationale="Bytes behind the end of a response are the beginning of the next one to the client.",
    reference="RFC 9110, 9.3.2, 15.3.5 and 15.4.5; RFC 9112, 6.3",
)
def check_surplus(client: ServerClient) -> Iterator[Violation]:
    """HEAD, 204 and 304 have no body, and no other response more than its own."""
    for wire in _send(client):
        if wire.responses and wire.responses[-1].is_complete:
            request, response = wire.requests[len(wire.responses) - 1], wire.responses[-1]
            for problem in rules.find_surplus_fault(request.method, response, wire.reading.surplus):
                yield wire.violation(expected=problem.expected, actual=problem.actual, index=len(wire.responses) - 1)


@check(
    "interim-responses-expected",
    on=every_operation,
    rationale="A client that expects no 1xx may take it for the response.",
    reference="RFC 9110, 10.1.1 and 15.2",
)
def check_interim(client: ServerClient) -> Iterator[Violation]:
    """No 101 without Upgrade, no 1xx with a body or to HTTP/1.0, and, of PolarGrid, no 100 without Expect."""
    is_strict = client.target.profile == "polargrid"
    return apply(
        client,
        lambda request, response: rules.find_interim_faults(
            response, request.version_numbers, expects=bool(request.header("expect")), is_strict=is_strict
        ),
    )


@check(
    "content-encoding-accepted",
    on=every_operation,
    rationale="A client cannot read a body in a coding that it did not offer.",
    reference="RFC 9110, 8.4, 12.5.3 and 12.5.5",
)
def check_encoding(client: ServerClient) -> Iterator[Violation]:
    """No coding for `Accept-Encoding: identity`; for `gzip`, a body that is gzip, with Vary where it may be cached."""
    is_strict = client.target.profile == "polargrid"

    def find(request: RawRequest, response: Response) -> Iterable[rules.Fault]:
        accepted = [request.header("accept-encoding")]
        needs_vary = is_strict and request.method == "GET" and response.status == 200
        return rules.find_encoding_faults(response, accepted, needs_vary=needs_vary)

    return apply(client, find)


@check(
    "connection-closed-on-request",
    on=every_operation,
    rationale="A client that asks for the end of the connection may read until it comes.",
    reference="RFC 9112, 9.3 and 9.6",
)
def check_close(client: ServerClient) -> Iterator[Violation]:
    """After Connection: close, and after a response with it, the server closes the connection."""
    for operation in select(client, every_operation):
        left_open = (wire for wire in send_probes(client, operation) if wire.lingered and is_left_open(wire))
        if wire := next(left_open, None):
            again = send_raw(client, operation, *wire.requests, linger=MAX_LINGER, is_quick=False)
            if is_left_open(again):
                actual = f"the connection is open {again.lingered:.1f} s after the response"
                yield again.violation(expected="the end of the connection after Connection: close", actual=actual)


@check(
    "date-valid",
    on=every_operation,
    rationale="Caches and clients compute the age of a response from its date.",
    reference="RFC 9110, 5.6.7 and 6.6.1",
)
def check_date(client: ServerClient) -> Iterator[Violation]:
    """A Date, where there is one, has the format of HTTP; responses of PolarGrid have one."""
    is_required = client.target.profile == "polargrid"
    return apply(client, lambda _, response: rules.find_date_faults(response.head, is_required=is_required))


@check(
    "status-has-its-header",
    on=every_operation,
    rationale="A 401 without a challenge or a 405 without a list of methods says no client what to do instead.",
    reference="RFC 9110, 15.3.7, 15.5.2, 15.5.6, 15.5.8 and 15.5.22; openapi.yaml, the headers of each response",
)
def check_demanded_headers(client: ServerClient) -> Iterator[Violation]:
    """WWW-Authenticate with 401, Allow with 405, Upgrade with 426; what the document requires of a response."""
    yield from apply(client, lambda _, response: rules.find_missing_header(response.head))
    for wire in _send(client) if client.target.profile == "polargrid" else ():
        for index, response in enumerate(wire.responses):
            for name in _find_absent_headers(client.operations[wire.operation], response):
                expected = f"{name}, which the document requires with status {response.status}"
                yield wire.violation(expected=expected, actual=f"no {name}", index=index)


@check(
    "challenge-fits-security",
    on=needs_key,
    rationale="A client that is told another scheme sends its key by that one, or asks its user for a password.",
    reference="RFC 9110, 11.6.1 (a challenge that applies to the resource); openapi.yaml, securitySchemes",
    profiles=("polargrid",),
)
def check_challenge(client: ServerClient) -> Iterator[Violation]:
    """One of the challenges of a 401 has a scheme that the document declares for the operation."""
    for wire in _send(client):
        schemes = client.operations[wire.operation].authentication_schemes
        for index, response in enumerate(wire.responses):
            for problem in rules.find_challenge_fault(response.head, schemes):
                yield wire.violation(expected=problem.expected, actual=problem.actual, index=index)


@check(
    "charset-true",
    on=every_operation,
    rationale="A client that decodes a body by the charset of its Content-Type reads another text than was written.",
    reference="RFC 9110, 8.3.2; RFC 8259, 8.1 and 11; HTML, Server-sent events",
)
def check_charset(client: ServerClient) -> Iterator[Violation]:
    """A charset is that of the body; JSON, events and WebVTT read by it are what they are in UTF-8."""
    return apply(client, lambda _, response: rules.find_charset_fault(response))


def _find_absent_headers(operation: DocumentedOperation, response: Response) -> Iterator[str]:
    """The names of the headers that the document requires of this response, and that it lacks."""
    for name, node in operation.response(response.status).get("headers", {}).items():
        is_required = resolve(operation.document, node).get("required", False)
        is_other = name.lower() == _REQUEST_ID
        if is_required and not is_other and not response.head.values(name.lower()):
            yield name
