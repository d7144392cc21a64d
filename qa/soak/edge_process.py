"""`python -m qa.soak.edge_process`: an edge in a process of its own, which reports its resources.

The first line of its output is its URL. Each line of input is answered with its counts as JSON; the end of the input
ends it, so that it never outlives its parent.
"""

from __future__ import annotations

import json
import logging
import socket
import sys
from dataclasses import asdict

from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import EdgeSettings
from qa.soak.counts import count_resources
from qa.soak.requests import KEY, LONG, MODEL

SETTINGS = EdgeSettings(port=0, keys=frozenset({KEY}), chat_model=MODEL, max_output_tokens=LONG, stall_seconds=3.0)


def main() -> None:
    logging.basicConfig(format="log of the edge: %(name)s: %(message)s")
    with run_in_thread(SETTINGS) as edge:
        shrink_send_buffer(edge._listener)
        print(edge.url, flush=True)
        for _ in sys.stdin:
            print(json.dumps(asdict(count_resources(edge))), flush=True)


def shrink_send_buffer(listener: socket.socket) -> None:
    """The buffers of a loopback connection hold megabytes; with less, a slow reader blocks the edge at once."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)


if __name__ == "__main__":
    main()
