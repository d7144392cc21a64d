# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class ModelInfoObjectType0(StrEnum):
    MODEL = "model"

    def __str__(self) -> str:
        return str(self.value)
