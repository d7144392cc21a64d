"""Prompts with the values of a row: `Translate: {text}`.

Only names may be in braces: a template of `str.format` could read attributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from polargrid_batch.errors import BatchInputError


class PromptTemplate:
    """A text with names in braces; `{{` and `}}` are braces. Raises BatchInputError for anything else in braces."""

    def __init__(self, text: str) -> None:
        self.text = text
        try:
            self._parts = [(literal, name, spec, how) for literal, name, spec, how in Formatter().parse(text)]
        except ValueError as error:
            raise BatchInputError(f"prompt: {error} in {text!r}; write {{{{ for a brace") from error
        for _, name, spec, how in self._parts:
            if name is not None and (not name or spec or how or name.isdecimal()):
                template = f"{name}{'!' + how if how else ''}{':' + spec if spec else ''}"
                raise BatchInputError(f"prompt: expected the name of a column in braces, not {{{template}}}")

    @property
    def names(self) -> list[str]:
        """The names, in order."""
        return list(dict.fromkeys(name for _, name, _, _ in self._parts if name is not None))

    def render(self, values: Mapping[str, Any]) -> str:
        """Return the text with the values of a row. Raises BatchInputError, naming a column without a value."""
        texts = []
        for literal, name, _, _ in self._parts:
            texts.append(literal)
            if name is not None:
                if name not in values:
                    raise BatchInputError(f"prompt: unknown column {name!r}; expected one of: {', '.join(values)}")
                if values[name] is None:
                    raise BatchInputError(f"prompt: column {name!r} has no value in this row")
                texts.append(str(values[name]))
        return "".join(texts)
