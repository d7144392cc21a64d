from pathlib import Path

from openai import OpenAI
from openai.types.audio import TranscriptionSegment, TranscriptionVerbose, TranscriptionWord

client = OpenAI()
recording = Path("recording.wav")

verbose = client.audio.transcriptions.create(
    model="whisper-1", file=recording, response_format="verbose_json", timestamp_granularities=["word", "segment"]
)
print(
    isinstance(verbose, TranscriptionVerbose),
    verbose.segments[0].start >= 0,
    isinstance(verbose.segments[0], TranscriptionSegment),
)
print(isinstance(verbose.words[0], TranscriptionWord), verbose.words[0].start <= verbose.words[0].end, verbose.language)
srt = client.audio.transcriptions.create(model="whisper-1", file=recording, response_format="srt", language="en")
print(srt.partition("\n")[0], " --> " in srt)
vtt = client.audio.transcriptions.create(model="whisper-1", file=recording, response_format="vtt", temperature=0)
print(vtt.partition("\n")[0])
