# Generated from openapi.yaml by `make generate`; do not edit.
from enum import StrEnum


class AnnotationTypeType0(StrEnum):
    URL_CITATION = "url_citation"

    def __str__(self) -> str:
        return str(self.value)
