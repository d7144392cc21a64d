"""Concurrent callers share a load, and a model in use is not unloaded."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from polargrid_edge.models.catalog import Catalog, Model, UnknownModelError
from polargrid_edge.models.files import ModelFile, SourceError
from polargrid_edge.models.loader import ModelLoader
from tests.edge.scripted import TIMEOUT, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

REQUIRED = ModelFile("required", "a" * 64, 1, ())
OPTIONAL = ModelFile("optional", "b" * 64, 1, ())


def create_model(name: str, optional: tuple[ModelFile, ...] = ()) -> Model:
    return Model(name, "chat", (f"{name}-alias",), (REQUIRED,), "MIT", f"o/{name}", 1, 1, optional)


class FakeBackend:
    """A backend that records whether it is closed."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.files = dict(files)
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Factory:
    """Opens backends once `gate` is set, and fails while `failing`."""

    def __init__(self) -> None:
        self.backends: list[FakeBackend] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.failing = False

    def __call__(self, model: Model, files: Mapping[str, Path]) -> FakeBackend:
        self.entered.set()
        assert self.gate.wait(TIMEOUT)
        if self.failing:
            raise MemoryError(model.id)
        self.backends.append(FakeBackend(files))
        return self.backends[-1]


@pytest.fixture
def factory() -> Factory:
    return Factory()


@pytest.fixture
def loader(factory: Factory, tmp_path: Path) -> ModelLoader:
    catalog = Catalog([create_model("a", (OPTIONAL,)), create_model("b")], default_chat="a")
    return ModelLoader(catalog, {"chat": factory}, lambda files: {file.name: tmp_path / file.name for file in files})


def test_models_start_unloaded(loader: ModelLoader) -> None:
    """A new loader has no model in memory."""
    assert loader.states() == {"a": "unloaded", "b": "unloaded"}


def test_load_once(loader: ModelLoader, factory: Factory) -> None:
    """Loading by several names loads once, and a lease returns the loaded backend."""
    assert loader.load("a").id == loader.load("a-alias").id == "a"
    with loader.lease("llama-3.1-8b") as backend:
        assert backend is factory.backends[0]
    assert len(factory.backends) == 1
    assert loader.states() == {"a": "loaded", "b": "unloaded"}


def test_force(loader: ModelLoader, factory: Factory) -> None:
    """A forced load closes the backend and opens a new one."""
    loader.load("a")
    loader.load("a", force=True)
    assert [backend.closed for backend in factory.backends] == [True, False]


def test_unload(loader: ModelLoader, factory: Factory) -> None:
    """Unloading closes the backend, once."""
    loader.load("a")
    assert loader.unload("a")
    assert factory.backends[0].closed
    assert not loader.unload("a")
    assert loader.states()["a"] == "unloaded"


def test_unload_all(loader: ModelLoader) -> None:
    """It returns the ids of the models that were loaded."""
    loader.load("b")
    assert loader.unload_all() == ["b"]
    assert loader.unload_all() == []


def test_unknown(loader: ModelLoader) -> None:
    """Every method rejects a name that is not in the catalog."""
    for method in (loader.load, loader.unload):
        with pytest.raises(UnknownModelError):
            method("c")
    with pytest.raises(UnknownModelError), loader.lease("c"):
        pass


def test_threads_share_a_load(loader: ModelLoader, factory: Factory) -> None:
    """Threads that use the same model at once load it once; its state is "loading" until then."""
    factory.gate.clear()
    with ThreadPoolExecutor(4) as pool:
        loads = [pool.submit(loader.load, "a") for _ in range(4)]
        assert factory.entered.wait(TIMEOUT)
        assert loader.states()["a"] == "loading"
        factory.gate.set()
        assert {load.result(TIMEOUT).id for load in loads} == {"a"}
    assert len(factory.backends) == 1


def test_failed(loader: ModelLoader, factory: Factory) -> None:
    """A failed load raises and is a state; a later load succeeds."""
    factory.failing = True
    with pytest.raises(MemoryError):
        loader.load("a")
    assert loader.states()["a"] == "failed"
    assert not loader.unload("a")
    factory.failing = False
    loader.load("a")
    assert loader.states()["a"] == "loaded"


def test_failure_is_shared(loader: ModelLoader, factory: Factory) -> None:
    """Every thread that waits for a failing load gets its error."""
    factory.gate.clear()
    factory.failing = True
    with ThreadPoolExecutor(3) as pool:
        loads = [pool.submit(loader.load, "a") for _ in range(3)]
        assert factory.entered.wait(TIMEOUT)
        factory.gate.set()
        assert [type(load.exception(TIMEOUT)) for load in loads] == [MemoryError] * 3


def test_unload_waits(loader: ModelLoader, factory: Factory) -> None:
    """A model in use is closed when its lease is released; a load in the meantime reloads it."""
    with ThreadPoolExecutor(2) as pool:
        with loader.lease("a") as backend:
            unload = pool.submit(loader.unload, "a")
            wait_until(lambda: loader._slots["a"].unloading)
            later = pool.submit(loader.load, "a")
            assert not factory.backends[0].closed
            assert not unload.done()
            assert backend is factory.backends[0]
        assert unload.result(TIMEOUT)
        later.result(TIMEOUT)
    assert [opened.closed for opened in factory.backends] == [True, False]


def test_error_releases_lease(loader: ModelLoader) -> None:
    """An error within a lease releases it."""
    with pytest.raises(KeyError), loader.lease("a"):
        raise KeyError
    assert loader.unload("a")


def test_optional_files(factory: Factory, tmp_path: Path) -> None:
    """A model loads without optional files that cannot be downloaded; those on this machine are used."""
    present = ModelFile("present", "c" * 64, 1, ())

    def ensure(files: Iterable[ModelFile]) -> dict[str, Path]:
        requested = list(files)
        if OPTIONAL in requested:
            raise SourceError("no source")
        return {file.name: tmp_path / file.name for file in requested}

    catalog = Catalog([create_model("a", (present, OPTIONAL))], default_chat="a")
    ModelLoader(catalog, {"chat": factory}, ensure).load("a")
    assert factory.backends[0].files.keys() == {"required", "present"}


def test_required_files(factory: Factory) -> None:
    """A model without its required files fails to load, with the error of the source."""

    def ensure(files: Iterable[ModelFile]) -> dict[str, Path]:
        raise SourceError(f"no source for {[file.name for file in files]}")

    loader = ModelLoader(Catalog([create_model("a")], default_chat="a"), {"chat": factory}, ensure)
    with pytest.raises(SourceError, match="required"):
        loader.load("a")
    assert loader.states() == {"a": "failed"}
