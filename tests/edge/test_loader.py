"""What is in memory: one load for many callers, and no unloading under anybody's feet."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from polargrid_edge.catalog import Catalog, Model, UnknownModelError
from polargrid_edge.loader import Loader
from polargrid_edge.sources import ModelFile, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

NEEDED = ModelFile("needed", "a" * 64, 1, ())
EXTRA = ModelFile("extra", "b" * 64, 1, ())


def model(name: str, optional: tuple[ModelFile, ...] = ()) -> Model:
    return Model(name, "chat", (f"{name}-alias",), (NEEDED,), "MIT", f"o/{name}", 1, 1, optional)


class Opened:
    """A backend that knows whether it is closed."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.files = dict(files)
        self.closed = False

    def close(self) -> None:
        self.closed = True


class Opener:
    """Opens backends once `gate` is open, and fails while `failing`."""

    def __init__(self) -> None:
        self.opened: list[Opened] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.failing = False

    def __call__(self, model: Model, files: Mapping[str, Path]) -> Opened:
        self.entered.set()
        assert self.gate.wait(10)
        if self.failing:
            raise MemoryError(model.id)
        self.opened.append(Opened(files))
        return self.opened[-1]


@pytest.fixture
def opener() -> Opener:
    return Opener()


@pytest.fixture
def loader(opener: Opener, tmp_path: Path) -> Loader:
    catalog = Catalog([model("a", (EXTRA,)), model("b")], default_chat="a")
    return Loader(catalog, {"chat": opener}, lambda files: {file.name: tmp_path / file.name for file in files})


def test_nothing_at_first(loader: Loader) -> None:
    """A new loader has every model unloaded."""
    assert loader.states() == {"a": "unloaded", "b": "unloaded"}


def test_load_once(loader: Loader, opener: Opener) -> None:
    """Loading by any name loads once, and a lease uses what is loaded."""
    assert loader.load("a").id == loader.load("a-alias").id == "a"
    with loader.lease("llama-3.1-8b") as backend:
        assert backend is opener.opened[0]
    assert len(opener.opened) == 1
    assert loader.states() == {"a": "loaded", "b": "unloaded"}


def test_force(loader: Loader, opener: Opener) -> None:
    """A forced load closes the backend and opens another."""
    loader.load("a")
    loader.load("a", force=True)
    assert [backend.closed for backend in opener.opened] == [True, False]


def test_unload(loader: Loader, opener: Opener) -> None:
    """Unloading closes the backend, once."""
    loader.load("a")
    assert loader.unload("a")
    assert opener.opened[0].closed
    assert not loader.unload("a")
    assert loader.states()["a"] == "unloaded"


def test_unload_all(loader: Loader) -> None:
    """Unloading all tells which were loaded."""
    loader.load("b")
    assert loader.unload_all() == ["b"]
    assert loader.unload_all() == []


def test_unknown(loader: Loader) -> None:
    """A name the catalog does not know is refused everywhere."""
    for call in (loader.load, loader.unload):
        with pytest.raises(UnknownModelError):
            call("c")
    with pytest.raises(UnknownModelError), loader.lease("c"):
        pass


def test_threads_share_a_load(loader: Loader, opener: Opener) -> None:
    """Threads that want the same model at once load it once; meanwhile its state is loading."""
    opener.gate.clear()
    with ThreadPoolExecutor(4) as pool:
        loads = [pool.submit(loader.load, "a") for _ in range(4)]
        assert opener.entered.wait(10)
        assert loader.states()["a"] == "loading"
        opener.gate.set()
        assert {load.result(10).id for load in loads} == {"a"}
    assert len(opener.opened) == 1


def test_failed(loader: Loader, opener: Opener) -> None:
    """A failed load raises and is told; a later load tries again."""
    opener.failing = True
    with pytest.raises(MemoryError):
        loader.load("a")
    assert loader.states()["a"] == "failed"
    assert not loader.unload("a")
    opener.failing = False
    loader.load("a")
    assert loader.states()["a"] == "loaded"


def test_failure_is_shared(loader: Loader, opener: Opener) -> None:
    """Whoever waits for a load that fails gets its error, not an endless wait."""
    opener.gate.clear()
    opener.failing = True
    with ThreadPoolExecutor(3) as pool:
        loads = [pool.submit(loader.load, "a") for _ in range(3)]
        assert opener.entered.wait(10)
        opener.gate.set()
        assert [type(load.exception(10)) for load in loads] == [MemoryError] * 3


def test_unload_waits(loader: Loader, opener: Opener) -> None:
    """A model in use is closed when its lease is returned; one that came meanwhile loads it anew."""
    with ThreadPoolExecutor(2) as pool:
        with loader.lease("a") as backend:
            unload = pool.submit(loader.unload, "a")
            with loader._changed:
                assert loader._changed.wait_for(lambda: loader._places["a"].leaving or unload.done(), 10)
            later = pool.submit(loader.load, "a")
            assert not opener.opened[0].closed
            assert not unload.done()
            assert backend is opener.opened[0]
        assert unload.result(10)
        later.result(10)
    assert [opened.closed for opened in opener.opened] == [True, False]


def test_error_returns_lease(loader: Loader) -> None:
    """An error inside a lease returns it."""
    with pytest.raises(KeyError), loader.lease("a"):
        raise KeyError
    assert loader.unload("a")


def test_optional_files(opener: Opener, tmp_path: Path) -> None:
    """Optional files that cannot be had do not keep a model from loading; those that are here are used."""
    here = ModelFile("here", "c" * 64, 1, ())

    def ensure(files: Iterable[ModelFile]) -> dict[str, Path]:
        wanted = list(files)
        if EXTRA in wanted:
            raise SourceError("no")
        return {file.name: tmp_path / file.name for file in wanted}

    catalog = Catalog([model("a", (here, EXTRA))], default_chat="a")
    Loader(catalog, {"chat": opener}, ensure).load("a")
    assert opener.opened[0].files.keys() == {"needed", "here"}


def test_needed_files(opener: Opener) -> None:
    """Without its files a model fails to load, with the source's words."""

    def ensure(files: Iterable[ModelFile]) -> dict[str, Path]:
        raise SourceError(f"no {[file.name for file in files]}")

    loader = Loader(Catalog([model("a")], default_chat="a"), {"chat": opener}, ensure)
    with pytest.raises(SourceError, match="needed"):
        loader.load("a")
    assert loader.states() == {"a": "failed"}
