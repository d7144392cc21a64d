"""The document as datamodel-code-generator has to see it; pure.

It generates classes and enums well. Any other component (an array, a map, a union, a scalar) would become a class with
a `root`, a nested discriminator is lost, and some formats become types that do not keep a value as it was sent. So
references to other components are replaced by what they refer to, and tagged unions by a name that `restore` replaces
by an annotation in the generated text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from generator.arguments import STRICT
from generator.schemas import Schema, component_kind, map_subschemas
from generator.spec import Spec, SpecError
from generator.unions import find_union

_PLACEHOLDER = "polargrid_placeholders"
_ALIASES = "PolargridAliases"
_IMPORTS = """
from typing import Annotated, TypeAlias

from pydantic import Field

from polargrid_runtime.lenient import LenientModel
from polargrid_runtime.unions import ClosedUnion, OpenUnion, UnknownObject
"""
#: Formats that become Python types; any other is an annotation, and the value stays as it was sent.
_FORMATS = {"date-time", "date", "time", "duration", "uuid", "int32", "int64", "float", "double"}
_SCALARS = {"string": "str", "integer": "int", "number": "float"}
#: Keyword of a scalar's bound: argument of Pydantic's Field.
_BOUNDS = {"minimum": "ge", "maximum": "le", "exclusiveMinimum": "gt", "exclusiveMaximum": "lt",
           "multipleOf": "multiple_of", "minLength": "min_length", "maxLength": "max_length",
           "pattern": "pattern"}  # fmt: skip
_STRICT_FORMATS = {"binary"}  # of requests; a URI would be sent in another spelling


@dataclass
class ModelView:
    """A view of the document, and what restores it in the generated text."""

    spec: Spec
    annotations: list[str] = field(default_factory=list)
    """What the code generator cannot write: tagged unions, and scalars with bounds inside of other types."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Component that is no class: its description."""

    def restore(self, text: str) -> str:
        """Return the generated module with the unions, and with the names of the components that are no classes."""
        text = re.sub(
            rf"(?m)^from {_PLACEHOLDER} import (?:\([^)]*\)|.*)\n|^        arbitrary_types_allowed=True,\n", "", text
        )
        first = "from __future__ import annotations\n"
        text = text.replace(first, first + _IMPORTS, 1)
        text = re.sub(r"\bAnnotation(\d+)_\b", lambda match: self.annotations[int(match[1])], text)
        return self._restore_aliases(text)

    def _restore_aliases(self, text: str) -> str:
        pattern = rf"(?ms)^class {_ALIASES}\(BaseModel\):\n.*?(?=^\S|\Z)"
        block = re.search(pattern, text)
        if block is None:
            return text
        lines = []
        for index, (name, description) in enumerate(self.aliases.items()):
            annotation = re.search(rf"(?ms)^    alias_{index}: (.*?)(?=^    alias_|^    \"\"\"|\Z)", block[0])
            if annotation is not None:
                lines += [f"{name}: TypeAlias = {annotation[1].strip()}"]
                lines += [f'"""\n{description}\n"""'] if description else []
        return re.sub(pattern, "", text).rstrip() + "\n\n\n" + "\n".join(lines) + "\n"


def view_models(relaxed: Spec, strict: Spec, *, responses: set[str], requests: set[str]) -> ModelView:
    """Return the view of a document, relaxed for responses and strict for the rest.

    An object of responses that requests have as well is in it twice; the strict class has a name that ends in STRICT.
    Raises SpecError for a component that contains itself without a class.
    """
    view = ModelView(relaxed)
    result: dict[str, Schema] = {}
    aliases: dict[str, Schema] = {}
    strict_names: list[str] = []
    for name in relaxed["components"].get("schemas", {}):
        spec = relaxed if name in responses else strict
        schema = spec["components"]["schemas"][name]
        change = _Change(view, spec, is_open=name in responses, is_shared=name in requests)
        if component_kind(schema) != "alias":
            result[name] = change.change(schema, is_root=True)
            if spec is relaxed and name in requests and component_kind(schema) == "class":
                strict_names.append(name)
        else:
            aliases[name] = change.change(schema)
            view.aliases[name] = " ".join(str(schema.get("description", "")).split())
    if aliases:
        fields = {f"alias_{index}": _without(schema, "description") for index, schema in enumerate(aliases.values())}
        result[_ALIASES] = {"type": "object", "required": list(fields), "properties": fields}
    for name in strict_names:  # last, so that they change the name of no other class
        change = _Change(view, strict, is_open=False, is_shared=True)
        result[f"{name}{STRICT}"] = change.change(strict["components"]["schemas"][name], is_root=True)
    view.spec = {**relaxed, "paths": {}, "components": {"schemas": result}}
    return view


class _Change:
    def __init__(self, view: ModelView, spec: Spec, *, is_open: bool, is_shared: bool) -> None:
        self._view, self._spec, self._schemas = view, spec, spec["components"]["schemas"]
        self._is_open, self._is_shared = is_open, is_shared
        self._expanding: list[str] = []

    def change(self, schema: Schema, *, is_root: bool = False) -> Schema:
        """Return a schema for the code generator."""
        union = None if is_root else find_union(self._spec, schema)
        if union is not None:
            return {
                **_only(schema, "description", "default"),
                **self._placeholder(union.type_text(is_open=self._is_open)),
            }
        if "$ref" in schema and not is_root:
            return self._expand(schema)
        result = map_subschemas(self._simplify(schema), self.change)
        for key in ("items", "additionalProperties"):
            if isinstance(result.get(key), dict):
                result[key] = self._inline(result[key])
        for key in ("anyOf", "oneOf"):
            if key in result:
                result = self._merge_null({**result, key: [self._inline(branch) for branch in result[key]]}, key)
        if not isinstance(result.get("type"), list) or not isinstance(result.get("additionalProperties"), dict):
            return result
        if {*result["type"]} != {"object", "null"}:
            return {
                **_only(result, "description", "default"),
                **_split_types(_without(result, "description", "default")),
            }
        return {"propertyNames": {"type": "string"}, **result}  # else the type of the values is lost

    def _merge_null(self, schema: Schema, key: str) -> Schema:
        """Return an array or a map that may be null as one type, which keeps its bounds."""
        values = [branch for branch in schema[key] if branch != {"type": "null"}]
        if len(values) != 1 or len(schema[key]) != 2 or values[0].get("type") not in ("array", "object"):
            return schema
        if "properties" in values[0]:
            return schema
        return {**values[0], **_without(schema, key), "type": [values[0]["type"], "null"]}

    def _inline(self, schema: Schema) -> Schema:
        """Return a part of a list, a map or a union; of a scalar with bounds, a class with a `root` would be made."""
        if isinstance(schema.get("type"), list) and isinstance(schema.get("additionalProperties"), dict):
            return _split_types(schema)
        kinds, bounds = schema.get("type", []), _only(schema, *_BOUNDS)
        kinds, null = (kinds, "null" in kinds) if isinstance(kinds, list) else ([kinds], False)
        names = [_SCALARS[kind] for kind in kinds if kind in _SCALARS]
        if len(names) != 1 or not bounds or {"enum", "const", "format", "default"} & schema.keys():
            return schema
        arguments = ", ".join(f"{_BOUNDS[key]}={value!r}" for key, value in bounds.items())
        return self._placeholder(f"Annotated[{names[0]}, Field({arguments})]{' | None' * null}")

    def _placeholder(self, annotation: str) -> Schema:
        self._view.annotations.append(annotation)
        return {"customTypePath": f"{_PLACEHOLDER}.Annotation{len(self._view.annotations) - 1}_"}

    def _expand(self, schema: Schema) -> Schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        target = self._schemas.get(name, {})
        if component_kind(target) != "alias":
            return schema
        if name in self._expanding:
            cycle = " -> ".join([*self._expanding, name])
            message = f"schema {name}: contains itself without an object with properties ({cycle}); add one between"
            raise SpecError(message, location=("components", "schemas", name))
        self._expanding.append(name)
        try:
            return {**self.change(target), **_without(schema, "$ref")}
        finally:
            self._expanding.pop()

    def _simplify(self, schema: Schema) -> Schema:
        schema = _without(schema, "contentMediaType", "contentSchema")  # the type of such a field is a text
        name = schema.get("format")
        if name is None:
            return schema
        if name == "date-time" and self._is_open and not self._is_shared:
            return {**_without(schema, "format"), "customTypePath": "datetime.datetime"}
        is_kept = name in _FORMATS or (name in _STRICT_FORMATS and not self._is_open)
        return schema if is_kept else _without(schema, "format")


def _split_types(schema: Schema) -> Schema:
    """Return a map that may be a value of another type as a union."""
    return {"anyOf": [{**schema, "type": kind} if kind == "object" else {"type": kind} for kind in schema["type"]]}


def _only(schema: Schema, *keys: str) -> Schema:
    return {key: schema[key] for key in keys if key in schema}


def _without(schema: Schema, *keys: str) -> Schema:
    return {key: value for key, value in schema.items() if key not in keys}
