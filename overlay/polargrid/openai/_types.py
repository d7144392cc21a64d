"""Names of `openai._types`, which programs import for the annotations of their own functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from polargrid.openai._names import NOT_GIVEN, NoneType, NotGiven, Omit, RequestOptions, not_given, omit
from polargrid_runtime.arguments import File

__all__ = [
    "NOT_GIVEN",
    "Body",
    "FileTypes",
    "Headers",
    "NoneType",
    "NotGiven",
    "Omit",
    "Query",
    "RequestOptions",
    "not_given",
    "omit",
]

Body: TypeAlias = object
Headers: TypeAlias = Mapping[str, str]
Query: TypeAlias = Mapping[str, object]
FileTypes: TypeAlias = File
