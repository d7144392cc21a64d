# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class EmbeddingResponseObjectType0(StrEnum):
    LIST = "list"

    def __str__(self) -> str:
        return str(self.value)
