"""A request that a server received, as far as a cassette keeps and compares it; pure."""

from __future__ import annotations

from functools import cache
from urllib.parse import parse_qsl, urlsplit

from polargrid_generated.operations import OPERATIONS
from polargrid_testing.cassettes.recording import RecordedRequest
from polargrid_testing.cassettes.redaction import Redactor
from polargrid_testing.cassettes.request_bodies import describe_request_body
from polargrid_testing.received import ReceivedRequest
from polargrid_transport.environment import is_loopback

#: Each attempt of a call has the same one, and each call another one.
_VOLATILE = frozenset({"idempotency-key"})


def describe_received(request: ReceivedRequest, origin: str, redactor: Redactor) -> RecordedRequest:
    """Return a request as it is recorded and compared: without credentials, and without what changes each time."""
    path, _, query = request.target.partition("?")
    pairs = redactor.query(parse_qsl(query, keep_blank_values=True))
    headers = {name: redactor.text(request.headers[name]) for name in _list_parameters() if name in request.headers}
    body = describe_request_body(request, redactor.data)
    return RecordedRequest(
        request.method, name_origin(redactor.text(origin)), redactor.text(path), tuple(sorted(pairs)), headers, body
    )


def name_origin(origin: str) -> str:
    """Return a base URL as a cassette names it: the port of a server on this machine is another one each time."""
    return f"local{urlsplit(origin).path}" if is_loopback(origin) else origin


@cache
def _list_parameters() -> tuple[str, ...]:
    """The headers that are parameters of operations, in lower case."""
    names = {
        item.name.lower() for operation in OPERATIONS for item in operation.parameters if item.location == "header"
    }
    return tuple(sorted(names - _VOLATILE))
