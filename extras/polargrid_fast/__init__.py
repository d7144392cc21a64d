"""HTTP/1.1 client connections and pools on llhttp, for threads and for asyncio.

No retries, redirects, proxies, cookies or content decoding: a caller adds what it needs.
"""

from polargrid_fast.async_pool import AsyncPool
from polargrid_fast.async_response import AsyncResponse
from polargrid_fast.exceptions import (
    ConnectError,
    ConnectTimeout,
    FastError,
    LocalProtocolError,
    NetworkError,
    PoolClosed,
    PoolTimeout,
    ProtocolError,
    ReadError,
    ReadTimeout,
    RemoteProtocolError,
    TimeoutException,
    WriteError,
    WriteTimeout,
)
from polargrid_fast.models import Request, Timeouts
from polargrid_fast.sync_pool import SyncPool
from polargrid_fast.sync_response import SyncResponse
from polargrid_fast.tls import default_ssl_context

__all__ = [
    "AsyncPool",
    "AsyncResponse",
    "ConnectError",
    "ConnectTimeout",
    "FastError",
    "LocalProtocolError",
    "NetworkError",
    "PoolClosed",
    "PoolTimeout",
    "ProtocolError",
    "ReadError",
    "ReadTimeout",
    "RemoteProtocolError",
    "Request",
    "SyncPool",
    "SyncResponse",
    "TimeoutException",
    "Timeouts",
    "WriteError",
    "WriteTimeout",
    "default_ssl_context",
]
