"""The code generators and the formatter, run as commands of this environment at their pinned versions."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generator.raw_document import adapt_to_raw
from generator.raw_patches import patch
from generator.spec import Spec, SpecError

_FOLDER = Path(__file__).parent


def generate_raw_client(spec: Spec, target: Path) -> None:
    """Write the attrs client, by openapi-python-client, into the folder `target`."""
    adapted, overrides = adapt_to_raw(spec)
    with tempfile.TemporaryDirectory() as folder:
        source, config = _write_spec(adapted, folder), Path(folder) / "config.yaml"
        settings = (_FOLDER / "openapi-python-client.yaml").read_text(encoding="utf-8")
        config.write_text(f"{settings}content_type_overrides: {json.dumps(overrides)}\n", encoding="utf-8")
        _run("openapi_python_client", "generate", "--path", source, "--output-path", str(target), "--meta", "none",
             "--fail-on-warning", "--overwrite", "--config", str(config))  # fmt: skip
    for module in target.rglob("*.py"):
        module.write_text(patch(module.read_text(encoding="utf-8"), module.stem), encoding="utf-8")


def generate_models(
    spec: Spec,
    target: Path,
    responses: list[str],
    lists: Mapping[str, str],
    *,
    lenient: Mapping[str, list[str]],
    requests: set[str],
) -> None:
    """Write the Pydantic models, by datamodel-code-generator, into the file `target`.

    The models of `responses` have `meta`; those of `lists` are iterable, with the item type by the model's name; those
    of `lenient` are parts of responses, with the fields that may be missing; `requests` have some of them as well.
    """
    settings = tomllib.loads((_FOLDER / "datamodel-code-generator.toml").read_text(encoding="utf-8"))
    settings["enum-field-as-literal-map"] = json.dumps(dict.fromkeys(sorted(_inline_enum_fields(spec)), "literal"))
    bases = dict.fromkeys(lenient, "lenient.LenientModel")
    bases |= {name: f"response.{'ListResponse' if name in lists else 'ResponseModel'}" for name in responses}
    settings["base-class-map"] = json.dumps({name: f"polargrid_runtime.{bases[name]}" for name in bases})
    with tempfile.TemporaryDirectory() as folder:
        source = _write_spec(spec, folder)
        _run("datamodel_code_generator", "--input", source, "--output", str(target), *_command_options(settings))
    text = re.sub(
        r"(?m)^class (\w+)\((ListResponse|ResponseModel|LenientModel)\)",
        lambda match: (
            f"class {match[1]}({match[2]}{f'[{lists[match[1]]}]' if match[1] in lists else ''}"
            f"{_class_options(match[1], lenient, requests)})"
        ),
        target.read_text(encoding="utf-8"),
    )
    names = sorted(re.findall(r"^class (\w+)\(", text, flags=re.MULTILINE))
    target.write_text(f"{text}\n\n__all__ = {names!r}\n", encoding="utf-8")


def _class_options(name: str, lenient: Mapping[str, list[str]], requests: set[str]) -> str:
    fields = lenient.get(name)
    is_strict_in_requests = name in lenient and name in requests
    return f"{f', lenient={fields!r}' if fields else ''}{', in_requests=True' if is_strict_in_requests else ''}"


def _command_options(settings: dict[str, Any]) -> list[str]:
    options: list[str] = []
    for name, value in settings.items():
        values = [] if value is True else value if isinstance(value, list) else [value]
        options += [f"--{name}", *values]
    return options


def _inline_enum_fields(node: Any) -> set[str]:
    """Return the names of the fields that define an enum inline."""
    if isinstance(node, list):
        return {name for item in node for name in _inline_enum_fields(item)}
    if not isinstance(node, dict):
        return set()
    fields = node["properties"] if isinstance(node.get("properties"), dict) else {}
    own = {name for name, schema in fields.items() if _has_inline_enum(schema)}
    return own | {name for value in node.values() for name in _inline_enum_fields(value)}


def _has_inline_enum(schema: Any) -> bool:
    branches = [schema, *schema.get("anyOf", []), schema.get("additionalProperties")]
    return any(isinstance(branch, dict) and "enum" in branch for branch in branches) or any(
        isinstance(branch, dict) and _has_inline_enum(branch) for branch in branches[1:]
    )


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
