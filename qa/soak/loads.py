"""The kinds of load: what clients do to an edge. Each adds its result to the tally."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from random import Random
from typing import Final

from qa.soak import raw_http, requests
from qa.soak.tally import Tally

CONCURRENT: Final = 200
# Longer than twice the stall timeout of the soak's edge.
_UNREAD_SECONDS: Final = 10.0
_UNREAD_REQUESTS: Final = 200


@dataclass(frozen=True, slots=True)
class Target:
    """The edge under load; `audio` is a recording that it can transcribe."""

    url: str
    audio: bytes
    tally: Tally


Load = Callable[[Target, Random], Coroutine[None, None, None]]


async def fetch(target: Target, request: bytes, expected: int = 200) -> raw_http.RawResponse:
    response = await raw_http.fetch(target.url, request)
    target.tally.add_response(response.status, expected, response.headers.get("retry-after"))
    return response


async def get_status(target: Target, random: Random) -> None:
    await fetch(target, random.choice(requests.STATUS_REQUESTS))


async def generate_text(target: Target, random: Random) -> None:
    await fetch(target, random.choice((requests.chat(), requests.completion())))


async def stream_text(target: Target, random: Random) -> None:
    response = await fetch(target, random.choice((requests.chat, requests.completion))(stream=True))
    if response.status == 200 and not response.body.endswith(b"data: [DONE]\n\n"):
        target.tally.add_failure(f"a stream ended with {response.body[-80:]!r}")


async def send_invalid(target: Target, random: Random) -> None:
    await fetch(target, random.choice((requests.chat(messages=[]), requests.speech(voice=1))), 400)


async def cancel_text(target: Target, random: Random) -> None:
    request = random.choice((requests.chat, requests.completion))(stream=True, max_tokens=requests.LONG)
    await _cancel(target, request, random.randint(1, 4), reset=random.random() < 0.5)


async def cancel_speech(target: Target, random: Random) -> None:
    text = "One sentence. " * random.randint(1, 4)
    request = requests.speech(stream=True, response_format="pcm", input=text)
    await _cancel(target, request, 1, reset=random.random() < 0.5)


async def _cancel(target: Target, request: bytes, after: int, *, reset: bool) -> None:
    head, cancelled = await raw_http.cancel_stream(target.url, request, after, reset=reset)
    target.tally.add_response(head.status, 200, head.headers.get("retry-after"))
    target.tally.cancelled += cancelled


async def cut_request(target: Target, random: Random) -> None:
    request = random.choice(requests.uploads(target.audio))
    await raw_http.cut_request(target.url, request, random.randrange(len(request)), reset=random.random() < 0.5)
    target.tally.cut += 1


async def read_slowly(target: Target, random: Random) -> None:
    pause = random.uniform(0.01, 0.1)
    response = await raw_http.read_slowly(target.url, requests.chat(stream=True), lambda: asyncio.sleep(pause))
    target.tally.add_response(response.status, 200, response.headers.get("retry-after"))


async def read_nothing(target: Target, random: Random) -> None:
    """The edge disconnects a client that never reads, before it has sent all responses."""
    request = random.choice((requests.MODELS, requests.STATUS)) * _UNREAD_REQUESTS
    data = await raw_http.read_nothing(target.url, request, lambda: asyncio.sleep(_UNREAD_SECONDS))
    target.tally.unread += 1
    if data.count(b"HTTP/1.1 200") >= _UNREAD_REQUESTS:
        target.tally.add_failure("the edge waited for a client that does not read")


async def transcribe(target: Target, random: Random) -> None:
    del random
    await fetch(target, requests.transcription(target.audio))


async def send_burst(target: Target, random: Random) -> None:
    """Many requests at the same time, with a connection each."""
    first = random.randrange(CONCURRENT)
    async with asyncio.TaskGroup() as tasks:
        for number in range(CONCURRENT):
            tasks.create_task(fetch(target, requests.mix(first + number)))


async def use_all_backends(url: str, tally: Tally) -> bytes:
    """Use every backend once, one after another; returns a recording."""
    target = Target(url, b"", tally)
    speech = await fetch(target, requests.speech(response_format="wav"))
    responses = [await fetch(target, request) for request in (requests.chat(), requests.completion())]
    for response in (speech, *responses, await fetch(target, requests.transcription(speech.body))):
        if response.status != 200:
            tally.add_failure(f"status {response.status} from an edge without load")
    return speech.body


# The frequency of each kind per 1,000.
WEIGHTS: Final[dict[Load, int]] = {
    cancel_text: 560,
    get_status: 140,
    cut_request: 140,
    generate_text: 35,
    stream_text: 35,
    send_invalid: 50,
    read_slowly: 20,
    read_nothing: 6,
    transcribe: 6,
    cancel_speech: 6,
    send_burst: 2,
}
