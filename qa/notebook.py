"""Run notebooks in a real kernel, and check what their cells show: python -m qa.notebook.

One has a cell for each kind of output, and a scripted edge; the other is that of the examples, with a real edge.

It needs `pip install nbclient ipykernel`, which no other program here does, so they are no requirement of development.
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from polargrid_testing import local_edge

EXAMPLE = Path(__file__).parent.parent / "examples" / "notebook.ipynb"
TIMEOUT = 120  # seconds for a cell
SETUP = """
from polargrid_testing import FakeEdge
fake = FakeEdge().__enter__()
fake.use_examples()
client, async_client = fake.client(), fake.async_client()
chat = {"model": "llama-3.1-8b", "messages": [{"role": "user", "content": "Hello"}]}
import json, tempfile
from pathlib import Path
from polargrid_batch import run_file, run_file_sync
folder = Path(tempfile.mkdtemp())
row = json.dumps({"url": "/v1/chat/completions", "body": chat})
(folder / "in.jsonl").write_text(f"{row}\\n" * 20)
options = {"client": async_client, "max_rows_per_minute": 600}
"""
#: Each cell, and what its output contains.
CELLS = {
    "client.chat.completions.create(**chat)": "<details><summary>ChatCompletionResponse</summary>",
    "client.models.list()": "<table>",
    "client.audio.speech.create(model='tts-1', voice='alloy', input='Hello')": "<audio controls",
    "client.chat_completion_stream(chat)": "the request is sent when it is read",
    "await async_client.chat.completions.create(**chat)": "<details><summary>ChatCompletionResponse</summary>",
    "summary = await run_file(folder / 'in.jsonl', folder / 'out.jsonl', **options)": "20 succeeded",
    "stream = async_client.chat_completion_stream(chat)\nasync for chunk in stream:\n    print(chunk.text)": "Hello",
}


def main() -> int:
    """Run the notebook; returns the exit status."""
    try:
        nbformat, nbclient = import_module("nbformat"), import_module("nbclient")
        import_module("ipykernel")
    except ImportError as error:
        print(f"missing package {error.name}; install it with: pip install nbclient ipykernel", file=sys.stderr)
        return 2
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell) for cell in (SETUP, *CELLS)]
    nbclient.NotebookClient(notebook, timeout=TIMEOUT, kernel_name="python3").execute()
    failed = 0
    for cell, (source, expected) in zip(notebook.cells[1:], CELLS.items(), strict=True):
        is_shown = expected in "".join(map(_read_output, cell.outputs))
        failed += not is_shown
        print("ok    " if is_shown else "failed", source.splitlines()[0])
    example = nbformat.read(EXAMPLE, as_version=4)
    with local_edge() as edge:
        for cell in example.cells:
            cell.source = cell.source.replace('region="local"', f'base_url="{edge.url}"')
        nbclient.NotebookClient(example, timeout=TIMEOUT, kernel_name="python3").execute()  # an error of a cell ends it
    nbformat.validate(example)
    print("ok    ", EXAMPLE.name)
    return 1 if failed else 0


def _read_output(output: Any) -> str:
    data = output.get("data", {})
    return str(data.get("text/html") or data.get("text/plain") or output.get("text") or "")


if __name__ == "__main__":
    sys.exit(main())
