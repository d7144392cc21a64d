"""The event loop of a run: asyncio's, also as uvloop. Tasks, futures and threads of a run are asyncio's, not trio's."""

from __future__ import annotations

import asyncio

import sniffio

from polargrid_batch.errors import BatchInputError


def require_asyncio() -> None:
    """Raise BatchInputError in an event loop of another library."""
    library = sniffio.current_async_library()
    if library != "asyncio":
        raise BatchInputError(
            f"a run needs asyncio, and this event loop is of {library}; run it in a thread, as by "
            "trio.to_thread.run_sync and run_file_sync"
        )


def require_no_loop() -> None:
    """Raise BatchInputError in an event loop, where a function that blocks cannot start one."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise BatchInputError("run_file_sync: an event loop is running, as in a notebook; use: await run_file(...)")
