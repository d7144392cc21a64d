# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ImageUrlDetailType3Type1(StrEnum):
    AUTO = "auto"
    HIGH = "high"
    LOW = "low"
    ORIGINAL = "original"

    def __str__(self) -> str:
        return str(self.value)
