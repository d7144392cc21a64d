"""What is known of one request: the access log and the metrics are both made of it, so that they add up."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter, time as now
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from starlette.types import Scope

CLIENT_CLOSED_REQUEST: Final = 499
"""Stands for the status of a request whose client left before the response began, as in the logs of nginx."""
SCOPE_KEY: Final = "polargrid.record"


@dataclass(slots=True)
class RequestRecord:
    """A request and its response. It has no body, no query, no header, and of the API key its name only.

    `operation` is that of the document, or the name of another route; `started_at`, `first_byte_at`,
    `first_token_at` and `ended_at` are seconds of `time.perf_counter`; `queued` is how long it waited for its model.
    `error` is the code of the error in the response, also of one in a stream whose status was sent before.
    """

    method: str | None
    path: str | None
    client: str | None
    request_id: str = ""
    time: float = field(default_factory=now)
    started_at: float = field(default_factory=perf_counter)
    operation: str | None = None
    key: str | None = None
    status: int | None = None
    bytes_received: int = 0
    bytes_sent: int = 0
    first_byte_at: float | None = None
    first_token_at: float | None = None
    ended_at: float = 0.0
    queued: float | None = None
    model: str | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    error: str | None = None
    client_left: bool = False
    in_window: bool = False
    """Whether the metrics of the last minute count it."""

    @classmethod
    def of_scope(cls, scope: Scope) -> RequestRecord:
        client = scope.get("client")
        return cls(scope["method"], scope["path"], client[0] if client else None)

    @property
    def final_status(self) -> int:
        """The status that was sent; of a request without one, why there is none."""
        if self.status is not None:
            return self.status
        return CLIENT_CLOSED_REQUEST if self.client_left else 500

    @property
    def duration(self) -> float:
        return self.ended_at - self.started_at


current_record: ContextVar[RequestRecord | None] = ContextVar("current_record", default=None)
"""The record of the current request; None outside of one, and for what is not recorded."""
