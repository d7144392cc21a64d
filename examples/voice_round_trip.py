"""Speech and transcription: streams speech to a file, transcribes it, and compares the words.

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
        speech.save("spoken.opus")  # the file appears when the audio is complete
        print(f"spoken.opus after {time.monotonic() - started:.1f} s")

        transcript = client.audio.transcriptions.create(model="whisper-1", file="spoken.opus", language="en")
        print(f"transcript: {transcript.text}")
        original, transcribed = find_words(sentence), find_words(transcript.text)
        print(f"{len(original & transcribed)} of {len(original)} different words match")


def find_words(text: str) -> set[str]:
    return set(re.findall(r"[\w']+", text.lower()))


if __name__ == "__main__":
    main()
