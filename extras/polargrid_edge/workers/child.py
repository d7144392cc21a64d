"""The program of a worker: `python -m polargrid_edge.workers.child TASK MEMORY_BYTES`.

It reads requests from stdin and writes frames to stdout. It ends as soon as stdin ends, so that it does not outlive an
edge that is killed in the middle of a request; a library that holds the GIL delays that until the bound of time.
"""

from __future__ import annotations

import contextlib
import faulthandler
import importlib
import json
import os
import signal
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, Final

Handler = Callable[[Any, bytes], Iterable[bytes]]
"""Responds to the options and the content of a request. A `ValueError` is a message for the client."""

TASKS: Final = {"audio": "polargrid_edge.workers.audio", "schema": "polargrid_edge.workers.schema"}
"""The module of each task, which has a `handle`."""

REQUEST: Final = struct.Struct(">dIQ")
"""The bound of time in seconds, and the sizes of the options and of the content, which follow."""
FRAME: Final = struct.Struct(">cI")
"""Kind and size of the data that follows."""
READY, DATA, REJECTED, END = b"+", b"d", b"r", b"."
OUT_OF_MEMORY: Final = 64
"""The exit status of a worker that reached its bound of memory."""

_POLL_SECONDS: Final = 0.02


def main() -> None:
    """Serve requests until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the edge ends its workers
    task, memory = sys.argv[1], int(sys.argv[2])
    handle: Handler = importlib.import_module(TASKS[task]).load_handler()
    output = os.fdopen(os.dup(1), "wb", 65_536)
    os.dup2(2, 1)  # a library that prints must not write into the frames
    requests: SimpleQueue[tuple[float, bytes, bytes]] = SimpleQueue()
    threading.Thread(target=_read_requests, args=(sys.stdin.buffer, requests), daemon=True).start()
    limit_memory(memory)
    _write(output, READY)
    output.flush()
    with Path(os.devnull).open("w") as no_traceback:
        while True:
            seconds, options, content = requests.get()
            faulthandler.dump_traceback_later(seconds, exit=True, file=no_traceback)  # its thread needs no GIL
            _respond(handle, options, content, output)
            faulthandler.cancel_dump_traceback_later()


def _read_requests(file: BinaryIO, requests: SimpleQueue[tuple[float, bytes, bytes]]) -> None:
    """Read on a thread, because the end of stdin must end the process while it works."""
    with contextlib.suppress(MemoryError, OSError):
        while len(header := file.read(REQUEST.size)) == REQUEST.size:
            seconds, options, content = REQUEST.unpack(header)
            requests.put((seconds, file.read(options), file.read(content)))
    os._exit(0)


def _respond(handle: Handler, options: bytes, content: bytes, output: BinaryIO) -> None:
    try:
        for data in handle(json.loads(options), content):
            _write(output, DATA, data)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except ValueError as error:
        _write(output, REJECTED, str(error).encode("utf-8", "replace"))
    else:
        _write(output, END)
    output.flush()


def _write(output: BinaryIO, kind: bytes, data: bytes = b"") -> None:
    output.write(FRAME.pack(kind, len(data)))
    output.write(data)


def limit_memory(limit: int) -> None:
    """Bound the memory that the process uses from now on, in bytes.

    Linux enforces the bound. macOS does not, so a thread watches the memory there. Windows has neither; there only the
    edge's bound of time applies.
    """
    try:
        import resource
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core file would hold the client's data
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        limit += pages * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    else:
        limit += _peak_memory()
        threading.Thread(target=watch_memory, args=(limit,), daemon=True).start()


def watch_memory(limit: int) -> None:
    """End the process once its peak of memory exceeds the limit, in bytes."""
    while _peak_memory() <= limit:
        time.sleep(_POLL_SECONDS)
    os._exit(OUT_OF_MEMORY)


def _peak_memory() -> int:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    main()
