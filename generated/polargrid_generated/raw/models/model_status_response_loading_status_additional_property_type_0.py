# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ModelStatusResponseLoadingStatusAdditionalPropertyType0(StrEnum):
    FAILED = "failed"
    LOADED = "loaded"
    LOADING = "loading"
    UNLOADED = "unloaded"

    def __str__(self) -> str:
        return str(self.value)
