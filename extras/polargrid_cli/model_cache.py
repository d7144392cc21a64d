"""The models on this machine: `polargrid models add`, `rm` and `list --cached`."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from polargrid_edge.sources import ModelSource

COLUMNS = ("model", "size", "source")


def is_in_catalog(name: str) -> bool:
    """Whether it is the name of a model that `polargrid pull` downloads."""
    from polargrid_edge.models.catalog import Catalog

    return name in Catalog().list_names()


def add(source_text: str, name: str | None, context: int | None) -> None:
    """Add a model to those of `polargrid serve`."""
    from polargrid_edge.errors import ModelFileError
    from polargrid_edge.models.added_models import add_model
    from polargrid_edge.models.gguf import read_head
    from polargrid_edge.models.own_models import find_file

    source = _build_source(source_text, name, context)
    try:
        read_head(find_file(source))  # before it is kept: a file that no model can be loaded from is of no use
        path = add_model(source)
    except ModelFileError as error:
        raise click.ClickException(error.message) from error
    click.echo(f"{source.name()}\t{_megabytes(path)}\t{path}")


def _build_source(text: str, name: str | None, context: int | None) -> ModelSource:
    from polargrid_edge.sources import ModelSource

    try:
        return ModelSource(source=text, id=name, context=context)
    except ValueError as error:
        raise click.UsageError(str(error)) from error


def remove(names: tuple[str, ...]) -> None:
    """Remove models from this machine; a file that the edge did not download stays where it is."""
    from polargrid_edge.models.added_models import list_added, remove_model
    from polargrid_edge.models.catalog import MODELS

    catalog = {model.id: model for model in MODELS}
    added = [source.name() for source in list_added()]
    unknown = [name for name in names if name not in added and name not in catalog]
    if unknown:
        cached = [row[0] for row in list_cached()]
        expected = ", ".join(cached) or "none, for no model is on this machine"
        raise click.UsageError(f"unknown model {unknown[0]!r}; expected one of: {expected}")
    for name in names:
        deleted = remove_model(name) if name in added else _remove_catalog_files(name)
        click.echo(f"{name}\tremoved{f', {len(deleted)} files deleted' if deleted else ''}")


def _remove_catalog_files(name: str) -> list[Path]:
    """Delete the files of a model of the catalog from the cache."""
    from polargrid_edge.models.catalog import MODELS
    from polargrid_edge.models.files import cache_path

    model = next(model for model in MODELS if model.id == name)
    paths = [cache_path(file) for file in (*model.files, *model.optional_files)]
    present = [path for path in paths if path.exists()]
    for path in present:
        shutil.rmtree(path.parent)  # a folder of its own, named after the hash
    return present


def list_cached() -> list[tuple[str, str, str]]:
    """The models on this machine: name, size, and where they come from."""
    from polargrid_edge.errors import ModelFileError
    from polargrid_edge.models.added_models import list_added
    from polargrid_edge.models.catalog import MODELS
    from polargrid_edge.models.files import find_present

    rows = []
    for model in MODELS:
        found = [find_present(file) for file in model.files]
        paths = [path for path in found if path is not None]
        if len(paths) == len(found):
            rows.append((model.id, _megabytes(*paths), model.origin))
    try:
        added = list_added()
    except ModelFileError as error:
        raise click.ClickException(error.message) from error
    return rows + [(source.name(), _measure_source(source), source.source) for source in added]


def _measure_source(source: ModelSource) -> str:
    from polargrid_edge.models.own_models import find_hub_file

    address = source.hub_address()
    path = Path(source.source) if address is None else find_hub_file(address)
    return "missing" if path is None or not path.exists() else _megabytes(path)


def _megabytes(*paths: Path) -> str:
    return f"{sum(path.stat().st_size for path in paths) / 1e6:.0f} MB"
