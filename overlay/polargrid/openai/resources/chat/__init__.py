# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.chat`, each imported when it is first used."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from polargrid.openai.resources.chat.chat import AsyncChat as AsyncChat, Chat as Chat
    from polargrid.openai.resources.chat.completions import (
        AsyncCompletions as AsyncCompletions,
        Completions as Completions,
    )
else:
    from polargrid.openai._lazy import lazy_attributes

    _MODULES = {"AsyncChat": "chat", "AsyncCompletions": "completions", "Chat": "chat", "Completions": "completions"}
    __getattr__, __dir__ = lazy_attributes(__name__, _MODULES, ["chat", "completions"])

__all__ = ["AsyncChat", "AsyncCompletions", "Chat", "Completions"]
