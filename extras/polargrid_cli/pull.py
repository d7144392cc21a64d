"""`polargrid pull`"""

from __future__ import annotations

from collections.abc import Sequence

import click
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TransferSpeedColumn

from polargrid_edge.models import files
from polargrid_edge.models.catalog import Catalog, Model, UnknownModelError


def run(names: Sequence[str]) -> None:
    """Take the files of the named models, or of all; progress goes to stderr, where the files are to stdout."""
    catalog = Catalog()
    try:
        models = [catalog.resolve(name) for name in names] or list(catalog.models)
    except UnknownModelError as error:
        raise click.UsageError(str(error)) from error
    for model in models:
        try:
            _pull(model)
        except files.SourceError as error:
            raise click.ClickException(error.message) from error


def _pull(model: Model) -> None:
    """One model; its optional files may be missing, and then a sentence says what that means."""
    with _bar() as bar:
        report = _reporter(bar)
        found = files.ensure(model.files, progress=report)
        try:
            found |= files.ensure(model.optional_files, progress=report)
        except files.SourceError as error:
            click.echo(f"{model.id} works without: {error.message}", err=True)
    size = sum(path.stat().st_size for path in found.values())
    click.echo(f"{model.id}\t{len(found)} files\t{size / 1e6:.0f} MB\t{next(iter(found.values())).parent.parent}")


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _reporter(bar: Progress) -> files.ProgressCallback:
    """A line for each file, from the first bytes of it."""
    lines: dict[str, TaskID] = {}

    def report(name: str, so_far: int, total: int) -> None:
        if name not in lines:
            lines[name] = bar.add_task(name, total=total)
        bar.update(lines[name], completed=so_far)

    return report
