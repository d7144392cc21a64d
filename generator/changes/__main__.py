"""python -m generator.changes [--since REF] [--check]: what changed in the API since a release, as a changelog says it.

With --check, fails if a breaking change is in no entry below "Breaking" in CHANGELOG.md, or if the version of
pyproject.toml does not say that there is one. Needs no network, and writes nothing.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from functools import cache, partial
from pathlib import Path

import yaml

from generator.changes.change import Change, FindPlace, Place, render, render_line
from generator.changes.changelog import check_version, find_unstated, read_entries
from generator.changes.history import Base, History, NoBaseError
from generator.changes.names import NameChange, NameComparison
from generator.changes.report import DocumentComparison, merge
from generator.changes.surface import find_file, read_surface
from generator.lint.document import position_of
from generator.spec import SpecError, read_spec
from polargrid_codec.error_responses import from_response

ROOT = Path(__file__).parent.parent.parent
DOCUMENT = "openapi.yaml"


def main(arguments: list[str] | None = None) -> int:
    """Print the changes, or with --check what is wrong. Returns the exit status: 0 or 1."""
    parser = argparse.ArgumentParser(prog="python -m generator.changes", description=__doc__)
    parser.add_argument("--since", default="", metavar="REF", help="a tag, branch or commit; default: the last tag")
    parser.add_argument("--check", action="store_true", help="fail if CHANGELOG.md does not state a breaking change")
    parser.add_argument("--root", type=Path, default=ROOT, help="the working tree")
    options = parser.parse_args(arguments)
    history = History(options.root)
    try:
        base = history.choose_base(options.since)
        changes, find_place = find_changes(options.root, history, base)
    except NoBaseError as error:
        print(f"changes: nothing to compare with: {error}", file=sys.stderr)
        return 1 if options.since else 0
    except SpecError as error:
        print(f"{DOCUMENT}:{error.line or 1}:{error.column or 1}: {error.message}", file=sys.stderr)
        return 1
    if options.check:
        return check(options.root, base, changes, find_place)
    print(f"Since {base.reason}:\n", file=sys.stderr)
    print(render(changes, find_place) or "No change of the API.")
    return 0


def check(root: Path, base: Base, changes: list[Change], find_place: FindPlace) -> int:
    """Print the breaking changes that CHANGELOG.md does not state, and a version that is too low."""
    entries = read_entries((root / "CHANGELOG.md").read_text(encoding="utf-8"), base.version)
    unstated = list(find_unstated(changes, entries))
    for change in unstated:
        print(f"CHANGELOG.md: no entry below `### {change.section}` states: {render_line(change, find_place)[2:]}")
    error = None
    if base.version and any(change.is_breaking for change in changes):
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        error = check_version(project["version"], base.version)
        print(*([error] if error else []), end="\n" if error else "")
    if unstated:
        print("Add an entry that names the operation, class or function and the argument or field in backticks.")
    if not unstated and not error:
        print(f"changes since {base.reason}: {len(changes)}, each breaking one is in CHANGELOG.md")
    return 1 if unstated or error else 0


def find_changes(root: Path, history: History, base: Base) -> tuple[list[Change], FindPlace]:
    """Return the changes of a working tree since a version, and a function that names the place of each."""
    documents = DocumentComparison(history.read_document(base.ref), read_spec(root / DOCUMENT))
    text = (root / DOCUMENT).read_text(encoding="utf-8")
    old_text = history.read_file(base.ref, DOCUMENT) or ""
    label = f"v{base.version}" if base.version else base.ref[:7]
    with tempfile.TemporaryDirectory() as folder:
        history.extract_packages(base.ref, Path(folder))
        names = _compare_names(Path(folder), root, documents)
    changes = merge(documents.compare(name_exception), names, documents.method_names)
    return changes, place_finder(old_text, text, label)


def name_exception(status: str) -> str:
    """Return the name of the exception that a status raises."""
    return type(from_response(int(status), {}, b"")).__name__ if status.isdecimal() else ""


def _compare_names(old_root: Path, root: Path, documents: DocumentComparison) -> list[NameChange]:
    old, new = read_surface(old_root), read_surface(root)
    if old is None or new is None:
        return []
    find_old_file, find_new_file = (partial(find_file, root=folder) for folder in (old_root, root))
    types = documents.sent_types, documents.unused_types
    return list(NameComparison(old, new, find_old_file, find_new_file, *types).compare())


def place_finder(old_text: str, text: str, label: str) -> FindPlace:
    """Return a function that writes a place as `openapi.yaml:12`, and an old one as `openapi.yaml:12` in v1.0."""

    @cache
    def compose(source: str) -> yaml.Node | None:
        return yaml.compose(source, yaml.CSafeLoader)

    def find_place(origin: Place) -> str:
        suffix = f" in {label}" if origin.is_old else ""
        tree = None if origin.file else compose(old_text if origin.is_old else text)
        if tree is None:
            return f"`{origin.file or DOCUMENT}`{suffix}"
        return f"`{DOCUMENT}:{position_of(tree, origin.location, is_key=True)[0]}`{suffix}"

    return find_place


if __name__ == "__main__":
    sys.exit(main())
