"""Sends rows by the clients of the SDK, and makes results of responses and exceptions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from polargrid import PolarGrid
from polargrid.errors import PolarGridError
from polargrid_batch.results import Failure, Result, encode_body
from polargrid_batch.rows import InvalidRow, Row
from polargrid_runtime.raw_response import RawResponse

_KEY = "idempotency-key"
_USAGE_NAMES = (("prompt_tokens", "input_tokens"), ("completion_tokens", "output_tokens"))


class RowCaller:
    """One client a region, without retries of its own: the run decides them."""

    def __init__(self, client: PolarGrid, regions: Sequence[str] | None = None) -> None:
        """The regions are names, or base URLs; by default they are those of the client."""
        if not isinstance(client, PolarGrid):
            raise TypeError(f"client: expected PolarGrid, the async client, not {type(client).__name__}")
        quiet = client.with_options(max_retries=0)
        endpoints = client._settings.endpoints  # noqa: SLF001 - a client with several has no public list of them
        is_given = bool(regions)
        regions = regions or [item.region_id or item.base_url for item in endpoints]
        if len(regions) > 1 or len(endpoints) > 1:
            self.clients = {name: quiet.with_options(**_select(name)) for name in dict.fromkeys(regions)}
        else:
            self.clients = {regions[0]: quiet.with_options(**_select(regions[0])) if is_given else quiet}
        self.max_connections: int = client._settings.max_connections  # noqa: SLF001
        self._key = uuid4().hex[:20]

    async def call(self, row: Row, region: str) -> RawResponse[Any]:
        """Make one attempt. Raises PolarGridError."""
        files: dict[str, Any] = {"files": row.files} if row.files else {}
        client = self.clients[region]
        # What the methods of a client do with their operation; an option of a call would copy all settings, 25 µs.
        call = client._start_call(row.operation, {}, row.body, **files)  # noqa: SLF001
        if _KEY in call.headers:
            call.headers[_KEY] = f"{self._key}-{row.number}"  # the same for each attempt of the row
        response = await client._complete(call)  # noqa: SLF001
        return RawResponse(response, call.meta, call.sent, call.content)


def _select(name: str) -> dict[str, Any]:
    return {"base_url": name} if "://" in name else {"region": name}


def build_result(row: Row, response: RawResponse[Any], attempts: int, region: str) -> Result:
    """Return the result of a response of success."""
    parsed = response.parse()
    usage = _read_usage(parsed)
    return Result(
        row.number,
        row.checksum,
        row.custom_id,
        response.meta.status_code,
        response.meta.request_id,
        encode_body(response.content, response.meta.headers.get("content-type", "")),
        None,
        attempts,
        region,
        *usage,
        model=_read_model(parsed, row),
    )


def build_failure(row: Row, error: PolarGridError, attempts: int, region: str) -> Result:
    """Return the result of a row that failed."""
    failure = Failure(type(error).__name__, error.message, error.code, error.param, attempts)
    content = b"null" if error.status_code is None else _encode_error_body(error)
    head = (row.number, row.checksum, row.custom_id)
    return Result(*head, error.status_code, error.request_id, content, failure, attempts, region)


def build_invalid(row: InvalidRow) -> Result:
    """Return the result of a line that is no request."""
    failure = Failure("InvalidRow", f"line {row.number}: {row.message}", "invalid_row", row.param)
    return Result(row.number, row.checksum, row.custom_id, failure=failure)


def _encode_error_body(error: PolarGridError) -> bytes:
    """Return what the server sent, without the key: JSON as it was, anything else as text."""
    text = error.response.text if error.response is not None else ""
    try:
        return json.dumps(json.loads(text), separators=(",", ":")).encode()
    except (ValueError, RecursionError):
        return json.dumps(text).encode()


def _read_model(response: Any, row: Row) -> str | None:
    for name in (getattr(response, "model", None), row.body.get("model")):
        if isinstance(name, str):
            return name
    return None


def _read_usage(response: Any) -> tuple[int, int]:
    usage = getattr(response, "usage", None)
    if usage is None:
        return 0, 0
    counts = []
    for names in _USAGE_NAMES:
        values = (getattr(usage, name, None) for name in names)
        counts.append(next((value for value in values if isinstance(value, int)), 0))
    return counts[0], counts[1]
