# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class TextToSpeechRequestModelType0(StrEnum):
    GPT_4O_MINI_TTS = "gpt-4o-mini-tts"
    HEXGRADKOKORO_82M = "hexgrad/Kokoro-82M"
    HUMEAITADA_3B_ML = "HumeAI/tada-3b-ml"
    KOKORO_82M = "kokoro-82m"
    TADA_3B_ML = "tada-3b-ml"
    TTS_1 = "tts-1"
    TTS_1_HD = "tts-1-hd"

    def __str__(self) -> str:
        return str(self.value)
