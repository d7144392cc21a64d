"""Bodies of requests: JSON, forms, text and binary data; pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from openapi_python_client.strings import PythonIdentifier

from generator.media_types import parse_media_type
from generator.parameters import RESERVED
from generator.schemas import Schema, component_kind, reachable_names, resolve, walk_schema
from generator.spec import Spec, SpecError
from generator.unions import all_properties
from polargrid_runtime.operation import Body, BodyKind, FileField, FormField

_FORM, _URLENCODED = "multipart/form-data", "application/x-www-form-urlencoded"
_LOCATION = ("requestBody", "content")


def parse_body(spec: Spec, context: str, body: dict[str, Any] | None) -> Body | None:
    """Return the body of a normalized operation. Raises SpecError, at its location in the operation."""
    if body is None:
        return None
    media_type, content = _select_content(context, body)
    try:
        return _parse_content(
            spec, f"{context}: {media_type}", media_type, content, required=bool(body.get("required"))
        )
    except SpecError as error:
        raise SpecError(error.message, location=(*_LOCATION, media_type, *error.location)) from error


def body_schema_name(spec: Spec, media_type: str, content: dict[str, Any]) -> str | None:
    """Return the component that is the schema of a body; empty if it is inline, None if it needs no name."""
    schema = content.get("schema", {})
    if _classify(spec, media_type, schema) in ("text", "binary"):
        return None
    return str(schema["$ref"]).rsplit("/", 1)[-1] if "$ref" in schema else ""


def _select_content(context: str, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the media type that the SDK sends: JSON, if others have the same schema."""
    contents: dict[str, dict[str, Any]] = body.get("content", {})
    if not contents:
        raise SpecError(f"{context}: requestBody without content; add a media type", location=("requestBody",))
    names = sorted(contents, key=lambda name: not _is_json(name))
    schemas = [contents[name].get("schema") for name in names]
    if any(schema != schemas[0] for schema in schemas) or (len(names) > 1 and not _is_json(names[0])):
        hint = "keep one of them; an operation of its own, with a query in the path's key, can have the other"
        message = f"{context}: requestBody: a method sends one media type, not {', '.join(contents)}; {hint}"
        raise SpecError(message, location=_LOCATION)
    return names[0], contents[names[0]]


def _classify(spec: Spec, media_type: str, schema: Schema) -> BodyKind | None:
    """Return how a body is encoded; None if the SDK cannot encode it."""
    name, target = parse_media_type(media_type), resolve(spec, schema)
    main, _, sub = name.partition("/")
    if sub == "json" or sub.endswith("+json"):
        return "json"
    if name in (_FORM, _URLENCODED):
        return "form" if name == _FORM else "urlencoded"
    if not sub or main in ("multipart", "message"):
        return None
    is_structured = {"properties", "allOf", "anyOf", "oneOf", "items"} & target.keys()
    if is_structured or target.get("type", "string") != "string":
        return None
    is_file = target.get("format") == "binary" or "contentMediaType" in target
    is_text = main == "text" or (target.get("type") == "string" and sub.endswith(("xml", "yaml", "javascript")))
    return "text" if is_text and not is_file else "binary"


def _parse_content(spec: Spec, context: str, media_type: str, content: dict[str, Any], *, required: bool) -> Body:
    schema = content.get("schema", {})
    kind = _classify(spec, media_type, schema)
    if kind is None:
        raise SpecError(f"{context} is not supported; expected JSON, a form, text, or binary data without properties")
    name, separator, rest = media_type.partition(";")
    wire_name = name.strip().lower() + separator + rest
    if kind == "json":
        _reject_binary(spec, context, schema)
        return Body(wire_name, body_schema_name(spec, media_type, content), required)
    if kind == "text":
        charset = "" if "charset=" in rest.lower() else "; charset=utf-8"
        return Body(wire_name + charset, "str", required)
    if kind == "binary":
        return Body(wire_name, None, required, (FileField("", "file", required, media_type=wire_name),))
    return _parse_form(spec, context, kind, content, required=required)


def _reject_binary(spec: Spec, context: str, schema: Schema) -> None:
    for part in walk_schema(resolve(spec, schema)):
        if part.get("format") == "binary":
            raise SpecError(f"{context}: format binary in JSON; use contentEncoding: base64")


def _parse_form(spec: Spec, context: str, kind: BodyKind, content: dict[str, Any], *, required: bool) -> Body:
    schema, encodings = content.get("schema", {}), content.get("encoding", {})
    properties = all_properties(spec, schema)
    if component_kind(resolve(spec, schema)) != "class" or not properties:
        raise SpecError(f"{context}: a form needs an object with properties")
    needed = find_required_names(spec, schema)
    unknown = next((name for name in encodings if name not in properties), None)
    if unknown is not None:
        raise SpecError(f"{context}: encoding of {unknown!r}, which is no property", location=("encoding", unknown))
    files, fields = [], []
    for name, field in properties.items():
        encoding = encodings.get(name, {})
        _check_encoding(f"{context}: encoding of {name!r}", kind, encoding, ("encoding", name))
        items = file_schema(spec, field, encoding)
        if items is None:
            fields += _parse_field(f"{context}: encoding of {name!r}", spec, name, field, encoding)
            continue
        if kind == "urlencoded":
            raise SpecError(f"{context}: {name!r} is binary, which has no form there; use multipart/form-data")
        media_type = encoding.get("contentType") or items.get("contentMediaType")
        is_list = resolve(spec, field) is not items
        files.append(FileField(name, _argument(context, name), name in needed, is_list, media_type))
    if len({item.argument for item in files}) < len(files):
        raise SpecError(f"{context}: two files have the argument {files[-1].argument!r}; rename one of them")
    file_names = {item.name for item in files}
    model = _fields_model(spec, schema, file_names)
    media_type = _FORM if kind == "form" else _URLENCODED
    return Body(media_type, model, required or bool(needed), tuple(files), tuple(fields))


def _argument(context: str, name: str) -> str:
    argument = str(PythonIdentifier(re.sub(r"\W+", "_", name).strip("_"), prefix="file"))
    if argument in RESERVED and argument != "file":
        raise SpecError(f"{context}: the file {name!r} has the name of an argument that every method has; rename it")
    return argument


def find_required_names(spec: Spec, schema: Schema) -> set[str]:
    """Return the required properties of an object, and of its parts."""
    target = resolve(spec, schema)
    own = set(target.get("required", ()))
    return own.union(*(find_required_names(spec, part) for part in target.get("allOf", ())))


def file_schema(spec: Spec, schema: Schema, encoding: dict[str, Any]) -> Schema | None:
    """Return the schema of a file, which a list may hold; None for a field that is not a file."""
    target = resolve(spec, schema)
    if target.get("type") == "array":
        items = resolve(spec, target.get("items", {}))
        return items if _is_file(items, {}) else None
    return target if _is_file(target, encoding) else None


def _is_json(media_type: str) -> bool:
    return parse_media_type(media_type).endswith("json")


def _is_file(schema: Schema, encoding: dict[str, Any]) -> bool:
    if schema.get("format") == "binary":
        return True
    if "contentEncoding" in schema or schema.get("type", "string") != "string":
        return False
    default = "" if "type" in schema else encoding.get("contentType", "")
    media_type = parse_media_type(schema.get("contentMediaType") or default)
    is_value = bool({"enum", "const", "properties", "anyOf", "oneOf", "allOf"} & schema.keys())
    is_text = media_type.endswith("json") or ("type" in schema and media_type.startswith("text/"))
    return bool(media_type) and not is_value and not is_text


def _check_encoding(context: str, kind: BodyKind, encoding: dict[str, Any], location: tuple[str, str]) -> None:
    supported = {"contentType"} if kind == "form" else {"contentType", "style", "explode"}
    other = next((key for key, value in encoding.items() if key not in supported and value is not False), None)
    if other is not None and not other.startswith("x-"):
        message = f"{context}: {other} is not supported; expected {', '.join(sorted(supported))}"
        raise SpecError(message, location=(*location, other))


def _parse_field(context: str, spec: Spec, name: str, schema: Schema, encoding: dict[str, Any]) -> list[FormField]:
    """Return the encoding of a field that is not a file, if it is not the default."""
    if not encoding:
        return []
    media_type = encoding.get("contentType")
    style = encoding.get("style", "form")
    explode = bool(encoding.get("explode", style == "form"))
    if media_type and not _is_json(media_type) and not parse_media_type(media_type).startswith("text/"):
        raise SpecError(f"{context}: contentType {media_type!r} for a field that is no file; expected JSON or text")
    if style not in ("form", "spaceDelimited", "pipeDelimited", "deepObject"):
        raise SpecError(f"{context}: unknown style {style!r}")
    if style == "deepObject" and component_kind(resolve(spec, schema)) != "class":
        raise SpecError(f"{context}: style deepObject is for objects; use form")
    if style in ("spaceDelimited", "pipeDelimited") and explode:
        raise SpecError(f"{context}: style {style} has no exploded form; use form")
    if not media_type and "style" not in encoding and "explode" not in encoding:
        return []
    return [FormField(name, media_type, style, explode)]


def _fields_model(spec: Spec, schema: Schema, files: set[str]) -> str | None:
    """Return the model of the fields of a form: the part of `allOf` that has them, or the schema without its files."""
    names = all_properties(spec, schema).keys() - files
    if not names:
        return None
    for part in resolve(spec, schema).get("allOf", ()) if files else ():
        if "$ref" in part and all_properties(spec, part).keys() == names:
            return str(part["$ref"]).rsplit("/", 1)[-1]
    return str(schema["$ref"]).rsplit("/", 1)[-1]


def strip_files(spec: Spec) -> Spec:
    """Return a normalized document whose schemas of forms have no files: for the models of their fields.

    Raises SpecError for a schema with files that something else than a form refers to.
    """
    schemas = dict(spec["components"]["schemas"])
    result = {**spec, "components": {**spec["components"], "schemas": schemas}}
    contents = [(key, method, *pair) for key, method, body in _iter_bodies(spec) for pair in body["content"].items()]
    for key, method, name, content in contents:
        if _classify(spec, name, content.get("schema", {})) != "form":
            continue
        body = _parse_form(spec, f"{method.upper()} {key}", "form", content, required=False)
        if body.files and body.type == content["schema"]["$ref"].rsplit("/", 1)[-1]:
            _strip(result, content["schema"], content.get("encoding", {}))
    changed = {name for name, schema in schemas.items() if schema is not spec["components"]["schemas"][name]}
    others = [content.get("schema") for _, _, name, content in contents if parse_media_type(name) != _FORM]
    for name in changed & reachable_names(others, spec["components"]["schemas"]):
        message = f"schema {name}: has files of a form, and is no form elsewhere; describe its other fields apart"
        raise SpecError(message, location=("components", "schemas", name))
    return result


def _iter_bodies(spec: Spec) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for key, item in spec["paths"].items():
        for method, operation in item.items():
            if "requestBody" in operation:
                yield key, method, operation["requestBody"]


def _strip(spec: Spec, schema: Schema, encodings: dict[str, Any]) -> None:
    target, schemas = resolve(spec, schema), spec["components"]["schemas"]
    for part in target.get("allOf", ()):
        _strip(spec, part, encodings)
    fields = target.get("properties", {})
    files = {name for name, field in fields.items() if file_schema(spec, field, encodings.get(name, {})) is not None}
    if files and "$ref" in schema:
        required = [name for name in target.get("required", ()) if name not in files]
        others = {name: field for name, field in fields.items() if name not in files}
        schemas[schema["$ref"].rsplit("/", 1)[-1]] = {**target, "properties": others, "required": required}
