"""What the guides list is what there is, and the page of the HTTP API holds all of the document."""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path

import openai
import pytest

import polargrid
from polargrid import types
from polargrid.regions import POLARGRID_REGIONS, REGION_ALIASES
from polargrid_edge.models.catalog import MODELS

DOCS = Path(__file__).parent.parent.parent / "docs"


def _guide(name: str) -> str:
    return (DOCS / "guide" / f"{name}.md").read_text(encoding="utf-8")


def _cells(text: str, column: int) -> list[str]:
    """The code spans in a column of the tables of a page."""
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| ")]
    return [span for row in rows if len(row) > column for span in re.findall(r"`([^`]+)`", row[column])]


def _extension(name: str):
    spec = importlib.util.spec_from_file_location(name, DOCS / "_ext" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_guide_to_errors_has_every_error():
    """Every exception but the one above them all, and no other."""
    errors = {name for name in polargrid.__all__ if name.endswith("Error")} - {"PolarGridError"}
    assert set(_cells(_guide("errors"), 0)) == errors


def test_the_guide_to_regions_has_every_region():
    """With every alias."""
    page = _guide("regions")
    assert set(_cells(page, 0)) == {*POLARGRID_REGIONS, "local"}
    assert set(_cells(page, 1)) == set(REGION_ALIASES)


def test_the_guide_to_the_local_edge_has_every_model():
    """By the name that the edge lists."""
    assert set(_cells(_guide("local-edge"), 0)) == {model.id for model in MODELS}


def test_what_has_another_name_than_at_openai_has_both():
    """The classes in the second table of the guide are OpenAI's and ours."""
    table = _guide("from-openai").split("## By another name")[1].split("## Different")[0]
    theirs = [name for name in _cells(table, 0) if name[0].isupper() and not name.isupper() and "_" not in name]
    ours = [name for name in _cells(table, 1) if name[0].isupper() and "_" not in name]
    assert len(theirs) == 9
    assert [name for name in theirs if not hasattr(openai, name)] == []
    assert [name for name in ours if not hasattr(polargrid, name)] == []


def test_what_is_the_same_as_at_openai_is_there_on_both(edge):
    """Every call in the first table of the guide is a method of both clients."""
    table = _guide("from-openai").split("## The same")[1].split("## By another name")[0]
    calls = [name for name in _cells(table, 0) if re.fullmatch(r"(chat|completions|audio)(\.\w+)+", name)]
    assert len(calls) == 7
    with polargrid.PolarGridSync(base_url=edge.url) as client, openai.OpenAI(api_key="sk-not-used") as theirs:
        for side in (client, theirs):
            for call in calls:
                found = side
                for name in call.split("."):
                    found = getattr(found, name)
                assert callable(found), call


def test_the_methods_of_the_older_sdk_are_there():
    """Those that the guide says to be the same."""
    listed = _guide("from-polargrid-sdk").split("So are ")[1].split("the names of the exceptions")[0]
    names = re.findall(r"`(\w+)`", listed)
    assert len(names) == 18
    assert [name for name in names if not hasattr(polargrid.PolarGridSync, name)] == []


def test_what_is_not_there_is_not_there():
    """A method that is added makes the guide untrue."""
    named = re.findall(r"`(\w+)`", _guide("from-polargrid-sdk").split("## Not there")[1].split("## New")[0])
    assert "embeddings" in named
    for name in named:
        assert not hasattr(polargrid.PolarGridSync, name), name
        assert not hasattr(polargrid, name), name
        assert not hasattr(types, name), name


@pytest.fixture(scope="module")
def http() -> tuple[dict, str]:
    """The document, and its page."""
    extension = _extension("openapi_page")
    document = json.loads(extension.DOCUMENT.read_text(encoding="utf-8"))
    return document, extension.page(document)


def test_the_http_page_has_its_place():
    """Where the operations go; else the page would be built without them."""
    assert _extension("openapi_page").PLACE in (DOCS / "reference" / "http.md").read_text(encoding="utf-8")


def test_the_http_page_has_every_operation_with_its_statuses(http):
    """Under a heading of its own, a row for each status."""
    document, page = http
    sections = dict(re.findall(r"^### (\w+ /\S+)\n(.*?)(?=^##)", page, flags=re.MULTILINE | re.DOTALL))
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            section = sections.pop(f"{method.upper()} {path}")
            assert re.findall(r"^\| (\d{3}) \|", section, flags=re.MULTILINE) == list(operation["responses"])
    assert sections == {}


def test_the_http_page_has_every_type_with_its_fields(http):
    """A heading for each schema, a row for each of its own fields."""
    document, page = http
    sections = dict(
        re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", page.split("## Types")[1], flags=re.MULTILINE | re.DOTALL)
    )
    for name, schema in document["components"]["schemas"].items():
        assert set(schema.get("properties", ())) <= set(re.findall(r"^\| `(\w+)`", sections[name], flags=re.MULTILINE))
        assert sections[name].strip()


def test_the_http_page_links_to_types_that_are_there(http):
    """Every link of the page is the anchor of a heading."""
    _, page = http
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= {
        name.lower() for name in re.findall(r"^### (\w+)$", page, re.MULTILINE)
    }


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
def test_a_page_that_loads_from_elsewhere_is_seen(text):
    """Scripts, pictures, style sheets, fonts."""
    assert len(_extension("own_host").loaded_from_elsewhere(text)) == 1


@pytest.mark.parametrize("text", ['<a href="https://polargrid.ai">', '<script src="_static/x.js">', "url(#mask)"])
def test_a_page_that_links_elsewhere_loads_nothing(text):
    """A link is followed by a reader, not by a browser."""
    assert _extension("own_host").loaded_from_elsewhere(text) == []
