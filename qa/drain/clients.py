"""The clients: each sends requests one after another on a kept connection, and says how each of them ended."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from random import Random
from typing import Final

from qa.soak import requests
from qa.soak.raw_http import ConnectionCutError, RawConnection, RawResponse, connect

_DONE: Final = b"data: [DONE]\n\n"
# A busy edge and one that starts again say how long to wait; nobody waits longer than this, for the run is short.
_MAX_PAUSE: Final = 2.0


@dataclass
class Tally:
    """How the requests ended, as their clients saw it.

    `complete` counts whole responses by operation and status. `unanswered` are requests without a byte of a response:
    their connection was refused, or ended. `cut` are responses that began and did not end: there must be none.
    """

    complete: Counter[tuple[str, str]] = field(default_factory=Counter)
    unanswered: int = 0
    refused: int = 0
    cut: list[str] = field(default_factory=list)
    bytes_received: int = 0


@dataclass
class Target:
    """The edge, which gets another URL when it starts again; `is_ending` ends the clients."""

    url: str
    model: str = requests.MODEL
    tally: Tally = field(default_factory=Tally)
    is_ending: bool = False


# The operation and the request of each kind, with a model.
_REQUESTS: Final[dict[str, tuple[str, Callable[[str], bytes]]]] = {
    "chat": ("chat_completion", lambda model: requests.chat(model=model, max_tokens=4)),
    "stream": ("chat_completion", lambda model: requests.chat(model=model, stream=True, max_tokens=4)),
    "models": ("list_models", lambda _: requests.MODELS),
    "health": ("health", lambda _: requests.HEALTH),
}


async def run_client(target: Target, random: Random) -> None:
    """Send requests until the run ends; after the end of a connection, open another one."""
    while not target.is_ending:
        url, tally = target.url, target.tally
        try:
            async with AsyncExitStack() as stack:
                connection = await stack.enter_async_context(connect(url))
                async for pause in _iter_responses(connection, target, tally, random):
                    if pause:
                        await asyncio.sleep(pause)
        except OSError:
            tally.refused += 1
            await asyncio.sleep(random.uniform(0.05, 0.3))


async def _iter_responses(
    connection: RawConnection, target: Target, tally: Tally, random: Random
) -> AsyncIterator[float]:
    """Yield the pause after each response, until the connection ends."""
    while not target.is_ending:
        kind = random.choices(list(_REQUESTS), weights=(3, 3, 1, 1))[0]
        operation, build = _REQUESTS[kind]
        try:
            await connection.send(build(target.model))
            head = await connection.read_head()
        except (ConnectionCutError, OSError):
            tally.unanswered += 1
            return
        response = await _read_body(connection, head, kind, tally)
        if response is None:
            return
        tally.complete[operation, str(response.status)] += 1
        tally.bytes_received += len(response.body)
        if kind == "stream" and response.status == 200 and not response.body.endswith(_DONE):
            tally.cut.append(f"a stream ended with {response.body[-100:]!r}")
        yield _read_pause(response, tally, random)
        if response.headers.get("connection") == "close":
            return


async def _read_body(connection: RawConnection, head: RawResponse, kind: str, tally: Tally) -> RawResponse | None:
    body = b""
    try:
        async for chunk in connection.iter_body(head):
            body += chunk
    except (ConnectionCutError, OSError) as error:
        tally.cut.append(f"{kind} {head.status}: {error}; it ended with {body[-100:]!r}")
        return None
    return RawResponse(head.status, head.headers, body)


def _read_pause(response: RawResponse, tally: Tally, random: Random) -> float:
    if response.status not in (429, 503):
        return 0.0
    if "retry-after" not in response.headers:
        tally.cut.append(f"{response.status} without Retry-After")
    with contextlib.suppress(ValueError):
        return min(_MAX_PAUSE, float(response.headers.get("retry-after", "1"))) * random.uniform(0.5, 1)
    return _MAX_PAUSE
