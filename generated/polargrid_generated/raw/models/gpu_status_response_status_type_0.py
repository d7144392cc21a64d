# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class GPUStatusResponseStatusType0(StrEnum):
    SUCCESS = "success"

    def __str__(self) -> str:
        return str(self.value)
