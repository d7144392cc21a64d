"""A sentence is spoken, written to a file as it is made, and written down again; it tells how many words survived.

python examples/voice_round_trip.py "The sentence to speak."
"""

from __future__ import annotations

import re
import sys
import time

from polargrid import PolarGridSync

SENTENCE = "The quick brown fox jumps over the lazy dog near the frozen river."


def main() -> None:
    sentence = " ".join(sys.argv[1:]) or SENTENCE
    with PolarGridSync(region="local") as client:
        started = time.monotonic()
        speech = client.audio.speech.stream(model="tts-1", voice="af_bella", input=sentence, response_format="opus")
        speech.save("spoken.opus")  # whole, or not there at all
        print(f"spoken.opus after {time.monotonic() - started:.1f} s")

        heard = client.audio.transcriptions.create(model="whisper-1", file="spoken.opus", language="en")
        print(f"heard: {heard.text}")
        said, kept = words(sentence), words(heard.text)
        print(f"{len(said & kept)} of {len(said)} different words are the same")


def words(text: str) -> set[str]:
    return set(re.findall(r"[\w']+", text.lower()))


if __name__ == "__main__":
    main()
