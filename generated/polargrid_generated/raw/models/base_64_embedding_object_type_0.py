# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class Base64EmbeddingObjectType0(StrEnum):
    EMBEDDING = "embedding"

    def __str__(self) -> str:
        return str(self.value)
