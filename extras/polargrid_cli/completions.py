"""Shell completion of names: what this machine knows of them, without waiting for a network.

Models are those of the specification, of the local edge's catalog, and those that `polargrid models add` keeps. If the
selected endpoint is on this machine and responds at once, they are the ones that it serves.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from typing import Any, Final
from urllib.parse import urlsplit

import click
from click.shell_completion import CompletionItem

from polargrid_cli.loopback import is_loopback

Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]

_TIMEOUT: Final = 0.3  # seconds that a user may wait for the names of a running edge


def _select(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in dict.fromkeys(names) if name.startswith(incomplete)]


def complete_region(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a region."""
    from polargrid.regions import POLARGRID_REGIONS, REGION_ALIASES

    return _select((*POLARGRID_REGIONS, *REGION_ALIASES, "local"), incomplete)


def complete_voice(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a voice."""
    from polargrid.types import TTSVoice

    return _select(TTSVoice, incomplete)


def complete_format(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a format of audio."""
    from polargrid.types import AudioFormat

    return _select(AudioFormat, incomplete)


def complete_operation(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of an operation that a bulk run can send."""
    if find_spec("polargrid_batch") is None:
        return []
    from polargrid_batch.operations import list_operations

    return _select((operation.name for operation in list_operations()), incomplete)


def complete_model(kind: str | None = None) -> Completion:
    """Complete the name of a model of a kind of the API, such as `chat`, or of any kind."""

    def complete(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return _select(list_models(context, kind), incomplete)

    return complete


def list_models(context: click.Context, kind: str | None) -> list[str]:
    """The names of models of a kind, for a command line."""
    url = _find_local_url(context)
    served = _ask_edge(url, kind) if url else []
    return served or list(_list_known(kind, is_local=url is not None))


def complete_catalog(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the id of a model that `polargrid pull` downloads."""
    return _select((model.id for model in _list_catalog()), incomplete)


def complete_cached(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the name of a model that `polargrid models rm` may remove."""
    return _select((*_list_added(), *(model.id for model in _list_catalog())), incomplete)


def _list_known(kind: str | None, *, is_local: bool) -> Iterator[str]:
    """The names of the specification and, for an edge on this machine, those of its catalog and of added models."""
    if is_local and kind in (None, "chat"):
        yield from _list_added()
    if is_local:
        yield from (model.id for model in _list_catalog(kind))
    yield from _read_specification(kind)


def _list_catalog(kind: str | None = None) -> list[Any]:
    if find_spec("polargrid_edge") is None or find_spec("platformdirs") is None:
        return []
    from polargrid_edge.models.catalog import MODELS

    kinds = {"text-to-speech": "speech", "speech-to-text": "transcription"}
    return [model for model in MODELS if kind is None or model.kind == kinds.get(kind, kind)]


def _list_added() -> list[str]:
    if find_spec("polargrid_edge") is None or find_spec("platformdirs") is None:
        return []
    from polargrid_edge.errors import ModelFileError
    from polargrid_edge.models.added_models import list_added

    with suppress(ModelFileError):
        return [source.name() for source in list_added()]
    return []


def _read_specification(kind: str | None) -> Iterator[str]:
    """The names that the specification gives as values of `model`, in the requests for models of the kind."""
    from importlib.resources import files

    document = json.loads((files("polargrid_generated") / "openapi.json").read_text("utf-8"))
    for item in document["paths"].values():
        for operation in item.values():
            if not isinstance(operation, dict) or kind not in (None, operation.get("x-model", {}).get("kind")):
                continue
            for media in operation.get("requestBody", {}).get("content", {}).values():
                yield from _list_models(media.get("schema", {}), document)


def _list_models(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    """The values of the field `model` of a body."""
    schema = _follow(schema, document)
    yield from _list_values(schema.get("properties", {}).get("model", {}), document)
    for part in schema.get("allOf", ()):
        yield from _list_models(part, document)


def _list_values(schema: dict[str, Any], document: dict[str, Any]) -> Iterator[str]:
    schema = _follow(schema, document)
    yield from schema.get("enum", ())
    for part in schema.get("anyOf", ()):
        yield from _list_values(part, document)


def _follow(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name: str = schema.get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"][name] if name else schema


def _find_local_url(context: click.Context) -> str | None:
    """The URL of the selected endpoint if it is on this machine."""
    from polargrid.regions import LOCAL

    options = context.params
    region = options.get("region") or next(iter(options.get("regions") or ()), None)
    choices = (
        *(options.get("base_url"), region and f"region {region}"),
        *(os.environ.get("POLARGRID_BASE_URL"), f"region {os.environ.get('POLARGRID_REGION', '')}"),
    )
    chosen = next(filter(None, choices))
    if chosen.casefold() == "region local":
        return LOCAL["url"]
    return chosen if is_loopback(chosen) else None


def _ask_edge(url: str, kind: str | None) -> list[str]:
    """The names of the models that a server on this machine serves; none if it does not respond at once."""
    from http.client import HTTPConnection, HTTPException

    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        return []
    key = os.environ.get("POLARGRID_API_KEY") or "pg_local"
    connection = HTTPConnection(parts.hostname, parts.port, timeout=_TIMEOUT)
    try:
        connection.request("GET", f"{parts.path.rstrip('/')}/v1/models", headers={"Authorization": f"Bearer {key}"})
        models = json.loads(connection.getresponse().read())["data"]
        return [str(model["id"]) for model in models if kind in (None, model.get("pg_model_type"))]
    except (OSError, HTTPException, ValueError, LookupError, TypeError, AttributeError):
        return []  # any other server, or none: completion has nothing to say about it
    finally:
        connection.close()
