"""The clients of httpx2 with the defaults of the SDK."""

from __future__ import annotations

from typing import Any

import httpx2

from polargrid_transport.default_clients import DEFAULT_CONNECTION_LIMITS, DEFAULT_TIMEOUT

__all__ = ["DefaultAsyncHttpx2Client", "DefaultHttpx2Client"]
_DEFAULTS = {
    "timeout": httpx2.Timeout(**DEFAULT_TIMEOUT.as_dict()),
    "limits": httpx2.Limits(max_connections=DEFAULT_CONNECTION_LIMITS.max_connections),
}


class DefaultHttpx2Client(httpx2.Client):
    """An httpx2.Client with the timeouts and limits of the SDK, for `http_client`; the caller closes it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**_DEFAULTS, **options})


class DefaultAsyncHttpx2Client(httpx2.AsyncClient):
    """An httpx2.AsyncClient with the timeouts and limits of the SDK, for `http_client`; the caller closes it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**_DEFAULTS, **options})
