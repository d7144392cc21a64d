# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class SystemStatusStatusType0(StrEnum):
    DEGRADED = "degraded"
    HEALTHY = "healthy"
    UNAVAILABLE = "unavailable"

    def __str__(self) -> str:
        return str(self.value)
