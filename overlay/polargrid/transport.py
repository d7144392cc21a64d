"""The HTTP seam: httpx clients as the SDK needs them, requests for them, and their failures in our words.

Whatever knows httpx's ways stands here.
"""

from __future__ import annotations

import functools
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx

from polargrid import errors
from polargrid.config import Settings
from polargrid.wire import Call

# Idle connections are dropped before a server drops them (5 s at an edge): none is used that just closed.
_LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100, keepalive_expiry=4.0)
# Seconds: to connect, and for each wait to send or receive. An answer of 4,096 tokens that is not streamed takes
# a busy edge more than a minute.
_TIMEOUT = httpx.Timeout(120.0, connect=10.0)

AnyClient = TypeVar("AnyClient", httpx.Client, httpx.AsyncClient)


@functools.cache
def _tls() -> ssl.SSLContext:
    """One context for all clients: it takes 20 ms to read the certificates."""
    return httpx.create_ssl_context()


def new_client(kind: type[AnyClient], settings: Settings) -> AnyClient:
    """A client with a pool of its own. Redirects are not followed: the key goes to the edge alone."""
    return kind(verify=_tls(), timeout=settings.timeout or _TIMEOUT, limits=_LIMITS, follow_redirects=False)


def request_headers(settings: Settings, version: str, idempotency_key: str) -> dict[str, str]:
    """What every request carries. All tries of one call share the idempotency key."""
    return {
        "Authorization": f"Bearer {settings.api_key.reveal()}",
        "User-Agent": f"polargrid-python/{version}",
        "Idempotency-Key": idempotency_key,
    }


@contextmanager
def opened(
    client: httpx.Client | httpx.AsyncClient, settings: Settings, call: Call, headers: dict[str, str]
) -> Iterator[httpx.Request]:
    """The request of a call, its file open until the block ends. Failures in the block become our exceptions."""
    url = settings.base_url + call.path
    everything: dict[str, Any] = {"params": call.query or None, "headers": {**headers, **call.headers}}
    if settings.timeout is not None:
        everything["timeout"] = settings.timeout
    with _translated():
        if call.file is None:
            yield client.build_request(call.method, url, content=call.content, **everything)
            return
        with call.file.opened() as file:
            part = (call.file.name, file, call.file.media_type)
            field = call.operation.file or "file"
            yield client.build_request(call.method, url, data=dict(call.form or {}), files={field: part}, **everything)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except errors.PolarGridError:
        raise
    except httpx.TimeoutException as error:
        raise errors.TimeoutError(f"{_PHASES.get(type(error), 'The edge')} took too long") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise errors.ValidationError(f"the request cannot be sent: {error}") from error
    except httpx.ConnectError as error:
        raise errors.NetworkError(f"The edge cannot be reached: {error}") from error
    except UnicodeEncodeError as error:
        raise errors.ValidationError(f"the request cannot be sent: {error.reason}") from error
    except (httpx.DecodingError, UnicodeError) as error:
        raise errors.ServerError(f"The answer cannot be decoded: {error}") from error
    except (httpx.HTTPError, httpx.StreamError, ssl.SSLError, OSError) as error:
        raise errors.NetworkError(f"The connection broke: {error or type(error).__name__}") from error


_PHASES: dict[type[Exception], str] = {
    httpx.ConnectTimeout: "Connecting to the edge",
    httpx.WriteTimeout: "Sending the request",
    httpx.ReadTimeout: "The edge's answer",
    httpx.PoolTimeout: "Waiting for a connection",
}
