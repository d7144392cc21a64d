# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class TextToSpeechRequestStreamFormatType2Type1(StrEnum):
    AUDIO = "audio"
    SSE = "sse"

    def __str__(self) -> str:
        return str(self.value)
