"""Which connections serve which edge: the SDK's own, or httpcore's."""

from __future__ import annotations

from typing import Any, NamedTuple

from polargrid.config import TIMEOUT, Settings
from polargrid.errors import ValidationError
from polargrid.transport.failures import closed
from polargrid.transport.http11 import Asking
from polargrid.transport.origins import Origin, address_of, proxy_of
from polargrid.transport.patience import Timeouts


class Route(NamedTuple):
    """How an edge is reached."""

    origin: Origin
    is_direct: bool
    """Whether the SDK's own connections reach it; else httpcore's must serve."""


class Routes:
    """Which connections serve which edge."""

    def __init__(self, asking: Asking, given: Any, settings: Settings) -> None:
        self.asking, self.is_closed = asking, False
        self.timeout = Timeouts.like(given.timeout) if given else TIMEOUT
        self.given, self._own = given, settings.transport == "auto"
        self._proxy, self._context = settings.proxy, settings.ssl_context
        if given is not None and (self._proxy or self._context):
            name = "proxy" if self._proxy else "ssl_context"
            raise ValidationError(f"{name}: make your http_client with it", param=name)
        self._known: dict[str, Route] = {}

    def route(self, base_url: str) -> Route:
        """The way to an edge."""
        if self.is_closed:
            raise closed()
        known = self._known.get(base_url)
        if known is None:
            origin = address_of(base_url).origin._replace(context=self._context)
            known = self._known[base_url] = Route(origin, self._own and not self.proxy_of(origin))
        return known

    def proxy_of(self, origin: Origin) -> str | None:
        """The URL of the proxy that leads to an origin: the caller's, else as the environment says."""
        return self._proxy.reveal() if self._proxy else proxy_of(origin)
