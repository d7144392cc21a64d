"""`client.raw`: the attrs client of openapi-python-client on the connections of the SDK.

Its functions send requests by httpx. A transport, httpx's public interface for that, hands each of them to the one of
the client: as one attempt of one call, with the client's key, limits, errors and logs.
"""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING, Any, NoReturn

import httpx

from polargrid import _call_state, errors
from polargrid._async.key_source import refresh_key
from polargrid._call_state import CallState
from polargrid._endpoints import Endpoint, EndpointSelector
from polargrid.config import DEFAULT_DEADLINE, Settings, with_options
from polargrid_codec.encoding import EncodedRequest
from polargrid_generated.operations import OPERATIONS
from polargrid_generated.raw import AuthenticatedClient
from polargrid_runtime.operation import Operation
from polargrid_runtime.redaction import SecretSource
from polargrid_transport.deadline import Deadline, Timeouts

if TYPE_CHECKING:
    from polargrid.retry import RetryBudget
    from polargrid_transport._async.transport import AsyncTransport

_OPERATIONS = {operation.name: operation for operation in OPERATIONS}
#: Headers that the SDK's transport sets; the key is not in any object of httpx, which a traceback may show.
_OWN_HEADERS = frozenset(
    {"accept-encoding", "authorization", "connection", "content-length", "host", "transfer-encoding", "user-agent"}
)
_CODING_HEADERS = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def create_raw_client(
    transport: AsyncTransport, settings: Settings, endpoint: Endpoint, budget: RetryBudget
) -> AuthenticatedClient:
    """Return a raw client for an endpoint."""
    timeouts = settings.timeout or transport.default_timeouts
    return AuthenticatedClient(
        base_url=endpoint.base_url,
        token="sent by the transport",  # noqa: S106 - it takes the place of the key
        timeout=httpx.Timeout(**timeouts._asdict()),
        httpx_args={"transport": AsyncRawTransport(transport, settings, endpoint, budget)},
    )


class AsyncRawTransport(httpx.AsyncBaseTransport):
    """Sends the requests of a raw client, each once: they are neither retried nor sent to another region."""

    def __init__(self, transport: AsyncTransport, settings: Settings, endpoint: Endpoint, budget: RetryBudget) -> None:
        self._transport, self._endpoint, self._budget = transport, endpoint, budget
        self._settings = with_options(settings, {"max_retries": 0})

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the whole response, decompressed. Raises PolarGridError if there is none."""
        call = self._start_call(request, await request.aread())
        try:
            if isinstance(self._settings.api_key, SecretSource):
                await refresh_key(self._settings.api_key)
            async with aclosing(await self._transport.send(call.start_attempt())) as response:
                call.on_headers(response.status, response.headers)
                body = await response.read_body(self._settings.max_body_bytes)
                headers = {name: text for name, text in response.headers.items() if name not in _CODING_HEADERS}
                return httpx.Response(response.status, headers=headers, content=body)
        except (errors.PolarGridError, MemoryError) as error:
            body = b""  # a traceback that shows it shows what the server sent
            call.next_delay(error)  # raises the error without the key
            raise
        finally:
            call.report()

    def _start_call(self, request: httpx.Request, content: bytes) -> CallState:
        name = request.extensions.get("operation", "raw")  # of the function of the raw client
        target = self._find_target(request.url)
        operation = _OPERATIONS.get(name) or Operation[Any, Any](name, request.method, target, "")
        headers = {name: text for name, text in request.headers.items() if name not in _OWN_HEADERS}
        encoded = EncodedRequest(operation, target, False, {}, headers, content or None)
        timeouts = Timeouts(**request.extensions["timeout"])
        deadline = Deadline(timeouts, self._settings.idle_timeout, self._settings.deadline or DEFAULT_DEADLINE)
        endpoint = self._endpoint
        if operation.server is not None and endpoint.is_hosted:
            endpoint = Endpoint(operation.server)
        return _call_state.call_class(encoded, self._settings, deadline, EndpointSelector((endpoint,)), self._budget)

    def _find_target(self, url: httpx.URL) -> str:
        """Return the path below the base URL, and the query; the key is sent nowhere else."""
        base = httpx.URL(self._endpoint.base_url)
        path = base.raw_path.rstrip(b"/")
        is_below = url.raw_path.startswith(path + b"/")
        if (url.scheme, url.host, url.port) != (base.scheme, base.host, base.port) or not is_below:
            message = f"client.raw sends requests to {self._endpoint.base_url} only, not to {url.scheme}://{url.host}"
            raise errors.ValidationError(message, sent=False)
        return url.raw_path.removeprefix(path).decode("ascii")

    def __getattr__(self, name: str) -> NoReturn:
        message = "client.raw of PolarGrid is async: call `asyncio` or `asyncio_detailed`"  # unasync: remove
        # unasync: add message = "client.raw of PolarGridSync blocks: call `sync` or `sync_detailed`"
        raise AttributeError(message, name=name, obj=self)
