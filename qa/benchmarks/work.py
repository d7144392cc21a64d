"""What every contender asks for. Standard library only: it is imported in each environment."""

from __future__ import annotations

from typing import Any, Final

KEY: Final = "pg_bench_0123456789abcdef"
MODEL: Final = "llama-3.1-8b"
WHISPER: Final = "whisper-1"

# The model of a stream says how the server sends it: how many chunks, and at what pace.
STREAMS: Final = {"stream-50": 50, "stream-2000": 2000, "paced-50": 50}
PACE: Final = 0.02  # seconds from one chunk of `paced-50` to the next

#: The text to speak says how long the answer is, in bytes.
SPEECHES: Final = {"Speak 1 MiB.": 1 << 20, "Speak 64 MiB.": 64 << 20}
SMALL_SPEECH, LARGE_SPEECH = SPEECHES


def messages() -> list[dict[str, str]]:
    """A short conversation; new each time, since a contender may change it."""
    return [
        {"role": "system", "content": "You answer in one sentence."},
        {"role": "user", "content": "What is the distance from Vancouver to Montreal by air?"},
    ]


def chat(model: str = MODEL) -> dict[str, Any]:
    """A request for a chat."""
    return {"model": model, "messages": messages(), "max_tokens": 64, "temperature": 0.2}


def spoken(text: str) -> dict[str, Any]:
    """A request for speech."""
    return {"model": "tts-1", "input": text, "voice": "af_bella", "response_format": "wav"}
