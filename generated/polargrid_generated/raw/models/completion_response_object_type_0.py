# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class CompletionResponseObjectType0(StrEnum):
    TEXT_COMPLETION = "text_completion"

    def __str__(self) -> str:
        return str(self.value)
