"""Forms of one speech: a format changes how samples are stored, and not how long they last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from polargrid_contract.cache import cached
from polargrid_contract.checks.requests import send
from polargrid_contract.checks.speech import decode_speech, speak
from polargrid_contract.client import ServerClient
from polargrid_contract.exchange import Exchange
from polargrid_contract.readers.audio import UnreadableError
from polargrid_contract.registry import CheckSkipped, check
from polargrid_contract.results import Violation

# Seconds that a format may add or lose: lossy codecs have frames, and delay the first.
_TOLERANCES = {"pcm": 0.03, "flac": 0.03, "mp3": 0.2, "opus": 0.2, "aac": 0.2}


@check(
    "speech-formats-equally-long",
    on=("text_to_speech",),
    rationale="Speech that is shorter in one format lacks a word there.",
    reference="openapi.yaml, AudioFormat",
)
def check_lengths(client: ServerClient) -> Iterator[Violation]:
    """Each format is as long as WAV, but for the frames of its codec, if equal requests get speech of equal length."""
    reference = speak(client, response_format="wav")
    expected = _measure(reference)
    if expected is None:
        raise CheckSkipped("the WAV file of the speech cannot be decoded")
    is_unstable = False
    for name, tolerance in _TOLERANCES.items():
        exchange = speak(client, response_format=name)
        actual = _measure(exchange)
        if actual is None or abs(actual - expected) <= tolerance:
            continue  # equal, or not decodable, which another check reports
        if not (_is_repeatable(client, reference) and _is_repeatable(client, exchange)):
            is_unstable = True
            continue
        wanted = f"{expected:.3f} s, as in WAV, within {tolerance} s"
        yield client.violation(exchange, expected=wanted, actual=f"{actual:.3f} s in {name}")
    if is_unstable:
        raise CheckSkipped(
            "equal requests get speech of different lengths, so that those of two formats cannot be equal"
        )


def _measure(exchange: Exchange) -> float | None:
    """The duration of speech in seconds; None if it cannot be decoded."""
    try:
        return decode_speech(exchange).seconds
    except UnreadableError:
        return None


def _is_repeatable(client: ServerClient, exchange: Exchange) -> bool:
    """Whether a second request gets speech of the same length."""
    body: dict[str, Any] = exchange.request
    name = ("repeated speech", tuple(body.items()))
    again = cached(client.base, name, lambda: send(client, exchange.operation, body=body))
    return _measure(exchange) == _measure(again)
