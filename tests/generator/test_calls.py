"""`x-call`: what an operation is called on a client, and what it may not be called."""

from __future__ import annotations

import copy
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from generator.__main__ import ROOT, main
from generator.arguments import Argument, arguments_by_type
from generator.operations import list_items, operations
from generator.resources import Method, resources
from generator.spec import SpecError, read

DOCUMENT = ROOT / "openapi.yaml"
MODELS = (ROOT / "generated/polargrid_generated/models.py").read_text(encoding="utf-8")
CHAT = ("/v1/chat/completions", "post")


@pytest.fixture(scope="module")
def document() -> dict:
    return read(DOCUMENT)


@pytest.fixture
def spec(document) -> dict:
    """The document, to be changed."""
    return copy.deepcopy(document)


def made(spec: dict, models: str = MODELS):
    return resources(operations(spec), arguments_by_type(models))


def method_of(spec: dict, call: str) -> Method:
    return next(method for resource in made(spec) for method in resource.methods if method.op.call == call)


# What becomes of a name


def test_resources_stand_in_one_another(spec):
    """`audio.speech.create` is a method of `speech`, which is in `audio`; each stands before those in it."""
    found = made(spec)
    paths = [resource.path for resource in found]
    assert paths.index(("audio",)) < paths.index(("audio", "speech"))
    audio = next(resource for resource in found if resource.path == ("audio",))
    assert [child.name for child in audio.children] == ["speech", "transcriptions", "translations"]
    assert audio.methods == []


def test_a_resource_names_all_that_it_can_do(spec):
    """Its docstring has every call below it: those that `x-call-also` and streaming bring, too."""
    calls = {resource.path: resource.calls for resource in made(spec)}
    names = [f"`chat.completions.{name}`" for name in ("create", "stream", "parse", "run_tools")]
    assert calls["chat",] == calls["chat", "completions"] == names
    assert calls["models",][0] == "`models.list`"


def test_an_operation_without_a_name_is_on_the_client_alone(spec):
    """`x-call` is not needed."""
    del spec["paths"]["/v1/gpu/purge"]["post"]["x-call"]
    assert "gpu.purge" not in {method.op.call for resource in made(spec) for method in resource.methods}
    assert "purge_gpu" in {operation.name for operation in operations(spec)}


def test_what_a_method_may_answer_is_said_once(spec):
    """The overloads tell which; together they name each type once."""
    answer = method_of(spec, "chat.completions.create").answer(is_async=True)
    assert answer == "ChatCompletionResponse | AsyncStream[ChatCompletionChunk]"


def test_the_argument_that_chooses_the_answer(spec):
    """`x-answers` becomes overloads: the value that is the default may be left out."""
    variants = method_of(spec, "audio.transcriptions.create").variants(is_async=False)
    assert [(dict(variant.annotations)["response_format"], variant.answer) for variant in variants][:3] == [
        ("Literal['verbose_json']", "VerboseTranscriptionResponse"),
        ("Literal['json'] | NotGiven = NOT_GIVEN", "TranscriptionResponse"),
        ("Literal['text', 'srt', 'vtt']", "str"),
    ]


def test_lists(spec):
    """An answer of the shape {object: list, data: [...]} is iterated for its items."""
    assert list_items(spec) == {"ListModelsResponse": "ModelInfo"}
    spec["components"]["schemas"]["ListModelsResponse"]["properties"]["object"] = {"type": "string", "enum": ["list"]}
    assert list_items(spec) == {"ListModelsResponse": "ModelInfo"}
    spec["components"]["schemas"]["ListModelsResponse"]["properties"]["object"] = {"const": "page"}
    assert list_items(spec) == {}


# What a field becomes


@pytest.mark.parametrize(
    ("annotation", "accepted"),
    [
        ("str", "str"),
        ("list[str]", "Sequence[str]"),
        ("list[Part] | str | None", "Sequence[Part | Mapping[str, Any]] | str | None"),
        ("Colour", "Colour | Literal['red', 'blue']"),
        ("Colour | str", "Colour | Literal['red', 'blue'] | str"),
        ("Annotated[int | None, Field(ge=0)]", "int | None"),
        ("Annotated[list[Annotated[Part, Field()]], Field(min_length=1)]", "Sequence[Part | Mapping[str, Any]]"),
        ("dict[str, Part]", "dict[str, Part | Mapping[str, Any]]"),
        ("Literal['a', 'b'] | None", "Literal['a', 'b'] | None"),
        ("Part | Part", "Part | Mapping[str, Any]"),
    ],
)
def test_what_an_argument_takes(annotation, accepted):
    """A mapping beside a model, a value beside an enum, any sequence for a list; bounds are the type's affair."""
    models = f"""
class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"

class Part(BaseModel):
    text: str

class Request(BaseModel):
    field: {annotation}
    \"\"\"
    What it
    is for.
    \"\"\"
    other: int = 0
"""
    assert arguments_by_type(models)["Request"] == [
        Argument("field", accepted, required=True, description="What it is for."),
        Argument("other", "int", required=False, description=""),
    ]


# What cannot be


@pytest.mark.parametrize(
    "call",
    ["create", "Chat.create", "chat.completions.create()", "chat..create", ".create", "chat.", "chat.class", "1.a", 7],
)
def test_a_name_that_is_none(spec, call):
    """It is told with the operation, and what a name looks like."""
    spec["paths"][CHAT[0]][CHAT[1]]["x-call"] = call
    with pytest.raises(SpecError, match=r"POST /v1/chat/completions: x-call must be names with dots between, like"):
        operations(spec)


@pytest.mark.parametrize(
    ("call", "other"),
    [
        ("completions.create", "completions.create"),  # another operation's
        ("chat.completions", "chat.completions"),  # what is a resource already
        ("health.check", "health.check"),  # what is a method of the client
        ("models.list.all", "models.list"),  # what is a method of a resource
        ("chat.completions.stream", "chat.completions.stream"),  # what streaming brings
        ("chat.completions.parse", "chat.completions.parse"),  # what x-call-also brings
        ("chat.completions.with_raw_response", "chat.completions.with_raw_response"),  # what every resource has
    ],
)
def test_a_name_that_is_taken(spec, call, other):
    """One name is one thing, on the client and on every resource; the place is the operation's."""
    spec["paths"]["/v1/gpu/purge"]["post"]["x-call"] = call
    with pytest.raises(SpecError, match=re.escape(f"x-call: '{other}' is taken by another operation")) as fault:
        made(spec)
    assert fault.value.place[:2] in (("paths", "/v1/gpu/purge"), ("paths", CHAT[0]))


@pytest.mark.parametrize("name", ["timeout", "extra_body", "options", "file"])
def test_a_field_that_is_called_as_an_option(spec, name):
    """A method could not tell them apart."""
    models = MODELS.replace("    force: bool", f"    {name}: bool", 1)
    assert models != MODELS
    with pytest.raises(SpecError, match=f"x-call: the field '{name}' has the name of an option") as fault:
        made(spec, models)
    assert fault.value.place == ("paths", "/v1/gpu/purge", "post", "x-call")


def test_a_field_that_is_called_as_a_parameter(spec):
    """Nor these."""
    query = {"name": "force", "in": "query", "schema": {"type": "boolean"}, "description": "Again."}
    spec["paths"]["/v1/gpu/purge"]["post"]["parameters"] = [query]
    with pytest.raises(SpecError, match="x-call: 'force' is both a parameter and a field"):
        made(spec)


@pytest.mark.parametrize(
    ("call", "also", "told"),
    [
        ("chat.completions.create", ["dance"], "x-call-also: 'dance' is none of parse, run_tools"),
        ("chat.completions.create", "parse", "x-call-also: 'p' is none of"),
        (None, ["parse"], "x-call-also stands beside an x-call"),
    ],
)
def test_what_else_a_client_cannot_do(spec, call, also, told):
    """It knows two things, and only of an operation with a name."""
    spec["paths"][CHAT[0]][CHAT[1]] |= {"x-call": call, "x-call-also": also}
    with pytest.raises(SpecError, match=told):
        operations(spec)


def test_a_fault_is_told_with_its_line(tmp_path, capsys):
    """As every fault of the document."""
    text = DOCUMENT.read_text(encoding="utf-8").replace("x-call: gpu.purge", "x-call: gpu.memory", 1)
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    assert main(["--spec", str(tmp_path / "openapi.yaml"), "--output", str(tmp_path / "out")]) == 1
    line = text.splitlines().index("      operationId: purge_gpu") + 2
    assert capsys.readouterr().err == f"openapi.yaml:{line}: x-call: 'gpu.memory' is taken by another operation\n"


# A new operation


SAY = """
  /v1/words/{word}:
    post:
      operationId: say_word
      x-call: words.aloud.say
      tags: [text]
      summary: Say a word.
      security: [{bearerAuth: []}]
      parameters:
        - {name: word, in: path, required: true, description: The word., schema: {type: string}}
        - {name: times, in: query, description: How often., schema: {type: integer}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {$ref: '#/components/schemas/SayRequest'}
            example: {voice: {name: anna}}
      responses:
        '200':
          description: The word.
          headers:
            x-request-id: {$ref: '#/components/headers/RequestId'}
          content:
            application/json:
              schema: {$ref: '#/components/schemas/SayResponse'}
              example: {object: list, data: [{text: hello}]}
        '401': {$ref: '#/components/responses/Unauthorized'}

components:
"""
SCHEMAS = """
    SayRequest:
      type: object
      description: How to say it.
      required: [voice]
      properties:
        voice: {$ref: '#/components/schemas/SayVoice'}
        pitch: {type: [number, 'null'], minimum: 0, description: How high.}

    SayVoice:
      type: object
      description: Who says it.
      required: [name]
      properties:
        name: {type: string, description: What they are called.}

    SayResponse:
      type: object
      description: What was said.
      required: [object, data]
      properties:
        object: {type: string, const: list, description: Always `list`.}
        data: {type: array, description: What was said., items: {$ref: '#/components/schemas/SayWord'}}

    SayWord:
      type: object
      description: A word that was said.
      required: [text]
      properties:
        text: {type: string, description: The word.}

    # Shared
"""
USER = """
import asyncio, json
import httpx
from polargrid import PolarGrid, PolarGridSync
from polargrid.types import SayResponse, SayVoice, SayWord

asked = []

def answer(request):
    asked.append((str(request.url.raw_path, "ascii"), json.loads(request.content)))
    return httpx.Response(200, headers={"x-request-id": "req_1"}, json={"object": "list", "data": [{"text": "hello"}]})

client = PolarGridSync(region="local", http_client=httpx.Client(transport=httpx.MockTransport(answer)))
said = client.words.aloud.say("hello", voice={"name": "anna"}, pitch=None, times=2)
assert isinstance(said, SayResponse) and [*said] == said.data == [SayWord(text="hello")]
client.words.aloud.say("a/b", voice=SayVoice(name="anna"))
assert client.words.aloud.with_raw_response.say("c", voice={"name": "anna"}).request_id == "req_1"

async def main():
    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    async with PolarGrid(region="local", http_client=http) as client:
        return [word.text for word in await client.words.aloud.say("d", voice={"name": "anna"})]

assert asyncio.run(main()) == ["hello"]
anna = {"voice": {"name": "anna"}}
assert asked == [
    ("/v1/words/hello?times=2", {**anna, "pitch": None}), ("/v1/words/a%2Fb", anna), ("/v1/words/c", anna),
    ("/v1/words/d", anna),
], asked
document = type(client.words.aloud).say.__doc__
assert "voice: Who says it." in document and "pitch: How high." in document and "times: How often." in document
print("worked")
"""
TYPED = """
from polargrid import PolarGridSync
from polargrid.types import SayWord

client = PolarGridSync(region="local")
words: list[SayWord] = [word for word in client.words.aloud.say("a", voice={"name": "anna"}, pitch=None, times=2)]
client.words.aloud.say("a", pitch=1)
client.words.aloud.say("a", voice="anna")
client.words.aloud.sing("a", voice={"name": "anna"})
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory) -> Path:
    """A generated package with one operation more."""
    folder = tmp_path_factory.mktemp("say")
    text = DOCUMENT.read_text(encoding="utf-8")
    text = text.replace("\ncomponents:\n", SAY, 1).replace("\n    # Shared\n", SCHEMAS, 1)
    (folder / "openapi.yaml").write_text(text, encoding="utf-8")
    spec, output = str(folder / "openapi.yaml"), str(folder / "polargrid_generated")
    assert main(["--spec", spec, "--output", output]) == 0
    assert main(["--spec", spec, "--output", output, "--check"]) == 0
    return folder


def test_a_new_operation_is_there_by_its_name(package):
    """YAML in, and the method is on both clients, with an argument a field and a list that is iterated."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", USER],
        env={**os.environ, "PYTHONPATH": str(package)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "worked\n", done.stderr


def test_its_types_hold_for_a_type_checker(package):
    """mypy --strict takes right uses, and refuses a field that is missing, one of another type, and another name."""
    (package / "user.py").write_text(TYPED, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-incremental", "--config-file=", str(package / "user.py")],
        env={**os.environ, "MYPYPATH": f"{package}:{ROOT / 'overlay'}"},
        cwd=package,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = re.findall(r"^user\.py:(\d+): error", done.stdout, flags=re.MULTILINE)
    assert lines == ["7", "8", "9"], done.stdout


def test_check_tells_that_a_name_changed(tmp_path, capsys):
    """`--check` names the resources and surfaces that do not agree with the document."""
    text = DOCUMENT.read_text(encoding="utf-8").replace("x-call: gpu.purge", "x-call: gpu.clear", 1)
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    assert main(["--spec", str(tmp_path / "openapi.yaml"), "--check"]) == 1
    said = capsys.readouterr().out
    named = set(re.findall(r"polargrid_generated/(\S+) does not agree", said))
    assert {"async_resources.py", "sync_resources.py", "openapi.json"} <= named
