# Made from openapi.yaml by `make generate`; change that, not this.
from enum import StrEnum


class ModelInfoObjectType0(StrEnum):
    MODEL = "model"

    def __str__(self) -> str:
        return str(self.value)
