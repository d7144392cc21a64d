# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class GetRouteParametersScope(StrEnum):
    COUNTRY = "country"
    GLOBAL = "global"

    def __str__(self) -> str:
        return str(self.value)
