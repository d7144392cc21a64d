"""What both clients are made of, but for the engines: settings, edges, retries left, and the start of a call."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NoReturn, Self, Unpack

import httpx

from polargrid import log, transport, wire
from polargrid.config import changed, settled
from polargrid.content import ACCEPTED
from polargrid.progress import Progress
from polargrid.regions import Edges
from polargrid.retry import RetryBudget
from polargrid.secret import surroundings
from polargrid_generated.operations import CallOptions

if TYPE_CHECKING:
    from polargrid.types import PolarGridConfig

    Config = PolarGridConfig | Mapping[str, Any] | None


class BaseClient:
    """What both clients know: their settings, their edges, and what is left of their retries."""

    _http: Any  # an httpx.Client or httpx.AsyncClient
    _owns_http: bool
    _closed = False

    def __init__(self, config: Config, options: Mapping[str, Any]) -> None:
        environ = surroundings(os.environ)
        log.configure(environ)
        self._settings = settled(environ, config, options)
        self._edges = Edges(self._settings.edges)
        self._budget = RetryBudget(self._settings.retry.budget)
        self._version = version("polargrid")

    def __repr__(self) -> str:
        edges = self.__dict__.get("_edges")  # a traceback may show a client that could not be made
        return f"<{type(self).__name__} {(self.get_region_id() or edges.preferred.base_url) if edges else '?'}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client is not pickled: it holds a key and connections; make one where it is needed")

    def get_region_id(self) -> str | None:
        """The id of the region that this client prefers, like `yvr-01`; None for a base URL of your own."""
        region = self._edges.preferred.region
        return region["id"] if region else None

    def get_region_name(self) -> str | None:
        """The name of the region that this client prefers, like `Vancouver`."""
        region = self._edges.preferred.region
        return region["name"] if region else None

    def with_options(self, **options: Unpack[CallOptions]) -> Self:
        """The same client with other times and retries: it shares connections, regions and the retry budget.

        Close the one that it comes from. Raises ValidationError, naming the option.
        """
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__, _settings=changed(self._settings, options), _owns_http=False)
        return other

    def _progress(self, call: wire.Call, options: CallOptions) -> Progress:
        if self._closed:
            raise transport.closed()
        settings = changed(self._settings, options) if options else self._settings
        deadline = settings.deadline_of(stream=call.stream)
        patience = transport.patience(self._http, settings.timeout, settings.idle_timeout, deadline)
        return Progress(call, self._headers(), settings, patience=patience, edges=self._edges, budget=self._budget)

    def _headers(self) -> httpx.Headers:
        """What every request carries, in a type that does not show the key. All tries share the idempotency key."""
        return httpx.Headers(
            {
                "Authorization": f"Bearer {self._settings.api_key.reveal()}",
                "User-Agent": f"polargrid-python/{self._version}",
                "Accept-Encoding": ACCEPTED,
                "Idempotency-Key": str(uuid.uuid4()),
            }
        )
