"""Requests on one connection with every byte that the server sent, and the view of it that other checks have; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from polargrid_contract.curl import build_curl
from polargrid_contract.exchange import Exchange, TimedBytes
from polargrid_contract.raw_command import KEY_VARIABLE
from polargrid_contract.results import Violation
from polargrid_contract.wire.request import AUTHORIZATION, RawRequest
from polargrid_contract.wire.response import Reading, Response, read_responses


@dataclass(frozen=True)
class WireExchange:
    """Requests on one connection, and every byte that the server sent on it."""

    operation: str
    url: str
    requests: tuple[RawRequest, ...]
    received: bytes
    is_closed: bool
    """Whether the server closed the connection."""
    error: str = ""
    """How the connection broke, or which time limit passed."""
    seconds: float = 0.0
    """From the first byte of the request to the last one of the response."""
    lingered: float = 0.0
    """How long the end of the connection was awaited after that."""
    key: str = field(default="", repr=False)
    """The API key of the target."""
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @cached_property
    def reading(self) -> Reading:
        """The responses, and what is behind them."""
        methods = [request.method for request in self.requests]
        return read_responses(self.received, methods, is_closed=self.is_closed)

    @property
    def responses(self) -> tuple[Response, ...]:
        """The responses in the order in which they arrived; fewer than requests if the connection ended."""
        return self.reading.responses

    @property
    def statuses(self) -> tuple[int, ...]:
        """The status of each response."""
        return tuple(response.status for response in self.responses)

    def exchange(self, index: int = 0) -> Exchange:
        """Return one request with its response, as the other checks see it."""
        request = self.requests[index]
        response = self.responses[index] if index < len(self.responses) else None
        authorization = request.header(AUTHORIZATION)
        is_valid = bool(self.key) and self.key in authorization
        sent = b"".join(request.encode() for request in self.requests)
        base = Exchange(
            self.operation,
            request.method,
            _origin(self.url) + request.target if request.target.startswith("/") else request.target,
            {name: value for name, value in request.headers if name.lower() != AUTHORIZATION},
            request.body if request.has_body else None,
            None,
            key="valid" if is_valid else "other" if authorization else "none",
            seconds=self.seconds,
            parameters=self.parameters,
            sent=sent.replace(self.key.encode(), KEY_VARIABLE) if self.key else sent,
        )
        if response is None:
            reason = self.error or ("bytes that are no response" if self.received else "no response")
            return replace(base, error=reason)
        return replace(
            base,
            status=response.status,
            response_headers=dict(response.head.fields),
            chunks=(TimedBytes(self.seconds, response.body),),
            error="" if response.is_complete else (self.error or "the response is incomplete"),
        )

    def violation(self, *, expected: str, actual: str, index: int = 0) -> Violation:
        """Build a violation that the response to one of the requests demonstrates."""
        exchange = self.exchange(index)
        return Violation(self.operation, expected, actual, exchange, build_curl(exchange))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
