"""Load models, lease them to requests, and unload them once no request uses them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from polargrid_edge.models import files

if TYPE_CHECKING:
    from polargrid_edge.models.catalog import Catalog, Kind, Model

State = Literal["loaded", "loading", "unloaded", "failed"]


class Backend(Protocol):
    """A model in memory."""

    def close(self) -> None: ...


BackendFactory: TypeAlias = "Callable[[Model, Mapping[str, Path]], Backend]"
"""Opens a model, given the paths of its files by name."""
EnsureFiles = Callable[[Iterable[files.ModelFile]], dict[str, Path]]
"""Makes files available on this machine and returns their paths by name."""


@dataclass(slots=True)
class _Slot:
    """The state of one model; the loader's lock guards it."""

    state: State = "unloaded"
    backend: Backend | None = None
    pending_load: Future[Backend] | None = None
    leases: int = 0
    unloading: bool = False


class ModelLoader:
    """The backends of a catalog's models. Methods block until they are done, and are thread-safe.

    `factories` opens a backend of each kind from a model and the paths of its files by name. Methods accept any
    name that the catalog resolves, and raise `UnknownModelError` for others.
    """

    def __init__(
        self,
        catalog: Catalog,
        factories: Mapping[Kind, BackendFactory],
        ensure: EnsureFiles = files.ensure,
    ) -> None:
        self._catalog = catalog
        self._factories = factories
        self._ensure = ensure
        self._changed = threading.Condition()
        self._slots = {model.id: _Slot() for model in catalog.models}

    def load(self, name: str, *, force: bool = False) -> Model:
        """Load the model unless it is in memory; `force` reloads it. Raises the reason of a failed load."""
        model = self._catalog.resolve(name)
        if force:
            self.unload(name)
        self._acquire(model)
        self._release(model)
        return model

    def unload(self, name: str) -> bool:
        """Unload the model once its leases are released; False if it was not loaded.

        A thread that holds a lease of the model must not call this: it would wait for itself.
        """
        slot = self._slots[self._catalog.resolve(name).id]
        with self._changed:
            self._changed.wait_for(lambda: slot.pending_load is None and not slot.unloading)
            backend = slot.backend
            if backend is None:
                return False
            slot.unloading = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: slot.leases == 0)
        try:
            backend.close()
        finally:
            with self._changed:
                slot.backend, slot.state, slot.unloading = None, "unloaded", False
                self._changed.notify_all()
        return True

    def unload_all(self) -> list[str]:
        """Unload all loaded models and return their ids."""
        return [model.id for model in self._catalog.models if self.unload(model.id)]

    def states(self) -> dict[str, State]:
        """The state of every model of the catalog by id; the next use of a failed model loads it again."""
        with self._changed:
            return {model_id: slot.state for model_id, slot in self._slots.items()}

    @contextlib.contextmanager
    def lease(self, name: str) -> Generator[Backend]:
        """Lease the model's backend, loading it on first use; it stays in memory for the context."""
        model = self._catalog.resolve(name)
        backend = self._acquire(model)
        try:
            yield backend
        finally:
            self._release(model)

    def _acquire(self, model: Model) -> Backend:
        slot = self._slots[model.id]
        while True:
            with self._changed:
                self._changed.wait_for(lambda: not slot.unloading)
                if slot.backend is not None:
                    slot.leases += 1
                    return slot.backend
                pending = slot.pending_load
                if pending is None:
                    pending = slot.pending_load = Future()
                    slot.state = "loading"
                    break
            # Another thread loads the model: raise its failure, or lease the backend in the next iteration.
            pending.result()
        return self._open(model, slot, pending)

    def _open(self, model: Model, slot: _Slot, pending: Future[Backend]) -> Backend:
        """Load the model outside the lock, and lease it."""
        try:
            backend = self._factories[model.kind](model, self._ensure_files(model))
        except BaseException as error:
            with self._changed:
                slot.state, slot.pending_load = "failed", None
                self._changed.notify_all()
            pending.set_exception(error)
            raise
        with self._changed:
            slot.backend, slot.state, slot.pending_load = backend, "loaded", None
            slot.leases += 1
            self._changed.notify_all()
        pending.set_result(backend)
        return backend

    def _release(self, model: Model) -> None:
        with self._changed:
            self._slots[model.id].leases -= 1
            self._changed.notify_all()

    def _ensure_files(self, model: Model) -> dict[str, Path]:
        paths = self._ensure(model.files)
        try:
            return paths | self._ensure(model.optional_files)
        except files.SourceError:
            return paths | self._present_files(model.optional_files)

    def _present_files(self, model_files: Iterable[files.ModelFile]) -> dict[str, Path]:
        """The files that are on this machine: without sources, no file is downloaded."""
        paths: dict[str, Path] = {}
        for file in model_files:
            with contextlib.suppress(files.SourceError):
                paths |= self._ensure([replace(file, sources=())])
        return paths
