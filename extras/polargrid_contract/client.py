"""Client of the server under test: sends requests by operation and records what went over the wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import httpx

from polargrid_contract.clock import Clock, SystemClock
from polargrid_contract.document import load_document
from polargrid_contract.exchange import Exchange, TimedBytes, Upload
from polargrid_contract.results import Profile, Violation

Kind = Literal["chat", "text-to-speech", "speech-to-text"]
_MODEL_TYPES: dict[Kind, tuple[str, ...]] = {
    "chat": ("chat", "text-generation"),
    "text-to-speech": ("text-to-speech",),
    "speech-to-text": ("speech-to-text",),
}
# A list of models without types leaves only the names to go by.
_NAME_PARTS: dict[Kind, tuple[str, ...]] = {
    "chat": (),
    "text-to-speech": ("tts", "kokoro", "speech", "tada"),
    "speech-to-text": ("whisper", "stt", "transcribe"),
}
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


class ServerClient:
    """Sends requests to one server, each on a new connection, and returns an Exchange for each."""

    def __init__(
        self, target: TargetServer, *, transport: httpx.BaseTransport | None = None, clock: Clock | None = None
    ) -> None:
        self.target = target
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
    def routes(self) -> dict[str, tuple[str, str]]:
        """Method and path of each operation, by operationId."""
        return {
            operation["operationId"]: (method.upper(), path)
            for path, item in load_document()["paths"].items()
            for method, operation in item.items()
        }

    def send(
        self,
        operation: str,
        body: Any = None,
        *,
        key: str | None = "",
        content: bytes | None = None,
        form: Mapping[str, str] | None = None,
        upload: Upload | None = None,
        headers: Mapping[str, str] | None = None,
        method: str | None = None,
        path: str | None = None,
        stop_after: Callable[[bytes], bool] | None = None,
    ) -> Exchange:
        """Send one request and return the exchange.

        `key` "" sends the key of the target, None sends none. `stop_after` receives the body so far; the connection is
        closed when it returns True. A connection that breaks is reported in `Exchange.error`, with status 0 if no
        response was received. Raises httpx.ConnectError if the server cannot be connected to.
        """
        default_method, default_path = self.routes[operation]
        request_headers = dict(headers or {})
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            request_headers.setdefault("content-type", "application/json")
        request = self._http.build_request(
            method or default_method,
            self.target.url.rstrip("/") + (path or default_path),
            headers={**request_headers, **self._authorization(key)},
            content=content,
            data=dict(form) if form is not None else None,
            files={"file": (upload.name, upload.data, upload.media_type)} if upload is not None else None,
        )
        public_headers = {name: value for name, value in request_headers.items() if name.lower() != "authorization"}
        exchange = Exchange(
            operation,
            request.method,
            str(request.url),
            public_headers,
            content,
            form,
            upload,
            key="valid" if key == "" else "none" if key is None else "other",
        )
        return self._receive(exchange, request, stop_after)

    def require(self, exchange: Exchange) -> Exchange:
        """Return the exchange; raise OperationMissing if the profile allows the operation to be missing and it is."""
        if self.target.profile == "openai" and exchange.status in _UNSUPPORTED_STATUSES:
            raise OperationMissing(f"{exchange.method} {exchange.url} returns {exchange.status}")
        return exchange

    def model(self, kind: Kind) -> str:
        """Return the model for this kind of work: as configured, else the smallest that the server lists."""
        if kind in self.target.models:
            return self.target.models[kind]
        models = sorted(self._models_of(kind), key=lambda model: model.get("pg_parameters") or float("inf"))
        if not models:
            raise OperationMissing(f"the server lists no model for {kind}")
        return str(models[0]["id"])

    def violation(self, exchange: Exchange, *, expected: str, actual: str) -> Violation:
        """Build a violation that this exchange demonstrates."""
        return Violation(exchange.operation, expected, actual, exchange, exchange.curl)

    @cached_property
    def models(self) -> list[dict[str, Any]]:
        """The models that list_models returns; empty if the response cannot be read."""
        body = self.send("list_models").json()
        models = body.get("data") if isinstance(body, dict) else None
        return [model for model in models or [] if isinstance(model, dict) and isinstance(model.get("id"), str)]

    def _models_of(self, kind: Kind) -> Iterator[dict[str, Any]]:
        for model in self.models:
            model_type = model.get("pg_model_type")
            if model_type in _MODEL_TYPES[kind] or (model_type is None and _name_suggests(kind, model["id"])):
                yield model

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


def _name_suggests(kind: Kind, name: str) -> bool:
    if parts := _NAME_PARTS[kind]:
        return any(part in name.lower() for part in parts)
    return not any(part in name.lower() for parts in _NAME_PARTS.values() for part in parts)
