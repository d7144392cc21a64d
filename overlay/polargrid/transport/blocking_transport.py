"""What sends the calls of a client without async."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polargrid.progress import Progress
from polargrid.transport import blocking_pool
from polargrid.transport.forks import after_fork
from polargrid.transport.http11 import Asking
from polargrid.transport.routes import Routes

if TYPE_CHECKING:  # they are imported where the SDK's own connections cannot serve
    import httpx

    from polargrid.transport import replies

    Reply = blocking_pool.Reply | replies.Reply


class Transport(Routes):
    """Sends the calls of a client without async."""

    def __init__(self, asking: Asking, given: httpx.Client | None, choice: str) -> None:
        super().__init__(asking, given, choice)
        self._pool = blocking_pool.Pool()
        self._http = given
        after_fork(self._pool)

    def send(self, progress: Progress) -> Reply:
        """The open answer to a call's next try. Raises the SDK's exceptions."""
        origin = self.direct(progress.edge.base_url)
        if origin is not None:
            return blocking_pool.Reply.sent(self._pool, origin, progress, self.asking)
        import httpx

        from polargrid.transport import pools, replies, seam

        if self._http is None:
            self._http = httpx.Client(transport=pools.Pools())
        with seam.request_of(self._http, progress, self.asking) as request:
            return replies.Reply.sent(self._http, request, progress.patience)

    def close(self) -> None:
        """Close the connections; a client that was given stays open."""
        if self.given is None:
            self.is_closed = True
            self._pool.close()
            if self._http is not None:
                self._http.close()
