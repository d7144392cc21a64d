"""The example of each method's docstring runs."""

import ast
import inspect
import io
import re
import textwrap
from contextlib import redirect_stdout

import pytest

from polargrid import PolarGrid, PolarGridSync
from polargrid_generated import async_operations, async_resources, sync_operations, sync_resources
from polargrid_testing import FakeEdge

MARK = "Example::\n\n"
MODULES = (sync_operations, sync_resources, async_operations, async_resources)


def list_examples(*modules):
    """Return the name and the docstring of each method that sends a request."""
    return [
        (f"{kind.__name__}.{name}", inspect.getdoc(method) or "")
        for module in modules
        for kind in vars(module).values()
        if inspect.isclass(kind) and kind.__module__ == module.__name__
        for name, method in vars(kind).items()
        if inspect.isfunction(method) and "Raises:" in (method.__doc__ or "")
    ]


def read_example(docstring):
    """Return the program of a docstring."""
    return textwrap.dedent(docstring.partition(MARK)[2])


SYNC = list_examples(sync_operations, sync_resources)
ALL = list_examples(*MODULES)


def test_every_method_has_one_example():
    """Of both clients, by both names."""
    assert len(ALL) > 60
    assert [name for name, text in ALL if text.count(MARK) != 1] == []


@pytest.mark.parametrize(("name", "docstring"), SYNC, ids=[name for name, _ in SYNC])
def test_an_example_runs(tmp_path, monkeypatch, name, docstring):
    """It prints or writes something; the edge sends the examples of the API."""
    program = read_example(docstring)
    monkeypatch.chdir(tmp_path)
    for file in re.findall(r'file="(.+?)"', program):
        (tmp_path / file).write_bytes(b"RIFF")
    with FakeEdge() as fake, fake.client() as client, redirect_stdout(io.StringIO()) as output:
        if "response_format=City" in program:
            fake.chat('{"name": "Ottawa"}')
        fake.use_examples()
        exec(compile(program, name, "exec"), {"client": client})  # noqa: S102 - it is the example
        assert fake.requests
    assert output.getvalue() or (tmp_path / "speech.mp3").exists()


def test_an_async_example_is_the_sync_one_with_await():
    """So that it runs as well."""
    examples = {name.removeprefix("Async"): read_example(text) for name, text in list_examples(*MODULES[2:])}
    for name, text in SYNC:
        program = examples[name.removeprefix("Sync")]
        assert program.replace("async ", "").replace("await ", "") == read_example(text)
        ast.parse(f"async def main():\n{textwrap.indent(program, '    ')}")


def test_docstrings_reach_the_clients():
    """What an editor shows of a method of a client."""
    for client in (PolarGrid, PolarGridSync):
        assert MARK in client.chat_completion.__doc__
