# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class InputAudioFormat(StrEnum):
    MP3 = "mp3"
    WAV = "wav"

    def __str__(self) -> str:
        return str(self.value)
