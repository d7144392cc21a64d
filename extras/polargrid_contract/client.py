"""Client of the server under test: sends requests by operation and records what went over the wire."""

from __future__ import annotations

import copy
import json
import ssl
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import httpx

from polargrid_contract.clock import Clock, SystemClock
from polargrid_contract.curl import build_curl
from polargrid_contract.document import load_document
from polargrid_contract.examples import build_parameters, is_constant
from polargrid_contract.exchange import Exchange, TimedBytes, Upload
from polargrid_contract.kinds import Kind, find_models
from polargrid_contract.operations import Document, DocumentedOperation, read_operations
from polargrid_contract.results import Profile, Violation
from polargrid_contract.routing import OutsideProfileError, find_refusal, list_routes
from polargrid_contract.shared import BUSY_STATUSES, SharedState, Trace

#: Marks a parameter or a field that is left out.
MISSING = ...
_UNSUPPORTED_STATUSES = (404, 405, 501)
_MAX_RETRY_DELAY = 5.0


class OperationMissing(Exception):  # noqa: N818 - an optional operation is not an error
    """The server does not have the operation that a check needs."""

    def __init__(self, message: str, operation: str = "") -> None:
        super().__init__(message)
        self.operation = operation
        """Which one; empty if any operation of the check may be meant."""


class NotAlone(Exception):  # noqa: N818 - the check is called again
    """Other checks run, and this one must go on without them."""


@dataclass(frozen=True)
class TargetServer:
    """The address of a server and what may be requested of it. Models that are not named are discovered."""

    url: str
    api_key: str = field(repr=False)
    profile: Profile = "polargrid"
    models: Mapping[Kind, str] = field(default_factory=dict)
    read_only: bool = False
    timeout: float = 60.0
    document: Document = field(default_factory=load_document, repr=False, compare=False)
    """The contract: openapi.yaml as it is shipped, or another document."""


class ServerClient:
    """Sends requests to one server, each on a new connection, and returns an Exchange for each.

    A client sees all selected operations; `view` returns one that sees a single operation, on the same connections.
    """

    def __init__(
        self,
        target: TargetServer,
        *,
        only: Collection[str] = (),
        skip: Collection[str] = (),
        transport: httpx.BaseTransport | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`only` and `skip` are names of operations for which checks of conventions run, and do not run."""
        self.target = target
        self.operations = read_operations(target.document)
        """The operations of the document, by operationId."""
        self._routes = list_routes(self.operations.values(), target.profile)
        self.clock = clock or SystemClock()
        self.scope: str | None = None
        """The operation that this view sees; None if it sees all."""
        self.namespace = ""
        """Keeps the cached values of a client that reads responses in another way apart."""
        self.trace = Trace()
        self.shared = SharedState()
        selected = (set(only) & set(self.operations) or set(self.operations)) - set(skip)
        self._selected = [it for it in self.operations.values() if it.name in selected and it.is_in(target.profile)]
        self._http = httpx.Client(
            timeout=target.timeout,
            follow_redirects=False,
            trust_env=False,
            verify=_tls_context(),
            transport=transport,
            headers={"accept-encoding": "identity"},  # checks read the bytes as they were sent
            # A reused connection that the server closes would look like a violation.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    def view(self, operation: str | None, trace: Trace | None = None) -> ServerClient:
        """Return a client that sees one operation, or all with None, and records what is looked at in its trace."""
        view = copy.copy(self)
        view.scope, view.trace = operation, Trace() if trace is None else trace
        return view

    @property
    def base(self) -> ServerClient:
        """The view of all operations, for values that belong to the server as a whole."""
        return self.view(None, self.trace)

    def views(self) -> list[ServerClient]:
        """Return a view of each operation that this one sees."""
        return [self.view(operation.name, self.trace) for operation in self.profile_operations]

    @property
    def profile_operations(self) -> list[DocumentedOperation]:
        """The selected operations that servers of the profile have; of them the one that this view sees."""
        return [it for it in self._selected if self.scope in (None, it.name)]

    @property
    def is_alone(self) -> bool:
        """Whether no other check runs."""
        return not self.shared.is_side_by_side

    def require_alone(self) -> None:
        """Have the running check called again when no other check runs, unless that is so now.

        It is for checks that seldom need it: to measure again, or to change something. Cached values are kept.
        """
        if not self.is_alone:
            raise NotAlone

    def record(self, exchange: Exchange) -> Exchange:
        """Record that a check looks at this exchange, and return it; `send` does that for its own."""
        self.trace.current.add(exchange)
        return exchange

    def send(
        self,
        operation: str,
        body: Any = None,
        *,
        key: str | None = "",
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        uploads: Sequence[Upload] = (),
        parameters: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        path: str | None = None,
        stop_after: Callable[[bytes], bool] | None = None,
        leave_after: float | None = None,
    ) -> Exchange:
        """Send one request and return the exchange.

        `key` "" sends the key of the target, None sends none; an operation without `security` never gets a key.
        `parameters` are values of the operation's parameters, by name; the ones that it needs have a value from the
        document. `method` and `path` replace those of the operation. `stop_after` receives the body so far; the
        connection is closed when it returns True, or when no byte arrives for `leave_after` seconds. A connection that
        breaks is reported in `Exchange.error`, with status 0 if no response was received. Raises httpx.ConnectError if
        the server cannot be connected to, and OutsideProfileError instead of sending what the profile does not have.
        """
        described = self.operations[operation]
        values = self.fill_parameters(described, parameters)
        request_headers = {**_build_parameter_headers(described, values), **(headers or {})}
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            request_headers.setdefault("content-type", "application/json")
        is_multipart = bool(uploads) or described.form_type == "multipart/form-data"
        key = key if described.requires_key else None
        method, path = method or described.method, path or described.build_target(values)
        self.require_in_profile(method, path)
        request = self._http.build_request(
            method,
            self.target.url.rstrip("/") + path,
            headers={**request_headers, **self._authorization(key)},
            content=content,
            timeout=self._http.timeout if leave_after is None else httpx.Timeout(self.target.timeout, read=leave_after),
            **_build_form(form, uploads, is_multipart=is_multipart),
        )
        public_headers = {name: value for name, value in request_headers.items() if name.lower() != "authorization"}
        exchange = Exchange(
            operation,
            request.method,
            str(request.url),
            public_headers,
            content,
            form,
            tuple(uploads),
            key="valid" if key == "" else "none" if key is None else "other",
            is_multipart=is_multipart,
            parameters=_group_by_place(described, values),
        )
        return self.record(self._take_turn(described, lambda: self._receive(exchange, request, stop_after)))

    def fill_parameters(
        self, operation: DocumentedOperation, parameters: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return these values of parameters with those that the operation needs, by name; without what is MISSING.

        Constants of the query, by which PolarGrid tells operations at one path apart, are of its own profile only.
        """
        values = {**build_parameters(operation), **(parameters or {})}
        is_whole = self.target.profile == "polargrid"
        constants = {it["name"] for it in operation.parameters if is_constant(operation.document, it)}
        left_out = set() if is_whole else constants
        return {name: value for name, value in values.items() if value is not MISSING and name not in left_out}

    def require_in_profile(self, method: str, target: str) -> None:
        """Raise OutsideProfileError unless the profile has the operation of a request; PolarGrid's has all of them.

        Whoever sends without `send` calls it first.
        """
        is_whole = self.target.profile == "polargrid"
        if refusal := "" if is_whole else find_refusal(self._routes, method, target):
            raise OutsideProfileError(f"profile {self.target.profile}: {refusal}")

    def require(self, exchange: Exchange) -> Exchange:
        """Return the exchange; raise OperationMissing if the profile allows the operation to be missing and it is."""
        if self.target.profile == "openai" and exchange.status in _UNSUPPORTED_STATUSES:
            message = f"{exchange.method} {exchange.url} returns {exchange.status}"
            raise OperationMissing(message, exchange.operation)
        return exchange

    def model(self, kind: Kind | None) -> str:
        """Return the model for this kind of work: as configured, else the smallest that the server lists.

        Without a kind it is any model.
        """
        configured = [name for other, name in self.target.models.items() if kind in (None, other)]
        if configured:
            return configured[0]
        models = sorted(find_models(self.models, kind), key=_parameters_of)
        if not models:
            raise OperationMissing(f"the server lists no model for {kind or 'any work'}")
        return str(models[0]["id"])

    def violation(self, exchange: Exchange, *, expected: str, actual: str, warning: bool = False) -> Violation:
        """Build a violation that this exchange demonstrates."""
        return Violation(exchange.operation, expected, actual, exchange, build_curl(exchange), warning)

    @property
    def models(self) -> list[dict[str, Any]]:
        """The models that list_models returns; empty if the response cannot be read."""
        with self.shared.models_lock:
            if self.shared.models is None:
                self.shared.models = self._list_models()
            return self.shared.models

    def _list_models(self) -> list[dict[str, Any]]:
        if "list_models" not in self.operations:
            return []
        body = self.view(None).send("list_models").json()
        models = body.get("data") if isinstance(body, dict) else None
        models = models if isinstance(models, list) else []
        return [model for model in models if isinstance(model, dict) and isinstance(model.get("id"), str)]

    def _take_turn(self, operation: DocumentedOperation, send: Callable[[], Exchange]) -> Exchange:
        """Send when it is this request's turn; once more, alone, if the server was too busy with other requests."""
        started = time.monotonic()
        with self.shared.turn(operation) as is_alone:
            self.trace.waited += time.monotonic() - started
            exchange = send()
        if is_alone or exchange.status not in BUSY_STATUSES:
            return exchange
        if exchange.status == 429:
            self.shared.rate_limited.append(exchange)
        self.shared.narrow()
        self.clock.sleep(read_retry_after(exchange))
        with self.shared.turn(operation):
            return send()

    def _authorization(self, key: str | None) -> dict[str, str]:
        if key is None:
            return {}
        return {"Authorization": f"Bearer {key or self.target.api_key}"}

    def _receive(
        self, exchange: Exchange, request: httpx.Request, stop_after: Callable[[bytes], bool] | None
    ) -> Exchange:
        started = self.clock.monotonic()
        chunks: list[TimedBytes] = []
        response_fields: dict[str, Any] = {}
        try:
            with self._open(request) as response:
                names = [name.decode("latin-1").lower() for name, _ in response.headers.raw]
                response_fields["status"] = response.status_code
                response_fields["response_headers"] = dict(response.headers)
                response_fields["repeated_headers"] = tuple({name for name in names if names.count(name) > 1})
                for data in response.iter_raw():
                    chunks.append(TimedBytes(self.clock.monotonic() - started, data))
                    if stop_after and stop_after(b"".join(chunk.data for chunk in chunks)):
                        break
        except httpx.ConnectError as error:
            self.record(replace(exchange, error=f"{type(error).__name__}: {error}"))
            raise
        except (httpx.LocalProtocolError, httpx.PoolTimeout):
            raise  # an error of this client, not of the server
        except (httpx.HTTPError, httpx.StreamError, ValueError, OSError) as error:
            response_fields["error"] = f"{type(error).__name__}: {error}"
        return replace(exchange, chunks=tuple(chunks), seconds=self.clock.monotonic() - started, **response_fields)

    @contextmanager
    def _open(self, request: httpx.Request) -> Iterator[httpx.Response]:
        response = self._http.send(request, stream=True)
        try:
            yield response
        finally:
            response.close()


@lru_cache(1)
def _tls_context() -> ssl.SSLContext:
    """The one that all clients use: to read the root certificates takes longer than most requests."""
    return httpx.create_ssl_context(trust_env=False)


def _parameters_of(model: Mapping[str, Any]) -> float:
    parameters = model.get("pg_parameters")
    return parameters if isinstance(parameters, int | float) and parameters > 0 else float("inf")


def read_retry_after(exchange: Exchange) -> float:
    """Return how long to wait before a request is sent again, in seconds: as Retry-After says, within a bound."""
    value = exchange.response_headers.get("retry-after", "")
    return min(float(value) if value.isdecimal() else 1.0, _MAX_RETRY_DELAY)


def _build_parameter_headers(operation: DocumentedOperation, values: Mapping[str, Any]) -> dict[str, str]:
    """The headers for parameters that are headers or cookies."""
    sent = [item for item in operation.parameters if item["name"] in values]
    headers = {item["name"]: str(values[item["name"]]) for item in sent if item["in"] == "header"}
    cookies = "; ".join(f"{item['name']}={values[item['name']]}" for item in sent if item["in"] == "cookie")
    return {**headers, **({"cookie": cookies} if cookies else {})}


def _group_by_place(operation: DocumentedOperation, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    locations: dict[str, dict[str, Any]] = {}
    for item in operation.parameters:
        if item["name"] in values:
            locations.setdefault(item["in"], {})[item["name"]] = values[item["name"]]
    return locations


def _build_form(form: Mapping[str, str] | None, uploads: Sequence[Upload], *, is_multipart: bool) -> dict[str, Any]:
    """The arguments of httpx for a form."""
    if form is None and not uploads:
        return {}
    if not is_multipart:
        return {"data": dict(form or {})}
    fields = [(name, (None, value)) for name, value in (form or {}).items()]
    files = [(upload.field, (upload.name, upload.data, upload.media_type)) for upload in uploads]
    return {"files": [*fields, *files]}
