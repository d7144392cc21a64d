"""`x-call`: the name of an operation on the clients, and the names that are rejected."""

from __future__ import annotations

import re
from typing import Any

import pytest

from generator.__main__ import ROOT
from generator.arguments import parse_arguments
from generator.inputs import build_inputs
from generator.methods import Method
from generator.normalize import normalize
from generator.operations import APIOperation, parse_operations
from generator.render import render
from generator.resources import Resource, build_resources
from generator.spec import SpecError

MODELS = (ROOT / "generated/polargrid_generated/models.py").read_text(encoding="utf-8")
CHAT = ("/v1/chat/completions", "post")


def operations_of(spec: dict[str, Any]) -> list[APIOperation]:
    return parse_operations(normalize(spec))


def resources_of(spec: dict[str, Any], models: str = MODELS) -> list[Resource]:
    arguments = parse_arguments(models)
    return build_resources([build_inputs(operation, arguments) for operation in operations_of(spec)])


def method_of(spec: dict[str, Any], call: str) -> Method:
    return next(method for resource in resources_of(spec) for method in resource.methods if method.op.call == call)


# Names


def test_parents_precede_children(document):
    """`audio.speech.create` is a method of `speech`, which is a child of `audio`."""
    resources = resources_of(document)
    paths = [resource.path for resource in resources]
    assert paths.index(("audio",)) < paths.index(("audio", "speech"))
    audio = next(resource for resource in resources if resource.path == ("audio",))
    assert [child.name for child in audio.children] == ["speech", "transcriptions", "translations"]
    assert audio.methods == []


def test_resource_lists_its_calls(document):
    """A resource lists every call below it, including `stream` and the helpers."""
    calls = {resource.path: resource.calls for resource in resources_of(document)}
    names = [f"`chat.completions.{name}`" for name in ("create", "stream", "parse", "run_tools")]
    assert calls["chat",] == calls["chat", "completions"] == names
    assert calls["models",][0] == "`models.list`"


def test_beta_has_the_resources_with_parse(document, spec):
    """`client.beta.chat` is `client.chat`: it is derived, and absent if nothing has the helper."""
    beta = next(resource for resource in resources_of(document) if resource.path == ("beta",))
    assert [child.path for child in beta.children] == [("chat",)]
    del spec["paths"][CHAT[0]][CHAT[1]]["x-call-also"]
    assert all(resource.path != ("beta",) for resource in resources_of(spec))


def test_methods_with_other_responses(document):
    """`with_raw_response` and `with_streaming_response` have each method that returns one response, and `parse`."""
    methods = {resource.path: resource.response_methods for resource in resources_of(document)}
    assert methods["chat", "completions"] == ["create", "parse"]
    assert methods["audio", "speech"] == ["create"]
    assert methods["chat",] == []


def test_x_call_is_optional(spec):
    """An operation without `x-call` is a method of the client only."""
    del spec["paths"]["/v1/gpu/purge"]["post"]["x-call"]
    assert "gpu.purge" not in {method.op.call for resource in resources_of(spec) for method in resource.methods}
    assert "purge_gpu" in {operation.name for operation in operations_of(spec)}


# Return types


def test_return_type_names_each_type_once(document):
    """The return type of the implementation is the union of its overloads."""
    returns = method_of(document, "chat.completions.create").returns(is_async=True)
    assert returns == "ChatCompletionResponse | AsyncStream[ChatCompletionChunk]"


def test_response_selector_becomes_overloads(document):
    """`x-answers` becomes an overload for each response type; the default value can be omitted."""
    overloads = method_of(document, "audio.transcriptions.create").overloads(is_async=False)
    assert [(overload.annotations.get("response_format"), overload.returns) for overload in overloads][:3] == [
        ("Literal['verbose_json']", "VerboseTranscriptionResponse"),
        ("Literal['json'] | NotGiven = NOT_GIVEN", "TranscriptionResponse"),
        ("Literal['text', 'srt', 'vtt']", "str"),
    ]


def test_parse_names_the_models_of_the_response(document):
    """`x-call-also: [parse]` derives generic classes from the response, its choices and their messages."""
    parsed = method_of(document, "chat.completions.create").op.parsed
    assert parsed is not None
    assert (parsed.response, parsed.choice, parsed.message) == (
        "ChatCompletionResponse",
        "ChatCompletionChoice",
        "ChatMessage",
    )
    assert parsed.response_class == "ParsedChatCompletion"


def test_parsed_classes_require_the_helper(spec):
    """Without `parse` there are no generic classes."""
    spec["paths"][CHAT[0]][CHAT[1]]["x-call-also"] = ["run_tools"]
    files = render(operations_of(spec), MODELS)
    assert "parsed.py" not in files
    assert [name for name, text in files.items() if "polargrid_generated.parsed" in text] == []


# Errors


@pytest.mark.parametrize(
    "call",
    ["create", "Chat.create", "chat.completions.create()", "chat..create", ".create", "chat.", "chat.class", "1.a", 7],
)
def test_invalid_name(spec, call):
    """The error names the operation, the value, and an example."""
    spec["paths"][CHAT[0]][CHAT[1]]["x-call"] = call
    message = f"POST /v1/chat/completions: x-call {call!r} is not a dotted name like chat.completions.create"
    with pytest.raises(SpecError, match=re.escape(message)):
        operations_of(spec)


@pytest.mark.parametrize(
    ("call", "conflict"),
    [
        pytest.param("completions.create", "completions.create", id="another operation"),
        pytest.param("chat.completions", "chat.completions", id="a resource"),
        pytest.param("health.check", "health.check", id="a method of the client"),
        pytest.param("models.list.all", "models.list", id="a method of a resource"),
        pytest.param("chat.completions.stream", "chat.completions.stream", id="stream"),
        pytest.param("chat.completions.parse", "chat.completions.parse", id="a helper"),
        pytest.param("chat.completions.with_raw_response", "chat.completions.with_raw_response", id="an attribute"),
    ],
)
def test_duplicate_name(spec, call, conflict):
    """A name is unique on the client and on every resource; the error has the operation's location."""
    spec["paths"]["/v1/gpu/purge"]["post"]["x-call"] = call
    message = re.escape(f"x-call: '{conflict}' is the name of another operation")
    with pytest.raises(SpecError, match=message) as caught:
        resources_of(spec)
    assert caught.value.location[:2] in (("paths", "/v1/gpu/purge"), ("paths", CHAT[0]))


@pytest.mark.parametrize("name", ["timeout", "extra_body", "options", "file"])
def test_field_with_a_reserved_name(spec, name):
    """A field cannot have the name of an argument that every method has."""
    models = MODELS.replace("    force: bool", f"    {name}: bool", 1)
    assert models != MODELS
    with pytest.raises(SpecError, match=f"x-call: the field '{name}' has the name of an argument") as caught:
        resources_of(spec, models)
    assert caught.value.location == ("paths", "/v1/gpu/purge", "post", "x-call")


def test_field_and_parameter_with_one_name(spec):
    """A field cannot have the name of a parameter."""
    query = {"name": "force", "in": "query", "schema": {"type": "boolean"}, "description": "Again."}
    spec["paths"]["/v1/gpu/purge"]["post"]["parameters"] = [query]
    models = f"{MODELS}\n\nclass PurgeGpuParameters(BaseModel):\n    force: bool | None = None\n"
    with pytest.raises(SpecError, match="x-call: 'force' is both a parameter and a field"):
        resources_of(spec, models)


QUERY = {"name": "n", "in": "query", "schema": {"type": "integer"}, "description": "A number."}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"x-call-also": ["dance"]}, "unknown x-call-also 'dance'; expected one of parse, run_tools"),
        ({"x-call-also": "parse"}, "unknown x-call-also 'p'"),
        ({"x-call": None}, "x-call-also requires x-call"),
        ({"parameters": [QUERY]}, "x-call-also requires an operation without parameters and files"),
    ],
)
def test_invalid_helpers(spec, changes, message):
    """There are two helpers, for operations that have an `x-call` and only a body."""
    spec["paths"][CHAT[0]][CHAT[1]] |= changes
    with pytest.raises(SpecError, match=message):
        operations_of(spec)


def test_parse_requires_messages(spec):
    """`parse` is rejected for a response without messages."""
    spec["paths"]["/v1/completions"]["post"]["x-call-also"] = ["parse"]
    with pytest.raises(SpecError, match=r"POST /v1/completions: x-call-also: parse requires .* choices\[\]\.message"):
        operations_of(spec)
