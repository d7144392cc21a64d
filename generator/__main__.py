"""python -m generator [--check]: openapi.yaml -> generated/polargrid_generated/."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from generator import tools
from generator.operations import answer_names, list_items, operations
from generator.relax import relaxed
from generator.render import HEADER, render
from generator.spec import SpecError, line_in, read

ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Write the generated package, or with --check only compare. Exit status: 0 agreed or written, 1 not."""
    parser = argparse.ArgumentParser(prog="python -m generator", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail where generated/ is out of date")
    parser.add_argument("--spec", type=Path, default=ROOT / "openapi.yaml", help="the OpenAPI document")
    parser.add_argument("--output", type=Path, default=ROOT / "generated" / "polargrid_generated", help="the package")
    options = parser.parse_args(arguments)
    try:
        files = generate(options.spec)
    except SpecError as error:
        line = error.line or line_in(options.spec, error.place)
        print(f"{options.spec.name}:{line}: {error.message}", file=sys.stderr)
        return 1
    changed = differences(files, options.output)
    if options.check:
        for name in changed:
            print(f"{options.output.name}/{name} does not agree with {options.spec.name}: run `make generate`")
        return 1 if changed else 0
    write(files, options.output, changed)
    print(f"{len(files)} files from {options.spec.name}, {len(changed)} changed")
    return 0


def generate(path: Path) -> dict[str, str]:
    """Relative file name -> text of the whole package."""
    spec = read(path)
    found = operations(spec)
    loose = relaxed(spec)
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / "polargrid_generated"
        package.mkdir()
        tools.raw_client(loose, package / "raw")
        tools.pydantic_types(loose, package / "models.py", answer_names(found), list_items(spec))
        for name, text in render(found, (package / "models.py").read_text(encoding="utf-8")).items():
            (package / name).write_text(text, encoding="utf-8")
        tools.formatted(package)
        modules = sorted(package.rglob("*.py"))
        files = {str(module.relative_to(package)): HEADER + module.read_text(encoding="utf-8") for module in modules}
    return {
        **files,
        "openapi.json": json.dumps(spec, indent=1, ensure_ascii=False) + "\n",
        "py.typed": "",
        "raw/py.typed": "",
    }


def differences(files: dict[str, str], package: Path) -> list[str]:
    """The files that are missing, other than they should be, or should not be there."""
    there = {str(path.relative_to(package)) for path in package.rglob("*") if path.is_file() and _ours(path)}
    changed = [name for name, text in files.items() if not _same(package / name, text)]
    return sorted({*changed, *(there - files.keys())})


def _ours(path: Path) -> bool:
    return "__pycache__" not in path.parts


def _same(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def write(files: dict[str, str], package: Path, names: list[str]) -> None:
    """Bring the named files to what they should be."""
    for name in names:
        path = package / name
        if name in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[name], encoding="utf-8")
        else:
            path.unlink()


if __name__ == "__main__":
    sys.exit(main())
