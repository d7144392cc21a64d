"""What the edge can do: the methods of all services, found by the name of the operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from polargrid_edge.services.node import NodeService
from polargrid_edge.services.speech import SpeechService
from polargrid_edge.services.text import TextService
from polargrid_edge.services.transcription import TranscriptionService
from polargrid_edge.workers import Workers

if TYPE_CHECKING:
    from polargrid_edge.call import Handler
    from polargrid_edge.settings import EdgeSettings


class Service:
    """All services, over the same models."""

    def __init__(self, settings: EdgeSettings) -> None:
        """Raises `UnknownModelError` where the settings name a chat model that there is not."""
        self.workers = Workers(settings)
        kinds = (TextService, SpeechService, TranscriptionService, NodeService)
        self._parts = tuple(kind(settings, self.workers) for kind in kinds)

    def handler(self, operation: str) -> Handler:
        """The method that does an operation. Raises `NotImplementedError` where none does."""
        for part in self._parts:
            method = getattr(part, operation, None)
            if method is not None:
                return cast("Handler", method)
        raise NotImplementedError(f"openapi.yaml has the operation {operation!r}, which no service of the edge does")

    def close(self) -> None:
        """Frees the memory of the models that serve nobody."""
        self.workers.close()
