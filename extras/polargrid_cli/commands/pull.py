"""`polargrid pull`"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from polargrid_edge.models.catalog import Model


@click.command(short_help="Download models for the local edge.")
@click.argument("models", nargs=-1, metavar="[MODEL]...")
def pull(models: tuple[str, ...]) -> None:
    """Download the files of these models, or of all models, to the cache, and check their hashes."""
    pull_models(models)


def pull_models(names: Sequence[str]) -> None:
    """Download models; progress goes to stderr, a line for each model to stdout."""
    from polargrid_edge.models.catalog import Catalog, UnknownModelError
    from polargrid_edge.models.files import SourceError

    catalog = Catalog()
    try:
        models = [catalog.resolve(name) for name in names] or list(catalog.models)
    except UnknownModelError as error:
        raise click.UsageError(str(error)) from error
    for model in models:
        try:
            _pull_model(model)
        except SourceError as error:
            raise click.ClickException(error.message) from error


def _pull_model(model: Model) -> None:
    """Download a model; missing optional files are only reported."""
    from polargrid_edge.models import files

    with _make_progress_bar() as bar:
        report = _make_reporter(bar)
        paths = files.ensure(model.files, progress=report)
        try:
            paths |= files.ensure(model.optional_files, progress=report)
        except files.SourceError as error:
            click.echo(f"{model.id} works without: {error.message}", err=True)
    size = sum(path.stat().st_size for path in paths.values())
    click.echo(f"{model.id}\t{len(paths)} files\t{size / 1e6:.0f} MB\t{next(iter(paths.values())).parent.parent}")


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
