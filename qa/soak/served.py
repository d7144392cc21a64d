"""`python -m qa.soak.served`: an edge in a process of its own, which tells what it holds.

Its URL is the first line of its output. Each line of its input is answered with its counts as JSON; the end of the
input ends it, so that it never outlives who started it.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
from dataclasses import asdict

from polargrid_edge.server import running
from polargrid_edge.settings import EdgeSettings
from qa.soak.counts import counted
from qa.soak.requests import KEY, LONG, MODEL

SETTINGS = EdgeSettings(port=0, keys=frozenset({KEY}), chat_model=MODEL, max_output_tokens=LONG, stall_seconds=3.0)


def main() -> None:
    logging.basicConfig(format="the edge's log: %(name)s: %(message)s")
    with running(SETTINGS) as edge:
        little_room(edge._socket)
        print(edge.url, flush=True)
        for _ in sys.stdin:
            print(json.dumps(asdict(counted(edge))), flush=True)


def little_room(listening: socket.socket) -> None:
    """Megabytes fit between two ends of a loopback: with less, a reader that is behind shows at once."""
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)


if __name__ == "__main__":
    main()
