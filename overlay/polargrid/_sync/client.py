# Derived from ../_async/client.py by `make generate`
"""The sync client: how it is created and closed. `api_client` sends its calls."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self, Unpack

from polargrid import _logging
from polargrid._client_properties import ClientProperties
from polargrid._endpoints import EndpointSelector
from polargrid._environment import read_environment
from polargrid._sync.api_client import SyncAPIClient
from polargrid.config import (
    PUBLIC_OPTIONS,
    ClientOptions,
    CopyOptions,
    resolve_settings,
    selects_region,
    wrap_config_secrets,
)
from polargrid.errors import PolarGridError
from polargrid.regions import POLARGRID_REGIONS
from polargrid.retry import RetryBudget
from polargrid_runtime.arguments import CallOptions
from polargrid_runtime.redaction import wrap_secrets

if TYPE_CHECKING:
    import httpx

    from polargrid.config import Config
    from polargrid.types import GenerateRequest, GenerateResponse
    from polargrid_generated.raw import AuthenticatedClient


class PolarGridSync(ClientProperties, SyncAPIClient):
    """The sync client.

    Args:
        config: A PolarGridConfig, or a mapping of its fields; the options override it.
        http_client: An httpx.Client, or httpx2's, with proxies and timeouts of its own; the caller closes it.
        options: See `polargrid.config.ClientOptions`.

    Raises ValidationError for an invalid option, AuthenticationError without an API key.
    """

    _is_copy = False  # by with_options; it does not close the connections

    def __init__(
        self, config: Config = None, *, http_client: httpx.Client | None = None, **options: Unpack[ClientOptions]
    ) -> None:
        config, values = wrap_config_secrets(config), wrap_secrets(options, PUBLIC_OPTIONS)
        del options
        environ = read_environment()
        _logging.configure(environ)
        self._settings = resolve_settings(environ, config, values)
        self._endpoints = EndpointSelector(self._settings.endpoints)
        is_limited = self._settings.limiter is not None  # then retries add no load
        self._budget = RetryBudget(float("inf") if is_limited else self._settings.retry.budget)
        from polargrid_transport._sync.transport import SyncTransport

        self._transport = SyncTransport(self._settings.transport_options, http_client)

    @classmethod
    def create(
        cls, config: Config = None, *, http_client: httpx.Client | None = None, **options: Unpack[ClientOptions]
    ) -> Self:
        """Create a client for the nearest healthy region, unless options or environment select one.

        The autorouter names it, or all regions are probed. Takes the arguments of the class. Raises NetworkError, with
        the failure of each region, if none is healthy.
        """
        config, values = wrap_config_secrets(config), wrap_secrets(options, PUBLIC_OPTIONS)
        del options
        values["http_client"] = http_client
        environ = read_environment()
        if selects_region(environ, config, values):
            return cls(config, **values)
        from polargrid._region_discovery import PROBE_OPTIONS, find_nearest_sync, router_options

        values.pop("region", None)
        probe = values | PROBE_OPTIONS
        router = router_options(environ)
        region = cls._ask_router(cls(config, **values | router), config, probe) if router else None
        if region is None:
            region = find_nearest_sync({region: cls(config, region=region, **probe) for region in POLARGRID_REGIONS})
        return cls(config, region=region, **values)

    @classmethod
    def _ask_router(cls, router: Self, config: Config, probe: dict[str, Any]) -> str | None:
        """Return the region that the autorouter names, if it is healthy; None if it has to be found otherwise."""
        from polargrid._region_discovery import is_healthy, select_region

        try:
            with router:
                region = select_region(router.get_route())
            if region is None:
                return None
            with cls(config, region=region, **probe) as client:
                return region if is_healthy(client.health()) else None
        except PolarGridError:
            return None

    def generate(
        self, request: GenerateRequest | Mapping[str, Any], **options: Unpack[CallOptions]
    ) -> GenerateResponse:
        """Complete a prompt: the legacy form of `chat_completion` with one message."""
        from polargrid import _generate

        started_at = time.monotonic()
        chat, request_id = _generate.build_chat_request(request)
        response = self.chat_completion(chat, **options)
        return _generate.build_response(response, request_id, time.monotonic() - started_at)

    @property
    def raw(self) -> AuthenticatedClient:
        """The generated attrs client, for the functions of `polargrid_generated.raw.api`.

        It has the region, the key, the timeouts and the connections of this client, and is closed with it. A function
        sends one request: no retries, no other region. It reads a response to its end, so it streams nothing.
        """
        from polargrid._sync.raw import create_raw_client

        return create_raw_client(self._transport, self._settings, self._endpoints.preferred, self._budget)

    def _with_raw_responses(self) -> SyncAPIClient:
        from polargrid._sync.response_clients import SyncRawResponseClient

        return SyncRawResponseClient.copy_of(self)

    def _with_streamed_responses(self) -> SyncAPIClient:
        from polargrid._sync.response_clients import SyncStreamedResponseClient

        return SyncStreamedResponseClient.copy_of(self)

    def __repr__(self) -> str:
        endpoints = self.__dict__.get("_endpoints")  # a traceback may show a client whose options were invalid
        name = (endpoints.preferred.region_id or endpoints.preferred.base_url) if endpoints else "?"
        return f"<{type(self).__name__} {name}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client cannot be pickled: it holds a key and connections; create one where it is needed")

    def get_region_id(self) -> str | None:
        """The id of the preferred region, like `yvr-01`; None for another base URL."""
        return self._endpoints.preferred.region_id

    def get_region_name(self) -> str | None:
        """The name of the preferred region, like `Vancouver`; None for another base URL."""
        region = self._endpoints.preferred.region
        return region["name"] if region else None

    def with_options(
        self,
        *,
        http_client: httpx.Client | None = None,
        set_default_headers: Mapping[str, str] | None = None,
        set_default_query: Mapping[str, Any] | None = None,
        **options: Unpack[CopyOptions],
    ) -> Self:
        """Return a copy of the client with other options: key, region, timeouts, retries, headers.

        It shares connections and the retry budget; close the original. With an `http_client`, the copy uses that.
        Headers and query parameters are added to those of the client; `set_default_headers` and `set_default_query`
        replace them. Raises ValidationError, naming the option.
        """
        values = wrap_secrets(options, PUBLIC_OPTIONS)
        del options
        copy = object.__new__(type(self))
        vars(copy).update(self._list_state(), _is_copy=True)
        copy._clear_defaults(set_default_headers, set_default_query)
        copy._update({"default_headers": set_default_headers, "default_query": set_default_query})
        copy._update(values)
        if http_client is not None:
            copy._transport = type(self._transport)(copy._settings.transport_options, http_client)
        return copy

    copy = with_options

    def close(self) -> None:
        """Close the connections. The client cannot be used afterwards."""
        self._is_closed = True
        if not self._is_copy:
            self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
