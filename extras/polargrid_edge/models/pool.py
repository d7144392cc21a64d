"""The models in memory and the queues in front of them: how a service gets a backend."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from polargrid_edge.errors import EdgeError
from polargrid_edge.models import files
from polargrid_edge.models.catalog import MODELS, Catalog, Kind, Model
from polargrid_edge.models.loader import Backend, BackendFactory, EnsureFiles, ModelLoader, State
from polargrid_edge.models.own_models import build_own_models
from polargrid_edge.models.request_queue import RequestQueue
from polargrid_edge.models.stop_signal import stop_signal
from polargrid_edge.models.voices import KOKORO_NAMES
from polargrid_edge.request_id import request_id
from polargrid_edge.sources import parse_alias
from polargrid_edge.upstream.call import current_call
from polargrid_edge.upstream.model import UpstreamModel
from polargrid_edge.upstream.pool import Backend as UpstreamBackend, UpstreamPool

if TYPE_CHECKING:
    from polargrid_edge.settings import EdgeSettings

# How many requests a backend of each kind computes at a time: chat shares its batches, the others only the cores.
PARALLEL: Final[Mapping[Kind, int]] = {"chat": 2, "speech": 1, "transcription": 1, "embedding": 1}
# The weight of the newest request in the mean duration.
_NEWEST_WEIGHT: Final = 0.2
# Loading and unloading wait for downloads and for other requests; one must not block all others.
_PARALLEL_LOADS: Final = 4


@dataclass(slots=True)
class Timing:
    """The duration of the parts of a request in seconds; `loading` is None where the model was in memory.

    `model` is the id of the model that the request used; None until one is ready.
    """

    started_at: float
    queued: float = 0.0
    loading: float | None = None
    inference_started_at: float | None = None
    model: str | None = None


class ModelPool:
    """The catalog, its models in memory, and a queue for each kind of model."""

    def __init__(
        self,
        settings: EdgeSettings,
        *,
        factories: Mapping[Kind, BackendFactory] | None = None,
        ensure: EnsureFiles | None = None,
    ) -> None:
        """Raises `UnknownModelError` for a `chat_model` that is not in the catalog.

        `factories` and `ensure` replace the backends of the edge and the download of their files.
        """
        self.upstreams = UpstreamPool(settings.upstreams, max_output_tokens=settings.max_output_tokens)
        try:
            models = [*MODELS, *build_own_models(settings), *map(_to_model, self.upstreams.models.values())]
            self.catalog = Catalog(models, settings.chat_model, map(parse_alias, settings.aliases))
        except BaseException:
            self.upstreams.close()
            raise
        self.loader = ModelLoader(
            self.catalog,
            factories or backend_factories(settings),
            ensure or partial(files.ensure, cache=settings.cache, folder=settings.models_dir),
        )
        self.queues = {
            kind: RequestQueue(kind, max_running=running, max_waiting=settings.waiting)
            for kind, running in PARALLEL.items()
        }
        self._upstream_queues = {
            model.id: RequestQueue("upstream", max_running=model.max_requests, max_waiting=settings.waiting)
            for model in self.upstreams.models.values()
        }
        self.load_queue = RequestQueue("loading", max_running=_PARALLEL_LOADS, max_waiting=settings.waiting)
        self._in_use: Counter[str] = Counter()
        self._mean_seconds: dict[str, float] = {}
        self._lock = threading.Lock()

    def resolve(self, name: str, kind: Kind) -> Model:
        """The model of the name, if it is of the kind. Raises `UnknownModelError` or `EdgeError`."""
        model = self.catalog.resolve(name, kind)
        if model.kind != kind:
            message = f"model {name!r} has the kind {model.kind!r}; expected {kind!r}"
            raise EdgeError(404, message, "model_not_found", param="model")
        return model

    def queue(self, model: Model) -> RequestQueue:
        """The queue of the requests for a model: that of its kind, or of its upstream servers."""
        return self._upstream_queues.get(model.id) or self.queues[model.kind]

    def states(self) -> dict[str, State]:
        """The state of every model by id."""
        return self.loader.states() | self.upstreams.states()

    def load(self, model_id: str, *, force: bool = False) -> bool:
        """Load a model; False if its upstream server has it in memory anyway. Blocks."""
        if model_id in self.upstreams.models:
            return self.upstreams.load(model_id, force=force)
        self.loader.load(model_id, force=force)
        return True

    def unload(self, model_id: str) -> bool:
        """Unload a model; False if it was not loaded. Blocks. Raises `EdgeError` if its upstream server cannot."""
        if model_id in self.upstreams.models:
            return self.upstreams.unload(model_id)
        return self.loader.unload(model_id)

    @contextmanager
    def lease(self, model: Model, timing: Timing) -> Iterator[Backend | UpstreamBackend]:
        """Lease the model's backend, loading it where it is not in memory. Blocks. Records the durations."""
        if model.is_upstream:
            with self._lease_upstream(model, timing) as backend:
                yield backend
            return
        with self._count_use(model):
            started = time.perf_counter()
            in_memory = self.loader.states()[model.id] == "loaded"
            with self.loader.lease(model.id) as backend:
                timing.inference_started_at = time.perf_counter()
                timing.loading = None if in_memory else timing.inference_started_at - started
                timing.model = model.id
                try:
                    yield backend
                finally:
                    self._add_duration(model.id, time.perf_counter() - timing.inference_started_at)

    @contextmanager
    def lease_upstream(self, model: Model, timing: Timing) -> Iterator[tuple[UpstreamBackend, dict[str, str]]]:
        """The backend in front of the upstream servers of a model, and the headers for it. For the event loop."""
        headers = {"x-request-id": value} if (value := request_id.get("")) else {}
        timing.model, timing.inference_started_at = model.id, time.perf_counter()
        with self._count_use(model):
            try:
                yield self.upstreams.backend(model.id), headers
            finally:
                self._add_duration(model.id, time.perf_counter() - timing.inference_started_at)

    @contextmanager
    def _lease_upstream(self, model: Model, timing: Timing) -> Iterator[UpstreamBackend]:
        """The same for a thread. What the backend requests ends when the work should stop."""
        with self.lease_upstream(model, timing) as (backend, headers):
            call = self.upstreams.start_call(headers)
            stop_signal.get().add(call.cancel)
            current_call.set(call)
            yield backend

    @contextmanager
    def _count_use(self, model: Model) -> Iterator[None]:
        with self._lock:
            self._in_use[model.id] += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_use[model.id] -= 1

    def _add_duration(self, model_id: str, seconds: float) -> None:
        with self._lock:
            mean = self._mean_seconds.get(model_id, seconds)
            self._mean_seconds[model_id] = mean + _NEWEST_WEIGHT * (seconds - mean)

    def mean_seconds(self, model_id: str) -> float:
        """The mean duration of the last inferences of a model; 0 without one."""
        with self._lock:
            return self._mean_seconds.get(model_id, 0.0)

    def models_in_memory(self) -> list[str]:
        return [model_id for model_id, state in self.states().items() if state == "loaded"]

    def idle_models(self) -> list[str]:
        """The loaded models without a current request."""
        with self._lock:
            return [model_id for model_id in self.models_in_memory() if not self._in_use[model_id]]

    def close(self) -> None:
        """Unload the idle models: a request that cannot be ended must not delay that."""
        for model in self.idle_models():
            if model not in self.upstreams.models:
                self.loader.unload(model)
        for queue in (*self.queues.values(), *self._upstream_queues.values(), self.load_queue):
            queue.close()
        self.upstreams.close()


def _to_model(model: UpstreamModel) -> Model:
    """The model of an upstream server as the catalog has it."""
    remote = model.remote
    return Model(
        id=model.id,
        kind=remote.kind,
        aliases=(),
        files=(),
        licence="",
        origin=model.id,
        parameters=remote.parameters,
        created=remote.created,
        context=remote.context,
        is_upstream=True,
        owner=remote.owner,
    )


def backend_factories(settings: EdgeSettings) -> dict[Kind, BackendFactory]:
    """A function per kind that opens a model; only then it imports the library that runs the model."""

    def open_text(model: Model, paths: Mapping[str, Path]) -> Backend:
        from polargrid_edge.backends.completion_prompt import FillTokens
        from polargrid_edge.backends.llama_server import XLlamaServer
        from polargrid_edge.backends.text import TextBackend

        own = model.own
        return TextBackend(
            paths[model.files[0].name] if own is None else own.path,
            context=model.context or 4096,
            parallel=PARALLEL["chat"],
            threads=settings.threads if own is None or own.threads is None else own.threads,
            open_server=partial(XLlamaServer, gpu_layers=settings.gpu_layers if own is None else own.gpu_layers),
            max_output_tokens=settings.max_output_tokens,
            repeats_calls=model.repeats_calls,
            fill_tokens=None if model.fill_tokens is None else FillTokens(*model.fill_tokens),
            fingerprint=f"fp_{model.files[0].sha256[:8] if own is None else own.digest}_{version('xllamacpp')}",
        )

    def open_speech(model: Model, paths: Mapping[str, Path]) -> Backend:
        from polargrid_edge.backends.speech import SpeechBackend

        styles = {name.removesuffix(".bin"): path for name, path in paths.items() if name.endswith(".bin")}
        return SpeechBackend(paths.get(model.files[0].name), styles, KOKORO_NAMES)

    def open_transcription(model: Model, paths: Mapping[str, Path]) -> Backend:
        from polargrid_edge.backends.transcription import TranscriptionBackend

        del model
        return TranscriptionBackend(paths, threads=settings.threads)

    def open_embedding(model: Model, paths: Mapping[str, Path]) -> Backend:
        from polargrid_edge.backends.embeddings import EmbeddingBackend

        files = [paths[file.name] for file in model.files]
        return EmbeddingBackend(*files, max_tokens=model.context or 512, threads=settings.threads)

    return {
        "chat": open_text,
        "speech": open_speech,
        "transcription": open_transcription,
        "embedding": open_embedding,
    }
