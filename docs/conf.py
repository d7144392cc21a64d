"""Configuration of the site that `make docs` builds: Markdown pages, docstrings, the HTTP API of openapi.json."""

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
# The extensions of this site.
sys.path.insert(0, str(DOCS / "_ext"))

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
html_copy_source = False  # llms_text writes each page as Markdown
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
    """Adapt autodoc to the docstrings and annotations of the SDK."""
    app.connect("autodoc-process-signature", _shorten_signature)
    app.connect("autodoc-process-docstring", _hide_from_napoleon, priority=400)  # before napoleon's
    app.connect("autodoc-process-docstring", _convert_code_spans, priority=600)
    app.connect("builder-inited", _drop_overloads)
    app.connect("doctree-read", _unlink_builtins)
    _name_sources_of_exceptions()


def _name_sources_of_exceptions() -> None:
    """Sphinx reads the docstrings of attributes from the module that a class names: exceptions name the public one."""
    from polargrid_runtime import errors

    for name in errors.__all__:
        getattr(errors, name).__module__ = errors.__name__


_RETURNED = ("polargrid_generated", "polargrid_runtime")  # packages whose classes a program does not instantiate


def _shorten_signature(
    _: Sphinx, what: str, __: str, obj: type, ___: object, signature: str | None, return_type: str | None
) -> tuple[str | None, str | None]:
    """Show no constructor for what calls return, and `...` for the default of an argument that is not sent."""
    if what == "class" and (issubclass(obj, pydantic.BaseModel) or obj.__module__.startswith(_RETURNED)):
        return signature and "", None
    return signature and signature.replace("NOT_GIVEN", "..."), return_type


_hidden: dict[str, list[str]] = {}


def _hide_from_napoleon(_: Sphinx, what: str, name: str, __: object, ___: object, lines: list[str]) -> None:
    """Napoleon reads the text before a colon in the docstring of an attribute as its type."""
    if what in ("attribute", "property"):
        _hidden[name], lines[:] = lines[:], []


def _convert_code_spans(_: Sphinx, __: str, name: str, ___: object, ____: object, lines: list[str]) -> None:
    """Docstrings mark code as Markdown does; reStructuredText needs two backticks."""
    lines[:] = lines or _hidden.pop(name, [])
    lines[:] = ["``".join(line.split("`")) if "``" not in line else line for line in lines]


def _drop_overloads(_: Sphinx) -> None:
    """Show a method once, with its arguments, instead of one signature for each type of its response."""
    analyzer = ModuleAnalyzer.for_module("polargrid_generated.sync_resources")
    analyzer.analyze()
    analyzer.overloads.clear()


def _unlink_builtins(_: Sphinx, doctree: nodes.document) -> None:
    """In an annotation `object` and `type` are Python's, not the fields of that name."""
    for reference in list(doctree.findall(addnodes.pending_xref)):
        target = reference.get("reftarget", "")
        if reference.get("refdomain") == "py" and target.islower() and hasattr(builtins, target):
            reference.replace_self(reference.children)
