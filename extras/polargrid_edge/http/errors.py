"""From whatever was raised to the answer that is sent; faults of the edge itself are logged here."""

from __future__ import annotations

import logging
import uuid
from contextvars import ContextVar
from typing import Any

from starlette.responses import Response

from polargrid_edge.answers import encoded
from polargrid_edge.errors import EdgeError, from_exception, internal

_log = logging.getLogger("polargrid_edge")

request_id: ContextVar[str] = ContextVar("request_id")
"""The id of the request that is served."""


def new_request_id() -> str:
    return f"req_{uuid.uuid4().hex}"


def error_of(raised: BaseException) -> EdgeError:
    """The error that an exception stands for. A fault of the edge is logged with its traceback."""
    error = from_exception(raised)
    if error is not None:
        return error
    _log.error("Request %s failed", request_id.get("?"), exc_info=raised)
    return internal()


def envelope_of(raised: BaseException) -> dict[str, Any]:
    return error_of(raised).envelope()


def response_of(raised: BaseException) -> Response:
    error = error_of(raised)
    return Response(encoded(error.envelope()), error.status, error.headers, "application/json")
