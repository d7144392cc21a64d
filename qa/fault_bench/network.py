"""The network between a client and a distant server: each byte of a response arrives later, in order."""

from __future__ import annotations

import queue
import random
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True)
class Network:
    """A constant delay and a random one on top, each in seconds."""

    delay: float
    jitter: float = 0.0

    def draw(self, source: random.Random) -> float:
        """How long some bytes take; `source` is one for all connections, so that each has delays of its own."""
        return self.delay + source.random() * self.jitter


class DelayedWriter:
    """Writes to a socket on a thread of its own, so that a delay does not slow down what is written."""

    def __init__(self, connection: socket.socket, network: Network, source: random.Random) -> None:
        self._connection, self._network, self._source = connection, network, source
        self._queue: queue.SimpleQueue[tuple[float, bytes] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="network", daemon=True)
        self._thread.start()

    def write(self, data: bytes) -> None:
        self._queue.put((time.monotonic() + self._network.draw(self._source), data))

    def close(self) -> None:
        """Write the rest and end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        with suppress(OSError):
            while (item := self._queue.get()) is not None:
                due, data = item
                time.sleep(max(0.0, due - time.monotonic()))  # a late packet also delays those behind it
                self._connection.sendall(data)
