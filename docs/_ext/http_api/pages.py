"""The pages of the HTTP API: which operation and which type is on which of them; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from http_api.document import Json, Operation, list_operations, list_tags, resolve
from http_api.operations import OperationWriter, list_shared_errors
from http_api.schemas import SchemaWriter, limits, to_cell

SHARED = "shared"
"""The page of what several tags share."""
_SHARED_TITLE = "Shared errors, parameters and types"


def write_pages(document: Json) -> dict[str, str]:
    """Return the text of each page by its name: one for each tag, and the shared one."""
    operations = list_operations(document)
    pages = {to_page(tag): text for tag, text in _write_tags(document, operations)}
    return {**pages, SHARED: "\n".join(_write_shared(document, operations))}


def write_overview(document: Json, folder: str) -> str:
    """Return a table of every operation for each tag, with links to the pages in `folder`."""
    operations = list_operations(document)
    lines: list[str] = []
    for tag in list_tags(document, operations):
        page = to_page(tag["name"])
        lines += [f"## {_title(tag)}", "", _sentence(tag.get("description", "")), ""]
        lines += ["| Operation | |", "|---|---|"]
        for operation in operations:
            if operation.tag == tag["name"]:
                name = f"[{operation.title}]({folder}/{page}.md#{to_anchor(operation.title)})"
                deprecated = " Deprecated." if operation.fields.get("deprecated") else ""
                lines.append(f"| {name} | {to_cell(operation.fields.get('summary', ''))}{deprecated} |")
        lines.append("")
    names = [*(to_page(tag["name"]) for tag in list_tags(document, operations)), SHARED]
    return "\n".join([*lines, ":::{toctree}", ":hidden:", "", *(f"{folder}/{name}" for name in names), ":::", ""])


def to_page(tag: str) -> str:
    """Return the file name of a tag's page."""
    name = re.sub(r"[^a-z0-9]+", "-", tag.lower()).strip("-") or "other"
    return f"{name}-operations" if name == SHARED else name


def to_anchor(title: str) -> str:
    """Return the anchor of a heading, as GitHub and MyST build it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def place_types(document: Json, operations: list[Operation]) -> dict[str, str]:
    """Return the page of each type: that of the only tag whose operations reach it, else the shared one."""
    tags: dict[str, set[str]] = {name: set() for name in document.get("components", {}).get("schemas", {})}
    for operation in operations:
        for name in operation.types:
            tags[name].add(operation.tag)
    return {name: to_page(next(iter(users))) if len(users) == 1 else SHARED for name, users in tags.items()}


def _write_tags(document: Json, operations: list[Operation]) -> Iterator[tuple[str, str]]:
    pages = place_types(document, operations)
    for tag in list_tags(document, operations):
        name, page = tag["name"], to_page(tag["name"])
        schemas = _create_schema_writer(document, pages, page)
        writer = OperationWriter(document, schemas, lambda name: _link_parameter(document, name))
        lines = [f"# {_title(tag)}", "", _sentence(tag.get("description", "")), ""]
        for operation in operations:
            lines += writer.write(operation) if operation.tag == name else ()
        yield name, "\n".join([*lines, *_write_types(document, schemas, pages, page)])


def _write_shared(document: Json, operations: list[Operation]) -> Iterator[str]:
    pages = place_types(document, operations)
    schemas = _create_schema_writer(document, pages, SHARED)
    yield from (f"# {_SHARED_TITLE}", "", "What the operations of several tags have in common.", "")
    errors = sorted({pair for operation in operations for pair in list_shared_errors(operation).items()})
    if errors:
        components = document["components"]["responses"]
        responses = [(status, resolve(document, components[name])) for status, name in errors]
        yield from ("## Errors", "", *schemas.write_responses(responses), "")
    parameters = document.get("components", {}).get("parameters", {})
    if parameters:
        yield from ("## Shared parameters", "")
    for parameter in parameters.values():
        schema = parameter.get("schema", {})
        kind = f"In the {parameter['in']}, {schemas.describe(schema)} {limits(schema)}".rstrip()
        yield from (f"### {parameter['name']}", "", parameter.get("description", ""), "", f"{kind}.", "")
    yield from _write_types(document, schemas, pages, SHARED)


def _create_schema_writer(document: Json, pages: Mapping[str, str], page: str) -> SchemaWriter:
    def link(name: str) -> str:
        return f"[{name}]({'' if pages[name] == page else pages[name] + '.md'}#{to_anchor(name)})"

    return SchemaWriter(document, link)


def _link_parameter(document: Json, name: str) -> str:
    header = document["components"]["parameters"][name]["name"]
    return f"[{header}]({SHARED}.md#{to_anchor(header)})"


def _write_types(document: Json, schemas: SchemaWriter, pages: Mapping[str, str], page: str) -> Iterator[str]:
    names = [name for name, home in pages.items() if home == page]
    if names:
        yield from ("## Types on this page", "")
    for name in names:
        schema = document["components"]["schemas"][name]
        fields = [*schemas.write_fields(schema)]
        kind = f"{schemas.describe(schema)} {limits(schema)}".rstrip()
        uses = {name: schema[name] for name in ("description", "deprecated") if name in schema}
        yield from (f"### {name}", "", schemas.describe_use(uses), "")
        yield from fields or (f"{kind}.", "")


def _title(tag: Json) -> str:
    name = str(tag["name"])
    return name.upper() if len(name) <= 3 else name[:1].upper() + name[1:]  # an abbreviation, like GPU


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}." if text else ""
