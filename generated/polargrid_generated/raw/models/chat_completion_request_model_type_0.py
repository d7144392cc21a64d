# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ChatCompletionRequestModelType0(StrEnum):
    LLAMA_3_1_8B = "llama-3.1-8b"
    QWEN_3_5_27B = "qwen-3.5-27b"

    def __str__(self) -> str:
        return str(self.value)
