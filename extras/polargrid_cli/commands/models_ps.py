"""`polargrid models ps`"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from polargrid_cli import options
from polargrid_cli.client import connect
from polargrid_cli.output import dump_response, print_json, print_note, print_table

if TYPE_CHECKING:
    from polargrid.types import GPUStatusResponse, ListModelsResponse, ModelStatusResponse

_COLUMNS = ("model", "state", "kind", "context")
_NOT_SHOWN = "unloaded"
_NONE = "no model is in memory; the first request for a model loads it"


@click.command()
@options.json_flag("Print the models and the GPUs as JSON.")
@options.pass_client_options
def ps(client_options: dict[str, Any], /, json_output: bool) -> None:
    """Show the models in memory, and the memory of the GPUs.

    Also those that are being loaded, or could not be. The API does not say what each of them occupies, nor since when.
    """
    with connect(client_options) as client:
        rows = _build_rows(client.get_model_status(), client.list_models())
        gpus = client.get_gpu_status()
    if json_output:
        print_json({"models": rows, "gpus": dump_response(gpus)["gpus"]})
        return
    print_table(_COLUMNS, [tuple(str(value or "") for value in row.values()) for row in rows])
    for note in [*([] if rows else [_NONE]), *_describe_memory(gpus)]:
        print_note(note)


def _build_rows(status: ModelStatusResponse, models: ListModelsResponse) -> list[dict[str, Any]]:
    """The models that are not just on disk; a model may be in the list by another of its names."""
    infos = {name: info for info in models.data for name in (*(info.pg_aliases or ()), info.id)}
    states = {**dict.fromkeys(status.loaded, "loaded"), **status.loading_status}
    rows = []
    for name, state in sorted(states.items()):
        if state != _NOT_SHOWN:
            info = infos.get(name)
            kind, context = (info.pg_model_type, info.pg_max_tokens) if info else (None, None)
            rows.append({"model": name, "state": str(state), "kind": kind, "context": context})
    return rows


def _describe_memory(gpus: GPUStatusResponse) -> list[str]:
    return [
        f"GPU {gpu.index}, {gpu.name}: {gpu.memory.used_gb:.1f} of {gpu.memory.total_gb:.1f} GiB used"
        for gpu in gpus.gpus
    ]
