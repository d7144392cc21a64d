"""Adds the HTTP API of openapi.json, the resources and the raw client to the pages, before Sphinx reads them.

Markers in `reference/http.md`, `resources.md` and `raw.md` are replaced. The pages of the operations are written to
`reference/http/`, which git ignores: Sphinx reads files only.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from http_api.document import Json, list_operations
from http_api.pages import write_overview, write_pages
from raw_page import write_functions

if TYPE_CHECKING:
    from sphinx.application import Sphinx

OPERATIONS, RESOURCES, FUNCTIONS = (
    f"<!-- the {subject} of openapi.json -->\n" for subject in ("operations", "resources", "functions")
)
DOCUMENT = Path(__file__).parents[2] / "generated/polargrid_generated/openapi.json"
FOLDER = "http"


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before Sphinx looks for files, and replace the markers when it reads them."""
    document = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    texts = {
        OPERATIONS: write_overview(document, FOLDER),
        RESOURCES: write_resources(document),
        FUNCTIONS: write_functions(document),
    }
    app.connect("builder-inited", lambda app: _write_folder(Path(app.srcdir) / "reference" / FOLDER, document))
    app.connect(
        "source-read", lambda _, __, source: _replace_markers(texts, source), priority=100
    )  # before llms_text collects the pages
    return {"parallel_read_safe": True}


def _write_folder(folder: Path, document: Json) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, text in write_pages(document).items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")


def _replace_markers(texts: dict[str, str], source: list[str]) -> None:
    for marker, text in texts.items():
        source[0] = source[0].replace(marker, text)


def write_resources(document: Json) -> str:
    """Return a section for each resource of the clients: its class, by autodoc."""
    calls = [operation.fields.get("x-call", "") for operation in list_operations(document)]
    names = dict.fromkeys(call.partition("(")[0].rpartition(".")[0] for call in calls if call)
    lines = ["```{eval-rst}", ".. currentmodule:: polargrid_generated.sync_resources", ""]
    for name in names:
        words = "".join(part.title().replace("_", "") for part in name.split("."))
        title = f"client.{name}"
        lines += [title, "-" * len(title), "", f".. autoclass:: {words}Resource", "   :members:", ""]
    return "\n".join([*lines, "```", ""])
