"""What a transport takes: one attempt to send a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import attrs

from polargrid_codec.encoding import EncodedRequest
from polargrid_runtime.limiter import Limiter
from polargrid_runtime.redaction import Secret
from polargrid_transport.deadline import Deadline


@attrs.frozen(repr=False)  # a traceback that shows it shows no headers, which may be secret
class Attempt:
    """A request, and where and within which limits it is sent."""

    request: EncodedRequest
    base_url: str
    headers: Mapping[str, str]
    """Headers of the call; they override those of the request."""
    deadline: Deadline
    api_key: Secret


class TransportOptions(NamedTuple):
    """How a transport connects."""

    transport: str = "httpx"
    """`httpx`, `httpx2` or `fast`."""
    max_connections: int = 256
    """Connections at the same time, per event loop."""
    proxy: Secret | None = None
    ssl_context: Any = None
    limiter: Limiter | None = None
    """Gives each attempt a place before it is sent."""
