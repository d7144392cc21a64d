"""The contenders: what each module of `contenders` declares, read without importing its SDK."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

_FOLDER = Path(__file__).parent / "contenders"


@dataclass(frozen=True)
class Contender:
    """A contender: its module, its name in the tables, and the packages of its environment."""

    module: str
    name: str
    requires: tuple[str, ...]

    @property
    def is_own(self) -> bool:
        """Whether it is this SDK."""
        return "." in self.requires


def load_contenders() -> list[Contender]:
    """All contenders: this SDK first, the floor last."""
    contenders = [_parse(path) for path in sorted(_FOLDER.glob("*.py")) if path.stem != "__init__"]
    return sorted(contenders, key=lambda contender: (not contender.is_own, not contender.requires))


def _parse(path: Path) -> Contender:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    values = {
        target.id: statement.value
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None
        for target in (statement.targets if isinstance(statement, ast.Assign) else [statement.target])
        if isinstance(target, ast.Name) and target.id in ("NAME", "REQUIRES")
    }
    return Contender(path.stem, ast.literal_eval(values["NAME"]), tuple(ast.literal_eval(values["REQUIRES"])))
