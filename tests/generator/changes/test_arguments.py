"""Each change of an argument of the real document is told in one line, breaking only if it breaks a caller."""

from __future__ import annotations

from typing import Any

import pytest

from generator.changes.document import DocumentFacts
from generator.changes.operations import compare_operations

GET = {"operationId": "read", "tags": ["models"], "summary": "Read.", "responses": {"204": {"description": "Done."}}}
Spec = dict[str, Any]


def operation(spec: Spec, path: str, method: str = "post") -> dict[str, Any]:
    return spec["paths"][path][method]


def schema(spec: Spec, name: str) -> dict[str, Any]:
    return spec["components"]["schemas"][name]


def remove_argument(spec):
    del schema(spec, "ChatCompletionRequest")["properties"]["seed"]


def add_argument(spec):
    schema(spec, "ChatCompletionRequest")["properties"]["warmth"] = {"type": "string", "enum": ["low", "high"]}


def add_required_argument(spec):
    add_argument(spec)
    schema(spec, "ChatCompletionRequest")["required"].append("warmth")


def rename_argument(spec):
    fields = schema(spec, "ChatCompletionRequest")["properties"]
    fields["random_seed"] = fields.pop("seed")


def require_argument(spec):
    schema(spec, "TranscriptionRequest")["required"] = ["model", "language"]


def release_argument(spec):
    schema(spec, "LoadModelRequest")["required"] = []


def narrow_argument(spec):
    schema(spec, "ChatCompletionRequest")["properties"]["stop"] = {"type": "string"}


def widen_argument(spec):
    schema(spec, "LoadModelRequest")["properties"]["model_name"]["type"] = ["string", "integer"]


def change_default(spec):
    schema(spec, "ChatCompletionRequest")["properties"]["temperature"]["default"] = 1.0


def tighten_bound(spec):
    schema(spec, "ChatCompletionRequest")["properties"]["n"]["maximum"] = 4


def loosen_bound(spec):
    schema(spec, "ChatCompletionRequest")["properties"]["n"]["maximum"] = 16


def name_values(spec):
    spec["components"]["schemas"]["Detail"] = {"type": "string", "enum": ["low", "high"]}
    add_argument(spec)
    reference = {"$ref": "#/components/schemas/Detail"}
    schema(spec, "ChatCompletionRequest")["properties"]["warmth"] = reference


def require_body(spec):
    operation(spec, "/v1/gpu/purge")["requestBody"]["required"] = True


def add_query_argument(spec):
    days = {"name": "days", "in": "query", "schema": {"type": "integer"}}
    operation(spec, "/v1/models", "get").setdefault("parameters", []).append(days)


def add_path_argument(spec):
    models = spec["paths"].pop("/v1/models/status")
    models["get"]["parameters"] = [{"name": "model", "in": "path", "required": True, "schema": {"type": "string"}}]
    spec["paths"]["/v1/models/{model}/status"] = models


def close_body(spec):
    schema(spec, "LoadModelRequest")["additionalProperties"] = False


def close_type(spec):
    schema(spec, "StreamOptions")["unevaluatedProperties"] = False


CASES: list[tuple[Any, str, str]] = [
    (remove_argument, "Breaking",
     "`chat_completion`: the argument `seed` is removed (`openapi.yaml:@chat_completion`)."),
    (add_argument, "Added", "`chat_completion`: the argument `warmth` (`openapi.yaml:@chat_completion`)."),
    (add_required_argument, "Breaking",
     "`chat_completion`: the new argument `warmth` is required (`openapi.yaml:@chat_completion`)."),
    (rename_argument, "Breaking",
     "`chat_completion`: the argument `seed` is now `random_seed` (`openapi.yaml:@chat_completion`)."),
    (require_argument, "Breaking",
     "`transcribe`: the argument `language` is required now (`openapi.yaml:@transcribe`)."),
    (release_argument, "Changed",
     "`load_model`: the argument `model_name` is optional now (`openapi.yaml:@load_model`)."),
    (narrow_argument, "Breaking",
     "`chat_completion`: the argument `stop` has the type `str`; it was `list[str] | str | None`"
     " (`openapi.yaml:@chat_completion`)."),
    (widen_argument, "Changed",
     "`load_model`: the argument `model_name` has the type `int | str`; it was `str` (`openapi.yaml:@load_model`)."),
    (change_default, "Changed",
     "`chat_completion`: the argument `temperature` has the default `1.0`; it was `0.7`"
     " (`openapi.yaml:@chat_completion`)."),
    (tighten_bound, "Breaking",
     "`chat_completion`: the argument `n` has the `maximum` `4`; it was `8` (`openapi.yaml:@chat_completion`)."),
    (loosen_bound, "Changed",
     "`chat_completion`: the argument `n` has the `maximum` `16`; it was `8` (`openapi.yaml:@chat_completion`)."),
    (require_body, "Breaking", "`purge_gpu`: the `request` is required now (`openapi.yaml:@purge_gpu`)."),
    (add_query_argument, "Added", "`list_models`: the argument `days` (`openapi.yaml:@list_models`)."),
    (close_body, "Breaking",
     "`load_model`: the `request` rejects fields that are not in its schema (`openapi.yaml:@load_model`)."),
    (close_type, "Breaking",
     "`StreamOptions`: the type rejects fields that are not in its schema (`openapi.yaml:@chat_completion`,"
     " `openapi.yaml:@completion`, `openapi.yaml:@stream_completion`)."),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "section", "line"), CASES, ids=[case[0].__name__ for case in CASES])
def test_change_is_one_line(assert_changes, edit, section, line):
    """One edit of the document is one line below the right heading."""
    assert_changes(edit, {section: [line]})


def test_order_of_required_parameters(spec):
    """Required parameters are arguments by position: those of the path in its order, in any order of the document."""

    def read(path: str, *names: str) -> DocumentFacts:
        parameters = [
            {"name": name, "in": "path" if f"{{{name}}}" in path else "query", "required": True,
             "schema": {"type": "string"}}
            for name in names
        ]  # fmt: skip
        return DocumentFacts({**spec, "paths": {path: {"get": {**GET, "parameters": parameters}}}})

    def compare(path: str, *orders: tuple[str, ...]) -> list[str]:
        old, new = (read(path, *names) for names in orders)
        return [change.text for change in compare_operations(old, new, str)]

    assert compare("/a/{x}/{y}", ("x", "y"), ("y", "x")) == []
    assert compare("/a/{x}", ("x", "q"), ("q", "x")) == []
    assert compare("/a", ("q", "r"), ("r", "q")) == ["the order of its arguments is `r`, `q`; it was `q`, `r`"]


def test_read_only_fields_are_no_arguments(assert_changes):
    """A field that only responses have changes no method."""

    def add_field(spec: Spec) -> None:
        item = schema(spec, "LoadModelRequest")
        item["properties"]["loaded_at"] = {"type": "string", "readOnly": True}
        item["required"].append("loaded_at")

    assert_changes(add_field, {})


def test_moved_operation_with_a_new_argument(assert_changes):
    """A new path with a parameter is a move, and a new required argument."""
    place = "(`openapi.yaml:@get_model_status`)."
    moved = "is sent to `GET /v1/models/{model}/status`; it was `GET /v1/models/status`"
    expected = {
        "Breaking": [f"`get_model_status`: the new argument `model` is required {place}"],
        "Changed": [f"`get_model_status`: {moved} {place}"],
    }
    assert_changes(add_path_argument, expected)


def test_same_change_of_several_operations_is_one_line(assert_changes):
    """An argument that two operations gain is told once."""

    def edit(spec):
        for name in ("LoadModelRequest", "UnloadModelRequest"):
            schema(spec, name)["properties"]["wait"] = {"type": "boolean"}

    places = "(`openapi.yaml:@load_model`, `openapi.yaml:@unload_model`)"
    assert_changes(edit, {"Added": [f"`load_model` and `unload_model`: the argument `wait` {places}."]})


def test_bound_of_a_branch(assert_changes):
    """A bound of one type of an argument is told with this type."""

    def edit(spec):
        prompt = schema(spec, "TextToSpeechRequest")["properties"]["input"]
        prompt["anyOf"] = [{"type": "string", "maxLength": 99}, {"type": "array", "items": {"type": "string"}}]

    def before(spec):
        edit(spec)
        schema(spec, "TextToSpeechRequest")["properties"]["input"]["anyOf"][0]["maxLength"] = 100

    place = "(`openapi.yaml:@text_to_speech`)"
    line = f"`text_to_speech`: the argument `input` has the `str.maxLength` `99`; it was `100` {place}."
    assert_changes(edit, {"Breaking": [line]}, before)


def test_values_get_a_name(assert_changes):
    """An enum with a name has the same values as one without, so a request may still have each of them."""
    place = "(`openapi.yaml:@chat_completion`)"
    expected = {
        "Added": ["`Detail`: the type (`openapi.yaml:@Detail`)."],
        "Changed": [
            f"`chat_completion`: the argument `warmth` has the type `Detail`; it was `Literal['high', 'low']` {place}."
        ],
    }
    assert_changes(name_values, expected, before=add_argument)
