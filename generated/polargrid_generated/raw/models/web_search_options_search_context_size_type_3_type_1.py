# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class WebSearchOptionsSearchContextSizeType3Type1(StrEnum):
    HIGH = "high"
    LOW = "low"
    MEDIUM = "medium"

    def __str__(self) -> str:
        return str(self.value)
