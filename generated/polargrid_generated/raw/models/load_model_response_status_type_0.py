# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class LoadModelResponseStatusType0(StrEnum):
    FAILED = "failed"
    LOADING = "loading"
    SUCCESS = "success"

    def __str__(self) -> str:
        return str(self.value)
