"""What stands for llama.cpp's server in programs of qa has its members, with the same parameters."""

from __future__ import annotations

import inspect

import pytest

from polargrid_edge.backends.llama_server import LlamaServer
from qa.clients.scripted_edge import ScriptedServer
from qa.fault_bench.remembered import _TextServer

MEMBERS = [name for name in vars(LlamaServer) if not name.startswith("_")]


@pytest.mark.parametrize("kind", [ScriptedServer, _TextServer])
@pytest.mark.parametrize("name", MEMBERS)
def test_a_server_has_the_member(kind, name):
    """A call that the edge makes of llama.cpp's server is one of this server."""
    member = getattr(LlamaServer, name)
    if inspect.isfunction(member):
        names = list(inspect.signature(member).parameters)
        assert list(inspect.signature(getattr(kind, name)).parameters)[: len(names)] == names
    else:
        assert hasattr(kind, name)
