# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class UnloadModelResponseStatusType0(StrEnum):
    FAILED = "failed"
    SUCCESS = "success"

    def __str__(self) -> str:
        return str(self.value)
