# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class GetRouteScope(StrEnum):
    COUNTRY = "country"
    GLOBAL = "global"

    def __str__(self) -> str:
        return str(self.value)
