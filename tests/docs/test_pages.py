"""Tables in the guides match the code, and no page loads anything from another host."""

from __future__ import annotations

import re
import tomllib
from operator import attrgetter
from pathlib import Path

import pytest

import polargrid
from polargrid import errors, types
from polargrid.regions import POLARGRID_REGIONS, REGION_ALIASES
from polargrid_edge.models.catalog import MODELS
from tests.docs.extensions import load_extension

DOCS = Path(__file__).parent.parent.parent / "docs"


def _read_guide(name: str) -> str:
    return (DOCS / "guide" / f"{name}.md").read_text(encoding="utf-8")


def _code_spans(text: str, column: int) -> list[str]:
    """Return the code spans in a column of the tables of a page."""
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ")]
    return [span for row in rows if len(row) > column for span in re.findall(r"`([^`]+)`", row[column])]


def test_errors_guide_lists_every_exception():
    """Except for the base class."""
    assert set(_code_spans(_read_guide("errors"), 0)) == {*errors.__all__} - {"PolarGridError"}


def test_regions_guide_lists_every_region():
    """With its aliases."""
    page = _read_guide("regions")
    assert set(_code_spans(page, 0)) == {*POLARGRID_REGIONS, "local"}
    assert set(_code_spans(page, 1)) == set(REGION_ALIASES)


def test_local_edge_guide_lists_every_model():
    """By its id."""
    assert set(_code_spans(_read_guide("local-edge"), 0)) == {model.id for model in MODELS}


def test_readme_says_what_the_package_declares():
    """Versions of Python, types and licence; it has no badges, which come from other hosts."""
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = " ".join(project["classifiers"])
    versions = sorted(int(minor) for minor in re.findall(r"Python :: 3\.(\d+)", declared))
    assert versions == list(range(versions[0], versions[-1] + 1))
    assert project["requires-python"] == f">=3.{versions[0]}"
    assert "Typing :: Typed" in declared
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert f"Python 3.{versions[0]} to 3.{versions[-1]}, typed, {project['license']} licence." in readme
    assert "![" not in readme


def test_methods_of_polargrid_sdk_exist():
    """Those that the guide lists as the same."""
    section = (
        _read_guide("from-polargrid-sdk").split("The other methods are ")[1].split("The names of the exceptions")[0]
    )
    names = re.findall(r"`(\w+)`", section)
    assert len(names) == 18
    assert [name for name in names if not hasattr(polargrid.PolarGridSync, name)] == []


def test_calls_by_another_name_exist():
    """Those of the guide for users of polargrid-sdk."""
    table = _read_guide("from-polargrid-sdk").split("## By another name")[1].split("## Not supported")[0]
    client = polargrid.PolarGridSync(region="local")
    for name in _code_spans(table, 1):
        assert "=" in name or callable(attrgetter(name)(client)), name


def test_unsupported_names_do_not_exist():
    """Those that the guide lists as not supported."""
    names = re.findall(r"`(\w+)`", _read_guide("from-polargrid-sdk").split("## Not supported")[1].split("## New")[0])
    assert "RoutingScope" in names
    for name in names:
        assert not hasattr(polargrid.PolarGridSync, name), name
        assert not hasattr(polargrid, name), name
        assert not hasattr(types, name), name


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://cdn.example/x.js"></script>',
        "<img alt='' src='//cdn.example/x.png'>",
        '<link rel="stylesheet" href="https://cdn.example/x.css">',
        "a { background: url(https://cdn.example/x.woff2) }",
        '@import "https://cdn.example/x.css";',
    ],
)
def test_external_load_is_found(text):
    """Scripts, images, style sheets, fonts."""
    assert len(load_extension("own_host").find_external_loads(text)) == 1


@pytest.mark.parametrize("text", ['<a href="https://polargrid.ai">', '<script src="_static/x.js">', "url(#mask)"])
def test_external_link_is_no_load(text):
    """A browser loads it only after a click."""
    assert load_extension("own_host").find_external_loads(text) == []
