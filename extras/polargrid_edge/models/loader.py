"""What is in memory: models are loaded, leased to requests, and unloaded once nobody uses them."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, Protocol

from polargrid_edge import sources

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from pathlib import Path

    from polargrid_edge.catalog import Catalog, Kind, Model

    Ensure = Callable[[Iterable[sources.ModelFile]], dict[str, Path]]

State = Literal["loaded", "loading", "unloaded", "failed"]


class Backend(Protocol):
    """A model in memory."""

    def close(self) -> None: ...


@dataclass(slots=True)
class _Place:
    """One model's place in memory; read and written under the loader's lock."""

    state: State = "unloaded"
    backend: Backend | None = None
    coming: Future[Backend] | None = None
    leases: int = 0
    leaving: bool = False


class Loader:
    """Keeps the backends of a catalog's models. Every method blocks until it is done, in any thread.

    `open` makes a backend of each kind from a model and where its files are, by name. What takes a name takes
    any the catalog resolves, and raises `UnknownModelError` for others.
    """

    def __init__(
        self,
        catalog: Catalog,
        open: Mapping[Kind, Callable[[Model, Mapping[str, Path]], Backend]],  # noqa: A002
        ensure: Ensure = sources.ensure,
    ) -> None:
        self._catalog = catalog
        self._open = open
        self._ensure = ensure
        self._changed = threading.Condition()
        self._places = {model.id: _Place() for model in catalog.models}

    def load(self, name: str, *, force: bool = False) -> Model:
        """Loads the model unless it is in memory; `force` loads it anew. Raises what kept it from loading."""
        model = self._catalog.resolve(name)
        if force:
            self.unload(name)
        self._lease(model)
        self._return(model)
        return model

    def unload(self, name: str) -> bool:
        """Unloads the model once its leases are returned; False if it was not loaded.

        A thread must not call it while it holds a lease of the same model: it would wait for itself.
        """
        place = self._places[self._catalog.resolve(name).id]
        with self._changed:
            self._changed.wait_for(lambda: place.coming is None and not place.leaving)
            backend = place.backend
            if backend is None:
                return False
            place.leaving = True
            self._changed.wait_for(lambda: place.leases == 0)
        try:
            backend.close()
        finally:
            with self._changed:
                place.backend, place.state, place.leaving = None, "unloaded", False
                self._changed.notify_all()
        return True

    def unload_all(self) -> list[str]:
        """Unloads every model that is loaded and returns their ids."""
        return [model.id for model in self._catalog.models if self.unload(model.id)]

    def states(self) -> dict[str, State]:
        """The state of every model of the catalog, by id; a failed one is tried again at its next use."""
        with self._changed:
            return {model_id: place.state for model_id, place in self._places.items()}

    @contextlib.contextmanager
    def lease(self, name: str) -> Generator[Backend]:
        """The model's backend, loaded at first need; it stays in memory until the context is left."""
        model = self._catalog.resolve(name)
        backend = self._lease(model)
        try:
            yield backend
        finally:
            self._return(model)

    def _lease(self, model: Model) -> Backend:
        place = self._places[model.id]
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not place.leaving)
                if place.backend is not None:
                    place.leases += 1
                    return place.backend
                coming = place.coming
                if coming is None:
                    coming = place.coming = Future()
                    place.state = "loading"
                    break
            # Another thread is loading it: its failure is ours too, its success is leased in the next round.
            coming.result()
        return self._bring(model, place, coming)

    def _bring(self, model: Model, place: _Place, coming: Future[Backend]) -> Backend:
        """Loads the model outside the lock, and leases it."""
        try:
            backend = self._open[model.kind](model, self._files(model))
        except BaseException as failure:
            with self._changed:
                place.state, place.coming = "failed", None
                self._changed.notify_all()
            coming.set_exception(failure)
            raise
        with self._changed:
            place.backend, place.state, place.coming = backend, "loaded", None
            place.leases += 1
            self._changed.notify_all()
        coming.set_result(backend)
        return backend

    def _return(self, model: Model) -> None:
        with self._changed:
            self._places[model.id].leases -= 1
            self._changed.notify_all()

    def _files(self, model: Model) -> dict[str, Path]:
        paths = self._ensure(model.files)
        try:
            return paths | self._ensure(model.optional_files)
        except sources.SourceError:
            return paths | self._kept(model.optional_files)

    def _kept(self, files: Iterable[sources.ModelFile]) -> dict[str, Path]:
        """Those of the files that are here already: without sources, nothing is downloaded."""
        kept: dict[str, Path] = {}
        for file in files:
            with contextlib.suppress(sources.SourceError):
                kept |= self._ensure([replace(file, sources=())])
        return kept
