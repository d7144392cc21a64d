"""The models that `polargrid models add` keeps: a file in the cache says which they are."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from polargrid_edge.errors import ModelFileError
from polargrid_edge.models.files import cache_directory
from polargrid_edge.models.own_models import find_file, find_hub_file, hub_cache
from polargrid_edge.sources import ModelSource

_FILE: Final = "added.json"


def list_added(cache: Path | None = None) -> list[ModelSource]:
    """The added models, in order. Raises `ModelFileError` for a file that is damaged."""
    path = _path(cache)
    try:
        records: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
        return [ModelSource(**record) for record in records]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError) as error:
        raise ModelFileError(f"cannot read {path}: {error}; remove it, and add the models again") from None


def add_model(source: ModelSource, cache: Path | None = None) -> Path:
    """Keep a model, whose file must be on this machine; it replaces one with its name. Returns the path of the file."""
    path = find_file(source, cache)
    if source.hub_address() is None:
        source = ModelSource(**{**asdict(source), "source": str(path)})
    _write([item for item in list_added(cache) if item.name() != source.name()] + [source], cache)
    return path


def remove_model(name: str, cache: Path | None = None) -> list[Path]:
    """Forget a model, and delete its file if the edge downloaded it. Returns what was deleted.

    Raises `LookupError` for a name that was not added.
    """
    models = list_added(cache)
    removed = next((item for item in models if item.name() == name), None)
    if removed is None:
        raise LookupError(name)
    others = [item for item in models if item is not removed]
    _write(others, cache)
    if any(item.source == removed.source for item in others):
        return []
    return list(_delete_download(removed, cache))


def _delete_download(source: ModelSource, cache: Path | None) -> Iterator[Path]:
    """Delete a file of the hub from the edge's own cache: the link, and the file to which it leads."""
    address = source.hub_address()
    path = None if address is None else find_hub_file(address, cache)
    if path is None or not path.absolute().is_relative_to(hub_cache(cache).absolute()):
        return
    for file in dict.fromkeys((path, path.resolve())):
        with contextlib.suppress(FileNotFoundError):
            file.unlink()
            yield file


def _write(models: list[ModelSource], cache: Path | None) -> None:
    path = _path(cache)
    records = [{name: value for name, value in asdict(item).items() if value is not None} for item in models]
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".part")
    temporary.write_text(json.dumps(records, indent=1) + "\n", "utf-8")
    temporary.replace(path)


def _path(cache: Path | None) -> Path:
    return (cache or cache_directory()) / "models" / _FILE
