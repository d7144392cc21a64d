"""An open response, read by blocking calls."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Protocol

from polargrid_fast.exceptions import FastError, LocalProtocolError, ReadError
from polargrid_fast.sync_connection import SyncConnection


class SyncConnectionOwner(Protocol):
    """The pool that a connection goes back to."""

    def release(self, connection: SyncConnection) -> None:
        """Take it back."""

    def abandon(self, connection: SyncConnection) -> None:
        """Take back one whose response was never closed; called by the garbage collector, anywhere."""

    # The exception to raise for an error of the connection.
    def map_error(self, error: Exception) -> Exception: ...


class SyncResponse:
    """A response whose head has arrived. Call `close` when done; another thread may call it to stop a read."""

    def __init__(
        self,
        connection: SyncConnection,
        owner: SyncConnectionOwner,
        read_timeout: float | None,
        deadline: float | None,
    ) -> None:
        self.status: int = connection.parser.status
        self.headers: Mapping[str, str] = connection.parser.headers
        """By lower-case name; the values of equal names are joined by ", "."""
        self.read_timeout = read_timeout
        """Seconds that each wait for bytes may take. It may be changed between reads."""
        self.deadline = deadline
        """The end of all reading, a value of time.monotonic(). It may be changed between reads."""
        self._connection, self._owner = connection, owner
        self._error: Exception | None = None
        self._is_closed = False
        self._lock = threading.RLock()  # of the thread that reads or closes

    def read(self) -> bytes:
        """Read the next bytes of the body as they were sent; b"" at its end. After an error, raise it again."""
        with self._lock:
            if self._error is not None:
                raise self._error
            if self._is_closed:
                raise LocalProtocolError("response is closed", request_sent=True)
            try:
                return self._connection.read(self.read_timeout, self.deadline)
            except Exception as error:
                self._connection.close()
                self._error = self._owner.map_error(error)
                if self._error is error:
                    raise
                raise self._error from error
            except BaseException:
                self._connection.close()
                self._error = ReadError("reading the response was interrupted")
                raise

    def interrupt(self) -> None:
        """Stop the read of another thread, which raises ReadError."""
        self._connection.shutdown()

    def drain(self, seconds: float) -> None:
        """Read the rest of the body if it arrives within seconds, so that the connection can be used again."""
        deadline, end = self.deadline, time.monotonic() + seconds
        self.deadline = end if deadline is None else min(deadline, end)
        try:
            with suppress(FastError):
                while self.read():
                    pass
        finally:
            self.deadline = deadline

    def close(self, *, is_reusable: bool = True) -> None:
        """Give the connection back, or close it if it cannot, or shall not, be used again."""
        if self._is_closed:
            return
        self._is_closed = True
        if not self._lock.acquire(blocking=False):
            self._connection.shutdown()  # stops the thread that is reading
            self._lock.acquire()
        try:
            if not is_reusable:
                self._connection.close()
            self._owner.release(self._connection)
        finally:
            self._lock.release()

    def __del__(self) -> None:
        if not getattr(self, "_is_closed", True):
            self._is_closed = True
            self._owner.abandon(self._connection)
