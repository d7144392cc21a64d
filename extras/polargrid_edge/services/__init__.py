"""The services of the edge: a method for each operation of the specification that the edge serves."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from polargrid_edge.models.pool import ModelPool
from polargrid_edge.services.embeddings import EmbeddingService
from polargrid_edge.services.jobs import TranscriptionJobService
from polargrid_edge.services.management import ManagementService
from polargrid_edge.services.regions import RegionService
from polargrid_edge.services.speech import SpeechService
from polargrid_edge.services.text import TextService
from polargrid_edge.services.transcriber import Transcriber
from polargrid_edge.services.transcription import TranscriptionService
from polargrid_edge.services.usage import UsageService
from polargrid_edge.usage_store import UsageStore

if TYPE_CHECKING:
    from polargrid_edge.services.context import Handler
    from polargrid_edge.settings import EdgeSettings


class Services:
    """All services over one pool of models."""

    def __init__(self, settings: EdgeSettings, pool: ModelPool | None = None) -> None:
        """Raises `UnknownModelError` for a `chat_model` that is not in the catalog."""
        self.pool = pool or ModelPool(settings)
        self._text = TextService(settings, self.pool)
        self._transcriber = Transcriber(settings, self.pool)
        self.usage = UsageStore(settings.data)
        self.jobs = TranscriptionJobService(settings, self.pool, self._transcriber, self.usage)
        self._services = (
            self._text,
            TranscriptionService(settings, self.pool, self._transcriber),
            self.jobs,
            SpeechService(settings, self.pool),
            EmbeddingService(settings, self.pool),
            ManagementService(settings, self.pool),
            RegionService(settings, self.pool),
            UsageService(self.usage),
        )

    def handler(self, operation: str) -> Handler | None:
        """The method that implements an operation; None where none does."""
        for service in self._services:
            method = getattr(service, operation, None)
            if method is not None:
                return cast("Handler", method)
        return None

    def close(self) -> None:
        """End the worker processes, free the memory of the idle models, and write the usage."""
        self._transcriber.close()
        self._text.close()
        self.pool.close()
        self.usage.close()
