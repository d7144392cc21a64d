"""`polargrid models`: which there are, which are in memory, and bringing them there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polargrid.types import ModelInfo
from polargrid_cli import exits, output
from polargrid_cli.connection import connected

COLUMNS = ("model", "kind", "context", "other names")
_STATUSES = {"failed": exits.FAILED, "partial": exits.PARTLY}


def show(connection: Mapping[str, Any], *, loaded: bool, json_output: bool) -> None:
    """The models of the edge, or those of them that are in memory."""
    with connected(connection) as client:
        answer = client.list_models()
        if loaded:
            in_memory = frozenset(client.get_model_status().loaded)
            answer = answer.model_copy(
                update={"data": [model for model in answer.data if in_memory & {model.id, *(model.pg_aliases or ())}]}
            )
    if json_output:
        output.as_json(answer)
    else:
        output.table(COLUMNS, [_row(model) for model in answer.data])


def _row(model: ModelInfo) -> tuple[str, ...]:
    context = f"{model.pg_max_tokens}" if model.pg_max_tokens else ""
    return (model.id, model.pg_model_type or "", context, ", ".join(model.pg_aliases or ()))


def status(connection: Mapping[str, Any], *, json_output: bool) -> None:
    """The state of each model."""
    with connected(connection) as client:
        answer = client.get_model_status()
    if json_output:
        output.as_json(answer)
    else:
        output.table(("model", "state"), sorted(answer.loading_status.items()))


def load(connection: Mapping[str, Any], name: str, *, force: bool, json_output: bool) -> int:
    """Bring a model into memory."""
    with connected(connection) as client, output.waiting(f"Loading {name} …"):
        answer = client.load_model({"model_name": name, "force_reload": force})
    return _told(answer, answer.message, json_output=json_output)


def unload(connection: Mapping[str, Any], name: str, *, json_output: bool) -> int:
    """Take a model out of memory."""
    with connected(connection) as client, output.waiting(f"Unloading {name} …"):
        answer = client.unload_model({"model_name": name})
    return _told(answer, answer.message, json_output=json_output)


def unload_all(connection: Mapping[str, Any], *, json_output: bool) -> int:
    """Take all models out of memory."""
    with connected(connection) as client, output.waiting("Unloading …"):
        answer = client.unload_all_models()
    for fault in answer.errors:
        output.note(fault)
    return _told(answer, "\n".join(answer.unloaded_models), json_output=json_output)


def _told(answer: Any, told: str, *, json_output: bool) -> int:
    """The answer on stdout; the exit status is what it says."""
    if json_output:
        output.as_json(answer)
    elif told:
        output.line(told)
    return _STATUSES.get(answer.status, exits.DONE)
