# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class EmbeddingRequestEncodingFormatType2Type1(StrEnum):
    BASE64 = "base64"
    FLOAT = "float"

    def __str__(self) -> str:
        return str(self.value)
