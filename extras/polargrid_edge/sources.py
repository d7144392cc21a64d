"""What the settings say of models of one's own and of upstream servers: tables of the settings file, or texts. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, NamedTuple, Self, get_args
from urllib.parse import urlsplit

from polargrid_edge.setting import setting

HUB: Final = "hub:"
UpstreamKind = Literal["vllm", "llama.cpp", "sglang", "tgi", "ollama", "openai"]
UPSTREAM_KINDS: Final[tuple[str, ...]] = get_args(UpstreamKind)
ModelType = Literal["chat", "embedding", "speech", "transcription"]
UPSTREAM_KEY_VARIABLE: Final = "POLARGRID_EDGE_UPSTREAM_KEY"


class HubAddress(NamedTuple):
    """A file of a repository of the hub."""

    repository: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSource:
    """A chat model of one's own: `source` is the path of a GGUF file, or `hub:owner/name:file`.

    Without an `id` it has the name of its file. `context` is in tokens. What is None is that of the edge.
    """

    source: str = setting(help="Path of a GGUF file, or hub:owner/name:file.")
    id: str | None = setting(None, help="Name of the model.")
    context: int | None = setting(None, minimum=0, above_minimum=True, help="Context in tokens.")
    threads: int | None = setting(None, minimum=0, above_minimum=True, help="Threads of the model.")
    gpu_layers: int | None = setting(None, minimum=0, help="Layers on the GPU.")

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise ValueError("source: expected the path of a GGUF file, or hub:owner/name:file")
        self.hub_address()

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(source=text)

    def hub_address(self) -> HubAddress | None:
        """The address on the hub; None for a path. Raises `ValueError`."""
        if not self.source.startswith(HUB):
            return None
        repository, _, file = self.source.removeprefix(HUB).partition(":")
        if repository.count("/") != 1 or not all(repository.split("/")) or not file:
            raise ValueError(f"source: {self.source!r} is not a file of the hub; expected hub:owner/name:file.gguf")
        return HubAddress(repository, file)

    def name(self) -> str:
        """The id of the model."""
        address = self.hub_address()
        path = Path(self.source if address is None else address.file)
        return self.id or (path.stem if path.suffix == ".gguf" else path.name)

    def resolve_paths(self, folder: Path) -> Self:
        """The source with a relative path seen from a folder."""
        if self.hub_address() is not None:
            return self
        return replace(self, source=str(folder / Path(self.source).expanduser()))


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamSource:
    """A server of OpenAI's API behind the edge.

    `models` are the names of its models here, each with its name there; without them, all models have their own names.
    `types` are the types of models by their names here, where they cannot be detected. The key is the value of the
    environment variable `key_env`.
    """

    url: str = setting(help="Base URL of the server, without /v1.")
    kind: UpstreamKind | None = setting(None, help="Which server it is; detected by default.")
    key_env: str = setting(UPSTREAM_KEY_VARIABLE, help="Environment variable with its key.")
    models: Mapping[str, str] = setting(default_factory=dict, help="Its models by their names here.")
    types: Mapping[str, str] = setting(default_factory=dict, help="Types of models by their names here.")
    context: int | None = setting(None, minimum=0, above_minimum=True, help="Context of its models in tokens.")
    timeout: float = setting(300.0, minimum=0, above_minimum=True, help="Seconds between two parts of a response.")
    max_requests: int = setting(128, minimum=0, above_minimum=True, help="Requests at a time.")

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError(f"url: {self.url!r} is not the URL of a server; expected http://host:port")
        for name, kind in self.types.items():
            if kind not in get_args(ModelType):
                raise ValueError(f"types: {name!r} has {kind!r}; expected one of {', '.join(get_args(ModelType))}")

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(url=text)

    @property
    def base_url(self) -> str:
        """The URL without the version of the API, as all clients of OpenAI's API write it in one way or the other."""
        return self.url.rstrip("/").removesuffix("/v1")


class Alias(NamedTuple):
    """A name of one's own for a model."""

    name: str
    model: str


def parse_alias(text: str) -> Alias:
    """Parse `name=model`. Raises `ValueError`."""
    name, separator, model = (part.strip() for part in text.partition("="))
    if not (name and separator and model):
        raise ValueError(f"aliases: {text!r} is not an alias; expected name=model")
    return Alias(name, model)
