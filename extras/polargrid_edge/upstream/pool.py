"""The models of all upstream servers."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from polargrid_edge.errors import EdgeError
from polargrid_edge.sources import ModelType, UpstreamSource
from polargrid_edge.upstream import control
from polargrid_edge.upstream.call import UpstreamCall
from polargrid_edge.upstream.dialects import DIALECTS
from polargrid_edge.upstream.discovery import Discovery, RemoteModel, discover, guess_type
from polargrid_edge.upstream.group import ModelGroup, Replica
from polargrid_edge.upstream.io_thread import IOThread
from polargrid_edge.upstream.model import State, UpstreamModel
from polargrid_edge.upstream.server import UnreachableError, UpstreamServer
from polargrid_edge.upstream.text_server import UpstreamText

if TYPE_CHECKING:
    from polargrid_edge.upstream.audio import UpstreamSpeech, UpstreamTranscription
    from polargrid_edge.upstream.embeddings import UpstreamEmbeddings

Backend: TypeAlias = "UpstreamText | UpstreamEmbeddings | UpstreamSpeech | UpstreamTranscription"

_log = logging.getLogger("polargrid_edge")

_CHECK_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 10.0


class UpstreamSettingsError(ValueError):
    """An upstream server that cannot be used as the settings say."""


class UpstreamPool:
    """The upstream servers and their models. Methods are thread-safe; `load`, `unload` and `close` block.

    The servers are checked, and models loaded and unloaded, on an event loop beside; requests run on that of the edge.
    """

    def __init__(self, sources: Sequence[UpstreamSource], *, max_output_tokens: int | None = None) -> None:
        """Connect to the servers. Raises `UpstreamSettingsError`."""
        self.models: dict[str, UpstreamModel] = {}
        self._max_output_tokens = max_output_tokens
        self._io = IOThread("edge-upstream")
        self._lock = threading.Lock()
        self._text: dict[str, UpstreamText] = {}
        self._servers: list[UpstreamServer] = []
        # Servers that did not respond at the start: which kind they are is found out later.
        self._unknown: set[UpstreamServer] = set()
        if sources:
            try:
                self._io.submit(self._connect(sources)).result()
            except BaseException:
                self._io.close()
                raise
            self._io.submit(self._check_health())

    async def _connect(self, sources: Sequence[UpstreamSource]) -> None:
        self._servers = [UpstreamServer(source) for source in sources]
        discoveries = await asyncio.gather(*map(_discover, self._servers))
        for server, found in zip(self._servers, discoveries, strict=True):
            if found is None:
                self._unknown.add(server)
            discovery = found or Discovery(server.kind, ())
            server.kind = discovery.kind
            for name, remote in _name_models(server.source, discovery):
                self._add(name, remote, server)
        await asyncio.gather(*(self._check(server) for server in self._servers if server.is_healthy))

    def _add(self, name: str, remote: RemoteModel, server: UpstreamServer) -> None:
        model = self.models.get(name)
        if model is None:
            model = self.models[name] = UpstreamModel(name, remote, ModelGroup([]))
        elif model.remote.kind != remote.kind:
            message = f"{server.name}: model {name!r} is of another type on {model.group.name}; set types"
            raise UpstreamSettingsError(message)
        model.group = ModelGroup([*model.group.replicas, Replica(server, remote)])
        model.max_requests += server.source.max_requests

    def start_call(self, headers: Mapping[str, str]) -> UpstreamCall:
        """The calls of one request to the edge that runs on a thread."""
        return UpstreamCall(self._io, headers)

    def backend(self, name: str) -> Backend:
        """The backend of a model, for its type."""
        model = self.models[name]
        if model.remote.kind == "chat":
            return self._text_backend(name)
        if model.remote.kind == "embedding":
            from polargrid_edge.upstream.embeddings import UpstreamEmbeddings

            return UpstreamEmbeddings(model.group)
        from polargrid_edge.upstream.audio import UpstreamSpeech, UpstreamTranscription

        return (UpstreamSpeech if model.remote.kind == "speech" else UpstreamTranscription)(model.group)

    def _text_backend(self, name: str) -> UpstreamText:
        with self._lock:
            backend = self._text.get(name)
            if backend is None:
                model = self.models[name]
                servers = self._servers_of(name)
                # Of servers of several kinds, the form that fewest of them reject.
                kind = servers[0].kind if len({server.kind for server in servers}) == 1 else "openai"
                backend = self._text[name] = UpstreamText(
                    name,
                    model.group,
                    DIALECTS[kind],
                    context=servers[0].source.context or model.remote.context,
                    vocabulary_size=model.remote.vocabulary_size,
                    max_output_tokens=self._max_output_tokens,
                    reads_text_only=model.remote.reads_text_only,
                )
            return backend

    def load(self, name: str, *, force: bool = False) -> bool:
        """Load a model on all its servers; False if they have it in memory at all times. Raises `EdgeError`."""
        if force:
            self.unload(name)
        return any(self._io.submit(self._load(self.models[name])).result())

    def unload(self, name: str) -> bool:
        """Unload a model on all its servers; False if it was not loaded. Raises `EdgeError`."""
        was_loaded = self.models[name].state == "loaded"
        self._io.submit(self._unload(self.models[name])).result()
        return was_loaded

    async def _load(self, model: UpstreamModel) -> list[bool]:
        results = []
        for replica in model.group.replicas:
            results.append(await control.load(replica.server, replica.remote))
            model.states[replica.server.url] = "loaded"
        return results

    async def _unload(self, model: UpstreamModel) -> None:
        for replica in model.group.replicas:
            await control.unload(replica.server, replica.remote)
            model.states[replica.server.url] = "unloaded"

    def find_failed(self) -> list[str]:
        """The models without a healthy server, as of the last contact."""
        return [name for name, state in self.states().items() if state == "failed"]

    def states(self) -> dict[str, State]:
        """The states of the models as of the last check of their servers."""
        return {name: model.state for name, model in self.models.items()}

    async def _check_health(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_SECONDS)
            for error in await asyncio.gather(*map(self._check, self._servers), return_exceptions=True):
                if isinstance(error, Exception):  # the checks go on nevertheless
                    _log.error("Upstream check failed", exc_info=error)

    async def _check(self, server: UpstreamServer) -> None:
        """Ask for the states: a server that was down is healthy again, and the other way."""
        replicas = self._replicas(server)
        states: dict[str, str] = {}
        try:
            if server in self._unknown:
                self._update(server, await asyncio.wait_for(discover(server), _PATIENCE_SECONDS))
                replicas = self._replicas(server)
            states = await asyncio.wait_for(
                control.read_states(server, [replica.remote for _, replica in replicas]), _PATIENCE_SECONDS
            )
            server.is_healthy = True
        except (EdgeError, TimeoutError, ValueError) as error:
            # One that rejects this request, or is busy, is alive.
            server.is_healthy = isinstance(error, EdgeError) and not isinstance(error, UnreachableError)
        for model, replica in replicas:
            if replica.model in states:
                model.states[server.url] = states[replica.model]

    def _replicas(self, server: UpstreamServer) -> list[tuple[UpstreamModel, Replica]]:
        """What a server has, with the model of each."""
        return [
            (model, replica)
            for model in self.models.values()
            for replica in model.group.replicas
            if replica.server is server
        ]

    def _update(self, server: UpstreamServer, discovery: Discovery) -> None:
        """Use what is known of a server that did not respond at the start: which kind it is, and of its models."""
        self._unknown.discard(server)
        server.kind = discovery.kind
        remote = {model.id: model for model in discovery.models}
        for model, replica in self._replicas(server):
            if replica.model not in remote:
                if remote:
                    _log.warning("%s has no model %r, which the settings name", server.name, replica.model)
                continue
            found = replace(replica, remote=replace(remote[replica.model], kind=model.remote.kind))
            model.group.replicas = [found if item is replica else item for item in model.group.replicas]
            model.remote = model.group.replicas[0].remote
        with self._lock:  # the next request gets a backend for this kind
            self._text = {name: backend for name, backend in self._text.items() if server not in self._servers_of(name)}

    def _servers_of(self, name: str) -> list[UpstreamServer]:
        return [replica.server for replica in self.models[name].group.replicas]

    def close(self) -> None:
        """Close the connections; the models of the servers stay as they are."""
        if self._servers:
            self._io.submit(_close_all(self._servers)).result()
        self._io.close()


async def _close_all(servers: Iterable[UpstreamServer]) -> None:
    for server in servers:
        await server.aclose()


async def _discover(server: UpstreamServer) -> Discovery | None:
    """The kind and models of a server; None if it does not say them, and need not, for the settings name its models."""
    try:
        return await discover(server)
    except EdgeError as error:
        if server.source.models:
            server.is_healthy = not isinstance(error, UnreachableError)
            return None
        advice = "start it first, or name its models in [[upstreams]] of the settings file"
        raise UpstreamSettingsError(f"{error.message}; {advice}") from None


def _name_models(source: UpstreamSource, discovery: Discovery) -> list[tuple[str, RemoteModel]]:
    """The models of a server with their names here."""
    remote = {model.id: model for model in discovery.models}
    names = source.models or {name: name for name in remote}
    if not names:
        raise UpstreamSettingsError(f"upstream {source.url} lists no models; name them in [[upstreams]] models")
    types: Mapping[str, ModelType] = source.types  # type: ignore[assignment]  # checked by the settings
    for name in types:
        if name not in names:
            raise UpstreamSettingsError(f"types: unknown model {name!r}; expected one of: {', '.join(names)}")
    result = []
    for name, remote_name in names.items():
        if remote and remote_name not in remote:
            message = f"upstream {source.url} has no model {remote_name!r}; expected one of: {', '.join(remote)}"
            raise UpstreamSettingsError(message)
        model = remote.get(remote_name) or RemoteModel(remote_name, guess_type(name))
        result.append((name, replace(model, kind=types.get(name, model.kind))))
    return result
