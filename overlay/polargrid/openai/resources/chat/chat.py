# Derived from generator/openai_names.yaml by `make generate`; do not edit.
"""Names of `openai.resources.chat.chat`."""

from polargrid_generated.async_resources import AsyncChatResource
from polargrid_generated.sync_resources import ChatResource

__all__ = ["AsyncChat", "Chat"]
AsyncChat = AsyncChatResource
Chat = ChatResource
