"""A server in memory that honours idempotency keys, around one that ignores them."""

from __future__ import annotations

import re
import secrets

import httpx

from tests.contract.changes import Send, copy_response

_BOUNDARY = re.compile(r"boundary=(\S+)")


def honour_keys(send: Send) -> Send:
    """Return the first response again for the same API key, idempotency key and request."""
    kept: dict[tuple[str, str], tuple[object, httpx.Response]] = {}

    def apply(request: httpx.Request) -> httpx.Response:
        key, response = request.headers.get("idempotency-key"), send(request)
        if key is None or response.status_code == 401:
            return response
        if len(key) > 255:
            return _reject(400)
        owner, identity = (request.headers["authorization"], key), identify(request)
        first, stored = kept.setdefault(owner, (identity, response))  # one of requests at once is the first
        if first != identity:
            return _reject(422)
        if stored is response:
            return copy_response(response, idempotency_key=key)
        return copy_response(stored, idempotency_key=key, idempotency_replayed="true", x_request_id=_new_id())

    return apply


def identify(request: httpx.Request) -> object:
    """Identify a request by what it asks for; the boundary of a form is no part of that."""
    boundary = _BOUNDARY.search(request.headers.get("content-type", ""))
    body = request.content.replace(boundary[1].encode(), b"-") if boundary else request.content
    return request.method, request.url, body


def _reject(status: int) -> httpx.Response:
    error = {"message": "invalid Idempotency-Key", "type": "invalid_request_error", "code": "invalid_value"}
    return httpx.Response(status, headers={"x-request-id": _new_id()}, json={"error": error})


def _new_id() -> str:
    return f"req_{secrets.token_hex(16)}"
