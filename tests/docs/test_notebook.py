"""The notebook of the examples runs from top to bottom, without a kernel: as Jupyter compiles its cells."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
from pathlib import Path
from types import FunctionType
from typing import Any

NOTEBOOK = json.loads((Path(__file__).parent.parent.parent / "examples/notebook.ipynb").read_text(encoding="utf-8"))
CELLS = [cell for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


async def _run(tree: ast.Module | ast.Expression, names: dict[str, Any]) -> Any:
    mode = "eval" if isinstance(tree, ast.Expression) else "exec"
    code = compile(tree, "cell", mode, flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = FunctionType(code, names)()
    return await result if code.co_flags & inspect.CO_COROUTINE else result


async def _run_cell(source: str, names: dict[str, Any]) -> Any:
    """Run a cell; return the value of its last expression, which a notebook shows."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    await _run(tree, names)
    return await _run(ast.Expression(last.value), names) if isinstance(last, ast.Expr) else None


def test_the_notebook_runs(edge, capsys):
    """A list is shown as a table, speech as a player, responses as HTML; a stream and three answers are printed."""

    async def run_cells() -> list[Any]:
        names: dict[str, Any] = {}
        sources = ("".join(cell["source"]).replace('region="local"', f'base_url="{edge.url}"') for cell in CELLS)
        return [await _run_cell(source, names) for source in sources]

    values = asyncio.run(run_cells())
    shown = [value._repr_html_() for value in values if hasattr(value, "_repr_html_")]
    markers = ("<table>", "<summary>ChatCompletionResponse</summary>", "<audio controls", "<summary>")
    assert [marker in html for marker, html in zip(markers, shown, strict=True)] == [True] * len(markers)
    assert len(capsys.readouterr().out.split("\n")) >= 3


def test_the_notebook_has_no_outputs():
    """It is committed as it was written."""
    assert [cell["outputs"] for cell in CELLS] == [[]] * len(CELLS)
    assert {cell["execution_count"] for cell in CELLS} == {None}
    assert NOTEBOOK["metadata"]["language_info"] == {"name": "python"}
