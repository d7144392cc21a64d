# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class UnloadModelResponseStatusType0(StrEnum):
    FAILED = "failed"
    SUCCESS = "success"

    def __str__(self) -> str:
        return str(self.value)
