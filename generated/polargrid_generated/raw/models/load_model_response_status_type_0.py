# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class LoadModelResponseStatusType0(StrEnum):
    FAILED = "failed"
    LOADING = "loading"
    SUCCESS = "success"

    def __str__(self) -> str:
        return str(self.value)
