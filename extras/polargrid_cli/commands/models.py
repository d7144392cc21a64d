"""`polargrid models`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from polargrid_cli import options
from polargrid_cli.client import connect
from polargrid_cli.commands.models_ps import ps
from polargrid_cli.completions import complete_cached, complete_model
from polargrid_cli.exit_codes import exit_code_for_status
from polargrid_cli.groups import DefaultCommandGroup
from polargrid_cli.output import print_json, print_line, print_note, print_table, spinner

if TYPE_CHECKING:
    from polargrid.types import ModelInfo

_COLUMNS = ("model", "kind", "context", "aliases")


@click.group(cls=DefaultCommandGroup)
def models() -> None:
    """List, load, unload, add and remove models."""


@models.command("list")
@click.option("--loaded", is_flag=True, help="Only models in memory.")
@click.option("--cached", is_flag=True, help="The models on this machine, which `polargrid serve` needs not download.")
@options.json_option
@options.pass_client_options
def list_models(client_options: dict[str, Any], /, loaded: bool, cached: bool, json_output: bool) -> None:
    """List the models; the default of `polargrid models`."""
    if cached:
        if loaded:
            raise click.UsageError("--cached: models of this machine are not those of an endpoint; omit --loaded")
        _list_cached(json_output=json_output)
        return
    with connect(client_options) as client:
        response = client.list_models()
        if loaded:
            in_memory = frozenset(client.get_model_status().loaded)
            data = [model for model in response.data if in_memory & {model.id, *(model.pg_aliases or ())}]
            response = response.model_copy(update={"data": data})
    if json_output:
        print_json(response)
    else:
        print_table(_COLUMNS, [_table_row(model) for model in _without_names(response.data)])


def _list_cached(*, json_output: bool) -> None:
    from polargrid_cli.model_cache import COLUMNS, list_cached

    rows = list_cached()
    if json_output:
        print_json({"models": [dict(zip(COLUMNS, row, strict=True)) for row in rows]})
    else:
        print_table(COLUMNS, rows)
        if not rows:
            print_note("no model is on this machine; download one with `polargrid pull`")


@models.command()
@click.argument("source")
@click.option("--name", metavar="NAME", help="Name of the model.  [default: that of its file]")
@click.option("--context", type=click.IntRange(1), metavar="NUMBER", help="Its context in tokens.  [default: 4096]")
def add(source: str, name: str | None, context: int | None) -> None:
    """Add a chat model to those of `polargrid serve`.

    SOURCE is the path of a GGUF file, hub:owner/name:file, or the name of a model that `polargrid pull` downloads.
    """
    from polargrid_cli.model_cache import add, is_in_catalog

    if not is_in_catalog(source):
        add(source, name, context)
    elif name or context:
        raise click.UsageError(f"{source} is a model of the catalog; omit --name and --context")
    else:
        from polargrid_cli.commands.pull import pull_models

        pull_models([source])


@models.command("rm", short_help="Remove models from this machine.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete_cached)
def remove(names: tuple[str, ...]) -> None:
    """Remove models from this machine, with the files that were downloaded."""
    from polargrid_cli.model_cache import remove

    remove(names)


models.add_command(ps)


def _without_names(models: Sequence[ModelInfo]) -> list[ModelInfo]:
    """The models without the entries of names that stand for one of them: its own entry has them as aliases."""
    ids = {model.id for model in models}
    return [model for model in models if model.root in (None, model.id) or model.root not in ids]


def _table_row(model: ModelInfo) -> tuple[str, ...]:
    context = f"{model.pg_max_tokens}" if model.pg_max_tokens else ""
    return (model.id, model.pg_model_type or "", context, ", ".join(model.pg_aliases or ()))


@models.command()
@options.json_option
@options.pass_client_options
def status(client_options: dict[str, Any], /, json_output: bool) -> None:
    """Show which models are in memory."""
    with connect(client_options) as client:
        response = client.get_model_status()
    if json_output:
        print_json(response)
    else:
        print_table(("model", "state"), sorted(response.loading_status.items()))


@models.command()
@click.argument("name", shell_complete=complete_model())
@click.option("--force", is_flag=True, help="Reload the model if it is in memory.")
@options.json_option
@options.pass_client_options
def load(client_options: dict[str, Any], /, name: str, force: bool, json_output: bool) -> int:
    """Load a model into memory."""
    with connect(client_options) as client, spinner(f"Loading {name} …"):
        response = client.load_model({"model_name": name, "force_reload": force})
    return _print_result(response, response.message, json_output=json_output)


@models.command()
@click.argument("name", required=False, shell_complete=complete_model())
@click.option("--all", "unload_all", is_flag=True, help="All models.")
@options.json_option
@options.pass_client_options
def unload(client_options: dict[str, Any], /, name: str | None, unload_all: bool, json_output: bool) -> int:
    """Unload a model from memory."""
    if (name is None) != unload_all:
        raise click.UsageError("name one model, or pass --all")
    with connect(client_options) as client, spinner(f"Unloading {name or 'all models'} …"):
        if name is not None:
            response = client.unload_model({"model_name": name})
            return _print_result(response, response.message, json_output=json_output)
        result = client.unload_all_models()
    for error in result.errors:
        print_note(error)
    return _print_result(result, "\n".join(result.unloaded_models), json_output=json_output)


def _print_result(response: Any, text: str, *, json_output: bool) -> int:
    """Print the response and return the exit status for its `status`."""
    if json_output:
        print_json(response)
    elif text:
        print_line(text)
    return exit_code_for_status(response.status)
