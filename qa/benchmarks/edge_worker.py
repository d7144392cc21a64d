"""`python -m qa.benchmarks.edge_worker ROLE [URL]`: a process of the edge's bench; it ends with its stdin.

The role `model` calls the edge's text backend directly; `edge` serves the same backend; `client` streams from the edge
at the URL. The first line of stdout says that the process is ready. Each line of stdin is a job with a response of one
line.
"""

from __future__ import annotations

import json
import os
import sys
import threading
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
class StreamTiming:
    """Seconds from the request to the first and to the last text of a stream, and what it contained."""

    started_at: float
    first: float | None = None
    last: float = 0.0
    tokens: int = 0
    text: str = ""

    def add(self, text: str | None, tokens: int | None) -> None:
        """Record a chunk: its text, and the number of tokens so far if it has one."""
        if text:
            self.last = time.perf_counter() - self.started_at
            self.first = self.first or self.last
            self.text += text
        self.tokens = tokens or self.tokens


Stream = Callable[[StreamTiming], None]
Prepare = Callable[[Json], Stream]


def build_request(prompt: str, max_tokens: int) -> Json:
    """A chat with the most likely response of the model, and its usage."""
    return {
        "model": MODEL,
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": max_tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def run_job(prepare: Prepare, job: Json) -> Json:
    """Stream all prompts of the job at the same time."""
    streams = [prepare(build_request(prompt, job["max_tokens"])) for prompt in job["prompts"]]
    with ThreadPoolExecutor(len(streams)) as threads:
        barrier = threading.Barrier(len(streams))
        list(threads.map(lambda _: barrier.wait(), streams))  # all threads exist before the clock runs
        started_at, cpu_before = time.perf_counter(), time.process_time()
        timings = list(threads.map(partial(_measure, started_at), streams))
        seconds, cpu = time.perf_counter() - started_at, time.process_time() - cpu_before
    return {"seconds": seconds, "cpu": cpu, "streams": [asdict(timing) for timing in timings]}


def _measure(started_at: float, stream: Stream) -> StreamTiming:
    timing = StreamTiming(started_at)
    stream(timing)
    return timing


def _prepare_in_process() -> Prepare:
    """Call the backend with the arguments that the edge passes to it."""
    model = Catalog(default_chat=MODEL).resolve(MODEL)
    backend: Any = backend_factories(_SETTINGS)["chat"](model, ensure(model.files))

    def prepare(request: Json) -> Stream:
        fields = request_fields(ChatCompletionRequest.model_validate(request))

        def stream(timing: StreamTiming) -> None:
            def emit(chunk: Json) -> bool:
                delta = chunk["choices"][0]["delta"] if chunk["choices"] else {}
                timing.add(delta.get("content"), chunk.get("usage", {}).get("completion_tokens"))
                return False

            backend.chat_stream(fields, emit)

        return stream

    return prepare


def _prepare_with_client(client: PolarGridSync) -> Prepare:
    def prepare(request: Json) -> Stream:
        def stream(timing: StreamTiming) -> None:
            for chunk in client.chat_completion_stream(request):
                content = chunk.choices[0].delta.content if chunk.choices else None
                timing.add(content, chunk.usage and chunk.usage.completion_tokens)

        return stream

    return prepare


def _serve_jobs(run: Callable[[Json], Json], **greeting: Any) -> None:
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints goes to stderr
    print(json.dumps(greeting), file=output, flush=True)
    for line in sys.stdin:
        print(json.dumps(run(json.loads(line))), file=output, flush=True)


def main() -> None:
    role, *url = sys.argv[1:]
    if role == "edge":
        with run_in_thread(_SETTINGS) as edge:
            _serve_jobs(lambda _: {"cpu": time.process_time()}, url=edge.url)
    elif role == "client":
        with PolarGridSync(base_url=url[0], api_key=LOCAL_KEY, max_retries=0) as client:
            _serve_jobs(partial(run_job, _prepare_with_client(client)))
    else:
        _serve_jobs(partial(run_job, _prepare_in_process()), threads=_SETTINGS.threads)


if __name__ == "__main__":
    main()
