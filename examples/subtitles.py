"""Subtitles of a recording, in its language and in English, as SRT files.

python examples/subtitles.py recording.mp3
"""

from __future__ import annotations

import sys
from pathlib import Path

from polargrid import PolarGridSync

SPANISH = Path(__file__).parent / "buenos-dias.ogg"


def main() -> None:
    recording = Path(sys.argv[1]) if sys.argv[1:] else SPANISH
    with PolarGridSync(region="local") as client:
        # A small machine needs minutes for minutes of audio.
        slow_client = client.with_options(timeout=600, deadline=3600)
        transcript = slow_client.audio.transcriptions.create(
            model="whisper-1", file=recording, response_format="verbose_json"
        )
        print(f"{recording.name}: {transcript.duration:.1f} s of speech, language: {transcript.language}")

        subtitles = {
            transcript.language: slow_client.audio.transcriptions.create(
                model="whisper-1", file=recording, response_format="srt"
            ),
            "english": slow_client.audio.translations.create(model="whisper-1", file=recording, response_format="srt"),
        }
    for language, text in subtitles.items():
        target = Path(f"{recording.stem}.{language}.srt")
        target.write_text(text, encoding="utf-8")
        print(f"\n── {target}\n{text.strip()}")


if __name__ == "__main__":
    main()
