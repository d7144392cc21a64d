"""python -m generator [--check]: openapi.yaml -> generated/polargrid_generated/, and overlay/*/_async/ -> _sync/.

It also writes the packages of polargrid.openai, from openai_names.yaml.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from generator import codegen
from generator.bodies import strip_files
from generator.model_view import view_models
from generator.names import check_models, client_attributes, public_types
from generator.normalize import normalize
from generator.openai_names import TABLE, render_openai_packages
from generator.operations import parse_operations, response_names
from generator.relax import lenient_fields, relax, request_schemas, response_schemas, strip_branch_bounds
from generator.render import HEADER, render
from generator.request_models import find_closed_schemas, not_null_fields, read_only_fields
from generator.schemas import find_classes, list_items
from generator.spec import SpecError, find_position, read_spec
from generator.unasync import derive_package

ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None, *, run: Callable[[Path], dict[str, str]] | None = None) -> int:
    """Write the generated and derived packages, or with --check compare them. Returns the exit status: 0 or 1.

    `run` is called instead of `generate`.
    """
    parser = argparse.ArgumentParser(prog="python -m generator", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file is out of date")
    parser.add_argument("--spec", type=Path, default=ROOT / "openapi.yaml", help="the OpenAPI document")
    parser.add_argument("--output", type=Path, default=ROOT / "generated" / "polargrid_generated", help="the package")
    parser.add_argument("--overlay", type=Path, default=ROOT / "overlay", help="the folder of packages with an _async")
    options = parser.parse_args(arguments)
    try:
        generated = (run or generate)(options.spec)
    except SpecError as error:
        for line, column, message in list_mistakes(error, options.spec):
            print(f"{options.spec.name}:{line}:{column}: {message}", file=sys.stderr)
        return 1
    packages = {(options.output, options.spec.name): generated}
    names = options.overlay / "polargrid" / "openai"
    for name, files in (derive_openai_names(generated) if names.is_dir() else {}).items():
        packages[names / name, TABLE.name] = files
    for source in sorted(options.overlay.glob("*/_async")):
        packages[source.with_name("_sync"), f"{source.parent.name}/_async"] = derive(source)
    status = 0
    for (package, source_name), files in packages.items():
        outdated = find_outdated(files, package)
        if not options.check:
            write(files, package, outdated)
            name = f"{package.parent.name}/{package.name}"
            print(f"{name}: {len(files)} files from {source_name}, {len(outdated)} changed")
            continue
        for name in outdated:
            print(f"{package.name}/{name} does not match {source_name}; run `make generate`")
            status = 1
    return status


def list_mistakes(error: SpecError, path: Path) -> list[tuple[int, int, str]]:
    """Return line, column and message of every mistake in the document that an error stands for."""
    if error.findings:
        return [(finding.line, finding.column, finding.message) for finding in error.findings]
    if error.line:
        return [(error.line, error.column or 1, error.message)]
    return [(*find_position(path, error.location), error.message)]


def generate(path: Path) -> dict[str, str]:
    """Return relative file name -> text of the generated package. Raises SpecError."""
    document = read_spec(path)
    spec = normalize(document)
    operations = parse_operations(spec)
    responses, requests, relaxed = response_schemas(spec), request_schemas(spec), relax(spec)
    without_files = strip_files(spec)
    view = view_models(strip_files(relaxed), strip_branch_bounds(without_files), responses=responses, requests=requests)
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "polargrid_generated"
        package.mkdir()
        strict = codegen.generate_models(
            view,
            package / "models.py",
            find_classes(spec, response_names(operations)),
            list_items(spec),
            lenient=lenient_fields(spec),
            requests=requests,
            not_null=not_null_fields(spec),
            closed=find_closed_schemas(spec),
        )
        models = (package / "models.py").read_text(encoding="utf-8")
        modules = render(
            operations, models, client_attributes(ROOT / "overlay"), strict=strict, requests=read_only_fields(spec)
        )
        check_models(spec["components"]["schemas"], models, modules, public_types(ROOT / "overlay"))
        for name, text in modules.items():
            (package / name).write_text(text, encoding="utf-8")
        codegen.generate_raw_client(relaxed, package / "raw")
        codegen.format_folder(package)
        files = {name: HEADER + text for name, text in _read_modules(package).items()}
    return {
        **files,
        "openapi.json": json.dumps(document, indent=1, ensure_ascii=False) + "\n",
        "py.typed": "",
        "raw/py.typed": "",
    }


def derive_openai_names(generated: dict[str, str]) -> dict[str, dict[str, str]]:
    """Return package below polargrid.openai -> relative file name -> text."""
    with tempfile.TemporaryDirectory() as folder:
        for package, files in render_openai_packages(generated).items():
            write(files, Path(folder) / package, list(files))
        codegen.format_folder(Path(folder))
        return {path.name: _read_modules(path) for path in Path(folder).iterdir() if path.is_dir()}


def derive(source: Path) -> dict[str, str]:
    """Return relative file name -> text of the sync half of an `_async` package."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "_sync"
        package.mkdir()
        for name, text in derive_package(source).items():
            (package / name).write_text(text, encoding="utf-8")
        codegen.format_folder(package)
        return _read_modules(package)


def _read_modules(package: Path) -> dict[str, str]:
    return {str(path.relative_to(package)): path.read_text(encoding="utf-8") for path in sorted(package.rglob("*.py"))}


def find_outdated(files: dict[str, str], package: Path) -> list[str]:
    """Return the names of files that are missing, differ, or do not belong to the package."""
    existing = {str(path.relative_to(package)) for path in package.rglob("*") if _is_generated(path)}
    changed = [name for name, text in files.items() if not _has_text(package / name, text)]
    return sorted({*changed, *(existing - files.keys())})


def _is_generated(path: Path) -> bool:
    return path.is_file() and "__pycache__" not in path.parts


def _has_text(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def write(files: dict[str, str], package: Path, names: list[str]) -> None:
    """Write the named files; remove those that are not in `files`."""
    for name in names:
        path = package / name
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8")
        else:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main())
