"""Which server an upstream is, and which models it has, by its public endpoints. Used on the I/O thread."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from polargrid_edge.errors import EdgeError
from polargrid_edge.sources import ModelType, UpstreamKind
from polargrid_edge.upstream.errors import UpstreamError
from polargrid_edge.upstream.server import UpstreamServer

Json = dict[str, Any]

_SECONDS: Final = 10.0
_OWNERS: Final[Mapping[str, UpstreamKind]] = {
    "vllm": "vllm",
    "llamacpp": "llama.cpp",
    "sglang": "sglang",
    "library": "ollama",
}
_NAMES: Final[tuple[tuple[ModelType, re.Pattern[str]], ...]] = (
    ("transcription", re.compile(r"whisper|transcri|parakeet|canary|\basr\b", re.IGNORECASE)),
    ("speech", re.compile(r"\btts\b|kokoro|orpheus|speech|piper", re.IGNORECASE)),
    ("embedding", re.compile(r"embed|\bbge\b|\be5\b|\bgte\b|minilm", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model of a server; `context` is in tokens.

    `parent` is the model of which it is a LoRA adapter, whose files are at `root`; `state` is that of a router.
    """

    id: str
    kind: ModelType
    created: int = 0
    owner: str = ""
    context: int | None = None
    vocabulary_size: int | None = None
    parameters: int | None = None
    parent: str | None = None
    root: str | None = None
    state: str | None = None
    reads_text_only: bool = False


@dataclass(frozen=True, slots=True)
class Discovery:
    """A server's kind and models."""

    kind: UpstreamKind
    models: tuple[RemoteModel, ...]


async def discover(server: UpstreamServer) -> Discovery:
    """Detect the kind of a server, unless its settings say it, and list its models. Raises `EdgeError`."""
    data = await _list_models(server)
    version, props, ollama, info = await asyncio.gather(
        *(_probe(server, path) for path in ("/version", "/props", "/api/version", "/info"))
    )
    kind = server.source.kind or detect_kind(data, version, props, ollama, info)
    return Discovery(kind, tuple(_describe(item, kind, props) for item in data))


async def _list_models(server: UpstreamServer) -> list[Json]:
    """The models of a server; none of one that has no list. Raises `EdgeError`."""
    try:
        return read_models(await server.request("GET", "/v1/models"))
    except UpstreamError as error:
        if error.upstream_status != 404:
            raise
        return []


async def _probe(server: UpstreamServer, path: str) -> Json:
    try:
        value = json.loads(await asyncio.wait_for(server.request("GET", path), _SECONDS))
    except (EdgeError, TimeoutError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def read_models(body: bytes) -> list[Json]:
    try:
        data = json.loads(body).get("data")
    except (ValueError, AttributeError, RecursionError):
        data = None
    items = data if isinstance(data, list) else ()
    return [item for item in items if isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"]]


def detect_kind(models: list[Json], version: Json, props: Json, ollama: Json, info: Json) -> UpstreamKind:
    """The kind by the owner of its models, else by the endpoints that only one kind has."""
    for item in models:
        if kind := _OWNERS.get(str(item.get("owned_by"))):
            return kind
    if "default_generation_settings" in props or "build_info" in props:
        return "llama.cpp"
    if "model_id" in info and ("router" in info or "model_dtype" in info or "docker_label" in info):
        return "tgi"
    if "version" in ollama:
        return "ollama"
    return "vllm" if "version" in version and any("max_model_len" in item for item in models) else "openai"


def _describe(item: Json, kind: UpstreamKind, props: Json) -> RemoteModel:
    meta: Json = item["meta"] if isinstance(item.get("meta"), dict) else {}
    context = item.get("max_model_len")
    if kind == "llama.cpp":
        context = (props.get("default_generation_settings") or {}).get("n_ctx") or meta.get("n_ctx")
    return RemoteModel(
        id=item["id"],
        kind=guess_type(item["id"]),
        created=_integer(item.get("created")) or 0,
        owner=str(item.get("owned_by") or kind),
        context=_integer(context),
        vocabulary_size=_integer(meta.get("n_vocab")),
        parameters=_integer(meta.get("n_params")),
        parent=_text(item.get("parent")),
        root=_text(item.get("root")),
        state=read_state(item),
        # llama.cpp answers images with 500 where it has no eyes, and says before whether it has.
        reads_text_only=isinstance(props.get("modalities"), dict) and not any(props["modalities"].values()),
    )


def read_state(item: Json) -> str | None:
    """The state that llama.cpp's router has for a model: loaded, loading, unloaded …; None elsewhere."""
    status = item.get("status")
    return _text(status.get("value")) if isinstance(status, dict) else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def guess_type(name: str) -> ModelType:
    """The type of a model by its name, which is all that servers tell of it."""
    for kind, pattern in _NAMES:
        if pattern.search(name):
            return kind
    return "chat"


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
