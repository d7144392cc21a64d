"""Which connections serve which edge: the SDK's own, or httpx's."""

from __future__ import annotations

from typing import Any

from polargrid.config import TIMEOUT
from polargrid.patience import Timeouts
from polargrid.transport.failures import closed
from polargrid.transport.http11 import Asking
from polargrid.transport.origins import Origin, address_of, proxy_of


class Routes:
    """Which connections serve which edge."""

    def __init__(self, asking: Asking, given: Any, choice: str) -> None:
        self.asking, self.is_closed = asking, False
        self.timeout = Timeouts.like(given.timeout) if given else TIMEOUT
        self.given, self._own = given, given is None and choice == "auto"
        self._direct: dict[str, Origin | None] = {}

    def direct(self, base_url: str) -> Origin | None:
        """The origin of an edge that the SDK's own connections reach; None where httpx's must serve."""
        if self.is_closed:
            raise closed()
        if not self._own:
            return None
        if base_url not in self._direct:
            origin = address_of(base_url).origin
            self._direct[base_url] = None if proxy_of(origin) else origin
        return self._direct[base_url]
