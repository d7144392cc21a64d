"""`polargrid models`"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from polargrid_cli import options
from polargrid_cli.client import connect
from polargrid_cli.exit_codes import exit_code_for_status
from polargrid_cli.groups import DefaultCommandGroup
from polargrid_cli.output import print_json, print_line, print_note, print_table, spinner

if TYPE_CHECKING:
    from polargrid.types import ModelInfo

_COLUMNS = ("model", "kind", "context", "aliases")


@click.group(cls=DefaultCommandGroup)
def models() -> None:
    """List, load and unload models."""


@models.command("list")
@click.option("--loaded", is_flag=True, help="Only models in memory.")
@options.json_option
@options.pass_client_options
def list_models(client_options: dict[str, Any], /, loaded: bool, json_output: bool) -> None:
    """List the models; the default of `polargrid models`."""
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
@click.argument("name")
@click.option("--force", is_flag=True, help="Reload the model if it is in memory.")
@options.json_option
@options.pass_client_options
def load(client_options: dict[str, Any], /, name: str, force: bool, json_output: bool) -> int:
    """Load a model into memory."""
    with connect(client_options) as client, spinner(f"Loading {name} …"):
        response = client.load_model({"model_name": name, "force_reload": force})
    return _print_result(response, response.message, json_output=json_output)


@models.command()
@click.argument("name", required=False)
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
