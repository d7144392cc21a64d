"""The models in memory and the lines in front of them: how a service gets a backend to work with."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from polargrid_edge import sources
from polargrid_edge.catalog import Catalog, Kind, Model
from polargrid_edge.errors import EdgeError
from polargrid_edge.loader import Backend, Loader
from polargrid_edge.queueing import Line

if TYPE_CHECKING:
    from polargrid_edge.settings import EdgeSettings

# How many requests each kind of backend computes at a time: text shares its batches, the others only the cores.
PARALLEL: Final[Mapping[Kind, int]] = {"chat": 2, "speech": 1, "transcription": 1}
# Loading and unloading wait for downloads and for other requests; one must not keep all others from it.
_PARALLEL_LOADS: Final = 4


@dataclass(slots=True)
class Timing:
    """How long the parts of a request took, in seconds; `loading` is None where the model was in memory."""

    began: float
    queued: float = 0.0
    loading: float | None = None
    inference_began: float | None = None


class Workers:
    """The catalog, its models in memory, and a line for each kind of them."""

    def __init__(self, settings: EdgeSettings) -> None:
        """Raises `UnknownModelError` where the settings name a chat model that there is not."""
        self.catalog = Catalog(default_chat=settings.chat_model)
        self.loader = Loader(self.catalog, backends(settings), partial(sources.ensure, cache=settings.cache))
        self.lines = {kind: Line(kind, running=running, waiting=settings.waiting) for kind, running in PARALLEL.items()}
        self.loading = Line("loading", running=_PARALLEL_LOADS, waiting=settings.waiting)
        self._serving: Counter[str] = Counter()
        self._lock = threading.Lock()

    def model(self, name: str, kind: Kind) -> Model:
        """The model of the name, if it is of the kind. Raises `UnknownModelError` or `EdgeError`."""
        model = self.catalog.resolve(name)
        if model.kind != kind:
            sentence = f"The model {name!r} is for {model.kind}, not for {kind}."
            raise EdgeError(404, sentence, "model_not_found", param="model")
        return model

    @contextmanager
    def lease(self, model: Model, timing: Timing) -> Iterator[Backend]:
        """The model's backend, loaded where it is not in memory. Blocks. Notes the times."""
        with self._lock:
            self._serving[model.id] += 1
        try:
            began = time.perf_counter()
            loaded = self.loader.states()[model.id] == "loaded"
            with self.loader.lease(model.id) as backend:
                timing.inference_began = time.perf_counter()
                timing.loading = None if loaded else timing.inference_began - began
                yield backend
        finally:
            with self._lock:
                self._serving[model.id] -= 1

    def loaded(self) -> list[str]:
        return [model_id for model_id, state in self.loader.states().items() if state == "loaded"]

    def idle(self) -> list[str]:
        """The loaded models that serve no request now."""
        with self._lock:
            return [model_id for model_id in self.loaded() if not self._serving[model_id]]

    def close(self) -> None:
        """Unloads what serves nobody: a request that cannot be ended must not keep the edge from it."""
        for model in self.idle():
            self.loader.unload(model)
        for line in (*self.lines.values(), self.loading):
            line.close()


def backends(settings: EdgeSettings) -> dict[Kind, Callable[[Model, Mapping[str, Path]], Backend]]:
    """What opens a model of each kind; the library that runs it is imported only then."""

    def text(model: Model, paths: Mapping[str, Path]) -> Backend:
        from polargrid_edge.backends.text import TextBackend

        return TextBackend(
            paths[model.files[0].name],
            context=model.context or 4096,
            parallel=PARALLEL["chat"],
            threads=settings.threads,
            max_output_tokens=settings.max_output_tokens,
        )

    def speech(model: Model, paths: Mapping[str, Path]) -> Backend:
        from polargrid_edge.backends.speech import SpeechBackend

        voices = {name.removesuffix(".bin"): path for name, path in paths.items() if name.endswith(".bin")}
        return SpeechBackend(paths.get(model.files[0].name), voices)

    def transcription(model: Model, paths: Mapping[str, Path]) -> Backend:
        from polargrid_edge.backends.transcription import TranscriptionBackend

        del model
        return TranscriptionBackend(paths, threads=settings.threads)

    return {"chat": text, "speech": speech, "transcription": transcription}
