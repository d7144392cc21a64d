"""Transcripts of long recordings: as a job that the program waits for, and as text that is printed while it is made.

python examples/long_recording.py recording.mp3
"""

from __future__ import annotations

import sys
from pathlib import Path

from polargrid import PolarGridSync

SPANISH = Path(__file__).parent / "buenos-dias.ogg"
MODEL = "whisper-1"


def main() -> None:
    recording = Path(sys.argv[1]) if sys.argv[1:] else SPANISH
    with PolarGridSync(region="local") as client:
        # The server keeps the job, so no connection has to last as long as the recording.
        job = client.audio.transcriptions.jobs.create_and_poll(model=MODEL, file=recording, deadline=3600)
        print(f"job {job.job_id}: {job.text}")

        print("stream: ", end="")
        for event in client.audio.transcriptions.create(model=MODEL, file=recording, stream=True):
            if event.type == "transcript.text.delta":
                print(event.delta, end="", flush=True)
        print()


if __name__ == "__main__":
    main()
