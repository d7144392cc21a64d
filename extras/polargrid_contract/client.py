"""Client of the server under test: sends requests by operation and records what went over the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import httpx

from polargrid_contract.clock import Clock, SystemClock
from polargrid_contract.document import load_document
from polargrid_contract.examples import build_parameters
from polargrid_contract.exchange import Exchange, TimedBytes, Upload
from polargrid_contract.kinds import Kind, find_models
from polargrid_contract.operations import Document, DocumentedOperation, read_operations
from polargrid_contract.results import Profile, Violation

#: Marks a parameter or a field that is left out.
MISSING = ...
_UNSUPPORTED_STATUSES = (404, 405, 501)


class OperationMissing(Exception):  # noqa: N818 - an optional operation is not an error
    """The server does not have the operation that a check needs."""


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
    """Sends requests to one server, each on a new connection, and returns an Exchange for each."""

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
        self._only, self._skip = only, skip
        self.clock = clock or SystemClock()
        self._http = httpx.Client(
            timeout=target.timeout,
            follow_redirects=False,
            trust_env=False,
            transport=transport,
            headers={"accept-encoding": "identity"},  # checks read the bytes as they were sent
            # A reused connection that the server closes would look like a violation.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def close(self) -> None:
        """Close all connections."""
        self._http.close()

    @cached_property
    def operations(self) -> dict[str, DocumentedOperation]:
        """The operations of the document, by operationId."""
        return read_operations(self.target.document)

    @property
    def profile_operations(self) -> list[DocumentedOperation]:
        """The selected operations that servers of the profile have."""
        selected = (set(self._only) & set(self.operations) or set(self.operations)) - set(self._skip)
        return [it for it in self.operations.values() if it.name in selected and it.is_in(self.target.profile)]

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
    ) -> Exchange:
        """Send one request and return the exchange.

        `key` "" sends the key of the target, None sends none; an operation without `security` never gets a key.
        `parameters` are values of the operation's parameters, by name; the ones that it needs have a value from the
        document. `method` and `path` replace those of the operation. `stop_after` receives the body so far; the
        connection is closed when it returns True. A connection that breaks is reported in `Exchange.error`, with status
        0 if no response was received. Raises httpx.ConnectError if the server cannot be connected to.
        """
        described = self.operations[operation]
        values = {**build_parameters(described), **(parameters or {})}
        values = {name: value for name, value in values.items() if value is not MISSING}
        request_headers = {**_build_parameter_headers(described, values), **(headers or {})}
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            request_headers.setdefault("content-type", "application/json")
        is_multipart = bool(uploads) or described.form_type == "multipart/form-data"
        key = key if described.requires_key else None
        request = self._http.build_request(
            method or described.method,
            self.target.url.rstrip("/") + (path or described.build_target(values)),
            headers={**request_headers, **self._authorization(key)},
            content=content,
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
        return self._receive(exchange, request, stop_after)

    def require(self, exchange: Exchange) -> Exchange:
        """Return the exchange; raise OperationMissing if the profile allows the operation to be missing and it is."""
        if self.target.profile == "openai" and exchange.status in _UNSUPPORTED_STATUSES:
            raise OperationMissing(f"{exchange.method} {exchange.url} returns {exchange.status}")
        return exchange

    def model(self, kind: Kind | None) -> str:
        """Return the model for this kind of work: as configured, else the smallest that the server lists.

        Without a kind it is any model.
        """
        configured = [name for other, name in self.target.models.items() if kind in (None, other)]
        if configured:
            return configured[0]
        models = sorted(find_models(self.models, kind), key=lambda model: model.get("pg_parameters") or float("inf"))
        if not models:
            raise OperationMissing(f"the server lists no model for {kind or 'any work'}")
        return str(models[0]["id"])

    def violation(self, exchange: Exchange, *, expected: str, actual: str) -> Violation:
        """Build a violation that this exchange demonstrates."""
        return Violation(exchange.operation, expected, actual, exchange, exchange.curl)

    @cached_property
    def models(self) -> list[dict[str, Any]]:
        """The models that list_models returns; empty if the response cannot be read."""
        if "list_models" not in self.operations:
            return []
        body = self.send("list_models").json()
        models = body.get("data") if isinstance(body, dict) else None
        return [model for model in models or [] if isinstance(model, dict) and isinstance(model.get("id"), str)]

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
        except httpx.ConnectError:
            raise
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
