"""The pages of the HTTP API have all of the document, each thing on one page, and every link leads to a heading."""

from __future__ import annotations

import importlib
import inspect
import re
from typing import Any

import pytest

import polargrid
from polargrid_generated import sync_resources
from polargrid_testing.samples import METHODS, load_document
from tests.docs.extensions import FOLDER, load_extension

#: Characters of a page: about as many as twenty screens.
READABLE = 60_000
#: Constructs that openapi.yaml may have one day.
SPEC: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Test", "version": "1"},
    "security": [{"bearerAuth": []}],
    "tags": [{"name": "things", "description": "Things"}],
    "paths": {
        "/v1/things/{id}?kind={kind}&stream=true": {
            "parameters": [{"name": "id", "in": "path", "required": True, "description": "Id.", "schema": {}}],
            "post": {
                "operationId": "stream_thing",
                "x-call": "things.retrieve(stream=True)",
                "tags": ["things"],
                "deprecated": True,
                "x-pages": {"items": "$response.body#/data", "parameter": "after", "next": "$response.body#/page/last"},
                "x-job": {"poll": "get_thing", "id": "$response.body#/id", "parameter": "thing"},
                "summary": "Stream.",
                "servers": [{"url": "https://other.example"}],
                "security": [],
                "parameters": [
                    {"name": "kind", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "tags", "in": "query", "explode": False, "schema": {"type": "array", "items": {}}},
                    {"name": "by", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
                    {"name": "X-Team", "in": "header", "schema": {"type": "string"}},
                    {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                ],
                "requestBody": {
                    "content": {
                        "multipart/form-data": {
                            "schema": {
                                "type": "object",
                                "required": ["files"],
                                "properties": {
                                    "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                                    "note": {"type": "string", "deprecated": True},
                                },
                            },
                            "encoding": {"files": {"contentType": "image/png"}},
                        }
                    }
                },
                "responses": {
                    "2XX": {
                        "description": "Events.",
                        "content": {
                            "text/event-stream": {
                                "schema": {"$ref": "#/components/schemas/Event"},
                                "x-event-stream": {"last": {"type": "done"}},
                            }
                        },
                    },
                    "default": {"description": "An error."},
                },
            },
        },
    },
    "components": {"schemas": {"Event": {"type": "object", "properties": {"data": {"type": "string"}}}}},
}


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    """The pages of openapi.yaml."""
    load_extension("openapi_page")
    return importlib.import_module("http_api.pages").write_pages(load_document())


def list_sections(pages: dict[str, str], level: str) -> list[tuple[str, str]]:
    """Return the title and the text of each section of a level."""
    found: list[tuple[str, str, str]] = []
    for text in pages.values():
        parts = re.split(r"^(#{2,3}) (.+)$", text, flags=re.MULTILINE)[1:]
        found += zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    return [(title, body) for marks, title, body in found if marks == level]


def test_each_operation_has_a_section(pages):
    """With each of its responses: a row, or the status of an error that the shared page describes."""
    document = load_document()
    sections = dict(list_sections(pages, "##"))
    shared = set(re.findall(r"^\| (\w{3}) \|", sections["Errors"], flags=re.MULTILINE))
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item:
                body = sections[f"{method.upper()} {path}"]
                rows = re.findall(r"^\| (\w{3}|default) \|", body, flags=re.MULTILINE)
                errors = re.findall(
                    r"\b[45]\d\d\b", "".join(re.findall(r"^\*\*Errors\*\*.*", body, flags=re.MULTILINE))
                )
                assert sorted(rows + errors) == sorted(item[method]["responses"])
                assert set(errors) <= shared
                assert f"`client.{item[method]['operationId']}`" in body


def test_each_type_is_on_one_page(pages):
    """With a row for each of its fields."""
    sections = list_sections(pages, "###")
    for name, schema in load_document()["components"]["schemas"].items():
        (body,) = [body for title, body in sections if title == name]
        assert set(schema.get("properties", ())) <= set(re.findall(r"^\| `([^`]+)`", body, flags=re.MULTILINE))
        assert body.strip()


def test_each_link_leads_to_a_heading(pages):
    """Of this page, or of another one."""
    to_anchor = importlib.import_module("http_api.pages").to_anchor
    anchors = {
        name: [to_anchor(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
        for name, text in pages.items()
    }
    for name, text in pages.items():
        for page, anchor in re.findall(r"\]\(([\w-]*)(?:\.md)?#([^)]+)\)", text):
            assert anchors[page or name].count(anchor) == 1, (name, page, anchor)


def test_each_page_has_a_readable_length(pages):
    """They are split by tag."""
    assert {name: len(text) for name, text in pages.items() if len(text) > READABLE} == {}


def test_overview_links_to_each_operation(pages):
    """And lists each page."""
    overview = importlib.import_module("http_api.pages").write_overview(load_document(), "http")
    assert len(re.findall(r"^\| \[", overview, flags=re.MULTILINE)) == len(
        [title for title, _ in list_sections(pages, "##") if " /" in title]
    )
    assert all(f"http/{name}" in overview for name in pages)


def test_markers_are_in_the_pages():
    """They are replaced when Sphinx reads them."""
    extension = load_extension("openapi_page")
    reference = FOLDER.parent / "reference"
    assert extension.OPERATIONS in (reference / "http.md").read_text(encoding="utf-8")
    assert extension.RESOURCES in (reference / "resources.md").read_text(encoding="utf-8")
    assert extension.FUNCTIONS in (reference / "raw.md").read_text(encoding="utf-8")


def public_values(kind):
    return [value for name, value in vars(kind).items() if not name.startswith("_")]


def test_page_of_resources_lists_each_resource():
    """By its class, which exists, and by its name on a client."""
    text = load_extension("openapi_page").write_resources(load_document())
    classes = re.findall(r"autoclass:: (\w+)", text)
    resources = {name: kind for name, kind in vars(sync_resources).items() if name.endswith("Resource")}
    with_methods = [name for name, kind in resources.items() if any(map(inspect.isfunction, public_values(kind)))]
    assert sorted(classes) == sorted(with_methods)
    client = polargrid.PolarGridSync(region="local")
    for name in re.findall(r"^client\.(\S+)$", text, flags=re.MULTILINE):
        resource = client
        for part in name.split("."):
            resource = getattr(resource, part)
        assert type(resource).__name__ in classes


def test_constructs_of_openapi():
    """The place of each parameter, files, encodings, the end of a stream, deprecation, server and key."""
    load_extension("openapi_page")
    (body,) = [
        body
        for title, body in list_sections(importlib.import_module("http_api.pages").write_pages(SPEC), "##")
        if title == "POST /v1/things/{id}?kind={kind}&stream=true"
    ]
    rows = re.findall(r"^\| `([\w-]+)`( \*)? \| (\w+) \| ([^|]+) \| (.*?) ?\|$", body, flags=re.MULTILINE)
    assert {name: (mark, place, text) for name, mark, place, _, text in rows} == {
        "id": (" *", "path", "Id."),
        "kind": (" *", "query", ""),
        "stream": (" *", "query", "Always `true`."),
        "tags": ("", "query", "Written as `a,b`."),
        "by": ("", "query", "Written as `by[field]=value`."),
        "X-Team": ("", "header", ""),
        "session": ("", "cookie", ""),
    }
    for text in (
        "**Deprecated.**",
        "`client.things.retrieve(stream=True)` or `client.stream_thing`. Requires no API key.",
        "Base URL: `https://other.example`",
        "| `files` * | array of file | |",
        "| `note` | string | **Deprecated.** |",
        "The part `files` is `image/png`.",
        "**Pages**: `after` is `page.last` of the last page. In Python, `client.things.retrieve_iter` yields",
        "**Job**: `get_thing` with `thing` = `id` returns its state, and its result at the end.",
        "`client.things.retrieve_and_poll` waits",
        "server-sent events. The last event is the one in which `type` is `done`.",
    ):
        assert " ".join(text.split()) in " ".join(body.split()), text
