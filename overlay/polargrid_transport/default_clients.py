"""Clients of httpx with the defaults of the SDK, for the option `http_client`, and these defaults.

Their names are those of OpenAI's package; `polargrid.openai` exports them.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import httpx
from httpx import Timeout

from polargrid_transport import deadline
from polargrid_transport.attempt import TransportOptions

__all__ = [
    "DEFAULT_CONNECTION_LIMITS",
    "DEFAULT_TIMEOUT",
    "DefaultAsyncHttpxClient",
    "DefaultHttpxClient",
    "ProxiesTypes",
    "Timeout",
    "Transport",
]
Transport = httpx.BaseTransport
ProxiesTypes: TypeAlias = str | httpx.Proxy | None
DEFAULT_TIMEOUT: Final = Timeout(**deadline.DEFAULT_TIMEOUT._asdict())
DEFAULT_CONNECTION_LIMITS: Final = httpx.Limits(max_connections=TransportOptions().max_connections)


class DefaultHttpxClient(httpx.Client):
    """An httpx.Client with the timeouts and limits of the SDK, for `http_client`; the caller closes it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"timeout": DEFAULT_TIMEOUT, "limits": DEFAULT_CONNECTION_LIMITS, **options})


class DefaultAsyncHttpxClient(httpx.AsyncClient):
    """An httpx.AsyncClient with the timeouts and limits of the SDK, for `http_client`; the caller closes it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"timeout": DEFAULT_TIMEOUT, "limits": DEFAULT_CONNECTION_LIMITS, **options})
