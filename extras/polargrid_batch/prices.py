"""What tokens cost, in US dollars per million of them: prices from a file, from options, or from the server."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from polargrid_batch.errors import BatchInputError

if TYPE_CHECKING:
    from polargrid import PolarGrid

#: Units of `pg_pricing` in a list of models, as tokens; the document's default is the first.
_UNITS = {"per_1k_tokens": 1e3, "per_1m_tokens": 1e6, "per_million_tokens": 1e6, "per_token": 1.0}
_EXAMPLE = '["llama-3.1-8b"] with input = 0.05 and output = 0.08'
_SECONDS = 10.0
NO_PRICES = "budget: the server lists no prices; give --price-input and --price-output, or a file with --prices"


@attrs.frozen
class Price:
    """The price of a million tokens of one model, in US dollars."""

    input: float
    output: float

    def compute_cost(self, input_tokens: float, output_tokens: float) -> float:
        """Return the cost of so many tokens."""
        return (self.input * input_tokens + self.output * output_tokens) / 1e6


@attrs.frozen
class Prices:
    """Prices by the name of the model, and one for all others."""

    models: Mapping[str, Price] = attrs.field(factory=dict)
    default: Price | None = None
    contexts: Mapping[str, int] = attrs.field(factory=dict)
    """The most tokens of a request and its response by model, if the server says it."""

    def find(self, *names: str | None) -> Price | None:
        """Return the price of the first name that has one; None if it is not known."""
        return next((self.models[name] for name in names if name is not None and name in self.models), self.default)


def read_prices(path: Path) -> Prices:
    """Read a TOML or JSON file with a table for each model: `input` and `output`.

    The table `default` is for all other models. Raises OSError, or BatchInputError with what is wrong.
    """
    text = path.read_text(encoding="utf-8")
    try:
        data = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except ValueError as error:
        raise BatchInputError(f"{path}: {error}") from error
    if not isinstance(data, dict) or not data:
        raise BatchInputError(f"{path}: expected a table for each model, like {_EXAMPLE}")
    models = {name: _read_price(path, name, value) for name, value in data.items()}
    default = models.pop("default", None)
    return Prices(models, default)


def _read_price(path: Path, name: str, value: Any) -> Price:
    if not isinstance(value, dict) or value.keys() != {"input", "output"}:
        hint = ' (write a name with dots in quotes: ["llama-3.1-8b"])' if isinstance(value, dict) else ""
        raise BatchInputError(f"{path}: {name}: expected input and output, in US dollars per million tokens{hint}")
    for key, number in value.items():
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number < float("inf"):
            raise BatchInputError(f"{path}: {name}: {key}: expected a number of US dollars, not {number!r}")
    return Price(float(value["input"]), float(value["output"]))


async def fetch_prices(client: PolarGrid, *, max_retries: int = 2) -> Prices:
    """Return what the server's list of models says: `pg_pricing` and `pg_max_tokens`. Raises PolarGridError."""
    response = await client.with_options(max_retries=max_retries, timeout=_SECONDS).list_models()
    models: dict[str, Price] = {}
    contexts: dict[str, int] = {}
    for model in response.data:
        names = (model.id, *(model.pg_aliases or ()))
        pricing, size = model.pg_pricing, model.pg_max_tokens
        unit = _UNITS.get(pricing.unit) if pricing is not None else None
        for name in names:
            if pricing is not None and unit is not None:
                factor = 1e6 / unit
                models.setdefault(name, Price(pricing.input_tokens * factor, pricing.output_tokens * factor))
            if size is not None:
                contexts.setdefault(name, size)
    return Prices(models, None, contexts)
