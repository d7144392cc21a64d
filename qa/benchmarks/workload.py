"""The requests that every contender sends. Standard library only: each environment imports it."""

from __future__ import annotations

from typing import Any, Final

KEY: Final = "pg_bench_0123456789abcdef"
MODEL: Final = "llama-3.1-8b"
WHISPER: Final = "whisper-1"

#: The number of chunks, by the model of the request. The server sends those of `paced-50` one by one.
STREAMS: Final = {"stream-50": 50, "stream-2000": 2000, "paced-50": 50}
PACE: Final = 0.02  # seconds between two chunks of `paced-50`

#: The size of the audio in bytes, by the text of the request.
SPEECHES: Final = {"Speak 1 MiB.": 1 << 20, "Speak 64 MiB.": 64 << 20}
SMALL_SPEECH, LARGE_SPEECH = SPEECHES


def build_messages() -> list[dict[str, str]]:
    """A short conversation, a new one for each call: a contender may change it."""
    return [
        {"role": "system", "content": "You answer in one sentence."},
        {"role": "user", "content": "What is the distance from Vancouver to Montreal by air?"},
    ]


def build_chat(model: str = MODEL) -> dict[str, Any]:
    """A request for a chat."""
    return {"model": model, "messages": build_messages(), "max_tokens": 64, "temperature": 0.2}


def build_speech(text: str) -> dict[str, Any]:
    """A request for speech."""
    return {"model": "tts-1", "input": text, "voice": "af_bella", "response_format": "wav"}
