"""The code generators and the formatter, run as commands of this environment at their pinned versions."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from generator.arguments import STRICT
from generator.model_view import ModelView
from generator.raw.patches import patch
from generator.raw.requests import view_requests
from generator.raw.responses import byte_bodies, view_responses
from generator.schemas import Schema, iter_subschemas, walk_schema
from generator.spec import Spec, SpecError

_FOLDER = Path(__file__).parent
#: Attributes of a response, or of each part of one, that a field would hide: it has an underscore behind its name.
RESERVED_FIELDS: tuple[str, ...] = ("meta", "to_dict", "to_json")
_PART_FIELDS: tuple[str, ...] = ("to_dict", "to_json")
_LIST_FIELDS = ("has_next_page", "iter_pages", "keys", "next_page_info")
#: Names that annotations use: a field that has one of them would be meant by the annotations behind it.
_USED_NAMES = ("Annotated", "Any", "BaseModel", "ConfigDict", "Field", "LenientModel", "ListResponse", "Literal",
               "OpenUnion", "ResponseModel", "TextResponse", "TypeAlias", "UnknownObject", "bool", "float", "int",
               "list")  # fmt: skip


def generate_raw_client(spec: Spec, target: Path) -> None:
    """Write the attrs client of a normalized document, by openapi-python-client, into the folder `target`."""
    viewed = view_responses(view_requests(spec))
    with tempfile.TemporaryDirectory() as folder:
        source, config = _write_spec(viewed, folder), Path(folder) / "config.yaml"
        settings = (_FOLDER / "openapi-python-client.yaml").read_text(encoding="utf-8")
        config.write_text(f"{settings}content_type_overrides: {json.dumps(byte_bodies(viewed))}\n", encoding="utf-8")
        _run("openapi_python_client", "generate", "--path", source, "--output-path", str(target), "--meta", "none",
             "--fail-on-warning", "--overwrite", "--config", str(config))  # fmt: skip
    for module in target.rglob("*.py"):
        module.write_text(patch(module.read_text(encoding="utf-8"), module.stem), encoding="utf-8")


def generate_models(
    view: ModelView,
    target: Path,
    responses: set[str],
    lists: Mapping[str, str],
    *,
    lenient: Mapping[str, list[str]],
    requests: set[str],
    not_null: Mapping[str, list[str]],
    closed: set[str],
) -> str:
    """Write the Pydantic models, by datamodel-code-generator, into the file `target`.

    Returns the classes of objects that responses have as well, as requests have them: no models, for arguments only.

    The models of `responses` have `meta`; those of `lists` are iterable, with the item type by the model's name; those
    of `lenient` are parts of responses, with the fields that may be missing; `requests` have some of them as well.
    `not_null` are parts of requests, with the fields of which None is no value; those of `closed` have no other fields.
    """
    settings = tomllib.loads((_FOLDER / "datamodel-code-generator.toml").read_text(encoding="utf-8"))
    schemas = view.spec["components"]["schemas"]
    settings["enum-field-as-literal-map"] = json.dumps(dict.fromkeys(sorted(_inline_enum_fields(schemas)), "literal"))
    bases = dict.fromkeys(lenient, "lenient.LenientModel")
    bases |= dict.fromkeys(not_null.keys() - lenient.keys(), "request.RequestModel")
    texts = {name for name in responses - lists.keys() if "choices" in schemas[name].get("properties", {})}
    bases |= {name: f"response.{'ListResponse' if name in lists else 'ResponseModel'}" for name in responses}
    bases |= dict.fromkeys(texts, "text_response.TextResponse")
    settings["base-class-map"] = json.dumps({name: f"polargrid_runtime.{bases[name]}" for name in bases})
    reserved: dict[str, tuple[str, ...]] = dict.fromkeys(lenient, _PART_FIELDS) | dict.fromkeys(
        responses, RESERVED_FIELDS
    )
    reserved |= dict.fromkeys(responses & lists.keys(), (*RESERVED_FIELDS, *_LIST_FIELDS))
    reserved |= dict.fromkeys(texts, (*RESERVED_FIELDS, "text"))
    hidden = {f"{name}.{key}": f"{key}_" for name, keys in reserved.items() for key in keys}
    aliases = {key: f"{key}_" for key in _USED_NAMES} | _find_protected_fields(schemas) | _list_fields(schemas) | hidden
    settings["aliases"] = json.dumps(aliases)
    with tempfile.TemporaryDirectory() as folder:
        source = _write_spec(view.spec, folder)
        _run("datamodel_code_generator", "--input", source, "--output", str(target), *_command_options(settings))
    options = {name: _options(name, lenient, requests, not_null) for name in schemas}
    options |= {f"{name}{STRICT}": _options(name, {}, requests, not_null) for name in schemas}
    text = re.sub(
        r"(?m)^class (\w+)\((.+)\):$",
        lambda match: f"class {match[1]}({_bases(match[1], match[2], lists, options)}):",
        view.restore(target.read_text(encoding="utf-8")),
    )
    text, strict = _split_strict(text)
    text = _close(_open_inline_classes(text, {*lenient, *responses}), closed)
    names = sorted(re.findall(r"^class (\w+)\(|^(\w+): TypeAlias", text, flags=re.MULTILINE))
    target.write_text(f"{text}\n\n__all__ = {[name or alias for name, alias in names]!r}\n", encoding="utf-8")
    return strict


def _split_strict(text: str) -> tuple[str, str]:
    """Return a module without the strict classes, and those."""
    blocks = re.split(r"(?m)^(?=\S)", text)
    is_strict = [re.match(rf"class \w+{STRICT}\(", block) is not None for block in blocks]
    unchanged = "".join(block for block, strict in zip(blocks, is_strict, strict=True) if not strict)
    return unchanged, "".join(block for block, strict in zip(blocks, is_strict, strict=True) if strict)


def _find_protected_fields(schemas: Mapping[str, Schema]) -> dict[str, str]:
    """Return other names for the fields that Pydantic warns of."""
    names = {name for schema in schemas.values() for part in walk_schema(schema) for name in part.get("properties", {})}
    return {name: f"field_{name}" for name in sorted(names) if name.startswith(("model_dump", "model_validate"))}


def _list_fields(schemas: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of forms whose name says that they are lists, `words[]`, with a name for Python: `words`."""
    fields = [(name, schema.get("properties", {})) for name, schema in schemas.items()]
    return {
        f"{name}.{key}": key.removesuffix("[]")
        for name, properties in fields
        for key in properties
        if key.endswith("[]") and key.removesuffix("[]") not in properties
    }


def _bases(name: str, bases: str, lists: Mapping[str, str], options: Mapping[str, list[str]]) -> str:
    """Return the bases and the options of a class."""
    bases = f"{bases}[{lists[name]}]" if bases == "ListResponse" else bases
    return bases if "Enum" in bases else ", ".join([bases, *options.get(name, [])])


def _options(
    name: str, lenient: Mapping[str, list[str]], requests: set[str], not_null: Mapping[str, list[str]]
) -> list[str]:
    options = [f"lenient={lenient[name]!r}"] if lenient.get(name) else []
    options += ["in_requests=True"] if name in lenient and name in requests else []
    return [*options, *([f"not_null={not_null[name]!r}"] if name in not_null else [])]


def _close(text: str, names: set[str]) -> str:
    """Return a module in which the classes of some schemas reject other fields than theirs."""
    blocks = re.split(r"(?m)^(?=class )", text)
    is_closed = [(match := re.match(r"class (\w+)", block)) is not None and match[1] in names for block in blocks]
    return "".join(
        re.sub(r"extra=(.)allow\1", r"extra=\1forbid\1", block, count=1) if closed else block
        for block, closed in zip(blocks, is_closed, strict=True)
    )


def _open_inline_classes(text: str, roots: set[str]) -> str:
    """Return a module in which the classes of inline objects of responses are parts of responses too."""
    classes = {node.name: node for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
    queue, reached = sorted(roots & classes.keys()), set(roots)
    while queue:
        node = classes[queue.pop()]
        names = {item.id for part in node.body for item in ast.walk(part) if isinstance(item, ast.Name)}
        own = [name for name in names & classes.keys() - reached if ast.unparse(classes[name].bases[0]) == "BaseModel"]
        reached.update(own)
        queue += own
    for name in reached - roots:
        text = re.sub(rf"(?m)^class {name}\(BaseModel\):", f"class {name}(LenientModel):", text)
    return text


def _command_options(settings: dict[str, Any]) -> list[str]:
    options: list[str] = []
    for name, value in settings.items():
        values = [] if value is True else value if isinstance(value, list) else [value]
        options += [f"--{name}", *values]
    return options


def _inline_enum_fields(schemas: Mapping[str, Schema]) -> set[str]:
    """Return the names of the fields that define an enum inline."""
    parts = [part for schema in schemas.values() for part in walk_schema(schema)]
    fields = [field for part in parts for field in part.get("properties", {}).items()]
    return {name for name, schema in fields if any("enum" in part for part in _walk_field(schema))}


def _walk_field(schema: Schema) -> Iterator[Schema]:
    """Yield a field's schema and its parts, but not the fields of an inline object."""
    yield schema
    for part in iter_subschemas({key: value for key, value in schema.items() if key != "properties"}):
        yield from _walk_field(part)


def format_folder(folder: Path) -> None:
    """Format every Python file of a folder in place, sort its imports and remove the unused ones."""
    first_party = 'lint.isort.known-first-party=["polargrid", "polargrid_generated", "polargrid_runtime"]'
    settings = ["--config", str(_FOLDER.parent / "pyproject.toml"), "--config", first_party, "--no-cache", "--quiet"]
    _run("ruff", "check", "--fix", "--select", "I,F401,UP", "--exit-zero", *settings, str(folder))
    _run("ruff", "format", *settings, str(folder))


def _write_spec(spec: Spec, folder: str) -> str:
    path = Path(folder) / "openapi.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    return str(path)


def _run(module: str, *arguments: str) -> None:
    """Run a tool of this environment. Raises SpecError with its message if it fails."""
    process = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
    if process.returncode:
        output = " ".join((process.stderr or process.stdout).split())[-600:]
        match = re.search(r"\b(GET|PUT|POST|DELETE|PATCH) (/\S*)", output)
        location = ("paths", match[2], match[1].lower()) if match else ()
        raise SpecError(f"{module.replace('_', '-')}: {output}", location=location)
