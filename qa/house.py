"""Draws docs/architecture.svg from the sources: the packages by layer, and their modules. python -m qa.house [--check]

A package imports packages in the rows below it, a module imports modules in the rows below it. Modules that import each
other share a row. Imports for type checkers alone are not drawn, nor `_sync`, which is derived from `_async`.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"
LAYERS = (
    ("extras/polargrid_cli",),
    ("extras/polargrid_testing",),
    ("extras/polargrid_contract", "extras/polargrid_edge", "extras/polargrid_otel", "extras/polargrid_batch"),
    ("overlay/polargrid",),
    ("overlay/polargrid_transport", "generated/polargrid_generated", "extras/polargrid_fast"),
    ("overlay/polargrid_codec",),
    ("overlay/polargrid_runtime",),
)
BY_NAME = {("polargrid_transport", "polargrid_fast")}  # imported by importlib if an option selects it: a dashed arrow
WIDTH, MARGIN, GAP, PADDING, LINE, CHARACTER = 1000, 40, 44, 14, 30, 7.3
Graph = dict[str, set[str]]
SVG = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height:.0f}" font-family="monospace">
<defs><marker id="head" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 8 4 0 8z" fill="#345"/></marker></defs><rect width="{width}" height="{height:.0f}" fill="#fff"/>
{shapes}
</svg>
"""


def read_imports() -> Graph:
    """Return the imports of each module; `polargrid_edge/http/` stands for all modules of that folder."""
    files: dict[str, Path] = {}
    for folder in (ROOT / name for layer in LAYERS for name in layer):
        for path in sorted(folder.rglob("*.py")):
            parts = path.relative_to(folder.parent).with_suffix("").parts
            files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    graph: Graph = {}
    for module, path in files.items():
        targets = {name(target, files) for target in find_imports(ast.parse(path.read_text("utf-8")), files)}
        graph.setdefault(name(module, files), set()).update(targets - {name(module, files)})
    return {node: targets for node, targets in graph.items() if not node.endswith("/_sync/")}


def name(module: str, files: Mapping[str, Path]) -> str:
    """Return the node of a module."""
    package, child = [*module.split("."), ""][:2]
    is_folder = child and files[f"{package}.{child}"].stem == "__init__"
    return f"{package}/{child}{'/' if is_folder else ''}"


def find_imports(node: ast.AST, files: Mapping[str, Path]) -> Iterator[str]:
    """Yield the modules in `files` that a syntax tree imports."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (item.name for item in child.names if item.name in files)
        elif isinstance(child, ast.ImportFrom) and child.module in files:
            full_names = [f"{child.module}.{item.name}" for item in child.names]
            yield from (full_name if full_name in files else child.module for full_name in full_names)
        yield from find_imports(child, files)


def sort_rows(graph: Graph) -> list[list[str]]:
    """Return the nodes in rows, each above the nodes that it imports."""
    reachable: Graph = {node: set(targets) for node, targets in graph.items()}
    for middle in graph:
        for node in graph:
            reachable[node] |= reachable[middle] if middle in reachable[node] else set()
    depths: dict[str, int] = {}
    for node in sorted(graph, key=lambda node: len(reachable[node] | {node})):  # what a node imports is before it
        lower = [depths[target] for target in reachable[node] if node not in reachable[target]]
        depths[node] = 1 + max(lower, default=0)
    return [sorted(node for node in graph if depths[node] == depth) for depth in range(max(depths.values()), 0, -1)]


def draw(graph: Graph) -> str:
    """Return the picture."""
    packages: Graph = {}
    for node, targets in graph.items():
        package = node.partition("/")[0]
        packages.setdefault(package, set()).update({target.partition("/")[0] for target in targets} - {package})
    boxes: dict[str, tuple[float, ...]] = {}  # x, y, width, height
    shapes, y = [], MARGIN / 2
    for layer in LAYERS:
        present = [package for folder in layer if (package := folder.partition("/")[2]) in packages]
        width = (WIDTH - MARGIN) / len(present) - MARGIN
        lines = {package: list(wrap(package, graph, width - 2 * PADDING)) for package in present}
        height = LINE * (1 + max(map(len, lines.values()))) + PADDING
        for index, package in enumerate(present):
            boxes[package] = (MARGIN + index * (width + MARGIN), y, width, height)
            shapes += draw_box(package, lines[package], *boxes[package])
        y += height + GAP
    arrows = [arrow for source in packages for arrow in draw_arrows(source, packages, boxes)]
    return SVG.format(width=WIDTH, height=y - GAP + MARGIN / 2, shapes="\n".join(shapes + arrows))


def wrap(package: str, graph: Graph, width: float) -> Iterator[list[tuple[str, float]]]:
    """Yield lines of modules, each with the width of its label; the package's own `__init__` is left out."""
    nodes = {node for node in graph if node.startswith(f"{package}/") and node != f"{package}/"}
    for row in sort_rows({node: graph[node] & nodes for node in nodes}):
        line: list[tuple[str, float]] = []
        for label in (node.partition("/")[2] for node in row):
            size = CHARACTER * len(label) + 22
            if line and sum(item[1] for item in line) + size > width:
                yield line
                line = []
            line.append((label, size))
        yield line


def draw_box(package: str, lines: list[list[tuple[str, float]]], *box: float) -> Iterator[str]:
    """Yield the frame of a package, its name and its modules."""
    frame = 'x="{:.0f}" y="{:.0f}" width="{:.0f}" height="{:.0f}"'
    text = '<text x="{:.0f}" y="{:.0f}" {}>{}</text>'
    yield f'<rect {frame.format(*box)} rx="8" fill="#eef3f8" stroke="#345"/>'
    yield text.format(box[0] + PADDING, box[1] + 21, 'font-size="14" font-weight="bold"', package)
    for number, line in enumerate(lines, 1):
        x, y = box[0] + PADDING, box[1] + number * LINE
        for label, size in line:
            yield f'<rect {frame.format(x, y, size - 8, 22)} rx="4" fill="#fff" stroke="#9ab"/>'
            yield text.format(x + 7, y + 15, 'font-size="12"', label)
            x += size


def draw_arrows(source: str, packages: Graph, boxes: Mapping[str, tuple[float, ...]]) -> Iterator[str]:
    """Yield the arrows of a package, except for those that another path implies."""
    implied = {target for package in packages[source] for target in packages[package]}
    by_name = {target for package, target in BY_NAME if package == source and target in boxes}
    for target in sorted(packages[source] - implied | by_name):
        (x1, y1, width1, height1), (x2, y2, width2, _) = boxes[source], boxes[target]
        bottom, lane, end = y1 + height1, WIDTH - MARGIN / 2, x2 + width2 - 60
        path = f"M{(max(x1, x2) + min(x1 + width1, x2 + width2)) / 2:.0f} {bottom:.0f}"
        if y2 - bottom > GAP:  # not the next row: along the right margin
            path = f"M{x1 + width1 - 60:.0f} {bottom:.0f}v{GAP / 3:.0f}H{lane:.0f}V{y2 - GAP / 2:.0f}H{end:.0f}"
        dashes = ' stroke-dasharray="5 4"' if target in by_name else ""
        yield f'<path d="{path}V{y2:.0f}" fill="none" stroke="#345" marker-end="url(#head)"{dashes}/>'


if __name__ == "__main__":
    picture = draw(read_imports())
    if "--check" not in sys.argv[1:]:
        PICTURE.write_text(picture, encoding="utf-8")
    elif not PICTURE.exists() or PICTURE.read_text("utf-8") != picture:
        sys.exit("docs/architecture.svg is out of date; run: python -m qa.house")
