"""The site, as `make docs` builds it: Markdown pages, the reference from docstrings, the HTTP API from openapi.json."""

from __future__ import annotations

import builtins
import sys
from pathlib import Path

import pydantic
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.pycode import ModuleAnalyzer

DOCS = Path(__file__).parent
# Beside the Python of .venv-docs: what is documented, from the tree, and the extensions of this site.
sys.path[:0] = [str(DOCS.parent / "overlay"), str(DOCS.parent / "generated"), str(DOCS / "_ext")]

project = "PolarGrid SDK for Python"
author = "PolarGrid"
copyright = "PolarGrid; MIT licence"  # noqa: A001 - Sphinx's name
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
    "openapi_page",
    "llms_text",
    "own_host",
]
exclude_patterns = ["_ext"]

html_theme = "furo"
html_title = "PolarGrid SDK"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_copy_source = False  # each page is there as Markdown, beside its HTML
html_theme_options = {"top_of_page_buttons": []}

myst_enable_extensions = ["colon_fence", "attrs_inline"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints = "description"
autodoc_typehints_description_target = "documented_params"
autodoc_preserve_defaults = True
autodoc_default_options = {"exclude-members": "model_config"}
napoleon_numpy_docstring = False
python_maximum_signature_line_length = 100
add_module_names = False
toc_object_entries_show_parents = "hide"
copybutton_exclude = ".linenos, .gp, .go"


def setup(app: Sphinx) -> None:
    """What the docstrings and annotations of the SDK need."""
    app.connect("autodoc-process-signature", _signature)
    app.connect("autodoc-process-docstring", _set_aside, priority=400)  # before napoleon's
    app.connect("autodoc-process-docstring", _code_spans, priority=600)
    app.connect("builder-inited", _forget_overloads)
    app.connect("doctree-read", _leave_builtins)


def _signature(
    _: Sphinx, what: str, __: str, obj: type, ___: object, given: str | None, returned: str | None
) -> tuple[str | None, str | None]:
    """What a call answers is read and not made: it is shown by its fields. What may be left out is `...`."""
    if what == "class" and (
        issubclass(obj, pydantic.BaseModel) or obj.__module__.startswith(("polargrid_generated", "polargrid_runtime"))
    ):
        return given and "", None
    return given and given.replace("NOT_GIVEN", "..."), returned


_aside: dict[str, list[str]] = {}


def _set_aside(_: Sphinx, what: str, name: str, __: object, ___: object, lines: list[str]) -> None:
    """Napoleon takes what stands before a colon in the sentence of an attribute for its type."""
    if what in ("attribute", "property"):
        _aside[name], lines[:] = lines[:], []


def _code_spans(_: Sphinx, __: str, name: str, ___: object, ____: object, lines: list[str]) -> None:
    """Docstrings have code as Markdown has it; reStructuredText needs two marks."""
    lines[:] = lines or _aside.pop(name, [])
    lines[:] = ["``".join(line.split("`")) if "``" not in line else line for line in lines]


def _forget_overloads(_: Sphinx) -> None:
    """A call with many arguments is shown once, with what each means, and not once more for each form of its answer."""
    analyzer = ModuleAnalyzer.for_module("polargrid_generated.sync_resources")
    analyzer.analyze()
    analyzer.overloads.clear()


def _leave_builtins(_: Sphinx, doctree: nodes.document) -> None:
    """`object` and `type` are Python's in an annotation, and not the fields that some types have by that name."""
    for reference in list(doctree.findall(addnodes.pending_xref)):
        target = reference.get("reftarget", "")
        if reference.get("refdomain") == "py" and target.islower() and hasattr(builtins, target):
            reference.replace_self(reference.children)
