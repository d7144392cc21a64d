"""The id of the current request, which threads of a queue get with their context."""

from __future__ import annotations

from contextvars import ContextVar

request_id: ContextVar[str] = ContextVar("request_id")
