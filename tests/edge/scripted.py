"""An edge whose backends are scripts: they respond at once, or block until the test releases them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from polargrid_edge.backends.embeddings import InputTooLongError
from polargrid_edge.backends.speech import FALLBACK_VOICE, UnknownVoiceError
from polargrid_edge.backends.text import ContextLengthError, TextBackend
from polargrid_edge.backends.transcription import LazyTranscript, Segment, Transcript
from polargrid_edge.models.catalog import Model
from polargrid_edge.models.pool import ModelPool
from polargrid_edge.models.voices import KOKORO_NAMES
from polargrid_edge.server import Edge, run_in_thread
from polargrid_edge.services import Services
from polargrid_edge.settings import EdgeSettings

Json = dict[str, Any]
OnChunk = Callable[[Json], bool]

CHAT_MODEL = "smollm2-135m"
HEADERS = {"Authorization": "Bearer pg_local"}
DEFAULT_TOKENS = 150
"""The tokens of the scripted model without max_tokens."""
LONG_PROMPT = "too long"
"""A prompt that exceeds the context of the scripted model."""
TIMEOUT = 60.0
"""The limit of every wait, in seconds; no wait comes near it unless the code is wrong."""
SEGMENT = Segment(0, 0, 0.0, 1.5, " Hello, edge.", [50364], 0.0, -0.25, 1.1, 0.01)


def wait_until(condition: Callable[[], object], describe: Callable[[], object] = lambda: None) -> None:
    """Return as soon as the condition is true; fail after `TIMEOUT` seconds."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        assert time.monotonic() < deadline, describe()
        threading.Event().wait(0.01)


class ScriptedText:
    """Generates the token "word" as often as requested; `hold` blocks generation after the first token.

    `prompts` has the prompt of each request that a backend received.
    While there are `deltas`, a chat generates the next one instead, with its finish_reason. `bodies` are the requests.
    """

    def __init__(self) -> None:
        self.deltas: list[tuple[Json, str]] = []
        self.bodies: list[Json] = []
        self.released = threading.Event()
        self.released.set()
        self.cancelled = threading.Semaphore(0)
        self.closed = False
        self.prompts: list[object] = []

    def hold(self) -> None:
        """Block every stream after its first token until `released` is set or its request is cancelled."""
        self.released.clear()

    def chat_stream(self, body: Json, on_chunk: OnChunk) -> None:
        self.bodies.append(body)
        if self.deltas:
            delta, reason = self.deltas.pop(0)
            shared = {"id": "id-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
            parts = [{"role": "assistant", "content": ""}, delta, {}]
            reasons = [None, None, reason]
            for part, finish_reason in zip(parts, reasons, strict=True):
                on_chunk(shared | {"choices": [{"index": 0, "delta": part, "finish_reason": finish_reason}]})
            on_chunk(shared | {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}})
            return
        prompt = body["messages"][-1]["content"]
        self._stream(body, prompt, on_chunk, lambda text: {"delta": {"content": text}})

    def complete_stream(self, body: Json, on_chunk: OnChunk) -> None:
        prompts = body["prompt"] if isinstance(body["prompt"], list) else [body["prompt"]]
        self._stream(body, prompts[0], on_chunk, lambda text: {"text": text, "logprobs": None})

    def _stream(self, body: Json, prompt: object, on_chunk: OnChunk, choice: Callable[[str], Json]) -> None:
        self.prompts.append(prompt)
        if prompt == LONG_PROMPT:
            raise ContextLengthError(9000, 4096)
        is_chat = "delta" in choice("")
        shared = {
            "id": f"id-{threading.get_ident()}",
            "object": "chat.completion.chunk" if is_chat else "text_completion",
            "created": 1,
            "model": body["model"],
        }
        tokens = DEFAULT_TOKENS if body.get("max_tokens") is None else body["max_tokens"]
        for number in range(tokens):
            finish_reason = "length" if number == tokens - 1 else None
            part = {"index": 0, "finish_reason": finish_reason} | choice("word ")
            if on_chunk(shared | {"choices": [part]}) or self._is_cancelled(shared, on_chunk):
                self.cancelled.release()
                return
        usage = {"prompt_tokens": 3, "completion_tokens": tokens, "total_tokens": tokens + 3}
        on_chunk(shared | {"choices": [], "usage": usage})

    def _is_cancelled(self, shared: Json, on_chunk: OnChunk) -> bool:
        """While held, generate empty tokens, as a model would, to learn that the request is cancelled."""
        empty = {"index": 0, "finish_reason": None} | (
            {"delta": {}} if shared["object"] == "chat.completion.chunk" else {"text": "", "logprobs": None}
        )
        while not self.released.wait(0.005):
            if on_chunk(shared | {"choices": [empty]}):
                return True
        return False

    def close(self) -> None:
        self.closed = True


class ScriptedSpeech:
    """Speaks a tone of a tenth of a second per sentence."""

    sample_rate = 24_000

    def speaker(self, voice: str) -> str:
        return FALLBACK_VOICE if voice == "af_sky" else KOKORO_NAMES[voice]

    def speak(self, text: str, voice: str, speed: float) -> Iterator[Any]:
        del speed
        if voice not in KOKORO_NAMES:
            raise UnknownVoiceError(voice, KOKORO_NAMES)
        tone = np.sin(np.arange(2400) / 10).astype(np.float32) / 2
        return iter([tone] * max(1, text.count(".")))

    def close(self) -> None:
        """Nothing to free."""


class ScriptedTranscription:
    """Responds with the same transcript to any recording; `calls` are the arguments.

    `hold` blocks it after its first segment. An exception among the `segments` is raised.
    """

    def __init__(self) -> None:
        self.calls: list[Json] = []
        self.segments: list[Segment | Exception] = [SEGMENT]
        self.released = threading.Event()
        self.released.set()
        self.cancelled = threading.Semaphore(0)

    def hold(self) -> None:
        """Block every transcript after its first segment until `released` is set or its request is cancelled."""
        self.released.clear()

    def transcribe(self, samples: Any, **options: Any) -> Transcript:
        transcript = self.start(samples, **options)
        segments = list(transcript.segments)
        text = "".join(segment.text for segment in segments).strip()
        return Transcript(text, transcript.language, transcript.duration, segments)

    def start(self, samples: Any, *, language: str | None, **options: Any) -> LazyTranscript:
        if language == "xx":
            raise ValueError("unknown language 'xx'; expected one of: en, es")
        self.calls.append({"language": language} | options)
        return LazyTranscript(language or "en", len(samples) / 16_000, self._iter_segments(options["stopped"]))

    def _iter_segments(self, stopped: Callable[[], bool]) -> Iterator[Segment]:
        for number, segment in enumerate(self.segments):
            if number:
                while not self.released.wait(0.005) and not stopped():
                    pass
            if stopped():
                self.cancelled.release()
                return
            if isinstance(segment, Exception):
                raise segment
            yield segment

    def close(self) -> None:
        """Nothing to free."""


class ScriptedEmbeddings:
    """The tokens of a text are its words; its vector shows their number."""

    dimensions = 384

    def tokenize(self, inputs: list[Any]) -> list[list[int]]:
        tokens = [item if isinstance(item, list) else list(range(len(item.split()))) for item in inputs]
        if not all(inputs):
            raise ValueError("input 0 is empty")
        if max(map(len, tokens)) > 512:
            raise InputTooLongError("input 0 has 513 tokens; the model accepts at most 512")
        return tokens

    def embed(self, tokens: list[list[int]], stopped: Callable[[], bool]) -> Any:
        del stopped
        vectors = np.zeros((len(tokens), self.dimensions), np.float32)
        for row, item in enumerate(tokens):
            vectors[row, 0] = len(item)
        return vectors

    def close(self) -> None:
        """Nothing to free."""


class ScriptedEdge:
    """A running edge and its backends."""

    def __init__(self, settings: EdgeSettings, text_backend: TextBackend | None = None) -> None:
        self.text = ScriptedText()
        self.transcription = ScriptedTranscription()
        self.opened: list[str] = []
        factories = {
            "chat": self._factory(text_backend or self.text),
            "speech": self._factory(ScriptedSpeech()),
            "transcription": self._factory(self.transcription),
            "embedding": self._factory(ScriptedEmbeddings()),
        }
        pool = ModelPool(settings, factories=factories, ensure=lambda _: {})  # type: ignore[arg-type]
        self.services = Services(settings, pool)
        self.settings = settings
        self.edge: Edge

    def _factory(self, backend: Any) -> Callable[[Model, Mapping[str, Path]], Any]:
        def open_backend(model: Model, paths: Mapping[str, Path]) -> Any:
            del paths
            self.opened.append(model.id)
            return backend

        return open_backend

    @property
    def url(self) -> str:
        return self.edge.url

    @property
    def chat_queue(self) -> Any:
        return self.services.pool.queues["chat"]

    def connections(self) -> int:
        return len(self.edge._server.server_state.connections)

    def is_idle(self) -> bool:
        """Whether no request is active and no slot or queue position is in use."""
        pool = self.services.pool
        queues = (*pool.queues.values(), pool.load_queue)
        return not len(self.edge.active_requests) and not any(queue.running or queue.waiting for queue in queues)


@contextmanager
def run_scripted_edge(text_backend: TextBackend | None = None, **changes: Any) -> Iterator[ScriptedEdge]:
    """Run a scripted edge for the context; it releases held streams at the end. `text_backend` replaces its `text`."""
    settings = EdgeSettings(**{"port": 0, "chat_model": CHAT_MODEL, "node": "local", **changes})
    fake_edge = ScriptedEdge(settings, text_backend)
    with run_in_thread(fake_edge.settings, fake_edge.services) as edge:
        fake_edge.edge = edge
        try:
            yield fake_edge
        finally:
            fake_edge.text.released.set()
            fake_edge.transcription.released.set()
