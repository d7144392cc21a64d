"""Calls of functions that may block, beside an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

Result = TypeVar("Result")


async def call_on_thread(function: Callable[[], Result]) -> Result:
    """Call a function on a new thread, and return its result.

    Not on asyncio's pool: it has few threads, so that functions that wait for each other would wait forever, and the
    end of the process waits for them. The loop may end before the function does.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(result: Result | None, error: BaseException | None) -> None:
        if future.done():  # cancelled
            return
        if error is None:
            future.set_result(result)  # type: ignore[arg-type]  # None only if that is what it returned
        else:
            future.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = function()
        except Exception as failure:  # noqa: BLE001 - for the caller
            error = failure
        with suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="polargrid-testing-function", daemon=True).start()
    return await future
