# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.lib`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polargrid.openai.lib import streaming as streaming
else:
    from polargrid.openai._lazy import lazy_attributes

    _MODULES = {}
    __getattr__, __dir__ = lazy_attributes(__name__, _MODULES, ["_pydantic", "streaming"])

__all__ = ["streaming"]
