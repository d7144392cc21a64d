# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ToolCallTypeType0(StrEnum):
    FUNCTION = "function"

    def __str__(self) -> str:
        return str(self.value)
