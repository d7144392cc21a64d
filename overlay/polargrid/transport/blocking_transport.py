"""What sends the calls of a client without async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polargrid.config import Settings
from polargrid.progress import Progress
from polargrid.transport import blocking_pool
from polargrid.transport.forks import after_fork
from polargrid.transport.http11 import Asking
from polargrid.transport.routes import Routes

if TYPE_CHECKING:  # they are imported where the SDK's own connections cannot serve
    import httpx

    from polargrid.transport import pools, replies

    Reply = blocking_pool.Reply | replies.Reply


class Transport(Routes):
    """Sends the calls of a client without async."""

    def __init__(self, asking: Asking, given: httpx.Client | None, settings: Settings) -> None:
        super().__init__(asking, given, settings)
        self._pool = blocking_pool.Pool()
        self._core: pools.Pool | None = None  # made where it is needed
        after_fork(self._pool)

    def send(self, progress: Progress) -> Reply:
        """The open answer to a call's next try. Raises the SDK's exceptions."""
        if self.given is not None:
            from polargrid.transport import replies

            return replies.Reply.asked(self.given, progress, self.asking)
        route = self.route(progress.edge.base_url)
        if route.is_direct:
            return blocking_pool.Reply.sent(self._pool, route.origin, progress, self.asking)
        from polargrid.transport import pools, replies

        if self._core is None:
            self._core = pools.Pool(self.proxy_of)
        return replies.Reply.sent(self._core, route.origin, progress, self.asking)

    def close(self) -> None:
        """Close the connections; a client that was given stays open."""
        if self.given is None:
            self.is_closed = True
            self._pool.close()
            if self._core is not None:
                self._core.close()
