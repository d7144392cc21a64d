"""`polargrid pull`"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from polargrid_cli.completions import complete_catalog

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from polargrid_edge.models.catalog import Model


@click.command(short_help="Download models for the local edge.")
@click.argument("models", nargs=-1, metavar="[MODEL]...", shell_complete=complete_catalog)
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="FOLDER",
    help="Also copy the files to a folder, for `polargrid serve --models-dir FOLDER` on a machine without a network.",
)
def pull(models: tuple[str, ...], folder: Path | None) -> None:
    """Download the files of these models, or of all models, to the cache, and check their hashes."""
    pull_models(models, folder)


def pull_models(names: Sequence[str], folder: Path | None = None) -> None:
    """Download models, and copy them to the folder; progress goes to stderr, a line for each model to stdout."""
    from polargrid_edge.models.catalog import Catalog, UnknownModelError
    from polargrid_edge.models.files import SourceError

    catalog = Catalog()
    try:
        models = [catalog.resolve(name) for name in names] or list(catalog.models)
    except UnknownModelError as error:
        raise click.UsageError(str(error)) from error
    for model in models:
        try:
            _pull_model(model, folder)
        except SourceError as error:
            raise click.ClickException(error.message) from error


def _pull_model(model: Model, folder: Path | None) -> None:
    """Download and copy a model; missing optional files are only reported."""
    from polargrid_edge.models import files

    with _make_progress_bar() as bar:
        report = _make_reporter(bar)
        paths = files.ensure(model.files, progress=report)
        try:
            paths |= files.ensure(model.optional_files, progress=report)
        except files.SourceError as error:
            click.echo(f"{model.id} works without: {error.message}", err=True)
    size = sum(path.stat().st_size for path in paths.values())
    if folder is not None:
        _copy_files(paths, folder)
    place = folder or next(iter(paths.values())).parent.parent
    click.echo(f"{model.id}\t{len(paths)} files\t{size / 1e6:.0f} MB\t{place}")


def _copy_files(paths: Mapping[str, Path], folder: Path) -> None:
    """Copy files by their names, which are those that `polargrid serve --models-dir` looks for."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, path in paths.items():
        target = folder / name
        if target.exists() and target.samefile(path):
            continue
        partial = folder / f"{name}.part"  # a copy that was interrupted has another name than a complete one
        shutil.copyfile(path, partial)
        partial.replace(target)


def _make_progress_bar() -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    console = Console(stderr=True)
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _make_reporter(bar: Progress) -> Callable[[str, int, int], None]:
    """Make a callback that shows a line for each file."""
    tasks: dict[str, TaskID] = {}

    def report(name: str, completed: int, total: int) -> None:
        if name not in tasks:
            tasks[name] = bar.add_task(name, total=total)
        bar.update(tasks[name], completed=completed)

    return report
