"""What OpenAPI allows, and the SDK cannot send: refused with the place in the document and what to do."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import yaml

from generator.__main__ import ROOT
from generator.access import parse_server, requires_key
from generator.bodies import strip_files
from generator.names import check_method_names, check_models, client_attributes, public_types
from generator.normalize import normalize
from generator.operations import APIOperation, parse_operations
from generator.spec import SpecError

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://api.example"}],
    "paths": {},
    "components": {
        "schemas": {
            "Word": {"type": "object", "properties": {"text": {"type": "string"}}},
            "Upload": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}, "n": {}}},
        },
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer"},
            "header": {"type": "apiKey", "in": "header", "name": "x-key"},
        },
    },
}
OPERATION: dict[str, Any] = {
    "operationId": "do_it",
    "tags": ["text"],
    "summary": "Do it.",
    "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "integer"}}}}},
}


def document(changes: str | dict[str, Any], *, key: str = "/v1/things", method: str = "post", **item: Any) -> Any:
    """Build a document with one operation: the changes are YAML of an operation object."""
    spec = copy.deepcopy(DOCUMENT)
    operation = yaml.safe_load(changes) if isinstance(changes, str) else changes
    spec["paths"][key] = {method: {**copy.deepcopy(OPERATION), **operation}, **item}
    return spec


def parse(changes: str | dict[str, Any], **options: Any) -> APIOperation:
    (operation,) = parse_operations(normalize(document(changes, **options)))
    return operation


def refuse(changes: str, **options: Any) -> SpecError:
    with pytest.raises(SpecError) as caught:
        parse(changes, **options)
    return caught.value


PARAMETERS = [
    ("{name: x, in: query, allowReserved: true, schema: {type: string}}", "allowReserved is not supported"),
    (
        "{name: Authorization, in: header, schema: {type: string}}",
        "a header that the SDK sets; remove it, and use `security`",
    ),
    ("{name: content-type, in: header, schema: {type: string}}", "name the media type of the requestBody"),
    ("{name: Accept, in: header, schema: {type: string}}", "list the media types of the responses"),
    ("{name: Cookie, in: header, schema: {type: string}}", "use `in: cookie`"),
    ("{name: Host, in: header, schema: {type: string}}", "a header that the SDK sets; remove it"),
    ("{name: x, in: query, content: {application/xml: {schema: {type: string}}}}", "content 'application/xml' is not"),
    ("{name: x, in: query, style: simple, schema: {type: string}}", "style 'simple' in query; expected one of form"),
    ("{name: x, in: query, style: deepObject, schema: {type: string}}", "style deepObject is for objects; use form"),
    ("{name: x, in: query, style: pipeDelimited, schema: {type: string}}", "pipeDelimited is for arrays and objects"),
    (
        "{name: x, in: query, style: spaceDelimited, explode: true, schema: {type: array, items: {type: string}}}",
        "style spaceDelimited has no exploded form; use form",
    ),
    ("{name: x, in: cookie, schema: {type: array, items: {type: string}}}", "set `explode: false`"),
    (
        "{name: x, in: query, schema: {type: array, items: {type: array, items: {type: string}}}}",
        "a list or an object inside of another has no form; use `content: {application/json: ...}`",
    ),
    (
        "{name: x, in: query, style: deepObject, schema: {type: object, properties: {a: {type: object}}}}",
        "a list or an object inside of another has no form",
    ),
    ("{name: x, in: query, required: true, schema: {type: [string, 'null']}}", "is required and may be null"),
    ("{name: x, in: query, schema: {const: [1]}}", "const [1]; expected a string, a number or a boolean"),
    ("{name: x, in: path, required: true, schema: {type: string}}", "is `in: path`, but /v1/things has no {x}"),
]


@pytest.mark.parametrize(("parameter", "message"), PARAMETERS)
def test_parameter(parameter, message):
    """The error names the operation and the parameter, and is at its place."""
    error = refuse(f"parameters: [{{name: ok, in: query, schema: {{}}}}, {parameter}]")
    assert message in error.message
    assert error.message.startswith("POST /v1/things: parameter ")
    expected = ("paths", "/v1/things", "post", "parameters", 1)
    assert error.location == (expected if "in: path" not in parameter else expected[:3])


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("/v1/{a}/{a}", "the path has {a}, which needs one parameter of this name"),
        ("/v1/{b}", "the path has {b}, which needs one parameter of this name"),
        ("/v1/{a}?b=x{a}", "the query of the path has 'b' with a part in braces; use name={name}"),
        ("/v1/{a}?a={a}", "the path has {a}, which needs one parameter"),
        ("/v1/{a}?q=1", "parameter 'q' is in the query of the path as well; remove one"),
        ("/v1/x y/{a}", "the path has a character that a URL does not have; percent-encode it"),
    ],
)
def test_path_key(key, message):
    """Templates of a path and parameters belong together."""
    parameters = "[{name: a, in: path, required: true, schema: {type: string}}, {name: q, in: query, schema: {}}]"
    assert message in refuse(f"parameters: {parameters}", key=key).message


@pytest.mark.parametrize(
    ("names", "arguments"),
    [
        (["id:path", "id:query"], ["id_path", "id_query"]),
        (["timeout:query", "file:header", "self:query"], ["timeout_query", "file_header", "self_"]),
        (["X-Tag:header", "filter[name]:query", "class:query"], ["x_tag", "filter_name", "class_"]),
    ],
)
def test_names_of_arguments(names, arguments):
    """A name that is reserved, or that two parameters share, has the place of the parameter behind it."""
    items = [dict(zip(("name", "in"), name.split(":"), strict=True)) for name in names]
    items = [{**item, "required": item["in"] == "path", "schema": {"type": "string"}} for item in items]
    operation = parse({"parameters": items}, key="/v1/{id}" if "id:path" in names else "/v1")
    assert [item.argument for item in operation.parameters] == arguments


def test_same_argument_twice():
    """Two parameters of one place whose names are one in Python."""
    parameters = "[{name: a-b, in: query, schema: {}}, {name: a_b, in: query, schema: {}}]"
    assert "two parameters have the argument 'a_b_query'; rename one" in refuse(f"parameters: {parameters}").message


BODIES = [
    ("{}", "requestBody without content", ()),
    (
        "{application/json: {schema: {}}, multipart/form-data: {schema: {$ref: '#/components/schemas/Upload'}}}",
        "a method sends one media type, not application/json, multipart/form-data; keep one of them",
        ("content",),
    ),
    ("{multipart/mixed: {schema: {}}}", "multipart/mixed is not supported; expected JSON, a form, text", ("content",)),
    ("{application/xml: {schema: {type: object}}}", "application/xml is not supported", ("content",)),
    ("{application/x-ndjson: {schema: {$ref: '#/components/schemas/Word'}}}", "is not supported", ("content",)),
    ("{application/json: {schema: {$ref: '#/components/schemas/Upload'}}}", "format binary in JSON", ("content",)),
    (
        "{multipart/form-data: {schema: {type: array, items: {}}}}",
        "a form needs an object with properties",
        ("content",),
    ),
    (
        "{application/x-www-form-urlencoded: {schema: {$ref: '#/components/schemas/Upload'}}}",
        "'file' is binary, which has no form there; use multipart/form-data",
        ("content",),
    ),
    (
        "{multipart/form-data: {schema: {$ref: '#/components/schemas/Upload'}, encoding: {fiel: {contentType: a/b}}}}",
        "encoding of 'fiel', which is no property",
        ("content", "multipart/form-data", "encoding", "fiel"),
    ),
    (
        "{multipart/form-data: {schema: {$ref: '#/components/schemas/Upload'}, encoding: {file: {headers: {X: {}}}}}}",
        "encoding of 'file': headers is not supported; expected contentType",
        ("content", "multipart/form-data", "encoding", "file", "headers"),
    ),
    (
        "{multipart/form-data: {schema: {type: object, properties: {timeout: {type: string, format: binary}}}}}",
        "the file 'timeout' has the name of an argument that every method has",
        ("content",),
    ),
]


@pytest.mark.parametrize(("content", "message", "place"), BODIES)
def test_body(content, message, place):
    """The error names the operation and the media type, and is at its place."""
    error = refuse(f"requestBody: {{content: {content}}}")
    assert message in error.message
    assert error.message.startswith("POST /v1/things: ")
    expected = ("paths", "/v1/things", "post", "requestBody", *place)
    assert error.location[: len(expected)] == expected


def test_media_types_of_one_schema():
    """A server that takes several media types for one schema gets JSON."""
    schema = "{schema: {type: object, properties: {a: {type: string}}}}"
    content = f"{{application/x-www-form-urlencoded: {schema}, application/json: {schema}}}"
    body = parse(f"requestBody: {{content: {content}}}").body
    assert body is not None
    assert (body.media_type, body.type) == ("application/json", "DoItRequest")


def test_schema_of_a_form_elsewhere():
    """A schema that loses its files for a form cannot be a body of another kind."""
    spec = document("requestBody: {content: {multipart/form-data: {schema: {$ref: '#/components/schemas/Upload'}}}}")
    other = {"$ref": "#/components/schemas/Upload"}
    spec["paths"]["/v1/others"] = {
        "post": {
            **OPERATION,
            "operationId": "other",
            "requestBody": {"content": {"application/vnd.x": {"schema": other}}},
        }
    }
    with pytest.raises(SpecError, match="schema Upload: has files of a form, and is no form elsewhere") as caught:
        strip_files(normalize(spec))
    assert caught.value.location == ("components", "schemas", "Upload")


@pytest.mark.parametrize(
    ("changes", "method", "message"),
    [
        ("{}", "trace", "TRACE /v1/things: the method is not supported; remove it"),
        (
            "requestBody: {content: {text/plain: {schema: {type: string}}}}",
            "head",
            "the body of a HEAD request has no meaning; use parameters, or POST",
        ),
        ("callbacks: {a: {}}", "post", "callbacks are requests of the server, which the SDK cannot receive"),
        ("operationId: Do It", "post", "operationId 'Do It' is not a lower-case Python name"),
        ("operationId: class", "post", "operationId 'class' is not a lower-case Python name"),
        ("summary: ''", "post", "a tag and a summary are required"),
        ("x-call: a.b(stream=1)", "post", "x-call 'a.b(stream=1)' is not a dotted name"),
    ],
)
def test_operation(changes, method, message):
    """What an operation cannot have is refused."""
    assert message in refuse(changes, method=method).message


def test_two_operations_with_the_same_requests():
    """Names of templates do not tell requests apart."""
    spec = document({}, key="/v1/jobs?id=1&kind=a", method="get")
    spec["paths"]["/v1/jobs?kind=a&id=1"] = {"get": {**OPERATION, "operationId": "other"}}
    with pytest.raises(SpecError, match=r"its requests are those of /v1/jobs\?id=1&kind=a; remove one of them"):
        parse_operations(normalize(spec))


@pytest.mark.parametrize(
    ("name", "inline", "message"),
    [
        ("DoItRequest", "requestBody", "the inline schema is named DoItRequest, as another one is"),
        ("DoItParameters", "parameters", "the inline schema is named DoItParameters"),
        ("DoItResponse", "responses", "the inline schema is named DoItResponse"),
    ],
)
def test_name_of_an_inline_schema(name, inline, message):
    """It cannot be that of another schema."""
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}
    content = {"content": {"application/json": {"schema": schema}}}
    changes = {
        "requestBody": {"requestBody": content},
        "parameters": {"parameters": [{"name": "a", "in": "query", "schema": {}}]},
        "responses": {"responses": {"200": {"description": "d", **content}}},
    }[inline]
    spec = document(changes)
    spec["components"]["schemas"][name] = schema
    with pytest.raises(SpecError, match=message) as caught:
        normalize(spec)
    assert caught.value.location[:3] == ("paths", "/v1/things", "post")


@pytest.mark.parametrize(("name", "example"), [("word_list", "WordList"), ("a.b", "AB"), ("Word-2", "Word2")])
def test_name_of_a_schema(name, example):
    """It is the name of a class."""
    spec = document({})
    spec["components"]["schemas"][name] = {}
    with pytest.raises(SpecError, match=f"is not the name of a class; expected one like {example}"):
        normalize(spec)


@pytest.mark.parametrize("name", ["File", "Stream", "Operation", "Audio", "CallOptions", "BaseModel", "Any"])
def test_name_that_generated_code_has(name):
    """A schema cannot have the name of a class that generated modules or `polargrid.types` use."""
    models = f"from typing import Any\nfrom pydantic import BaseModel\nclass {name}X(BaseModel): ...\n"
    modules = {"operations.py": "from polargrid_runtime.operation import Operation\n"}
    schema = {"type": "object", "properties": {}}
    with pytest.raises(SpecError, match=f"schema {name}: the name means something else in generated code; rename it"):
        check_models({name: schema}, models, modules, public_types(ROOT / "overlay"))


@pytest.mark.parametrize("name", ["close", "with_options", "get_region_id", "generate", "create", "list", "operations"])
def test_name_of_a_method(name):
    """An operationId cannot be the name of an attribute of a client, or of a type in its annotations."""
    location = ("paths", "/v1/things", "post")
    with pytest.raises(SpecError, match=f"POST /v1/things: the method {name} has the name of an attribute") as caught:
        check_method_names([(location, [name])], {*client_attributes(ROOT / "overlay"), "operations"})
    assert caught.value.location == (*location, "operationId")


def test_name_of_a_derived_method():
    """An operationId cannot be the name of a method that another operation has besides its own."""
    names = [(("paths", "/a", "get"), ["talk", "talk_stream"]), (("paths", "/b", "get"), ["talk_stream"])]
    with pytest.raises(SpecError, match="GET /b: the method talk_stream has the name of a method of GET /a"):
        check_method_names(names, set())


@pytest.mark.parametrize(
    ("servers", "server"),
    [
        ("[{url: 'https://router.example/'}]", "https://router.example"),
        ("[{url: 'https://{zone}.example/v1', variables: {zone: {default: eu}}}]", "https://eu.example/v1"),
        ("[{url: 'https://api.example'}]", None),
    ],
)
def test_server(servers, server):
    """The server of an operation is absolute; that of the document is none of its own."""
    assert parse(f"servers: {servers}").server == server


@pytest.mark.parametrize(
    ("servers", "message"),
    [
        ("[{url: /v2}]", "server '/v2'; expected an absolute URL"),
        ("[{url: 'https://{zone}.example'}]", "expected an absolute URL"),
        ("[{url: 'https://a.example'}, {url: 'https://b.example'}]", "2 servers; keep the one that the SDK calls"),
    ],
)
def test_invalid_server(servers, message):
    """It is one, and absolute."""
    assert message in refuse(f"servers: {servers}").message


@pytest.mark.parametrize(
    ("security", "needs_key"),
    [("[{bearer: []}]", True), ("[{header: []}, {bearer: []}]", True), ("[]", False), ("[{}, {bearer: []}]", False)],
)
def test_security(security, needs_key):
    """The key is sent unless the operation may be called without one."""
    assert parse(f"security: {security}").requires_key is needs_key


@pytest.mark.parametrize("security", ["[{header: []}]", "[{bearer: [], header: []}]"])
def test_unsupported_security(security):
    """The key is sent as a bearer token only."""
    error = refuse(f"security: {security}")
    assert "the SDK sends its key as `type: http, scheme: bearer`" in error.message
    assert error.location == ("paths", "/v1/things", "post", "security")


def test_path_item():
    """Parameters and servers of a path are those of its operations, unless an operation has its own."""
    shared = [{"name": "a", "in": "query", "schema": {}}, {"name": "b", "in": "query", "schema": {"type": "string"}}]
    own = [{"name": "b", "in": "query", "description": "Own.", "schema": {"type": "integer"}}]
    operation = parse({"parameters": own}, parameters=shared, servers=[{"url": "https://other.example"}])
    assert [(item.argument, item.description) for item in operation.parameters] == [("b", "Own."), ("a", "")]
    assert operation.server == "https://other.example"


def test_security_of_the_document():
    """It is that of an operation without its own."""
    spec = {**document({}), "security": [{"bearer": []}]}
    (operation,) = parse_operations(normalize(spec))
    assert operation.requires_key


def test_normal_form():
    """It does not change the document, and is the same the second time except for what it adds."""
    spec = document("requestBody: {content: {application/json: {schema: {type: object, properties: {a: {}}}}}}")
    before = copy.deepcopy(spec)
    normalized = normalize(spec)
    assert spec == before
    assert normalized["components"]["schemas"]["DoItRequest"]["properties"] == {"a": {}}
    assert parse_server(normalized, "", normalized["paths"]["/v1/things"]["post"]) is None
    assert not requires_key(normalized, "", normalized["paths"]["/v1/things"]["post"])
