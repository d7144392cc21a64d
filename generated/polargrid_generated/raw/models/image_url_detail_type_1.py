# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class ImageUrlDetailType1(StrEnum):
    AUTO = "auto"
    HIGH = "high"
    LOW = "low"

    def __str__(self) -> str:
        return str(self.value)
