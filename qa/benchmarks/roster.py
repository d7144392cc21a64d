"""Who takes part: what each module of `contenders` says of itself, read without importing its SDK."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "contenders"


@dataclass(frozen=True)
class Contender:
    """A contender: its module, the name that tables have, and what its environment holds."""

    module: str
    name: str
    requires: tuple[str, ...]

    @property
    def ours(self) -> bool:
        return "." in self.requires


def contenders() -> list[Contender]:
    """All of them: this SDK first, the floor last."""
    found = [_read(path) for path in sorted(_FOLDER.glob("*.py")) if path.stem != "__init__"]
    return sorted(found, key=lambda contender: (not contender.ours, not contender.requires))


def _read(path: Path) -> Contender:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    values = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name) and target.id in ("NAME", "REQUIRES")
    }
    return Contender(path.stem, ast.literal_eval(values["NAME"]), tuple(ast.literal_eval(values["REQUIRES"])))
