# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class ListModelsResponseObjectType0(StrEnum):
    LIST = "list"

    def __str__(self) -> str:
        return str(self.value)
