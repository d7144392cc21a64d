# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ModelInfoPgModelTypeType0(StrEnum):
    CHAT = "chat"
    EMBEDDING = "embedding"
    IMAGE_GENERATION = "image-generation"
    SPEECH_TO_TEXT = "speech-to-text"
    TEXT_GENERATION = "text-generation"
    TEXT_TO_SPEECH = "text-to-speech"

    def __str__(self) -> str:
        return str(self.value)
