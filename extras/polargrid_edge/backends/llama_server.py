"""llama.cpp in process, through xllamacpp, and the part of its HTTP server that the library does not wrap."""

from __future__ import annotations

import http.client
import json
import os
import secrets
from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Protocol, cast
from urllib.parse import urlsplit

import xllamacpp  # type: ignore[import-untyped]

from polargrid_edge.errors import ModelFileError

Json = dict[str, Any]
OnEvent = Callable[[Json], bool]

_TIMEOUT: Final = 60.0


class LlamaServer(Protocol):
    """What the backend uses of llama.cpp. Requests and events are those of its HTTP API."""

    @property
    def vocabulary_size(self) -> int: ...
    def handle_chat_completions(self, request: Json, receive: OnEvent) -> None: ...
    def handle_completions(self, request: Json, receive: OnEvent) -> None: ...
    def tokenize(self, text: str, *, is_literal: bool = False) -> list[int]: ...
    def detokenize(self, tokens: Sequence[int]) -> str: ...
    def apply_template(self, request: Json) -> str: ...


class XLlamaServer:
    """A model in the process. The library wraps generation only: tokens are counted over its loopback port."""

    def __init__(self, path: Path, context: int, parallel: int, threads: int, *, gpu_layers: int = 0) -> None:
        library = cast("Any", xllamacpp)  # the library has no types
        self._key = secrets.token_hex()  # nothing else on the machine may use the port
        parameters = library.CommonParams()
        parameters.model.path = str(path)
        parameters.n_ctx = context * parallel  # llama.cpp divides it among the requests
        parameters.n_parallel = parallel
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = threads
        parameters.n_gpu_layers = gpu_layers
        parameters.use_jinja = True
        # Otherwise a plain response repeats the last assistant message, and a stream does not.
        parameters.prefill_assistant = False
        parameters.cache_ram_mib = 0  # the default caches up to 8 GB of old prompts
        parameters.verbosity = -1
        parameters.api_keys = [self._key]
        parameters.ui = parameters.endpoint_slots = False
        try:
            self._server = library.Server(parameters)
        except RuntimeError:
            # The library writes the reason to its log only.
            raise ModelFileError(
                f"llama.cpp cannot load {path}: this version ({version('xllamacpp')}) does not support its "
                "architecture, or there is too little memory for its context"
            ) from None
        # The library's loop runs on a thread. Freed before the loop starts, it never ends and holds the GIL, which
        # freezes the process. After one response the loop has started.
        self.handle_completions({"prompt": "1", "max_tokens": 1}, lambda _: False)
        self.vocabulary_size = int(self._call("GET", "/v1/models")["data"][0]["meta"]["n_vocab"])

    def handle_chat_completions(self, request: Json, receive: OnEvent) -> None:
        self._server.handle_chat_completions(request, receive)

    def handle_completions(self, request: Json, receive: OnEvent) -> None:
        self._server.handle_completions(request, receive)

    def tokenize(self, text: str, *, is_literal: bool = False) -> list[int]:
        """The tokens of a prompt, as a completion counts them; in a literal text, `<|im_end|>` is no token."""
        body = {"content": text, "add_special": not is_literal, "parse_special": not is_literal}
        return cast("list[int]", self._call("POST", "/tokenize", body)["tokens"])

    def detokenize(self, tokens: Sequence[int]) -> str:
        """The text of tokens; bytes that are no character are U+FFFD."""
        return str(self._call("POST", "/detokenize", {"tokens": list(tokens)})["content"])

    def apply_template(self, request: Json) -> str:
        """The prompt of a chat."""
        return str(self._call("POST", "/apply-template", request)["prompt"])

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        address = urlsplit(str(self._server.listening_address))
        connection = http.client.HTTPConnection(address.hostname or "127.0.0.1", address.port, timeout=_TIMEOUT)
        try:
            headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            data = response.read()
            if response.status != http.client.OK:
                raise RuntimeError(f"llama.cpp: HTTP {response.status} for {path}: {data[:200]!r}")
            return cast("Json", json.loads(data.decode("utf-8", "replace")))
        finally:
            connection.close()


def default_threads() -> int:
    """On two busy cores two threads drop to 1 token per second, one keeps 25: leave a core to others."""
    return max(1, (os.cpu_count() or 2) - 1)


@cache
def has_llguidance() -> bool:
    """Whether this build of llama.cpp has the engine llguidance."""
    library = cast("Any", xllamacpp)
    return str(library.json_schema_to_grammar({})).startswith("%llguidance")
