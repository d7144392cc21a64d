"""The real local edge, with real models, for the length of a block."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LocalEdge:
    """A running local edge."""

    url: str
    api_key: str


@contextmanager
def local_edge(*, chat_model: str = "smollm2-135m", **settings: Any) -> Iterator[LocalEdge]:
    """Run the local edge on a free port until the block ends; a model is downloaded and loaded at its first use.

    The options are those of `polargrid_edge.settings.EdgeSettings`. By default it has the smallest chat model, so that
    tests are fast. Raises ModuleNotFoundError without the extra `edge`.
    """
    try:
        from polargrid_edge.server import run_in_thread
        from polargrid_edge.settings import LOCAL_KEY, EdgeSettings
    except ModuleNotFoundError as error:
        message = f"local_edge needs {error.name}; install it with: pip install 'polargrid[edge,testing]'"
        raise ModuleNotFoundError(message, name=error.name) from None

    with run_in_thread(EdgeSettings(**{"port": 0, "chat_model": chat_model, **settings})) as edge:
        keys = edge.settings.keys
        yield LocalEdge(edge.url, LOCAL_KEY if LOCAL_KEY in keys else min(keys))
