# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class STTModel(StrEnum):
    COHERE_TRANSCRIBE = "cohere-transcribe"
    COHERE_TRANSCRIBE_03_2026 = "cohere-transcribe-03-2026"
    GPT_4O_MINI_TRANSCRIBE = "gpt-4o-mini-transcribe"
    GPT_4O_MINI_TRANSCRIBE_2025_12_15 = "gpt-4o-mini-transcribe-2025-12-15"
    GPT_4O_TRANSCRIBE = "gpt-4o-transcribe"
    GPT_TRANSCRIBE = "gpt-transcribe"
    KYUTAI_STT_1B_EN_FR = "kyutai/stt-1b-en_fr"
    OPENAI_WHISPER_LARGE_V3_TURBO = "openai/whisper-large-v3-turbo"
    STT_1B_EN_FR = "stt-1b-en_fr"
    WHISPER_1 = "whisper-1"
    WHISPER_LARGE_V3_TURBO = "whisper-large-v3-turbo"

    def __str__(self) -> str:
        return str(self.value)
