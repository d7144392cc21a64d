"""A kit for tests of programs that use PolarGrid: a scripted edge, its faults, recordings, and the real local edge.

Names are imported when they are first used: pytest imports this package in every run.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polargrid_testing.cassettes.cassette import Cassette as Cassette, cassette as cassette
    from polargrid_testing.cassettes.errors import CassetteMismatchError as CassetteMismatchError
    from polargrid_testing.errors import (
        InvalidAnswerError as InvalidAnswerError,
        UnscriptedRequestError as UnscriptedRequestError,
        UnusedFaultError as UnusedFaultError,
    )
    from polargrid_testing.fake.context import fake_edge as fake_edge
    from polargrid_testing.fake.edge import FakeEdge as FakeEdge
    from polargrid_testing.fake.rules import Rule as Rule
    from polargrid_testing.local import local_edge as local_edge
    from polargrid_testing.received import ReceivedRequest as ReceivedRequest
    from polargrid_testing.steps import Answer as Answer, Piece as Piece

_MODULES = {
    "Answer": "polargrid_testing.steps",
    "Cassette": "polargrid_testing.cassettes.cassette",
    "CassetteMismatchError": "polargrid_testing.cassettes.errors",
    "FakeEdge": "polargrid_testing.fake.edge",
    "InvalidAnswerError": "polargrid_testing.errors",
    "Piece": "polargrid_testing.steps",
    "ReceivedRequest": "polargrid_testing.received",
    "Rule": "polargrid_testing.fake.rules",
    "UnscriptedRequestError": "polargrid_testing.errors",
    "cassette": "polargrid_testing.cassettes.cassette",
    "UnusedFaultError": "polargrid_testing.errors",
    "fake_edge": "polargrid_testing.fake.context",
    "local_edge": "polargrid_testing.local",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(_MODULES[name]), name)
    except ModuleNotFoundError as error:
        if str(error.name).startswith("polargrid"):
            raise
        message = f"polargrid_testing needs {error.name}; install it with: pip install 'polargrid[testing]'"
        raise ModuleNotFoundError(message, name=error.name) from None


def __dir__() -> list[str]:
    return sorted(_MODULES)
