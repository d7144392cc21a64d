# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class RegionModelStatusStatusType0(StrEnum):
    AVAILABLE = "available"
    LOADING = "loading"
    UNAVAILABLE = "unavailable"

    def __str__(self) -> str:
        return str(self.value)
