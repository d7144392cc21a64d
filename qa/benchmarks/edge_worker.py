"""`python -m qa.benchmarks.edge_worker ROLE [URL]`: a process of the edge's bench; it ends with its stdin.

A `model` is the edge's text backend, called where it is; an `edge` serves the same one; a `client` streams from the
edge at the URL. The first line of stdout tells that it is ready. Each line of stdin is a job, answered in one line.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

from polargrid import PolarGridSync
from polargrid_edge.http.responses import request_fields
from polargrid_edge.models.catalog import Catalog
from polargrid_edge.models.files import ensure
from polargrid_edge.models.pool import backend_factories
from polargrid_edge.server import run_in_thread
from polargrid_edge.settings import LOCAL_KEY, EdgeSettings
from polargrid_generated.models import ChatCompletionRequest

MODEL: Final = "smollm2-135m"
_SETTINGS: Final = EdgeSettings(port=0, chat_model=MODEL)

Json = dict[str, Any]


@dataclass
class Heard:
    """A stream as it was heard: seconds since it was asked for, to its first text and to its last."""

    began: float
    first: float | None = None
    last: float = 0.0
    tokens: int = 0
    text: str = ""

    def hear(self, text: str | None, tokens: int | None) -> None:
        if text:
            self.last = time.perf_counter() - self.began
            self.first = self.first or self.last
            self.text += text
        self.tokens = tokens or self.tokens


Stream = Callable[[Heard], None]
Prepare = Callable[[Json], Stream]


def body(prompt: str, max_tokens: int) -> Json:
    """A chat with the one answer that the model thinks likeliest, and its usage."""
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": max_tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def measured(prepare: Prepare, job: Json) -> Json:
    """Streams all prompts of the job at once."""
    streams = [prepare(body(prompt, job["max_tokens"])) for prompt in job["prompts"]]
    with ThreadPoolExecutor(len(streams)) as threads:
        list(threads.map(time.sleep, [0.01] * len(streams)))  # they are there before the clock runs
        began, spent = time.perf_counter(), time.process_time()
        heard = list(threads.map(partial(_heard, began), streams))
        seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    return {"seconds": seconds, "cpu": cpu, "streams": [asdict(one) for one in heard]}


def _heard(began: float, stream: Stream) -> Heard:
    heard = Heard(began)
    stream(heard)
    return heard


def _in_process() -> Prepare:
    """The backend as the edge opens it, given what the edge would give it."""
    model = Catalog(default_chat=MODEL).resolve(MODEL)
    backend: Any = backend_factories(_SETTINGS)["chat"](model, ensure(model.files))

    def prepare(asked: Json) -> Stream:
        given = request_fields(ChatCompletionRequest.model_validate(asked))

        def stream(heard: Heard) -> None:
            def emit(chunk: Json) -> bool:
                delta = chunk["choices"][0]["delta"] if chunk["choices"] else {}
                heard.hear(delta.get("content"), chunk.get("usage", {}).get("completion_tokens"))
                return False

            backend.chat_stream(given, emit)

        return stream

    return prepare


def _through(client: PolarGridSync) -> Prepare:
    def prepare(asked: Json) -> Stream:
        def stream(heard: Heard) -> None:
            for chunk in client.chat_completion_stream(asked):
                content = chunk.choices[0].delta.content if chunk.choices else None
                heard.hear(content, chunk.usage and chunk.usage.completion_tokens)

        return stream

    return prepare


def _answer(do: Callable[[Json], Json], **ready: Any) -> None:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    print(json.dumps(ready), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(do(json.loads(line))), file=out, flush=True)


def main() -> None:
    role, *url = sys.argv[1:]
    if role == "edge":
        with run_in_thread(_SETTINGS) as edge:
            _answer(lambda _: {"cpu": time.process_time()}, url=edge.url)
    elif role == "client":
        with PolarGridSync(base_url=url[0], api_key=LOCAL_KEY, max_retries=0) as client:
            _answer(partial(measured, _through(client)))
    else:
        _answer(partial(measured, _in_process()), threads=_SETTINGS.threads)


if __name__ == "__main__":
    main()
