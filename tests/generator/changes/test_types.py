"""Each change of a type of the real document is told in one line, judged by whether callers send or read it."""

from __future__ import annotations

from typing import Any

import pytest

from generator.changes.report import DocumentComparison
from generator.changes.schemas import is_class
from polargrid_generated import models

Spec = dict[str, Any]


def schema(spec: Spec, name: str) -> dict[str, Any]:
    return spec["components"]["schemas"][name]


def fields(spec: Spec, name: str) -> dict[str, Any]:
    return schema(spec, name)["properties"]


def add_response_field(spec):
    fields(spec, "GPUProcess")["user"] = {"type": "string"}


def remove_response_field(spec):
    del fields(spec, "GPUProcess")["memory_mb"]
    schema(spec, "GPUProcess")["required"].remove("memory_mb")


def release_response_field(spec):
    schema(spec, "GPUProcess")["required"].remove("memory_mb")


def require_response_field(spec):
    schema(spec, "HealthFeatures")["required"] = ["dynamic_loading"]


def widen_response_field(spec):
    fields(spec, "GPUProcess")["pid"]["type"] = ["integer", "string"]


def narrow_response_field(spec):
    fields(spec, "HealthFeatures")["dynamic_loading"]["type"] = "boolean"


def add_response_value(spec):
    fields(spec, "HealthResponse")["status"]["enum"].append("draining")


def remove_response_value(spec):
    fields(spec, "HealthResponse")["status"]["enum"].remove("degraded")


def change_chunk_field(spec):
    del fields(spec, "ChatDelta")["content"]


def require_nested_argument(spec):
    schema(spec, "Message")["required"].append("name")


def remove_value(spec):
    values = schema(spec, "TTSVoice")
    del values["x-enum-varnames"][values["enum"].index("bm_lewis")]
    values["enum"].remove("bm_lewis")


def add_value(spec):
    schema(spec, "AudioFormat")["enum"].append("webm")
    schema(spec, "AudioFormat")["x-enum-varnames"].append("WEBM")


def rename_type(spec):
    replace_references(spec, "GPUProcess", "GPUTask")
    schemas = spec["components"]["schemas"]
    schemas["GPUTask"] = schemas.pop("GPUProcess")


def replace_references(node, old, new):
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        replace_references(item, old, new)
    if isinstance(node, dict) and node.get("$ref") == f"#/components/schemas/{old}":
        node["$ref"] = f"#/components/schemas/{new}"


def deprecate_field(spec):
    fields(spec, "Message")["name"]["deprecated"] = True


def change_error_field(spec):
    fields(spec, "ErrorDetail")["code"]["type"] = ["string", "integer", "null"]


CASES: list[tuple[Any, str, str]] = [
    (add_response_field, "Added", "`GPUProcess`: the field `user` (`openapi.yaml:@get_gpu_status`)."),
    (remove_response_field, "Breaking",
     "`GPUProcess`: the field `memory_mb` is removed (`openapi.yaml:@get_gpu_status`)."),
    (release_response_field, "Breaking",
     "`GPUProcess`: the field `memory_mb` is optional now (`openapi.yaml:@get_gpu_status`)."),
    (require_response_field, "Changed",
     "`HealthFeatures`: the field `dynamic_loading` is required now (`openapi.yaml:@health`)."),
    (widen_response_field, "Breaking",
     "`GPUProcess`: the field `pid` has the type `int | str`; it was `int` (`openapi.yaml:@get_gpu_status`)."),
    (narrow_response_field, "Changed",
     "`HealthFeatures`: the field `dynamic_loading` has the type `bool`; it was `bool | None`"
     " (`openapi.yaml:@health`)."),
    (add_response_value, "Added",
     "`HealthResponse`: the field `status` has the value `draining` (`openapi.yaml:@health`)."),
    (remove_response_value, "Changed",
     "`HealthResponse`: the field `status` has no longer the value `degraded` (`openapi.yaml:@health`)."),
    (change_chunk_field, "Breaking", "`ChatDelta`: the field `content` is removed (`openapi.yaml:@chat_completion`)."),
    (require_nested_argument, "Breaking",
     "`Message`: the field `name` is required now (`openapi.yaml:@chat_completion`)."),
    (remove_value, "Breaking",
     "`TTSVoice`: the type has no longer the value `bm_lewis`"
     " (`openapi.yaml:@chat_completion`, `openapi.yaml:@text_to_speech`)."),
    (add_value, "Added", "`AudioFormat`: the type has the value `webm` (`openapi.yaml:@text_to_speech`)."),
    (rename_type, "Breaking", "`GPUTask`: is the new name of the type `GPUProcess` (`openapi.yaml:@GPUTask`)."),
    (deprecate_field, "Deprecated", "`Message`: the field `name` is deprecated (`openapi.yaml:@chat_completion`)."),
    (change_error_field, "Breaking",
     "`ErrorDetail`: the field `code` has the type `int | str | None`; it was `str | None`"
     " (`openapi.yaml:@ErrorDetail.code`)."),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "section", "line"), CASES, ids=[case[0].__name__ for case in CASES])
def test_change_is_one_line(assert_changes, edit, section, line):
    """One edit of a type is one line below the right heading."""
    assert_changes(edit, {section: [line]})


def test_field_of_an_inline_object(assert_changes):
    """A field of an object without a name is told by its path."""

    def before(spec):
        fields(spec, "GPUProcess")["owner"] = {"type": "object", "properties": {"name": {"type": "string"}}}

    def edit(spec):
        fields(spec, "GPUProcess")["owner"]["properties"] = {}

    line = "`GPUProcess`: the field `owner.name` is removed (`openapi.yaml:@get_gpu_status`)."
    assert_changes(edit, {"Breaking": [line]}, before)


def test_new_and_removed_types(assert_changes):
    """A type that is added or removed is told with its own line."""

    def before(spec):
        spec["components"]["schemas"]["Old"] = {"type": "object", "properties": {"a": {"type": "string"}}}

    def edit(spec):
        del spec["components"]["schemas"]["Old"]
        spec["components"]["schemas"]["New"] = {"type": "object", "properties": {"b": {"type": "string"}}}

    removed = "`Old`: the type is removed (`openapi.yaml:@-Old` in v1.0)."
    assert_changes(edit, {"Breaking": [removed], "Added": ["`New`: the type (`openapi.yaml:@New`)."]}, before)


def strip_descriptions(node):
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        strip_descriptions(item)
    if isinstance(node, dict):
        for key in ("description", "summary", "example", "examples"):
            if not isinstance(node.get(key), dict) or key == "examples":
                node.pop(key, None)


def reverse_keys(node):
    for item in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        reverse_keys(item)
    if isinstance(node, dict):
        items = list(node.items())
        node.clear()
        node.update(reversed(items))


def reverse_enums(spec):
    for name in ("AudioFormat", "TTSVoice"):
        schema(spec, name)["enum"].reverse()
    for name in ("GPUProcess", "ChatCompletionRequest"):
        schema(spec, name)["required"].reverse()


def change_contract(spec):
    content = spec["paths"]["/v1/completions"]["post"]["responses"]["200"]["content"]["application/json"]
    content["x-agreement"] = []
    fields(spec, "GPUProcess")["pid"]["maximum"] = 10


def inline_reference(spec):
    schemas = spec["components"]["schemas"]
    fields(spec, "GPUStatusResponse")["timestamp"] = dict(schemas["Timestamp"])


@pytest.mark.parametrize("edit", [strip_descriptions, reverse_keys, reverse_enums, change_contract, inline_reference])
def test_other_edits_are_no_change(assert_changes, edit):
    """Prose, examples, order, and rules for servers alone are no change for callers."""
    assert_changes(edit, {})


def test_classes_are_those_of_the_generated_types(document):
    """The types whose names are compared are the generated classes."""
    schemas = document["components"]["schemas"]
    classes = {name for name in models.__all__ if getattr(getattr(models, name), "__module__", "") == models.__name__}
    assert {name for name, item in schemas.items() if is_class(item)} == classes & schemas.keys()


def test_document_without_changes(document):
    """A document is equal to itself."""
    assert DocumentComparison(document, document).compare(str) == []
