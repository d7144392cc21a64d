"""Models whose responses are remembered: the edge is real, and each model generates each response once.

What is remembered is what the libraries below the backends of the edge return, with the times at which they returned
it. `pace` says how many times as long they take now; with 0 a response is there at once. A request that is new runs
the model itself.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from polargrid_edge.backends.embeddings import EmbeddingBackend
from polargrid_edge.backends.llama_server import LlamaServer
from polargrid_edge.backends.speech import SpeechBackend
from polargrid_edge.backends.text import TextBackend
from polargrid_edge.backends.transcription import LazyTranscript, Segment, TranscriptionBackend
from polargrid_edge.models.catalog import Kind, Model
from polargrid_edge.models.loader import Backend, BackendFactory
from polargrid_edge.models.pool import ModelPool, backend_factories
from polargrid_edge.settings import EdgeSettings

_MAX_PAUSE = 0.15  # seconds; a longer one says nothing more about what streams, and only takes time


@dataclass
class _Record:
    """What a model returned, and when; incomplete if the caller stopped it, until `Memory.complete`."""

    items: list[tuple[float, Any]]
    is_complete: bool
    was_stopped: bool


class Memory:
    """What models returned, by model and request. Thread-safe."""

    def __init__(self) -> None:
        self.pace = 0.0
        self.misses = 0
        self._records: dict[str, _Record] = {}
        self._stopped: dict[str, Callable[[], Iterable[Any]]] = {}
        self._open: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._open_lock = threading.Lock()

    def save(self, file: Path) -> None:
        with self._lock:
            file.write_bytes(pickle.dumps(self._records))

    def complete(self) -> None:
        """Let the models go on with what their callers stopped, so that no other process has to open them for that."""
        with self._lock:
            stopped, self._stopped = self._stopped, {}
        for name, generate in stopped.items():
            record = self._records[name]
            if not record.is_complete:
                for _ in self._generate(name, generate, skip=0):
                    pass
                self._records[name].was_stopped = True

    def load(self, file: Path) -> None:
        """Load what `save` wrote; only from a process of this program."""
        self._records = pickle.loads(file.read_bytes())  # noqa: S301

    def iterate(self, key: Any, generate: Callable[[], Iterable[Any]]) -> Generator[Any, None, None]:
        """Yield what `generate` yields, or did for this key. Exceptions are not remembered."""
        name = _digest(key)
        with self._lock:
            record = self._records.get(name)
        items = record.items if record else []
        started = time.monotonic()
        # A record that its caller stopped is always paced, so that the caller can stop it again.
        pace = self.pace or (1.0 if record is not None and record.was_stopped else 0.0)
        for seconds, item in items:
            if pace:
                time.sleep(max(0.0, started + pace * seconds - time.monotonic()))
            yield item
        if record is None or not record.is_complete:
            yield from self._generate(name, generate, skip=len(items))

    def _generate(self, name: str, generate: Callable[[], Iterable[Any]], skip: int) -> Iterator[Any]:
        new: list[tuple[float, Any]] = []
        is_complete, started, paused = False, time.monotonic(), 0.0
        with self._lock:
            self.misses += 1
        try:
            for item in generate():
                pause = time.monotonic() - started - paused - (new[-1][0] if new else 0.0)
                paused += max(0.0, pause - _MAX_PAUSE)
                new.append((time.monotonic() - started - paused, item))
                if len(new) > skip:
                    yield item
            is_complete = True
        except GeneratorExit:
            raise
        except BaseException:
            new = []
            raise
        finally:
            if new or is_complete:
                with self._lock:
                    self._records[name] = _Record(new, is_complete, not is_complete)
                    if not is_complete:
                        self._stopped[name] = generate

    def once(self, key: Any, compute: Callable[[], Any]) -> Any:
        """Return what `compute` returns, or did for this key."""
        (item,) = self.iterate(key, lambda: iter((compute(),)))
        return item

    def open(self, name: str, open_model: Callable[[], Any]) -> Any:
        """Open a model that is needed, once: unloading it in the edge does not close it."""
        with self._open_lock:
            if name not in self._open:
                self._open[name] = open_model()
            return self._open[name]


def build_pool(settings: EdgeSettings, memory: Memory) -> ModelPool:
    """A pool whose models are opened when something new is asked of them."""
    real = backend_factories(settings)

    def remember(
        kind: Kind, build: Callable[[Model, Callable[[], Any], Mapping[str, Path]], Backend]
    ) -> BackendFactory:
        return lambda model, paths: build(model, lambda: memory.open(model.id, lambda: real[kind](model, paths)), paths)

    def build_text(model: Model, open_model: Callable[[], Any], paths: Mapping[str, Path]) -> Backend:
        return TextBackend(
            paths[model.files[0].name],
            context=model.context or 4096,
            max_output_tokens=settings.max_output_tokens,
            open_server=lambda *_: _TextServer(memory, model.id, open_model),
        )

    return ModelPool(
        settings,
        factories={
            "chat": remember("chat", build_text),
            "speech": remember("speech", lambda model, open_model, _: _Speech(memory, model.id, open_model)),
            "transcription": remember("transcription", lambda model, open_, _: _Transcription(memory, model.id, open_)),
            "embedding": remember("embedding", lambda model, open_model, _: _Embedding(memory, model.id, open_model)),
        },
    )


class _TextServer:
    """llama.cpp's server below a backend of text."""

    def __init__(self, memory: Memory, model: str, open_model: Callable[[], Any]) -> None:
        self._memory, self._model, self._open = memory, model, open_model

    @property
    def vocabulary_size(self) -> int:
        return int(self._once("vocabulary", lambda server: server.vocabulary_size))

    def tokenize(self, text: str, *, is_literal: bool = False) -> list[int]:
        key = ("tokenize", text, is_literal)
        return list(self._once(key, lambda server: server.tokenize(text, is_literal=is_literal)))

    def apply_template(self, request: dict[str, Any]) -> str:
        return str(self._once(("template", request), lambda server: server.apply_template(request)))

    def detokenize(self, tokens: Sequence[int]) -> str:
        return str(self._once(("detokenize", list(tokens)), lambda server: server.detokenize(tokens)))

    def _once(self, key: Any, compute: Callable[[LlamaServer], Any]) -> Any:
        return self._memory.once((self._model, key), lambda: compute(cast("LlamaServer", self._open()._server)))

    def handle_chat_completions(self, request: dict[str, Any], receive: Callable[[Any], bool]) -> None:
        self._handle("chat", request, receive, lambda server: server.handle_chat_completions)

    def handle_completions(self, request: dict[str, Any], receive: Callable[[Any], bool]) -> None:
        self._handle("text", request, receive, lambda server: server.handle_completions)

    def _handle(
        self,
        kind: str,
        request: dict[str, Any],
        receive: Callable[[Any], bool],
        method: Callable[[LlamaServer], Callable[[Any, Callable[[Any], bool]], None]],
    ) -> None:
        def generate() -> Iterator[str]:
            backend = self._open()
            server = cast("LlamaServer", backend._server)
            yield from _iterate_callback(lambda on_event: method(server)(request, on_event))

        events = self._memory.iterate((self._model, kind, request), generate)
        for event in events:
            if receive(json.loads(event)):
                events.close()
                return


def _iterate_callback(run: Callable[[Callable[[Any], bool]], None]) -> Iterator[str]:
    """Yield what `run` passes to its callback, as JSON; closing the iterator ends `run` at its next event."""
    import queue

    events: queue.SimpleQueue[tuple[str | None, BaseException | None]] = queue.SimpleQueue()
    stopped = threading.Event()

    def receive(event: Any) -> bool:
        events.put((json.dumps(event), None))
        return stopped.is_set()

    def work() -> None:
        try:
            run(receive)
        except BaseException as error:  # noqa: BLE001 - raised again in the reader
            events.put((None, error))
        else:
            events.put((None, None))

    thread = threading.Thread(target=work, name="model", daemon=True)
    thread.start()
    try:
        while True:
            event, error = events.get()
            if error is not None:
                raise error
            if event is None:
                return
            yield event
    finally:
        stopped.set()
        thread.join()


class _Speech(SpeechBackend):
    def __init__(self, memory: Memory, model: str, open_model: Callable[[], SpeechBackend]) -> None:
        self._memory, self._model, self._open = memory, model, open_model

    @property
    def voices(self) -> tuple[str, ...]:
        return cast("tuple[str, ...]", self._memory.once((self._model, "voices"), lambda: self._open().voices))

    def speaker(self, voice: str) -> str:
        return cast("str", self._memory.once((self._model, "speaker", voice), lambda: self._open().speaker(voice)))

    def speak(self, text: str, voice: str, speed: float = 1.0) -> Iterator[Any]:
        self.speaker(voice)
        return self._memory.iterate((self._model, text, voice, speed), lambda: self._open().speak(text, voice, speed))

    def close(self) -> None:
        """Keep the model: it is opened once."""


class _Transcription(TranscriptionBackend):
    def __init__(self, memory: Memory, model: str, open_model: Callable[[], TranscriptionBackend]) -> None:
        self._memory, self._name, self._open = memory, model, open_model

    @property
    def languages(self) -> list[str]:
        return cast("list[str]", self._memory.once((self._name, "languages"), lambda: self._open().languages))

    def start(self, samples: Any, *, stopped: Callable[[], bool] | None = None, **options: Any) -> LazyTranscript:
        self._validate_language(options.get("language"))
        key = (self._name, hashlib.sha256(samples.tobytes()).hexdigest(), sorted(options.items()))

        def generate() -> Iterator[Any]:
            lazy = self._open().start(samples, **options)
            yield lazy.language, lazy.duration
            yield from lazy.segments

        items = self._memory.iterate(key, generate)
        language, duration = next(items)

        def iterate() -> Iterator[Segment]:
            for segment in items:
                if stopped and stopped():
                    return
                yield segment

        return LazyTranscript(language, duration, iterate())

    def close(self) -> None:
        """Keep the model: it is opened once."""


class _Embedding(EmbeddingBackend):
    def __init__(self, memory: Memory, model: str, open_model: Callable[[], EmbeddingBackend]) -> None:
        self._memory, self._model, self._open = memory, model, open_model

    def tokenize(self, inputs: Any) -> list[list[int]]:
        key = (self._model, "tokens", inputs)
        return cast("list[list[int]]", self._memory.once(key, lambda: self._open().tokenize(inputs)))

    def embed(self, tokens: Any, stopped: Callable[[], bool] = lambda: False) -> Any:  # noqa: ARG002 - all or nothing
        return self._memory.once((self._model, "vectors", tokens), lambda: self._open().embed(tokens))

    def close(self) -> None:
        """Keep the model: it is opened once."""


def _digest(key: Any) -> str:
    return hashlib.sha256(json.dumps(key, sort_keys=True, default=str).encode()).hexdigest()
