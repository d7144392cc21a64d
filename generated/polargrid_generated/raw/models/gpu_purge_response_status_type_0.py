# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class GPUPurgeResponseStatusType0(StrEnum):
    FAILED = "failed"
    PARTIAL = "partial"
    SUCCESS = "success"

    def __str__(self) -> str:
        return str(self.value)
