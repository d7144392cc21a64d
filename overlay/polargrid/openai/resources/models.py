# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.models`."""

from polargrid_generated.async_resources import AsyncModelsResource
from polargrid_generated.sync_resources import ModelsResource

__all__ = ["AsyncModels", "Models"]
AsyncModels = AsyncModelsResource
Models = ModelsResource
