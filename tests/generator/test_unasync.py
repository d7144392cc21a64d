"""The sync half of a package is derived from its async half."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.unasync import derive, derive_package


@pytest.mark.parametrize(
    ("source", "derived"),
    [
        ("async def read(self): return await self.aclose()", "def read(self): return self.close()"),
        ("async with a: ...", "with a: ..."),
        ("x = [y async for y in z]", "x = [y for y in z]"),
        ("def __aiter__(self): ...", "def __iter__(self): ..."),
        ("async def __aexit__(self): ...", "def __exit__(self): ..."),
        ("await anext(aiter(x))", "next(iter(x))"),
        ("raise StopAsyncIteration", "raise StopIteration"),
        ("async with aclosing(x): ...", "with closing(x): ..."),
        ("from p._async.stream import AsyncStream", "from p._sync.stream import Stream"),
        ("class AsyncTextStream(AsyncIterator[A]): ...", "class TextStream(Iterator[A]): ..."),
        ("class AsyncOperationClient: ...", "class SyncOperationClient: ..."),
        ("class _AsyncPool: ...", "class _SyncPool: ..."),
        ("class PolarGrid(AsyncAPIClient): ...", "class PolarGridSync(SyncAPIClient): ..."),
        ("httpx.AsyncClient(transport=httpx.AsyncHTTPTransport())", "httpx.Client(transport=httpx.HTTPTransport())"),
        ("stream: httpx.AsyncByteStream", "stream: httpx.SyncByteStream"),
        ("from p import _async_primitives", "from p import _sync_primitives"),
        ("is_async = False", "is_async = False"),
    ],
)
def test_code(source, derived):
    """Keywords are dropped, and names follow the rules."""
    assert derive(source) == derived


@pytest.mark.parametrize(
    ("source", "derived"),
    [
        ("x: AsyncGenerator[A, None]", "x: Generator[A, None, None]"),
        ("x: AsyncGenerator[dict[str, list[A]], None] = y[0]", "x: Generator[dict[str, list[A]], None, None] = y[0]"),
        ("from collections.abc import AsyncGenerator", "from collections.abc import Generator"),
    ],
)
def test_generator_has_a_return_type(source, derived):
    """AsyncGenerator has two type arguments and Generator has three."""
    assert derive(source) == derived


@pytest.mark.parametrize(
    ("source", "derived"),
    [
        ('"""Use `async with` or `aclose`."""', '"""Use `with` or `close`."""'),
        ('"""Return an AsyncStream of `await client.get()`."""', '"""Return a Stream of `client.get()`."""'),
        ("raise E('read it, or await get_final()')", "raise E('read it, or call get_final()')"),
        ("# the base of async clients\n", "# the base of sync clients\n"),
        ("f'{{}} {stream.aclose} needs `await f()`'", "f'{{}} {stream.close} needs `f()`'"),
        (
            "'PolarGrid serves a `PolarGrid`, PolarGrid() or PolarGrid.create'",
            "'PolarGrid serves a `PolarGridSync`, PolarGridSync() or PolarGridSync.create'",
        ),
        ("'an awaited asynchronous word'", "'an awaited asynchronous word'"),
    ],
)
def test_text(source, derived):
    """Docstrings, messages and comments use the words of the sync half."""
    assert derive(source) == derived


def test_pragmas():
    """A line can be dropped from the sync half, and a comment can hold a line for it."""
    source = "def f(x):\n    x = wait(x)  # unasync: remove\n    # unasync: add x = x.result()\n    return x\n"
    assert derive(source) == "def f(x):\n    x = x.result()\n    return x\n"


def test_expression_over_several_lines():
    """Line breaks after a dropped keyword do not matter."""
    source = "x = (\n    await f(\n        await g(),\n    )\n)\n"
    assert derive(source) == "x = (\n    f(\n        g(),\n    )\n)\n"


def test_line_ends_inside_a_string():
    """A form feed or a line separator in a string does not shift what follows."""
    assert derive("x = '\x0c\u2028', await f()\n") == "x = '\x0c\u2028', f()\n"


def test_header_names_the_source(tmp_path: Path):
    """A derived module names the module that it is derived from, and the command."""
    folder = tmp_path / "_async"
    folder.mkdir()
    (folder / "stream.py").write_text("await x\n", encoding="utf-8")
    assert derive_package(folder) == {"stream.py": "# Derived from ../_async/stream.py by `make generate`\nx\n"}
