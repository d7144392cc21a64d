"""The two generators and the formatter, run as commands at their pinned versions."""

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

from generator.spec import Spec, SpecError

HERE = Path(__file__).parent


def raw_client(spec: Spec, target: Path) -> None:
    """Write the attrs client, by openapi-python-client, into the folder `target`."""
    with tempfile.TemporaryDirectory() as folder:
        source = _written(spec, folder)
        _run("openapi_python_client", "generate", "--path", source, "--output-path", str(target), "--meta", "none",
             "--fail-on-warning", "--overwrite", "--config", str(HERE / "openapi-python-client.yaml"))  # fmt: skip
    for module in target.rglob("*.py"):
        module.write_text(_mended(module.read_text(encoding="utf-8")), encoding="utf-8")


def _mended(module: str) -> str:
    """The raw client without two faults of its templates.

    Its multipart boundary is a constant: a file that holds it would be cut, and could add form fields. httpx
    chooses a random one where no Content-Type is set. And it leaves dots in path arguments: `..` would walk up.
    """
    module = module.replace('    headers["Content-Type"] = "multipart/form-data; boundary=+++"\n', "")
    return re.sub(r"(quote\(str\(\w+\), safe=\"\"\))", r'\1.replace(".", "%2E")', module)


def pydantic_types(spec: Spec, target: Path, answers: list[str], lists: Mapping[str, str]) -> None:
    """Write the Pydantic types, by datamodel-code-generator, into the file `target`.

    `answers` carry `meta`; those of `lists` are iterated for their items, whose type stands beside their name.
    """
    settings = tomllib.loads((HERE / "datamodel-code-generator.toml").read_text(encoding="utf-8"))
    settings["enum-field-as-literal-map"] = json.dumps(dict.fromkeys(sorted(_unnamed_enums(spec)), "literal"))
    bases = {name: "ListAnswer" if name in lists else "Answer" for name in answers}
    settings["base-class-map"] = json.dumps({name: f"polargrid_generated.answers.{bases[name]}" for name in bases})
    with tempfile.TemporaryDirectory() as folder:
        source = _written(spec, folder)
        _run("datamodel_code_generator", "--input", source, "--output", str(target), *_options(settings))
    text = re.sub(
        r"(?m)^class (\w+)\(ListAnswer\)", lambda found: f"class {found[1]}(ListAnswer[{lists[found[1]]}])",
        target.read_text(encoding="utf-8"),
    )  # fmt: skip
    names = sorted(re.findall(r"^class (\w+)\(", text, flags=re.MULTILINE))
    target.write_text(f"{text}\n\n__all__ = {names!r}\n", encoding="utf-8")


def _options(settings: dict[str, Any]) -> list[str]:
    options: list[str] = []
    for name, value in settings.items():
        values = [] if value is True else value if isinstance(value, list) else [value]
        options += [f"--{name}", *values]
    return options


def _unnamed_enums(node: Any) -> set[str]:
    """The names of fields whose enum stands inside them."""
    if isinstance(node, list):
        return {name for item in node for name in _unnamed_enums(item)}
    if not isinstance(node, dict):
        return set()
    fields = node["properties"] if isinstance(node.get("properties"), dict) else {}
    here = {name for name, schema in fields.items() if _holds_enum(schema)}
    return here | {name for value in node.values() for name in _unnamed_enums(value)}


def _holds_enum(schema: Any) -> bool:
    branches = [schema, *schema.get("anyOf", []), schema.get("additionalProperties")]
    return any(isinstance(branch, dict) and "enum" in branch for branch in branches) or any(
        isinstance(branch, dict) and _holds_enum(branch) for branch in branches[1:]
    )


def formatted(folder: Path) -> None:
    """Format and sort the imports of every Python file of a folder in place."""
    settings = ["--config", str(HERE.parent / "pyproject.toml"), "--no-cache", "--quiet"]
    _run("ruff", "check", "--fix", "--select", "I,F401,UP", "--exit-zero", *settings, str(folder))
    _run("ruff", "format", *settings, str(folder))


def _written(spec: Spec, folder: str) -> str:
    path = Path(folder) / "openapi.json"
    path.write_text(json.dumps(spec), encoding="utf-8")
    return str(path)


def _run(module: str, *arguments: str) -> None:
    """Run a tool of this environment; what it says about the document becomes a SpecError."""
    done = subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-600:]
        named = re.search(r"\b(GET|PUT|POST|DELETE|PATCH) (/\S*)", said)
        place = ("paths", named[2], named[1].lower()) if named else ()
        raise SpecError(f"{module.replace('_', '-')}: {said}", place=place)
