# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class HealthResponseStatusType0(StrEnum):
    DEGRADED = "degraded"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"

    def __str__(self) -> str:
        return str(self.value)
