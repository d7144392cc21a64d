"""The kinds of load: each is one thing that clients do to an edge, and tells the tally what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from random import Random
from typing import Final

from qa.soak import requests, wire
from qa.soak.figures import Tally

AT_ONCE: Final = 200
# Longer than the edge of the soak has patience, twice, with one look more.
_UNREAD_SECONDS: Final = 10.0
_UNREAD_REQUESTS: Final = 200


@dataclass(frozen=True, slots=True)
class Target:
    """The edge under load; `audio` is a recording that it can transcribe."""

    url: str
    audio: bytes
    tally: Tally


Load = Callable[[Target, Random], Coroutine[None, None, None]]


async def asked(target: Target, sent: bytes, expected: int = 200) -> wire.Answer:
    answer = await wire.ask(target.url, sent)
    target.tally.answered(answer.status, expected, answer.headers.get("retry-after"))
    return answer


async def plain(target: Target, random: Random) -> None:
    await asked(target, random.choice(requests.PLAIN))


async def text(target: Target, random: Random) -> None:
    await asked(target, random.choice((requests.chat(), requests.completion())))


async def stream(target: Target, random: Random) -> None:
    answer = await asked(target, random.choice((requests.chat, requests.completion))(stream=True))
    if answer.status == 200 and not answer.body.endswith(b"data: [DONE]\n\n"):
        target.tally.fault(f"a stream ended with {answer.body[-80:]!r}")


async def nonsense(target: Target, random: Random) -> None:
    await asked(target, random.choice((requests.chat(messages=[]), requests.speech(voice=1))), 400)


async def cancelled(target: Target, random: Random) -> None:
    sent = random.choice((requests.chat, requests.completion))(stream=True, max_tokens=requests.LONG)
    await _leave(target, sent, random.randint(1, 4), reset=random.random() < 0.5)


async def cancelled_speech(target: Target, random: Random) -> None:
    sent = requests.speech(stream=True, response_format="pcm", input="One sentence. " * random.randint(1, 4))
    await _leave(target, sent, 1, reset=random.random() < 0.5)


async def _leave(target: Target, sent: bytes, after: int, *, reset: bool) -> None:
    head, halfway = await wire.leave(target.url, sent, after, reset=reset)
    target.tally.answered(head.status, 200, head.headers.get("retry-after"))
    target.tally.cancelled += halfway


async def cut(target: Target, random: Random) -> None:
    sent = random.choice(requests.uploads(target.audio))
    await wire.cut(target.url, sent, random.randrange(len(sent)), reset=random.random() < 0.5)
    target.tally.cut += 1


async def slow(target: Target, random: Random) -> None:
    pause = random.uniform(0.01, 0.1)
    answer = await wire.read_slowly(target.url, requests.chat(stream=True), lambda: asyncio.sleep(pause))
    target.tally.answered(answer.status, 200, answer.headers.get("retry-after"))


async def unread(target: Target, random: Random) -> None:
    """The edge leaves who asks and never reads; what came is less than all answers."""
    sent = random.choice((requests.MODELS, requests.STATUS)) * _UNREAD_REQUESTS
    came = await wire.read_nothing(target.url, sent, lambda: asyncio.sleep(_UNREAD_SECONDS))
    target.tally.unread += 1
    if came.count(b"HTTP/1.1 200") >= _UNREAD_REQUESTS:
        target.tally.fault("a client that read nothing was waited for")


async def transcribed(target: Target, random: Random) -> None:
    del random
    await asked(target, requests.transcription(target.audio))


async def burst(target: Target, random: Random) -> None:
    """Many at once, on a connection each."""
    first = random.randrange(AT_ONCE)
    async with asyncio.TaskGroup() as tasks:
        for number in range(AT_ONCE):
            tasks.create_task(asked(target, requests.mixed(first + number)))


async def everything(url: str, tally: Tally) -> bytes:
    """Each backend answers at once, one after another; gives the recording."""
    target = Target(url, b"", tally)
    spoken = await asked(target, requests.speech(response_format="wav"))
    answers = [await asked(target, sent) for sent in (requests.chat(), requests.completion())]
    for answer in (spoken, *answers, await asked(target, requests.transcription(spoken.body))):
        if answer.status != 200:
            tally.fault(f"{answer.status} where nobody else asks")
    return spoken.body


# How often each comes, of 1,000.
SHARES: Final[dict[Load, int]] = {
    cancelled: 560,
    plain: 140,
    cut: 140,
    text: 35,
    stream: 35,
    nonsense: 50,
    slow: 20,
    unread: 6,
    transcribed: 6,
    cancelled_speech: 6,
    burst: 2,
}
