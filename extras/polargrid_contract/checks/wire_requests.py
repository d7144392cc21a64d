"""Requests that checks send byte by byte: `build_raw` and `send_raw` are `ServerClient.send` without a library."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any
from urllib.parse import urlencode, urlsplit

from polargrid_contract.client import ServerClient, read_retry_after
from polargrid_contract.exchange import Upload
from polargrid_contract.operations import DocumentedOperation
from polargrid_contract.shared import BUSY_STATUSES
from polargrid_contract.wire.connection import RawConnection
from polargrid_contract.wire.exchange import WireExchange
from polargrid_contract.wire.request import FormSpelling, RawRequest, encode_form, encode_json
from polargrid_contract.wire.response import read_responses

CLOSE = ("Connection", "close")
_MAX_ATTEMPTS = 2
#: The longest time for which the end of a connection is awaited, in seconds.
MAX_LINGER = 5.0
_MAX_IDLE = 5.0  # seconds


def build_raw(
    client: ServerClient,
    operation: DocumentedOperation,
    *,
    key: str | None = "",
    body: Any = None,
    content: bytes | None = None,
    form: Mapping[str, str] | None = None,
    uploads: Sequence[Upload] = (),
    parameters: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    method: str | None = None,
    path: str | None = None,
    spelling: FormSpelling | None = None,
) -> RawRequest:
    """Build a request from the arguments of `ServerClient.send`, as bytes; `spelling` is that of a form."""
    values = client.fill_parameters(operation, parameters)
    url = urlsplit(client.target.url)
    fields: dict[str, str] = {"Host": url.netloc.rpartition("@")[2], "Accept-Encoding": "identity"}
    if key is not None and operation.requires_key:
        fields["Authorization"] = f"Bearer {key or client.target.api_key}"
    fields |= _parameter_headers(operation, values)
    if body is not None:
        content, media_type = encode_json(body), "application/json"
    elif uploads or (form is not None and operation.form_type == "multipart/form-data"):
        spelling = spelling or FormSpelling()
        content, media_type = encode_form(form or {}, uploads, spelling), spelling.media_type
    elif form is not None:
        content, media_type = urlencode(form).encode(), "application/x-www-form-urlencoded"
    else:
        media_type = ""
    fields |= {"Content-Type": media_type} if media_type else {}
    method, path = method or operation.method, path or operation.build_target(values)
    client.require_in_profile(method, path)
    request = RawRequest(method, url.path.rstrip("/") + path, tuple(fields.items()), content or b"", scheme=url.scheme)
    return request.with_headers(*(headers or {}).items())


def send_raw(
    client: ServerClient,
    operation: DocumentedOperation,
    *requests: RawRequest,
    linger: float = 0.0,
    closes: bool = True,
    is_quick: bool = True,
) -> WireExchange:
    """Send requests over one connection, without waiting between them; retry after a 429.

    The last of them asks to close the connection, unless `closes` is false or it has another Connection. After the last
    response, bytes and the end of the connection are awaited for `linger` seconds, longer if the server is distant.
    `is_quick` says that no model runs. Raises httpx.ConnectError.
    """
    if closes and not requests[-1].header("connection"):
        requests = (*requests[:-1], requests[-1].with_headers(CLOSE))
    wire = _send_once(client, operation, requests, linger=linger, is_quick=is_quick)
    for _ in range(_MAX_ATTEMPTS - 1):
        busy = next((index for index, status in enumerate(wire.statuses) if status in BUSY_STATUSES), None)
        if busy is None:
            break
        exchange = wire.exchange(busy)
        if exchange.status == 429:
            client.shared.rate_limited.append(exchange)
        client.clock.sleep(read_retry_after(exchange))
        wire = _send_once(client, operation, requests, linger=linger, is_quick=is_quick)
    return wire


def connect(client: ServerClient, *requests: RawRequest) -> RawConnection:
    """Connect to the server for these requests. Raises OutsideProfileError if the profile lacks one of them."""
    url = urlsplit(client.target.url)
    for request in requests:
        target = request.target.removeprefix(f"{url.scheme}://{request.header('host')}")
        client.require_in_profile(request.method, target.removeprefix(url.path.rstrip("/")))
    return RawConnection(client.target.url, client.target.timeout)


def _send_once(
    client: ServerClient,
    operation: DocumentedOperation,
    requests: tuple[RawRequest, ...],
    *,
    linger: float,
    is_quick: bool,
) -> WireExchange:
    methods = [request.method for request in requests]
    # A server of the openai profile may run a model for a request that names an unknown one.
    runs_model = not is_quick or client.target.profile == "openai"
    turn = client.shared.turn(operation) if runs_model else nullcontext()
    started = time.monotonic()
    with turn, connect(client, *requests) as connection:
        connection.send(b"".join(request.encode() for request in requests))
        receive_all(client, connection, methods, is_quick=is_quick)
        seconds = time.monotonic() - started
        # A server that is slow to respond may be as slow to close: it is distant.
        connection.receive(lambda _, closed: closed, min(linger * (1 + seconds), MAX_LINGER))
        lingered = time.monotonic() - started - seconds
        return finish(client, operation, requests, connection, seconds, lingered)


def receive_all(client: ServerClient, connection: RawConnection, methods: Sequence[str], *, is_quick: bool) -> bool:
    """Receive a response for each method, or fewer if one closes the connection; return whether they are complete.

    The body of a quick response follows its head at once, so a server that says a wrong length, or that never closes
    the connection, does not cost the whole timeout.
    """

    def has_head(data: bytes, is_closed: bool) -> bool:
        return bool(read_responses(data, methods, is_closed=is_closed).responses)

    def is_complete(data: bytes, is_closed: bool) -> bool:
        return read_responses(data, methods, is_closed=is_closed).has_all(len(methods))

    started, timeout = time.monotonic(), client.target.timeout
    if not connection.receive(has_head, timeout):
        return False
    idle = min(timeout, _MAX_IDLE * (1 + time.monotonic() - started)) if is_quick else timeout
    return connection.receive(is_complete, timeout, idle)


def finish(  # noqa: PLR0917 - all of them are facts of one connection
    client: ServerClient,
    operation: DocumentedOperation,
    requests: tuple[RawRequest, ...],
    connection: RawConnection,
    seconds: float,
    lingered: float = 0.0,
) -> WireExchange:
    """Build the exchange of a connection that nothing more is read from."""
    error = connection.error
    if not error and not connection.is_closed and not connection.received:
        error = f"no response within {client.target.timeout:g} s"
    wire = WireExchange(
        operation.name,
        client.target.url,
        requests,
        connection.received,
        connection.is_closed,
        error,
        seconds,
        lingered,
        client.target.api_key,
    )
    for index in range(len(requests)):
        client.record(wire.exchange(index))
    return wire


def is_left_open(wire: WireExchange) -> bool:
    """Whether the connection is open after the last response, which is complete."""
    return bool(wire.responses) and wire.responses[-1].is_complete and not wire.is_closed


def _parameter_headers(operation: DocumentedOperation, values: Mapping[str, Any]) -> dict[str, str]:
    sent = [item for item in operation.parameters if item["name"] in values]
    headers = {item["name"]: str(values[item["name"]]) for item in sent if item["in"] == "header"}
    cookies = "; ".join(f"{item['name']}={values[item['name']]}" for item in sent if item["in"] == "cookie")
    return {**headers, **({"Cookie": cookies} if cookies else {})}
